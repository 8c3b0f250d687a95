"""Workflows: who starts them, what they hold, and where texts come from."""
