"""Rules about settings of Nix: in nix.conf, in `nixConfig` of a flake, in workflows."""

INPUTS: frozenset[str] | None = frozenset({"flake-nix", "nix-conf", "workflow", "action"})
