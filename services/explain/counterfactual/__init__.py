"""The smallest plausible changes that bring a refused client over the threshold."""
