"""The inputs of locks as a maintainer sees them: which are the flake's own, and by which path the others come.

Nix reads the nodes that the root reaches and ignores the rest, so only those are inputs.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from scanner.graph.graph import Graph
from scanner.graph.nodes import InputNode, LockfileNode, input_id
from scanner.model.source import Span
from scanner.parse.nix.lock import NIX, NPINS, Lock, Trail

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
        """The name for people, which `nix flake update` takes as well: `nixpkgs`, `home-manager/nixpkgs`."""
        if self.depth > _SHOWN_NAMES:
            return self.node.label
        return "/".join(self.path)

    def update(self, name: str = "") -> str:
        """The command that updates an input of this lock, or all of them."""
        tool, folder = self.node.lock.tool, self.folder
        words = [*tool.update_one, name] if name else list(tool.update)
        if name and self.frozen:
            # npins has an option for it, lon must be told before
            words = (
                [*tool.update_one, "--frozen", name]
                if tool is NPINS
                else ["lon", "unfreeze", name, "&&", *words]
            )
        if not folder:
            return " ".join(words)
        if tool is NIX:
            return f"{' '.join(words)} --flake ./{folder}"
        return f"cd {folder} && {' '.join(words)}"

    @property
    def frozen(self) -> bool:
        """Whether updates of all inputs leave it as it is: pins of npins and lon can say so."""
        return self.node.input.original.attributes.get("frozen") is True

    @property
    def folder(self) -> str:
        """The folder in which the lock's tool is called; empty for the repository's root."""
        folder = self.node.lock.source.path.rpartition("/")[0]
        return folder.removesuffix(self.node.lock.tool.folder).rstrip("/")

    @property
    def declared_in(self) -> str:
        """The file that says what to lock, as a path from the repository's root."""
        file = self.node.lock.tool.declared_in
        return f"{self.folder}/{file}" if self.folder else file

    @property
    def attribute(self) -> str | None:
        """Where flake.nix sets it: `inputs.home-manager.inputs.nixpkgs`; None where that cannot be written."""
        if self.depth > _SHOWN_NAMES or not all(map(_is_flake_id, self.path)):
            return None
        return ".".join(f"inputs.{name}" for name in self.path)

    def key(self, part: str) -> Span:
        """The key `original` or `locked`."""
        return self.node.lock.key(self.node.label, part)

    def value(self, part: str, name: str) -> Span:
        """The value of an attribute of `original` or `locked`; the key of the part when it is not there."""
        return self.node.lock.value(self.node.label, part, name).first_line()


@lru_cache(maxsize=2)  # a graph does not change, and a score of rules ask for them
def inputs(graph: Graph) -> tuple[Input, ...]:
    """Every input of every lock, in the order of the files."""
    return tuple(input for node in graph.of(LockfileNode) for input in inputs_of(graph, node.lock))


def inputs_of(graph: Graph, lock: Lock) -> Iterator[Input]:
    """Every input of one lock, in the order of the file."""
    depths = lock.depths
    names: dict[str, list[str]] = {}
    for name in lock.root_inputs:
        target = lock.resolve(lock.root, name)
        if target is not None:
            names.setdefault(target, []).append(name)
    for label in lock.nodes:
        if label in depths:
            node = graph.nodes[input_id(lock, label)]
            if isinstance(node, InputNode):
                yield Input(node, tuple(names.get(label, ())), depths[label])


def _is_flake_id(name: str) -> bool:
    plain = name.replace("-", "").replace("_", "")
    return plain.isascii() and plain.isalnum() and name[0].isalpha()
