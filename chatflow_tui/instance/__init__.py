"""What there is to tell about one instance: its timeline, its history, its data."""
