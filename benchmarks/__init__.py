"""Programs that print figures side by side with what a user would pick instead."""
