"""Load and measurement of the dashboard as its officers use it: browsers, sessions, and what they cost."""
