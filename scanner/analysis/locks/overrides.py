"""Inputs whose lock departs from what was asked for, without those that flake.nix itself leads elsewhere."""

from typing import Final

from scanner.analysis.locks.divergence import Divergence, divergence
from scanner.analysis.locks.inputs import Input
from scanner.analysis.locks.sync import overrides_of, pairs
from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.parse.nix.flake import DeclaredInput, Flake

_Overrides = dict[tuple[str, ...], DeclaredInput]


class Departures:
    """Answers for one run. What a flake.nix says of inputs of inputs is read once, when the first of its inputs asks."""

    __slots__ = ("_flakes", "_graph", "_knowledge", "_overrides")

    def __init__(self, graph: Graph, knowledge: Knowledge) -> None:
        self._graph: Final = graph
        self._knowledge: Final = knowledge
        self._flakes: dict[str, Flake] | None = None
        self._overrides: dict[str, tuple[_Overrides, frozenset[int]]] = {}

    def of(self, input: Input) -> Divergence | None:
        """In what `locked` is not what was asked for; None when it is, or when flake.nix overrides the input with it:
        before Nix 2.30, `original` was the overridden one's."""
        node = input.node.input
        found = divergence(node.original, node.locked, self._knowledge)
        if found is None or input.own:
            return found
        override = self._override(input)
        if override is not None and override.reference is not None:
            return found if divergence(override.reference, node.locked, self._knowledge) is not None else None
        return found

    def _override(self, input: Input) -> DeclaredInput | None:
        if self._flakes is None:
            self._flakes = {
                pair.lock.source.path: pair.flake for pair in pairs(self._graph) if pair.lock is not None
            }
        path = input.node.lock.source.path
        flake = self._flakes.get(path)
        if flake is None:
            return None
        if path not in self._overrides:
            overrides = overrides_of(flake)
            self._overrides[path] = overrides, frozenset(map(len, overrides))
        overrides, depths = self._overrides[path]
        # The depth first: in a chain of inputs, the paths of all of them are its square.
        return overrides.get(input.path) if input.depth in depths else None
