"""Rules about GitHub's lock of actions."""

INPUTS: frozenset[str] | None = frozenset({"actions-lock"})
