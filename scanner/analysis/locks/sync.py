"""Whether flake.lock is what flake.nix asks for, as Nix itself compares the two (`lockFlake` in flake.cc of Nix 2.34).

Nix compares what is asked for: the reference of each input, its follows, the overrides of inputs of inputs. It does not look
at the flake.nix of an input whose reference has not changed, and neither need we.
"""

from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

from scanner.graph.graph import Graph
from scanner.graph.nodes.nix import FlakeNode, LockfileNode
from scanner.parse.nix.flake import DeclaredInput, Flake
from scanner.parse.nix.flakeref import same_request
from scanner.parse.nix.lock import NIX, Lock
from scanner.parse.nix.reference import Reference
from scanner.parse.nix.schemes import is_relative

Path = tuple[str, ...]

MAX_PATH: Final = 50
"""Names of a path that are shown."""

Kind = Literal[
    "missing", "removed", "changed", "follows", "unfollowed", "released", "parent", "shared", "flake"
]
"""How an input differs: the lock does not have it; flake.nix does not have it any more; it asks for another reference;
it follows another input than in the lock; it follows in the lock only, or in the lock of a dependency only; its relative path
is locked without the flake that it is relative to; it shares its node with another input; one of the two takes it for a flake and the other does not."""


class Difference(NamedTuple):
    """One input, by its path of names, on which the two files differ. `declared` is what flake.nix says of it (None: only the
    lock has it), `label` the node whose inputs hold it in the lock, `target` what the lock has there."""

    kind: Kind
    path: Path
    declared: DeclaredInput | None
    label: str
    target: str | Path | None

    @property
    def name(self) -> str:
        return self.path[-1]


class Pair(NamedTuple):
    """A flake.nix and the flake.lock beside it, None when there is none that could be read."""

    flake: Flake
    lock: Lock | None


def pairs(graph: Graph) -> Iterator[Pair]:
    """Every flake.nix of the repository with its lock."""
    locks = {node.path: node.lock for node in graph.of(LockfileNode) if node.lock.tool is NIX}
    for node in graph.of(FlakeNode):
        folder, slash, _ = node.path.rpartition("/")
        yield Pair(node.flake, locks.get(f"{folder}{slash}flake.lock"))


def differences(flake: Flake, lock: Lock) -> Iterator[Difference]:
    """What Nix would change in the lock. Linear in both files."""
    overrides = overrides_of(flake)
    above = {path[:size] for path in overrides for size in range(1, len(path))}
    changed: set[str] = set()
    for declared in flake.inputs:
        for found in _input(lock, overrides, above, declared):
            if found.path == (declared.name,) and found.kind != "flake":
                changed.add(declared.name)
            yield found
    yield from _relative(lock, overrides, changed)
    yield from _shared(lock)
    names = {declared.name for declared in flake.inputs}
    for name, target in lock.root_inputs.items():
        if name not in names:
            yield Difference("removed", (name,), None, lock.root, target)


def asked_for(flake: Flake, lock: Lock) -> Callable[[Path], bool]:
    """Whether flake.nix says of an input, by its path, what the lock holds of it."""
    said = {(declared.name,) for declared in flake.inputs} | overrides_of(flake).keys()
    differing = {found.path for found in differences(flake, lock) if found.kind != "flake"}
    return lambda path: path in said and path not in differing


def overrides_of(flake: Flake) -> dict[Path, DeclaredInput]:
    """What flake.nix says of inputs of inputs, by their path; an entry that only leads to deeper ones is left out."""
    found: dict[Path, DeclaredInput] = {}
    waiting: list[tuple[Path, DeclaredInput]] = [
        ((declared.name, below.name), below) for declared in flake.inputs for below in declared.inputs
    ]
    while waiting:
        path, declared = waiting.pop()
        if declared.reference is not None or declared.follows is not None:
            found[path] = declared
        waiting.extend(((*path, below.name), below) for below in declared.inputs)
    return found


def _input(
    lock: Lock, overrides: dict[Path, DeclaredInput], above: set[Path], declared: DeclaredInput
) -> Iterator[Difference]:
    path = (declared.name,)
    if declared.name not in lock.root_inputs:
        yield Difference("missing", path, declared, lock.root, None)
        return
    kind = _compared(lock, lock.root, declared.name, declared, ())
    label = lock.root_inputs[declared.name]
    if kind is not None:
        yield Difference(kind, path, declared, lock.root, label)
    if not isinstance(label, str) or label not in lock.nodes or kind not in (None, "flake"):
        return
    for name, target in lock.nodes[label].inputs.items():
        # A follows of the input's own flake.nix stays inside of it; one that leaves it was written here once.
        if not isinstance(target, str) and target[:1] != path and (*path, name) not in overrides:
            yield Difference("released", (*path, name), None, label, target)
    yield from _overridden(lock, overrides, above, path, label)


def _overridden(
    lock: Lock, overrides: dict[Path, DeclaredInput], above: set[Path], path: Path, label: str
) -> Iterator[Difference]:
    """Compares the overrides below an input, down the nodes that are locked for it."""
    waiting = [(path, label)]
    while waiting:
        path, label = waiting.pop()
        if path not in above:
            continue
        for name, target in lock.nodes[label].inputs.items():
            below = (*path, name)
            override = overrides.get(below)
            kind = None if override is None else _compared(lock, label, name, override, ())
            if override is not None and kind is not None and kind != "flake":
                yield Difference(kind, below, override, label, target)
            elif isinstance(target, str) and target in lock.nodes:
                waiting.append((below, target))


def _relative(lock: Lock, overrides: dict[Path, DeclaredInput], changed: set[str]) -> Iterator[Difference]:
    """The folders inside of inputs whose `parent` is not the input that names them, below inputs that stay."""
    depths = lock.depths
    for label, (parent, name) in lock.trail.items():
        node = lock.nodes[label]
        if parent == lock.root or not is_relative(node.original.attributes):
            continue
        # The lengths first: a chain of such nodes must not cost its square.
        if node.parent is None or len(node.parent) != depths[parent]:
            path = lock.path(parent) if depths[parent] <= MAX_PATH else ("…", parent)
        else:
            path = lock.path(parent)
            if path == node.parent:
                continue
        if path[0] not in changed and (*path, name) not in overrides:
            yield Difference("parent", (*path, name), None, parent, label)


def _shared(lock: Lock) -> Iterator[Difference]:
    """Inputs whose node is another input's already: Nix writes a node for each."""
    seen: set[str] = set()
    for parent in (lock.root, *lock.depths):
        for name, target in lock.inputs_of(parent).items():
            if isinstance(target, str) and target in lock.depths:
                if target in seen:
                    path = lock.path(parent) if lock.depths.get(parent, 0) <= MAX_PATH else ("…", parent)
                    yield Difference("shared", (*path, name), None, parent, target)
                seen.add(target)


def _compared(lock: Lock, label: str, name: str, declared: DeclaredInput, parent: Path) -> Kind | None:
    """How the lock's entry `name` of `label` differs from what flake.nix says of it."""
    target = lock.inputs_of(label)[name]
    if declared.follows is not None:
        return None if target == declared.follows else "follows"
    if not isinstance(target, str):
        return "unfollowed"
    node = lock.nodes.get(target)
    if node is None:
        return None  # the reader has said that it is not there
    wanted = declared.reference or Reference({"type": "indirect", "id": name})
    if not same_request(node.original, wanted):
        return "changed"
    relative = is_relative(wanted.attributes)
    if node.parent != (parent if relative else None):
        return "parent" if relative else None
    return "flake" if node.flake != declared.flake else None
