"""The steps. A published step is never changed: the next one corrects it."""
