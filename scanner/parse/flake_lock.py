"""`flake.lock` (and `devenv.lock`) as Nix reads it: versions 5, 6 and 7 (lockfile.cc of Nix 2.34).

Follows are paths of input *names* from the root, each step of which may itself follow; `[]` is the root flake.
"""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.model.finding import Problem
from scanner.model.source import Source, Span
from scanner.parse.json import Json, Positions, load

VERSIONS = (5, 6, 7)

Attribute = str | int | float | bool


class Reference(NamedTuple):
    """A fetcher's attribute set: `original` (what flake.nix asks for) or `locked` (what it got)."""

    attributes: dict[str, Attribute]

    def text(self, name: str) -> str | None:
        value = self.attributes.get(name)
        return value if isinstance(value, str) and value else None

    @property
    def type(self) -> str:
        return self.text("type") or "unknown"

    @property
    def owner(self) -> str | None:
        return self.text("owner")

    @property
    def repo(self) -> str | None:
        return self.text("repo")

    @property
    def ref(self) -> str | None:
        return self.text("ref")

    @property
    def rev(self) -> str | None:
        return self.text("rev")

    @property
    def url(self) -> str | None:
        return self.text("url")

    @property
    def host(self) -> str | None:
        return self.text("host")

    @property
    def nar_hash(self) -> str | None:
        return self.text("narHash")

    @property
    def last_modified(self) -> float | None:
        """Seconds since 1970, None when absent or no number."""
        value = self.attributes.get("lastModified")
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def __str__(self) -> str:
        """The reference as people write it, with its rev or ref."""
        version = self.rev or self.ref
        match self.type:
            case "github" | "gitlab" | "sourcehut" as forge:
                return f"{forge}:{self.owner or '?'}/{self.repo or '?'}" + (f"/{version}" if version else "")
            case "indirect":
                return f"flake:{self.text('id') or '?'}" + (f"/{version}" if version else "")
            case "path":
                return f"path:{self.text('path') or '?'}"
            case "git" | "hg" as scheme:
                url = self.url or "?"
                shown = url if url.startswith(("git:", "hg:")) else f"{scheme}+{url}"
                return (
                    f"{shown}?rev={self.rev}"
                    if self.rev
                    else f"{shown}?ref={self.ref}"
                    if self.ref
                    else shown
                )
        return self.url or self.type


class LockNode(NamedTuple):
    """A locked input. An entry of `inputs` is a label, or the path of a follows."""

    label: str
    inputs: dict[str, str | tuple[str, ...]]
    original: Reference
    locked: Reference
    flake: bool
    parent: tuple[str, ...] | None


class FlakeLock:
    """A lock that Nix can read. `nodes` holds the locked inputs, `root_inputs` those of the flake itself."""

    __slots__ = ("_positions", "_resolved", "nodes", "root", "root_inputs", "source", "version")

    def __init__(
        self,
        source: Source,
        version: int,
        root: str,
        root_inputs: dict[str, str | tuple[str, ...]],
        nodes: dict[str, LockNode],
    ) -> None:
        self.source = source
        self.version = version
        self.root = root
        self.root_inputs = root_inputs
        self.nodes = nodes
        self._positions: Positions | None = None
        self._resolved: dict[tuple[str, str], str | None] = {}

    @property
    def positions(self) -> Positions:
        if self._positions is None:
            self._positions = Positions(self.source)
        return self._positions

    def key(self, *path: str) -> Span:
        return self.positions.key("nodes", *path)

    def value(self, *path: str) -> Span:
        return self.positions.value("nodes", *path)

    def inputs_of(self, label: str) -> dict[str, str | tuple[str, ...]]:
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

    def edges(self) -> Iterator[tuple[str, str, str | None, bool]]:
        """Every input of every node: label, input name, resolved label, whether it is a follows."""
        for name, target in self.root_inputs.items():
            yield self.root, name, self.resolve(self.root, name), not isinstance(target, str)
        for label, node in self.nodes.items():
            for name, target in node.inputs.items():
                yield label, name, self.resolve(label, name), not isinstance(target, str)


def read_flake_lock(source: Source, problems: list[Problem]) -> FlakeLock | None:
    data = load(source, problems)
    if problems:
        return None
    return _Reading(source, problems).lock(data)


class _Reading:
    """Reads one lock; positions are looked up for problems only."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        self.positions = Positions(source)

    def problem(self, at: Span, message: str) -> None:
        self.problems.append(Problem(at.first_line(), message))

    def lock(self, data: Json) -> FlakeLock | None:
        start = Span(self.source, 0, 1)
        if not isinstance(data, dict):
            self.problem(
                start, "a lock file is an object with `nodes`, `root` and `version`; Nix refuses this"
            )
            return None
        version = data.get("version")
        if isinstance(version, bool) or not isinstance(version, int | float):
            self.problem(self.positions.value("version"), "the lock has no `version` number; Nix refuses it")
            return None
        if int(version) not in VERSIONS:
            older = version < min(VERSIONS)
            self.problem(
                self.positions.value("version"),
                f"lock version {version} is "
                + (
                    "older than any that Nix 2.4 or later reads. Run `nix flake update`"
                    if older
                    else f"newer than the versions known here ({VERSIONS[0]} to {VERSIONS[-1]}). Update snowfence"
                ),
            )
            return None
        nodes, root = data.get("nodes"), data.get("root")
        if not isinstance(nodes, dict) or not isinstance(root, str) or not isinstance(nodes.get(root), dict):
            self.problem(start, "the lock has no `nodes` with its `root` in them, so nothing is locked by it")
            return None
        lock = self._lock(nodes, root, int(version))
        if not self.problems:  # else what is missing has been said
            self._unresolved(lock)
        return lock

    def _unresolved(self, lock: FlakeLock) -> None:
        """Inputs whose label no node has. A follows that leads nowhere is no such error: Nix reads the lock."""
        for label, name, target, follows in lock.edges():
            if target is None and not follows:
                self.problem(
                    lock.value(label, "inputs", name),
                    f"the input `{name}` of `{label}` is locked to a node that is not there; Nix refuses the lock. "
                    "Run `nix flake lock`",
                )

    def _lock(self, nodes: dict[str, Json], root: str, version: int) -> FlakeLock:
        return FlakeLock(
            self.source,
            version,
            root,
            self._inputs(root, nodes[root]),
            {
                label: node
                for label, value in nodes.items()
                if label != root and (node := self._node(label, value, version)) is not None
            },
        )

    def _node(self, label: str, value: Json, version: int) -> LockNode | None:
        if not isinstance(value, dict):
            self.problem(self.positions.value("nodes", label), f"the node `{label}` must be an object")
            return None
        locked = dict(self._attributes(label, "locked", value.get("locked")))
        info = value.get("info")
        if version == 5 and isinstance(info, dict):
            locked.update(self._attributes(label, "info", info))
        flake, parent = value.get("flake", True), value.get("parent")
        return LockNode(
            label=label,
            inputs=self._inputs(label, value),
            original=Reference(self._attributes(label, "original", value.get("original"))),
            locked=Reference(locked),
            flake=flake is not False,
            parent=tuple(str(part) for part in parent) if isinstance(parent, list) else None,
        )

    def _attributes(self, label: str, part: str, value: Json) -> dict[str, Attribute]:
        if not isinstance(value, dict):
            self.problem(
                self.positions.key("nodes", label, part),
                f"the node `{label}` has no `{part}` reference; Nix refuses the lock. Run `nix flake lock`",
            )
            return {}
        attributes: dict[str, Attribute] = {}
        for name, attribute in value.items():
            if attribute is None or isinstance(attribute, list | dict):
                self.problem(
                    self.positions.key("nodes", label, part, name),
                    f"the attribute `{name}` of `{label}` is not a text, number or boolean; Nix refuses the lock",
                )
            else:
                attributes[name] = attribute
        return attributes

    def _inputs(self, label: str, node: Json) -> dict[str, str | tuple[str, ...]]:
        value = node.get("inputs") if isinstance(node, dict) else None
        inputs: dict[str, str | tuple[str, ...]] = {}
        if not isinstance(value, dict):
            return inputs
        for name, target in value.items():
            if isinstance(target, str):
                inputs[name] = target
            elif isinstance(target, list) and all(isinstance(part, str) for part in target):
                inputs[name] = tuple(str(part) for part in target)
            else:
                self.problem(
                    self.positions.value("nodes", label, "inputs", name),
                    f"the input `{name}` of `{label}` must be a label or a list of input names",
                )
        return inputs
