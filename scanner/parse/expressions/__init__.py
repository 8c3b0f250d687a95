"""GitHub's expression language."""
