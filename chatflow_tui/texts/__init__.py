"""Texts: laid out, searched, compared, coloured, and made harmless. Pure."""
