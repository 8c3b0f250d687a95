"""Attributes of locks, inputs, flakes and settings of Nix."""

from scanner.analysis.attributes.attribute import Missing, World, attribute
from scanner.graph.nodes.nix import InputNode, PinNode


@attribute(InputNode, PinNode)
def owner(node: InputNode, world: World) -> str | Missing:
    """The owner of the repository that the input is locked to, in lower case."""
    found = node.input.locked.text("owner")
    return found.lower() if found else Missing("it is locked to no repository of an owner")
