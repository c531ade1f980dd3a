"""The application of a person who is not in the portfolio: its form, and reading it from a file."""
