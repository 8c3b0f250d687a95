"""Attributes of flakes, and of the settings of Nix wherever they are made."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from scanner.analysis.attributes.attribute import Missing, World, attribute
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.nix import FlakeNode, NixConfNode
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.knowledge.tables import Knowledge
from scanner.model.secrets import masked

if TYPE_CHECKING:
    from scanner.analysis.settings.in_use import SettingInUse

_SETTERS: Final = (FlakeNode, NixConfNode, WorkflowNode, JobNode, StepNode)


# ---------------------------------------------------------------- flakes


@attribute(FlakeNode)
def inputs(node: FlakeNode, world: World) -> tuple[str, ...]:
    """The names of the inputs that it declares."""
    return tuple(one.name for one in node.flake.inputs)


@attribute(FlakeNode)
def implicit_inputs(node: FlakeNode, world: World) -> tuple[str, ...]:
    """The names of the inputs that only the arguments of `outputs` name, so that a registry decides what they are."""
    return tuple(one.name for one in node.flake.inputs if one.implicit)


@attribute(FlakeNode)
def asks_for(node: FlakeNode, world: World) -> tuple[str, ...]:
    """The references that it asks for: `github:NixOS/nixpkgs/nixos-25.05`."""
    return tuple(masked(str(one.reference)) for one in node.flake.inputs if one.reference is not None)


@attribute(FlakeNode)
def locked(node: FlakeNode, world: World) -> bool:
    """Whether there is a lock for it that could be read."""
    return next(world.graph.out(node.id, "locks"), None) is not None


# ---------------------------------------------------------------- settings


@attribute(*_SETTERS)
def settings(node: Node, world: World) -> tuple[str, ...] | Missing:
    """The settings of Nix that it makes itself, as `name = value` with aliases resolved: `sandbox = false`; those that add to a list
    (`extra-…`) with `+=`. What a run puts in stands there as written."""
    found = _made(node, world)
    if isinstance(found, Missing):
        return found
    return tuple(f"{one.name} {'+=' if one.extra else '='} {one.text}" for one in found)


@attribute(*_SETTERS)
def setting_names(node: Node, world: World) -> tuple[str, ...] | Missing:
    """The names of the settings of Nix that it makes itself, without `extra-` and with aliases resolved."""
    found = _made(node, world)
    return found if isinstance(found, Missing) else tuple(dict.fromkeys(one.name for one in found))


@attribute(*_SETTERS)
def substituters(node: Node, world: World) -> tuple[str, ...] | Missing:
    """The binary caches that it sets or adds itself, in lower case, without options and passwords: `https://cache.nixos.org`."""
    return _caches(node, world, "substituters")


@attribute(*_SETTERS)
def trusted_substituters(node: Node, world: World) -> tuple[str, ...] | Missing:
    """The binary caches that it lets every user add, written like those of `substituters`."""
    return _caches(node, world, "trusted-substituters")


@attribute(*_SETTERS)
def trusted_public_keys(node: Node, world: World) -> tuple[str, ...] | Missing:
    """The keys of binary caches that it trusts: `cache.nixos.org-1:6NCH…`."""
    found = _of_name(node, world, "trusted-public-keys")
    if isinstance(found, Missing):
        return found
    return tuple(dict.fromkeys(word.text for one in found for word in one.words))


def _caches(node: Node, world: World, name: str) -> tuple[str, ...] | Missing:
    from scanner.analysis.settings.caches import cache_of

    found = _of_name(node, world, name)
    if isinstance(found, Missing):
        return found
    return tuple(dict.fromkeys(cache_of(word, one).address for one in found for word in one.words))


def _of_name(node: Node, world: World, name: str) -> "tuple[SettingInUse, ...] | Missing":
    """What the node says of one setting; missing when only a run can tell a word of it."""
    from scanner.analysis.settings.in_use import known

    found = _made(node, world)
    if isinstance(found, Missing):
        return found
    found = tuple(one for one in found if one.name == name)
    if not all(known(word) for one in found for word in one.words):
        return Missing(f"only a run can tell a part of `{name}`")
    return found


def _made(node: Node, world: World) -> "tuple[SettingInUse, ...] | Missing":
    made, open = _by_node(world.graph, world.knowledge)
    if node.id in open:
        return Missing("only a run can tell a text that it gives to Nix as configuration")
    return made.get(node.id, ())


@per_graph
def _by_node(
    graph: Graph, knowledge: Knowledge
) -> "tuple[Mapping[str, tuple[SettingInUse, ...]], frozenset[str]]":
    """The settings by the node that makes them, and the nodes with configuration that only a run can tell."""
    from scanner.analysis.settings.in_use import settings_in_use, unread_configuration

    found: dict[str, list[SettingInUse]] = {}
    for one in settings_in_use(graph, knowledge):
        found.setdefault(one.subject, []).append(one)
    open = frozenset(one.subject for one in unread_configuration(graph, knowledge))
    return {id: tuple(some) for id, some in found.items()}, open
