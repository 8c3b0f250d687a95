"""Where a lock says what it holds of an input."""

from scanner.analysis.attributes.attribute import At, Places, World
from scanner.analysis.locks.ages import date_place
from scanner.analysis.locks.inputs import Input
from scanner.graph.nodes.nix import InputNode


def at_locked(*names: str) -> At:
    """The first of some attributes of what is locked that the lock has; without names all of what is locked."""
    return _at("locked", names)


def at_asked(*names: str) -> At:
    """As `at_locked`, of what is asked for."""
    return _at("original", names)


def _at(part: str, names: tuple[str, ...]) -> At:
    def at(node: InputNode, world: World) -> Places:
        reference = node.input.locked if part == "locked" else node.input.original
        name = next((one for one in names if one in reference.attributes), None)
        if name is not None:
            yield None, node.lock.value(node.label, part, name)
        elif not names and reference.attributes:
            yield None, node.lock.key(node.label, part)

    return at


def at_date(node: InputNode, world: World) -> Places:
    """The date of what is locked."""
    if "lastModified" in node.input.locked.attributes:
        yield None, date_place(Input(node, (), 0))


def at_inputs(node: InputNode, world: World) -> Places:
    """The names of the inputs of an input."""
    return ((name, node.lock.key(node.label, "inputs", name)) for name in node.input.inputs)


def at_flake(node: InputNode, world: World) -> Places:
    """The word that it is no flake."""
    if not node.input.flake and not node.lock.is_pins:
        yield None, node.lock.value(node.label, "flake")
