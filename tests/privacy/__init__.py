"""Commands that look for what must not lie on the disk."""
