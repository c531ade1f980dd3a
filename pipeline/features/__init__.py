"""From raw tables to one row of features per client."""
