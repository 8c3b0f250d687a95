"""Rules about Nix in workflows: what steps evaluate, with which tool, and what they do with it."""

INPUTS: frozenset[str] | None = frozenset({"workflow", "action"})
