"""A synthetic portfolio in the layout of the Home Credit tables, for demonstrations and tests."""
