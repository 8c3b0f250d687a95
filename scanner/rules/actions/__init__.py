"""Rules about the actions, called workflows and images that workflows use, and the repositories of hooks."""

INPUTS: frozenset[str] | None = frozenset({"workflow", "action", "pre-commit"})
