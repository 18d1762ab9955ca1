"""The parts of the screen, one thing a module; they know rows and texts, never files."""
