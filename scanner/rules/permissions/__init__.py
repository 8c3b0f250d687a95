"""Rules about what the token of a job may do."""

INPUTS: frozenset[str] | None = frozenset({"workflow", "action"})
