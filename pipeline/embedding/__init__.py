"""Sentence-embedding models: where their weights come from, and how they become folders that the service can load."""
