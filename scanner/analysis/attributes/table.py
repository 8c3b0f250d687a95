"""Every attribute, by the kind of node that has it."""

from collections.abc import Mapping
from functools import cache

from scanner.analysis.attributes import files, nix, workflows
from scanner.analysis.attributes.attribute import DECLARED, Attribute
from scanner.graph.nodes.base import Node

_MODULES = (files, nix, workflows)


@cache
def attributes() -> Mapping[str, Mapping[str, Mapping[type[Node], Attribute]]]:
    """Kind -> name -> class -> attribute. Where classes share a kind (actions of the repository and of others), one of them may
    lack what the other has; where both have it, both have it with the same type."""
    found: dict[str, dict[str, dict[type[Node], Attribute]]] = {}
    for one in DECLARED:
        found.setdefault(one.node.kind, {}).setdefault(one.name, {})[one.node] = one
    return found
