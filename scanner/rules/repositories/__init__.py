"""Rules about the repositories that actions, hooks and inputs are taken from: who owns them now, and under which licence they are."""

from scanner.discover import LOCKS

INPUTS: frozenset[str] | None = LOCKS | {"workflow", "action", "actions-lock", "pre-commit"}
