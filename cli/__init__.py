"""The ``clairscore`` command."""
