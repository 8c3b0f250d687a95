"""Rules about the hooks that run at a commit: `.pre-commit-config.yaml`."""

INPUTS: frozenset[str] | None = frozenset({"pre-commit"})
