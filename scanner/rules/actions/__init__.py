"""Rules about the actions, called workflows and images that workflows use."""

INPUTS: frozenset[str] | None = frozenset({"workflow", "action"})
