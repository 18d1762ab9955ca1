"""The terminal around the screen: its clipboard, its title, its size, other programs, and the end."""
