"""Attributes of files, whatever they are about."""
