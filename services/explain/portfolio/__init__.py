"""The explanations of a whole published portfolio: computed once, kept as Parquet, read by DuckDB."""
