"""Rows of instances and features: which, in what order, and what they look like. Pure."""
