"""Rules about expressions and conditions."""

INPUTS: frozenset[str] | None = frozenset({"workflow", "action"})
