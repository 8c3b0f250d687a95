"""Rules about locks, what they lock, and the flake.nix that asks for it."""

INPUTS: frozenset[str] | None = frozenset({"flake-lock", "flake-nix", "npins", "niv", "lon"})
