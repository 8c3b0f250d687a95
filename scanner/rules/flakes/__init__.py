"""Rules about locks, what they lock, and the flake.nix that asks for it."""

from scanner.discover import LOCKS

INPUTS: frozenset[str] | None = LOCKS | {"flake-nix"}
