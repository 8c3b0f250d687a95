"""What flake.nix asks for and its lock does not: inputs without a lock beside them, or changed since it was written.

A rule about origins looks at locks first, which say both what was asked for and what was got; this is the rest.
"""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.locks.sync import pairs
from scanner.graph.graph import Graph
from scanner.graph.ids import flake_id
from scanner.model.source import Span
from scanner.parse.nix.flake import DeclaredInput, Flake
from scanner.parse.nix.flakeref import same_request
from scanner.parse.nix.lock import Lock, LockedInput
from scanner.parse.nix.reference import Reference


class Asked(NamedTuple):
    """An input of flake.nix, or an override below one, by its path of names. `lock` is the flake's, if it has one, and
    `before` what it holds at that path: the same input, asked for in another way."""

    flake: Flake
    lock: Lock | None
    path: tuple[str, ...]
    declared: DeclaredInput
    reference: Reference
    before: LockedInput | None

    @property
    def subject(self) -> str:
        return flake_id(self.flake.source)

    @property
    def name(self) -> str:
        return "/".join(self.path)

    @property
    def own(self) -> bool:
        return len(self.path) == 1

    @property
    def node(self) -> LockedInput:
        """The input as a lock would ask for it."""
        return LockedInput(self.name, {}, self.reference, self.reference, self.declared.flake)

    @property
    def attribute(self) -> str:
        """How flake.nix names it: `inputs.home-manager.inputs.nixpkgs`."""
        return ".".join(f"inputs.{name}" for name in self.path)

    @property
    def at(self) -> Span:
        """Where flake.nix says where it comes from; its name if it only says attributes."""
        return (self.declared.reference_at or self.declared.at).first_line()


def asked(graph: Graph) -> Iterator[Asked]:
    """Every reference of every flake.nix that the lock beside it does not ask for in the same way."""
    for flake, lock in pairs(graph):
        waiting: list[tuple[tuple[str, ...], DeclaredInput]] = [
            ((declared.name,), declared) for declared in reversed(flake.inputs)
        ]
        while waiting:
            path, declared = waiting.pop()
            waiting.extend(((*path, below.name), below) for below in reversed(declared.inputs))
            reference = declared.reference
            if reference is None:
                continue
            before = _at(lock, path) if lock is not None else None
            if before is None or not same_request(before.original, reference):
                yield Asked(flake, lock, path, declared, reference, before)


def _at(lock: Lock, path: tuple[str, ...]) -> LockedInput | None:
    """What the lock holds at a path of names, no follows on the way."""
    label = lock.root
    for name in path:
        target = lock.inputs_of(label).get(name)
        if not isinstance(target, str):
            return None
        label = target
    return lock.nodes.get(label)
