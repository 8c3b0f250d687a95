"""Rules about who reviews changes: CODEOWNERS."""

INPUTS: frozenset[str] | None = frozenset({"code-owners"})
