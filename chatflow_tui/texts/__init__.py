"""Texts: laid out, searched, compared, coloured, and made harmless. Pure, but for reading what is to be compared."""
