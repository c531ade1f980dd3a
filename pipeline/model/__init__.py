"""The published model as a folder: its manifest, and turning features into its input."""
