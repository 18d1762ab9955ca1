"""Keys: which there are, what they do, and how they are listed."""
