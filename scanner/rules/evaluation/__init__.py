"""Rules about Nix in workflows: what steps evaluate, with which tool, and what they do with it."""

from scanner.parse.document import NIX_IN_WORKFLOW

INPUTS: frozenset[str] | None = frozenset({NIX_IN_WORKFLOW})
