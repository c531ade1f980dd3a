"""How two features act together."""
