"""Pages compose components and bring them what a session knows; they don't compute."""
