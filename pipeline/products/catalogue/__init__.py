"""The demonstration catalogue: made-up products, for machines without real ones."""
