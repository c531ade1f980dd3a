"""The raw tables of the Home Credit layout: what they hold, and reading them safely."""
