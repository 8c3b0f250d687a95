"""Attributes of locks."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from scanner.analysis.attributes.attribute import Missing, Places, Version, World, attribute, untold
from scanner.analysis.attributes.locked import at_date
from scanner.analysis.locks.ages import Age, age_of
from scanner.analysis.locks.inputs import inputs_of
from scanner.analysis.locks.references import is_nixpkgs, revision_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.nix import InputNode, LockfileNode, PinNode
from scanner.graph.nodes.workflows import ActionsLockNode
from scanner.parse.nix.lock import NIX, Lock

_NO_FLAKES: Final = "GitHub's lock of actions holds no inputs of Nix"


def _at_version(node: LockfileNode | ActionsLockNode, world: World) -> Places:
    lock = node.lock
    yield None, lock.positions.value("version") if isinstance(lock, Lock) else lock.version_at


def _at_inputs(node: LockfileNode | ActionsLockNode, world: World) -> Places:
    if isinstance(node.lock, Lock):
        for name, target in node.lock.root_inputs.items():
            pin = target if isinstance(target, str) and node.lock.is_pins else None
            yield name, node.lock.key(node.lock.root, "inputs", name) if pin is None else node.lock.key(pin)


def _at_oldest(node: LockfileNode | ActionsLockNode, world: World) -> Places:
    if isinstance(node, LockfileNode):
        found = (
            (age_of(one.node.input.locked, world.now), one.node) for one in inputs_of(world.graph, node.lock)
        )
        dated = [(age.days, one) for age, one in found if isinstance(age, Age)]
        if dated:
            yield from at_date(max(dated, key=lambda one: one[0])[1], world)


@attribute(LockfileNode, ActionsLockNode, InputNode, PinNode)
def tool(node: LockfileNode | ActionsLockNode | InputNode, world: World) -> str:
    """Who writes the lock: `nix`, `devenv`, `npins`, `niv`, `lon`, or `github` for GitHub's actions.lock."""
    return node.lock.tool.name if isinstance(node.lock, Lock) else "github"


@attribute(LockfileNode, ActionsLockNode, at=_at_version)
def version(node: LockfileNode | ActionsLockNode, world: World) -> Version | Missing:
    """The version of its format: `7`, `v0.0.3`."""
    found = node.lock.version
    return Missing("the file does not say it") if found is None else Version(str(found))


@attribute(LockfileNode, ActionsLockNode)
def size(node: LockfileNode | ActionsLockNode, world: World) -> int:
    """How many inputs or actions it holds, without those that nothing leads to."""
    return len(node.lock.depths) if isinstance(node.lock, Lock) else len(node.lock.pins)


@attribute(LockfileNode, ActionsLockNode, at=_at_inputs)
def direct_inputs(node: LockfileNode | ActionsLockNode, world: World) -> tuple[str, ...] | Missing:
    """The names of the inputs that the flake or project itself declares."""
    return tuple(node.lock.root_inputs) if isinstance(node.lock, Lock) else Missing(_NO_FLAKES)


@attribute(LockfileNode, ActionsLockNode)
def nixpkgs_versions(node: LockfileNode | ActionsLockNode, world: World) -> int | Missing:
    """How many different states of nixpkgs it locks."""
    if not isinstance(node, LockfileNode):
        return Missing(_NO_FLAKES)
    found = (one.node.input for one in inputs_of(world.graph, node.lock) if is_nixpkgs(one.node.input))
    return len({revision_of(one.locked) or one.label for one in found})


@attribute(LockfileNode, ActionsLockNode, at=_at_oldest)
def oldest(node: LockfileNode | ActionsLockNode, world: World) -> timedelta | Missing:
    """How long ago the oldest of its inputs that have a date was last modified."""
    if not isinstance(node, LockfileNode):
        return Missing("GitHub's lock of actions has no dates")
    answers = (age_of(one.node.input.locked, world.now) for one in inputs_of(world.graph, node.lock))
    days = [answer.days for answer in answers if isinstance(answer, Age)]
    return timedelta(max(days)) if days else untold("none of its inputs has a date")


@attribute(LockfileNode, ActionsLockNode)
def in_sync(node: LockfileNode | ActionsLockNode, world: World) -> bool | Missing:
    """Whether it is what the flake.nix beside it asks for, as Nix compares the two."""
    if not isinstance(node, LockfileNode):
        return Missing(_NO_FLAKES)
    if node.lock.tool is not NIX:
        return Missing(f"it is written by {node.lock.tool.name}, from no flake.nix")
    answers = _in_sync(world.graph)
    return answers.get(node.id, Missing("there is no flake.nix beside it that could be read"))


@per_graph
def _in_sync(graph: Graph) -> Mapping[str, bool]:
    from scanner.analysis.locks.sync import differences, pairs

    by_source = {node.lock.source.id: node.id for node in graph.of(LockfileNode)}
    return {
        by_source[pair.lock.source.id]: next(differences(pair.flake, pair.lock), None) is None
        for pair in pairs(graph)
        if pair.lock is not None
    }
