"""Features and scores on Spark: the expressions of the pipeline, the tables as folders of Parquet files."""
