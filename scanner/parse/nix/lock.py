"""What a lock says, whichever tool wrote it: inputs by label, what each was asked for and what it was locked to.

Follows are paths of input *names* from the root, each step of which may itself follow; `[]` is the root itself.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from scanner.model.source import Source, Span
from scanner.parse.json import Positions
from scanner.parse.nix.reference import Reference

Trail = Mapping[str, tuple[str, str]]
"""A label, and the label and input's name that lead to it."""


MAX_NAMES: Final = 50
"""Names of a path by which an input is called; a longer one costs its length each time."""


class Tool(NamedTuple):
    """Who writes and reads a lock. `declared_in` is the file that says what to lock, `folder` the one below the project in
    which the lock stands; `update` are the words of the command that updates all, `update_one` those before a name."""

    name: str
    declared_in: str
    folder: str
    update: tuple[str, ...]
    update_one: tuple[str, ...]


NIX: Final = Tool("nix", "flake.nix", "", ("nix", "flake", "update"), ("nix", "flake", "update"))
DEVENV: Final = Tool("devenv", "devenv.yaml", "", ("devenv", "update"), ("devenv", "update"))
NPINS: Final = Tool("npins", "npins/sources.json", "npins", ("npins", "update"), ("npins", "update"))
NIV: Final = Tool("niv", "nix/sources.json", "nix", ("niv", "update"), ("niv", "update"))
LON: Final = Tool("lon", "lon.lock", "", ("lon", "update"), ("lon", "update"))


class LockedInput(NamedTuple):
    """A locked input. An entry of `inputs` is a label, or the path of a follows.

    `parent` is the path of the input to whose folder a relative path belongs. Unreachable nodes are kept as they
    stand: Nix does not look at them.
    """

    label: str
    inputs: Mapping[str, str | tuple[str, ...]]
    original: Reference
    locked: Reference
    flake: bool = True
    parent: tuple[str, ...] | None = None


def _below_nodes(path: tuple[str, ...]) -> tuple[str, ...]:
    return ("nodes", *path)


class Lock:
    """A lock that its tool can read. `nodes` holds the locked inputs, `root_inputs` those of the repository itself.

    `locate` says where a part of a node stands in the file: `(label, "locked", "rev")` becomes the path of keys.
    `repeats_keys`: some object of the file has a key twice.
    """

    __slots__ = (
        "_depths",
        "_locate",
        "_positions",
        "_resolved",
        "_trail",
        "nodes",
        "repeats_keys",
        "root",
        "root_inputs",
        "source",
        "tool",
        "version",
    )

    def __init__(
        self,
        source: Source,
        tool: Tool,
        version: int,
        root: str,
        root_inputs: Mapping[str, str | tuple[str, ...]],
        nodes: Mapping[str, LockedInput],
        locate: Callable[[tuple[str, ...]], tuple[str, ...]] = _below_nodes,
        repeats_keys: bool = False,
    ) -> None:
        self.source: Final = source
        self.tool: Final = tool
        self.version: Final = version
        self.root: Final = root
        self.root_inputs: Final = root_inputs
        self.nodes: Final = nodes
        self.repeats_keys: Final = repeats_keys
        self._locate = locate
        self._positions: Positions | None = None
        self._resolved: dict[tuple[str, str], str | None] = {}
        self._depths: dict[str, int] = {}
        self._trail: dict[str, tuple[str, str]] = {}

    @property
    def is_pins(self) -> bool:
        """Whether it holds pins of a tool that knows no flakes."""
        return self.tool not in (NIX, DEVENV)

    @property
    def positions(self) -> Positions:
        if self._positions is None:
            self._positions = Positions(self.source)
        return self._positions

    def key(self, *path: str) -> Span:
        """The key of a label (`key(label)`), of a part of it (`key(label, "locked")`), of an attribute or an input."""
        return self.positions.key(*self._locate(path))

    def value(self, *path: str) -> Span:
        """The value at such a path; the deepest key that exists when there is none."""
        return self.positions.value(*self._locate(path))

    def inputs_of(self, label: str) -> Mapping[str, str | tuple[str, ...]]:
        if label == self.root:
            return self.root_inputs
        node = self.nodes.get(label)
        return node.inputs if node is not None else {}

    def resolve(self, label: str, name: str) -> str | None:
        """The label that input `name` of `label` leads to; None for a dangling or cyclic follows.

        Iterative, and each follows is resolved once: a lock can chain them without end.
        """
        resolved = self._resolved
        wanted = (label, name)
        if wanted in resolved:
            return resolved[wanted]
        # A frame is an input that is being resolved and how far its path has been walked from the root.
        waiting: list[tuple[tuple[str, str], str, int]] = [(wanted, self.root, 0)]
        busy = {wanted}
        while waiting:
            edge, current, step = waiting.pop()
            target = self.inputs_of(edge[0]).get(edge[1])
            answer: str | None
            if target is None or isinstance(target, str):
                answer = target if target == self.root or target in self.nodes else None
            elif step == len(target):
                answer = current
            else:
                following = (current, target[step])
                if following in resolved:
                    found = resolved[following]
                    if found is not None:
                        waiting.append((edge, found, step + 1))
                        continue
                    answer = None
                elif following in busy:
                    answer = None
                else:
                    busy.add(following)
                    waiting.append((edge, current, step))
                    waiting.append((following, self.root, 0))
                    continue
            resolved[edge] = answer
            busy.discard(edge)
        return resolved[wanted]

    @property
    def depths(self) -> Mapping[str, int]:
        """The nodes that the root reaches, the only ones that count, with the length of the shortest path to each."""
        self._walk()
        return self._depths

    @property
    def trail(self) -> Trail:
        """Where the shortest path to each of these comes from: the label before it and the name of the input."""
        self._walk()
        return self._trail

    def _walk(self) -> None:
        """Breadth first over the inputs that are no follows."""
        if self._depths or not self.root_inputs:
            return
        waiting = deque([(self.root, 0)])
        while waiting:
            label, depth = waiting.popleft()
            for name, target in self.inputs_of(label).items():
                if isinstance(target, str) and target in self.nodes and target not in self._depths:
                    self._depths[target] = depth + 1
                    self._trail[target] = (label, name)
                    waiting.append((target, depth + 1))

    def path(self, label: str) -> tuple[str, ...]:
        """The names from the root by which a reached node is locked."""
        names = []
        while label != self.root:
            label, name = self.trail[label]
            names.append(name)
        names.reverse()
        return tuple(names)

    def named(self, label: str, name: str) -> str:
        """An input by the names that lead to it, which stay when labels change; by its node's label where they are very
        many or there are none."""
        if label == self.root:
            return name
        if not 0 < self.depths.get(label, 0) <= MAX_NAMES:
            return f"{label}/{name}"
        return "/".join((*self.path(label), name))

    def edges(self) -> Iterator[tuple[str, str, str | None, bool]]:
        """Every input of every node: label, input name, resolved label, whether it is a follows."""
        for name, target in self.root_inputs.items():
            yield self.root, name, self.resolve(self.root, name), not isinstance(target, str)
        for label, node in self.nodes.items():
            for name, target in node.inputs.items():
                yield label, name, self.resolve(label, name), not isinstance(target, str)
