"""Rules about the policy itself: exceptions that are over, take out nothing, or take out too much."""

INPUTS: frozenset[str] | None = frozenset({"exceptions"})
