"""Why a client has this score, and what would change it."""
