"""Rules about the jobs of workflows."""

INPUTS: frozenset[str] | None = frozenset({"workflow", "action"})
