"""Bytes to documents: typed, every leaf knows where it stands, bad input is a `Problem` and not an error."""
