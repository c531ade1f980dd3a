"""Charts are pure functions: data in; figure, summary in words and table twin out. No server, no session."""
