"""Rules about workflows and actions."""

INPUTS: frozenset[str] | None = frozenset({"workflow", "action"})
