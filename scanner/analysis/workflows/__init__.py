"""Workflows as they are written: which jobs and steps run, on what, under which conditions, with which values."""
