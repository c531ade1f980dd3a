"""The model registry: immutable versions, and the pointer that says which of them is live (ADR 4)."""
