"""Rules about settings of Nix: in nix.conf, in `nixConfig` of a flake, in workflows."""

from scanner.parse.document import NIX_IN_WORKFLOW

INPUTS: frozenset[str] | None = frozenset({"flake-nix", "nix-conf", NIX_IN_WORKFLOW})
