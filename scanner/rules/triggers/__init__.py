"""Rules about what starts a workflow, and with what rights."""

INPUTS: frozenset[str] | None = frozenset({"workflow", "action"})
