"""What pages are made of: each component knows how to show something, and nothing of where it comes from."""
