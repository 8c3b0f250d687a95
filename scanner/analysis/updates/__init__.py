"""What keeps a repository up to date, and who reviews it."""
