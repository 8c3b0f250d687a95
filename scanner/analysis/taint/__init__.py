"""Text and code of outsiders: what they decide, which files they bring in, and where both are used."""
