"""From a features file to a published model folder."""
