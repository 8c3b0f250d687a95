"""Rules about what keeps a repository up to date, and who reviews it."""

INPUTS: frozenset[str] | None = frozenset({"workflow", "dependabot"})
