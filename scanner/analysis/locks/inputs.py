"""The inputs of locks as a maintainer sees them: which are the flake's own, and by which path the others come.

Nix reads the nodes that the root reaches and ignores the rest, so only those are inputs.
"""

from typing import NamedTuple

from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import input_id
from scanner.graph.nodes.nix import InputNode, LockfileNode
from scanner.model.source import Span
from scanner.parse.nix import remedies
from scanner.parse.nix.lock import Lock, Trail

_SHOWN_NAMES = 8


class Input(NamedTuple):
    """A locked input that the root reaches.

    `names` are the names at the root that lead to it, some by a follows: with one the flake uses it itself
    (`direct`). `depth` is the length of its `path`, the names from the root by which it is locked: with one this
    flake.nix declares it (`own`), otherwise some input does.
    """

    node: InputNode
    names: tuple[str, ...]
    depth: int

    @property
    def direct(self) -> bool:
        return bool(self.names)

    @property
    def own(self) -> bool:
        return self.depth == 1

    @property
    def relative(self) -> bool:
        """Whether it is a folder of the flake that names it: with that locked, and as old."""
        locked = self.node.input.locked
        return locked.type == "path" and not (locked.text("path") or "").startswith("/")

    @property
    def trail(self) -> Trail:
        return self.node.lock.trail

    @property
    def path(self) -> tuple[str, ...]:
        return self.node.lock.path(self.node.label)

    @property
    def last(self) -> str:
        """The last name of the path: how the flake that declares the input calls it."""
        return self.trail[self.node.label][1]

    @property
    def name(self) -> str:
        """The name for people, a path of names: `nixpkgs`, `home-manager/nixpkgs`."""
        if self.depth > _SHOWN_NAMES:
            return self.node.label
        return "/".join(self.path)

    @property
    def above(self) -> str:
        """The name of the input that brings this one; empty for the flake's own."""
        if self.depth > _SHOWN_NAMES:
            return self.trail[self.node.label][0]
        return "/".join(self.path[:-1])

    def update(self) -> str:
        """The command, in backticks, that updates this input; all inputs where it cannot be named on a command line."""
        name = self.name if self.depth <= _SHOWN_NAMES else ""
        return remedies.update(self.node.lock.tool, self.node.lock.source.path, name, frozen=self.frozen)

    @property
    def frozen(self) -> bool:
        """Whether updates of all inputs leave it as it is: pins of npins and lon can say so."""
        return self.node.input.original.attributes.get("frozen") is True

    @property
    def folder(self) -> str:
        """The folder in which the lock's tool is called; empty for the repository's root."""
        return remedies.folder_of(self.node.lock.tool, self.node.lock.source.path)

    @property
    def declared_in(self) -> str:
        """The file that says what to lock, as a path from the repository's root."""
        return remedies.declared_in(self.node.lock.tool, self.node.lock.source.path)

    @property
    def attribute(self) -> str | None:
        """Where flake.nix sets it: `inputs.home-manager.inputs.nixpkgs`; None where that cannot be written."""
        if self.depth > _SHOWN_NAMES or not all(map(remedies.is_flake_id, self.path)):
            return None
        return ".".join(f"inputs.{name}" for name in self.path)

    def key(self, part: str) -> Span:
        """The key `original` or `locked`."""
        return self.node.lock.key(self.node.label, part)

    def value(self, part: str, name: str) -> Span:
        """The value of an attribute of `original` or `locked`; the key of the part when it is not there."""
        return self.node.lock.value(self.node.label, part, name).first_line()


@per_graph
def inputs(graph: Graph) -> tuple[Input, ...]:
    """Every input of every lock, in the order of the files."""
    return tuple(input for node in graph.of(LockfileNode) for input in inputs_of(graph, node.lock))


@per_graph
def inputs_of(graph: Graph, lock: Lock) -> tuple[Input, ...]:
    """Every input of one lock, in the order of the file."""
    depths = lock.depths
    names: dict[str, list[str]] = {}
    for name in lock.root_inputs:
        target = lock.resolve(lock.root, name)
        if target is not None:
            names.setdefault(target, []).append(name)
    nodes = ((label, graph.nodes[input_id(lock, label)]) for label in lock.nodes if label in depths)
    return tuple(
        Input(node, tuple(names.get(label, ())), depths[label])
        for label, node in nodes
        if isinstance(node, InputNode)
    )
