"""Rules about flake.lock and what it locks."""

INPUTS: frozenset[str] | None = frozenset({"flake-lock"})
