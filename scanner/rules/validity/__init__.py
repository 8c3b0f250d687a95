"""Rules about workflows and actions that GitHub refuses or misreads."""

INPUTS: frozenset[str] | None = frozenset({"workflow", "action"})
