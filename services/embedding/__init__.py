"""Embeds product texts, classifies them and finds similar ones."""
