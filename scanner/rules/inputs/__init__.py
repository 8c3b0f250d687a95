"""Rules about the files themselves, whatever their kind."""

INPUTS: frozenset[str] | None = None
