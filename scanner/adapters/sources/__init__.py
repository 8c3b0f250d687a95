"""Feeds of the world's facts: one file per source. They become tables of the form that `scanner.knowledge` reads."""
