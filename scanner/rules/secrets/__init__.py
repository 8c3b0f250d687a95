"""Rules about secrets and credentials in workflows."""

INPUTS: frozenset[str] | None = frozenset({"workflow", "action"})
