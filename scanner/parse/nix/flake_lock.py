"""`flake.lock` (and `devenv.lock`) as Nix reads it: versions 5, 6 and 7 (lockfile.cc of Nix 2.34).

Nix parses the nodes that the root reaches and no others, so only those can make it refuse a lock.
"""

from typing import Final

from scanner.model.finding import Problem
from scanner.model.json import Json
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.parse.json import Pairs, Positions, load
from scanner.parse.nix.lock import DEVENV, NIX, Lock, LockedInput
from scanner.parse.nix.reference import Attribute, Reference
from scanner.parse.nix.remedies import relock
from scanner.parse.nix.schemes import defect, locked_defect

VERSIONS: Final = (5, 6, 7)
"""The versions that Nix 2.4 and later read."""

_SHOWN: Final = 60


def read_flake_lock(source: Source, problems: list[Problem]) -> Lock | None:
    pairs = Pairs()
    data = load(source, problems, pairs)
    if problems:
        return None
    return _Reading(source, problems, pairs.repeated).lock(data)


class _Reading:
    """Reads one lock; positions are looked up for problems only."""

    def __init__(self, source: Source, problems: list[Problem], repeated: bool) -> None:
        self.repeated = repeated
        self.source = source
        self.problems = problems
        self.positions = Positions(source)
        self.tool = DEVENV if source.path.endswith("devenv.lock") else NIX
        self.info: set[tuple[str, str]] = set()

    def refuse(self, at: Span, message: str) -> None:
        run = relock(self.tool, self.source.path)
        self.problems.append(
            Problem(
                at.first_line(),
                f"{message}; Nix refuses the lock. Restore an earlier one, or delete it and run {run}",
            )
        )

    def lock(self, data: Json) -> Lock | None:
        start = Span(self.source, 0, 1)
        if not isinstance(data, dict):
            self.refuse(start, "a lock is an object with `nodes`, `root` and `version`, and this is none")
            return None
        version = data.get("version", 0)
        if version is True or version is False or isinstance(version, int | float):
            number = int(version)
        else:
            self.refuse(self.positions.value("version"), "the `version` of the lock is not a number")
            return None
        if number not in VERSIONS:
            return Lock(self.source, self.tool, number, "", {}, {})
        root, nodes = data.get("root"), data.get("nodes")
        if not isinstance(root, str):
            self.refuse(
                self.positions.value("root") if "root" in data else start,
                "the `root` of the lock names no node",
            )
            return None
        if nodes is None:
            nodes = {}  # Nix takes it for a lock without inputs
        if not isinstance(nodes, dict):
            self.refuse(self.positions.value("nodes"), "the `nodes` of the lock are no object")
            return None
        return self._lock(nodes, root, number)

    def _lock(self, nodes: dict[str, Json], root: str, version: int) -> Lock:
        inputs = {root: self._inputs(root, nodes.get(root))}
        reachable: dict[str, LockedInput] = {}
        waiting = self._labels(root, inputs[root], root)
        while waiting:
            label, parent, name = waiting.pop()
            if label in inputs:
                continue
            if label not in nodes:
                self.refuse(
                    self.positions.value("nodes", parent, "inputs", name),
                    f"the input {quoted(name)} of {quoted(parent)} is locked to the node {quoted(label)}, "
                    "which is not there",
                )
                continue
            inputs[label] = self._inputs(label, nodes[label])
            reachable[label] = self._node(label, nodes[label], inputs[label])
            waiting += self._labels(label, inputs[label], root)
        every = {
            label: reachable.get(label) or self._left_over(label, value)
            for label, value in nodes.items()
            if label != root
        }
        return Lock(self.source, self.tool, version, root, inputs[root], every, self._locate, self.repeated)

    def _labels(
        self, label: str, inputs: dict[str, str | tuple[str, ...]], root: str
    ) -> list[tuple[str, str, str]]:
        found = []
        for name, target in inputs.items():
            if target == root:
                self.refuse(
                    self.positions.value("nodes", label, "inputs", name),
                    f"the input {quoted(name)} of {quoted(label)} is locked to the root, which contains itself then",
                )
            elif isinstance(target, str):
                found.append((target, label, name))
        found.reverse()
        return found

    def _locate(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """Version 5 keeps some attributes of `locked` in `info`; Nix reads that in every version."""
        if len(path) == 3 and path[1] == "locked" and (path[0], path[2]) in self.info:
            return ("nodes", path[0], "info", path[2])
        return ("nodes", *path)

    def _node(self, label: str, value: Json, inputs: dict[str, str | tuple[str, ...]]) -> LockedInput:
        node = value
        if not isinstance(node, dict):
            self.refuse(self.positions.value("nodes", label), f"the node {quoted(label)} is no object")
            return LockedInput(label, inputs, Reference({}), Reference({}))
        locked = self._attributes(label, "locked", node)
        if not isinstance(node.get("info"), dict | None) and node["info"] != []:
            self.refuse(
                self.positions.value("nodes", label, "info"), f"the `info` of {quoted(label)} is no object"
            )
        elif "info" in node and "locked" in node:
            info = self._attributes(label, "info", node)
            locked = {**locked, **info}
            self.info.update((label, name) for name in info)
        original = self._attributes(label, "original", node)
        self._check(label, "locked", node, locked)
        self._check(label, "original", node, original)
        flake, parent = node.get("flake", True), node.get("parent", [])
        if not isinstance(flake, bool):
            self.refuse(
                self.positions.value("nodes", label, "flake"),
                f"`flake` of {quoted(label)} must be true or false",
            )
        if not isinstance(parent, list) or not all(isinstance(part, str) for part in parent):
            self.refuse(
                self.positions.value("nodes", label, "parent"),
                f"`parent` of {quoted(label)} must be a list of names of inputs",
            )
            parent = []
        return LockedInput(
            label,
            inputs,
            Reference(original),
            Reference(locked),
            flake is not False,
            tuple(str(part) for part in parent) if "parent" in node else None,
        )

    def _left_over(self, label: str, value: Json) -> LockedInput:
        """A node that nothing leads to, as far as it can be read."""
        node = value if isinstance(value, dict) else {}
        inputs = node.get("inputs")
        labels = inputs if isinstance(inputs, dict) else {}
        return LockedInput(
            label,
            {name: target for name, target in labels.items() if isinstance(target, str)},
            Reference(_plain(node.get("original"))),
            Reference(_plain(node.get("locked"))),
        )

    def _attributes(self, label: str, part: str, node: dict[str, Json]) -> dict[str, Attribute]:
        if part not in node:
            self.refuse(
                self.positions.key("nodes", label),
                f"the node {quoted(label)} has no `{part}` reference",
            )
            return {}
        value = node[part]
        attributes = _plain(value)
        if isinstance(value, dict) and len(attributes) < len(value):
            for name in value:
                if name not in attributes:
                    self.refuse(
                        self.positions.key("nodes", label, part, name),
                        f"the attribute {quoted(name)} of {quoted(label)} is neither text nor number nor boolean",
                    )
        return attributes

    def _check(self, label: str, part: str, node: dict[str, Json], attributes: dict[str, Attribute]) -> None:
        """What the fetcher of the type refuses. Rules say more than the reader could about a type that no Nix knows
        (`unknown-input-type`), a hash (`weak-hash`), and what is not locked at all."""
        if part not in node:
            return
        found = locked_defect(attributes) if part == "locked" else defect(attributes)
        if found is None:
            return
        if part == "locked" and found.attribute in (None, "narHash", "type") and defect(attributes) is None:
            return
        path = (label, part) if found.attribute is None else (label, part, found.attribute)
        at = (
            self.positions.value(*self._locate(path)) if len(path) > 2 else self.positions.key("nodes", *path)
        )
        self.refuse(at, f"the `{part}` reference of {quoted(label)} {found.reason}")

    def _inputs(self, label: str, node: Json) -> dict[str, str | tuple[str, ...]]:
        value = node.get("inputs") if isinstance(node, dict) else None
        # Nix walks whatever stands here: the items of a list are inputs called `0`, `1`, …, a text is one called ``.
        match value:
            case None:
                entries: dict[str, Json] = {}
            case dict():
                entries = value
            case list():
                entries = {str(index): target for index, target in enumerate(value)}
            case _:
                entries = {"": value}
        inputs: dict[str, str | tuple[str, ...]] = {}
        for name, target in entries.items():
            if isinstance(target, str):
                inputs[name] = target
            elif isinstance(target, list) and all(isinstance(part, str) for part in target):
                inputs[name] = tuple(str(part) for part in target)
            else:
                self.refuse(
                    self.positions.value("nodes", label, "inputs", name),
                    f"the input {quoted(name)} of {quoted(label)} must be a label or a list of input names",
                )
        return inputs


def _plain(value: Json) -> dict[str, Attribute]:
    """The attributes that Nix can take: texts, numbers and booleans."""
    if not isinstance(value, dict):
        return {}
    return {
        name: attribute
        for name, attribute in value.items()
        if attribute is not None and not isinstance(attribute, list | dict)
    }
