"""Two locks side by side: every input of either by its path of names from the root. Labels are no names: Nix numbers
them anew (`nixpkgs_2`) when an input comes or goes."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.parse.nix.lock import Lock, LockedInput
from scanner.views.facts import MAX_NAMES


class Follows(NamedTuple):
    """An input that is another one: `path` are the names that lead there from the root, none for the root itself."""

    path: tuple[str, ...]

    def __str__(self) -> str:
        path = self.path
        return "/".join((*path[:MAX_NAMES], "…") if len(path) > MAX_NAMES else path) or "the flake itself"


State = LockedInput | Follows | None
"""One side of an input; None where it is not there."""


class Pair(NamedTuple):
    """An input in two locks. `parent` is the number of the pair that declares it; `depth` is 1 for the flake's own."""

    parent: int
    name: str
    depth: int
    old: State
    new: State


class Pairs:
    """All inputs of two locks, those of the flake itself first. The pair 0 is the flake."""

    def __init__(self, old: Lock | None, new: Lock | None) -> None:
        self.old: Final = old
        self.new: Final = new
        self.pairs: Final = [Pair(0, "", 0, None, None)]
        # Where each label was met first: a node that several inputs share is locked there and followed elsewhere.
        self._met: tuple[dict[str, int], dict[str, int]] = ({}, {})
        at = 0
        while at < len(self.pairs):  # grows meanwhile
            self._below(at)
            at += 1

    def __iter__(self) -> Iterator[tuple[int, Pair]]:
        return iter(enumerate(self.pairs[1:], 1))

    def _below(self, number: int) -> None:
        old, new = self.label(number, self.old), self.label(number, self.new)
        before = self.old.inputs_of(old) if self.old is not None and old is not None else {}
        after = self.new.inputs_of(new) if self.new is not None and new is not None else {}
        depth = self.pairs[number].depth + 1
        for name in sorted({*before, *after}):
            found = (
                self._state(self.old, before.get(name), 0),
                self._state(self.new, after.get(name), 1),
            )
            if found != (None, None):
                self.pairs.append(Pair(number, name, depth, *found))

    def _state(self, lock: Lock | None, target: str | tuple[str, ...] | None, side: int) -> State:
        if lock is None or target is None:
            return None
        if not isinstance(target, str):
            return Follows(target)
        if target == lock.root:
            return Follows(())
        if target not in lock.nodes:
            return None
        met = self._met[side]
        if target in met:
            return Follows(self.path(met[target]) or (target,))
        met[target] = len(self.pairs)
        return lock.nodes[target]

    def label(self, number: int, lock: Lock | None) -> str | None:
        """The label that a pair has in one of the two locks; None where nothing is locked there."""
        if lock is None:
            return None
        if number == 0:
            return lock.root
        pair = self.pairs[number]
        state = pair.new if lock is self.new else pair.old
        return state.label if isinstance(state, LockedInput) else None

    def path(self, number: int) -> tuple[str, ...] | None:
        """The names from the root; None for a path that is too long to be shown."""
        pair = self.pairs[number]
        if pair.depth > MAX_NAMES:
            return None
        names = []
        while number:
            names.append(self.pairs[number].name)
            number = self.pairs[number].parent
        return tuple(reversed(names))

    def shown(self, number: int) -> str:
        """The name for people: `nixpkgs`, `home-manager/nixpkgs`."""
        path = self.path(number)
        return "/".join(path) if path is not None else f"…/{self.pairs[number].name}"

    def identity(self, number: int) -> tuple[str, ...]:
        """What names the input as long as it is there: its path, else its label."""
        path = self.path(number)
        return path if path is not None else ("", self.label(number, self.new) or self.pairs[number].name)
