"""Attributes of flakes, and of the settings of Nix wherever they are made."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from scanner.analysis.attributes.attribute import At, Missing, Places, World, attribute, untold
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.nix import FlakeNode, NixConfNode
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.knowledge.tables import Knowledge
from scanner.model.secrets import masked
from scanner.model.source import Span

if TYPE_CHECKING:
    from scanner.analysis.settings.in_use import SettingInUse

_SETTERS: Final = (FlakeNode, NixConfNode, WorkflowNode, JobNode, StepNode)


# ---------------------------------------------------------------- where they say it


def _at_inputs(node: FlakeNode, world: World) -> Places:
    return ((one.name, one.at) for one in node.flake.inputs)


def _at_references(node: FlakeNode, world: World) -> Places:
    for one in node.flake.inputs:
        if one.reference is not None:
            yield masked(str(one.reference)), one.reference_at or one.at


def _at_settings(node: Node, world: World) -> Places:
    yield from _at_open(node, world)
    yield from ((_said(one), one.whole) for one in _settings(node, world))


def _at_names(node: Node, world: World) -> Places:
    yield from _at_open(node, world)
    yield from ((one.name, one.at) for one in _settings(node, world))


def _at_caches(name: str) -> At:
    def at(node: Node, world: World) -> Places:
        from scanner.analysis.settings.caches import cache_of

        yield from _at_open(node, world, name)
        for one in _settings(node, world, name):
            yield from ((cache_of(word, one).address, word.at) for word in one.words)

    return at


def _at_keys(node: Node, world: World) -> Places:
    yield from _at_open(node, world, "trusted-public-keys")
    for one in _settings(node, world, "trusted-public-keys"):
        yield from ((word.text, word.at) for word in one.words)


def _at_open(node: Node, world: World, name: str = "") -> Places:
    """The texts that only a run can tell; else the settings of the name, each as a whole."""
    from scanner.analysis.settings.in_use import known

    at = _by_node(world.graph, world.knowledge)[1].get(node.id)
    if at is not None:
        yield None, at
    of_name = _settings(node, world, name) if name else ()
    yield from ((None, word.at) for one in of_name for word in one.words if not known(word))
    yield from ((None, one.whole) for one in of_name)


# ---------------------------------------------------------------- flakes


@attribute(FlakeNode, at=_at_inputs)
def inputs(node: FlakeNode, world: World) -> tuple[str, ...]:
    """The names of the inputs that it declares."""
    return tuple(one.name for one in node.flake.inputs)


@attribute(FlakeNode, at=_at_inputs)
def implicit_inputs(node: FlakeNode, world: World) -> tuple[str, ...]:
    """The names of the inputs that only the arguments of `outputs` name, so that a registry decides what they are."""
    return tuple(one.name for one in node.flake.inputs if one.implicit)


@attribute(FlakeNode, at=_at_references)
def asks_for(node: FlakeNode, world: World) -> tuple[str, ...]:
    """The references that it asks for: `github:NixOS/nixpkgs/nixos-25.05`."""
    return tuple(masked(str(one.reference)) for one in node.flake.inputs if one.reference is not None)


@attribute(FlakeNode)
def locked(node: FlakeNode, world: World) -> bool:
    """Whether there is a lock for it that could be read."""
    return next(world.graph.out(node.id, "locks"), None) is not None


# ---------------------------------------------------------------- settings


@attribute(*_SETTERS, at=_at_settings)
def settings(node: Node, world: World) -> tuple[str, ...] | Missing:
    """The settings of Nix that it makes itself, as `name = value` with aliases resolved: `sandbox = false`; those that add to a list
    (`extra-…`) with `+=`. What a run puts in stands there as written."""
    found = _made(node, world)
    return found if isinstance(found, Missing) else tuple(map(_said, found))


@attribute(*_SETTERS, at=_at_names)
def setting_names(node: Node, world: World) -> tuple[str, ...] | Missing:
    """The names of the settings of Nix that it makes itself, without `extra-` and with aliases resolved."""
    found = _made(node, world)
    return found if isinstance(found, Missing) else tuple(dict.fromkeys(one.name for one in found))


@attribute(*_SETTERS, at=_at_caches("substituters"))
def substituters(node: Node, world: World) -> tuple[str, ...] | Missing:
    """The binary caches that it sets or adds itself, in lower case, without options and passwords: `https://cache.nixos.org`."""
    return _caches(node, world, "substituters")


@attribute(*_SETTERS, at=_at_caches("trusted-substituters"))
def trusted_substituters(node: Node, world: World) -> tuple[str, ...] | Missing:
    """The binary caches that it lets every user add, written like those of `substituters`."""
    return _caches(node, world, "trusted-substituters")


@attribute(*_SETTERS, at=_at_keys)
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


def _settings(node: Node, world: World, name: str = "") -> "tuple[SettingInUse, ...]":
    """The settings that a node makes, or those of one name."""
    found = _by_node(world.graph, world.knowledge)[0].get(node.id, ())
    return tuple(one for one in found if one.name == name) if name else found


def _said(setting: "SettingInUse") -> str:
    return f"{setting.name} {'+=' if setting.extra else '='} {setting.text}"


def _of_name(node: Node, world: World, name: str) -> "tuple[SettingInUse, ...] | Missing":
    """What the node says of one setting; missing when only a run can tell a word of it."""
    from scanner.analysis.settings.in_use import known

    found = _made(node, world)
    if isinstance(found, Missing):
        return found
    found = _settings(node, world, name)
    if not all(known(word) for one in found for word in one.words):
        return untold(f"only a run can tell a part of `{name}`")
    return found


def _made(node: Node, world: World) -> "tuple[SettingInUse, ...] | Missing":
    made, open = _by_node(world.graph, world.knowledge)
    if node.id in open:
        return untold("only a run can tell a text that it gives to Nix as configuration")
    return made.get(node.id, ())


@per_graph
def _by_node(
    graph: Graph, knowledge: Knowledge
) -> "tuple[Mapping[str, tuple[SettingInUse, ...]], Mapping[str, Span]]":
    """The settings by the node that makes them, and configuration that only a run can tell, the first of each node."""
    from scanner.analysis.settings.in_use import settings_in_use, unread_configuration, unread_environments

    found: dict[str, list[SettingInUse]] = {}
    for one in settings_in_use(graph, knowledge):
        found.setdefault(one.subject, []).append(one)
    open: dict[str, Span] = {}
    for question in unread_configuration(graph, knowledge):
        open.setdefault(question.subject, question.at)
    for at, id in unread_environments(graph):
        open.setdefault(id, at)
    return {id: tuple(some) for id, some in found.items()}, open
