"""The clients, their features, and what is known of the features."""
