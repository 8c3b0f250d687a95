"""Rules about the code that steps run."""

INPUTS: frozenset[str] | None = frozenset({"workflow", "action"})
