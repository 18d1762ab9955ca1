"""What the reader has set, and what is kept of how they look at a store."""
