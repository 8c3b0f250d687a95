"""See duplicate_input.md."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from scanner.analysis.locks.advice import SHOWN, follows_line, relock
from scanner.analysis.locks.ages import modified_at
from scanner.analysis.locks.inputs import Input, inputs_of
from scanner.analysis.locks.moving import stays
from scanner.analysis.locks.references import NIXPKGS, Repository, is_nixpkgs, repository_of, revision_of
from scanner.analysis.locks.releases import ROLLING, branch_of, is_channel, nixpkgs_branch, release_in
from scanner.engine import Context, rule
from scanner.graph.ids import lock_id
from scanner.graph.nodes.nix import FlakeNode, LockfileNode
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nix.flake import DeclaredInput
from scanner.parse.nix.lock import NIX, Lock, LockedInput

SHOWN_COPIES = 20
DEEPEST = 16

CHOICES = 8
"""Names of yours that are looked at to find one as new as a copy."""

LEVELS = 2
"""Names of the longest path that a line is offered for: Nix before 2.30 asks the registry for what follows below a deeper one."""

Edge = tuple[str, str]
Kind = tuple[bool, str, str]
Targets = dict[Kind, dict[str, Input]]
Overrides = Mapping[tuple[str, ...], DeclaredInput]


class Options(NamedTuple):
    elsewhere: bool = False


class Merge(NamedTuple):
    """An input that could follow one of the flake's own, and the line that makes it. `declared`: flake.nix has it."""

    input: Input
    target: Input
    line: str
    declared: bool

    @property
    def older(self) -> bool:
        """Whether the flake's own is from before the copy, so that a follows alone would go back in time."""
        own, copy = (modified_at(one.node.input.locked) for one in (self.target, self.input))
        return isinstance(own, int | float) and isinstance(copy, int | float) and own < copy

    @property
    def place(self) -> Span:
        parent, name = self.input.trail[self.input.node.label]
        return self.input.node.lock.value(parent, "inputs", name).first_line()


@rule(
    "duplicate-input",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    area="hygiene",
    options=Options,
    variants={"nixpkgs": Severity.LOW, "elsewhere": Severity.INFO},
    same_as=("flint:duplicates", "nix-auto-follow:check"),
    tags=("nix", "supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3"),
)
def duplicate_input(ctx: Context[Options]) -> Iterator[Hit]:
    flakes = {node.path: node.flake for node in ctx.graph.of(FlakeNode)}
    for node in ctx.graph.of(LockfileNode):
        if node.lock.is_pins:
            continue  # each pin is the repository's own, and may differ on purpose
        by_repository: dict[Repository, list[Input]] = {}
        for input in inputs_of(ctx.graph, node.lock):
            repository = repository_of(input.node.input.locked)
            if repository is not None:
                by_repository.setdefault(repository, []).append(input)
        folder = node.path.rpartition("/")[0]
        flake = (
            flakes.get(f"{folder}/flake.nix" if folder else "flake.nix") if node.lock.tool is NIX else None
        )
        declared = _overrides(flake.inputs) if flake is not None else {}
        for repository, copies in by_repository.items():
            if len(copies) > 1:
                for hit in _of_repository(ctx, repository, copies, declared):
                    if hit.variant != "elsewhere" or ctx.options.elsewhere:
                        yield hit


def _of_repository(
    ctx: Context[Options], repository: Repository, copies: list[Input], declared: Overrides
) -> Iterator[Hit]:
    revisions = {input.node.label: revision_of(input.node.input.locked) for input in copies}
    own = [input for input in copies if input.direct]
    # What the flake itself names may differ on purpose, and a copy of the same revision is none too many.
    wanted = {revisions[input.node.label] for input in own}
    extra = [input for input in copies if revisions[input.node.label] not in wanted]
    count = len(set(revisions.values()))
    if count < 2 or not extra:
        return
    nixpkgs = any(is_nixpkgs(input.node.input) for input in copies) and not all(map(_is_library, extra))
    what = _what(repository, len(copies), count, nixpkgs=nixpkgs)
    variant: str | None = "nixpkgs" if nixpkgs else None
    targets = _targets(ctx, own)
    merges = list(_merges(extra, declared, targets))
    if merges:
        first, *more = merges
        at, shown = first.place, first.input
        message = f"{what}: {_todo(first, merges)}"
    else:
        more, shown = [], extra[-1]
        at, variant = shown.node.place(), "elsewhere"
        message = f"{what}: {_why_no_line(ctx, own, extra, targets)}"
    yield Hit(
        at,
        lock_id(shown.node.lock.source),
        message,
        variant,
        evidence=(str(repository),),
        inputs=tuple(input.name for input in extra),
        related=tuple(islice(_related(shown, more, copies), SHOWN_COPIES)),
    )


def _is_library(input: Input) -> bool:
    """Whether an input of nixpkgs is there for its library only, in which there are no programs."""
    return input.node.input.original.text("dir") == "lib" or input.last == "nixpkgs-lib"


def _what(repository: Repository, copies: int, revisions: int, *, nixpkgs: bool) -> str:
    name = "nixpkgs" if repository == NIXPKGS else quoted(str(repository))
    if nixpkgs:
        return (
            f"{name} is locked {copies} times, at {revisions} revisions: each is fetched and evaluated for itself, and "
            "keeps its holes when another one is updated"
        )
    return f"{name} is locked {copies} times, at {revisions} revisions, each updated for itself"


def _related(shown: Input, more: list[Merge], copies: list[Input]) -> Iterator[Note]:
    lines = {merge.input.node.label for merge in more}
    for merge in more:
        older = f", and update {quoted(merge.target.name)}, which is older" if merge.older else ""
        yield Note(merge.place, f"also {quoted(merge.line, SHOWN)}{older}")
    for input in copies:
        if input is not shown and input.node.label not in lines:
            yield Note(input.node.place(), f"locked for {quoted(input.name)}")


def _todo(first: Merge, merges: list[Merge]) -> str:
    """What to write and to run. Lines that flake.nix has already are only missing in the lock."""
    input = first.input
    if first.declared:
        return f"{input.declared_in} has {quoted(first.line, SHOWN)}, which the lock does not know; run {relock(input.node.lock)}"
    more = sum(not merge.declared for merge in merges) - 1
    hint = f" and {more} more line{'s' if more > 1 else ''} of that kind" if more else ""
    write = f"write {quoted(first.line, SHOWN)}{hint} in {input.declared_in} and run"
    if first.older:
        return f"{write} {first.target.update()}, for yours is the older one"
    return f"{write} {relock(input.node.lock)}"


def _targets(ctx: Context[Options], own: list[Input]) -> Targets:
    """What others could follow, by its name at the root: of nixpkgs, only channels that get updates.
    Another branch of it is for those on the same one."""
    targets: Targets = {}
    for input in own:
        kind = _kind(input.node.input)
        branch = _unfit(ctx, input)
        if kind is None or (branch is not None and _has_ended(ctx, branch)):
            continue
        if branch is not None:
            kind = _of_branch(kind, branch)
        targets.setdefault(kind, {}).update(dict.fromkeys(input.names, input))
    return targets


def _unfit(ctx: Context[Options], input: Input) -> str | None:
    """The branch for which an input of nixpkgs is nothing that others should follow."""
    node = input.node.input
    if repository_of(node.original) not in (NIXPKGS, None) or not is_nixpkgs(node):
        return None
    branch = nixpkgs_branch(node)
    return branch if branch is not None and not is_channel(branch, ctx.knowledge, ctx.now) else None


def _has_ended(ctx: Context[Options], branch: str) -> bool:
    name = release_in(branch)
    release = ctx.knowledge.nixos_release(name) if name is not None else None
    return release is not None and release.end < ctx.now


def _of_branch(kind: Kind, branch: str) -> Kind:
    """The kind of inputs on exactly one branch."""
    return kind[0], f"={branch}", kind[2]


def _why_no_line(ctx: Context[Options], own: list[Input], extra: list[Input], targets: Targets) -> str:
    if not own:
        return "add an input of your own for it that the others follow"
    kinds = {_kind(input.node.input): input for input in reversed(own)}
    same = [input for input in extra if (kind := _kind(input.node.input)) is not None and kind in kinds]
    for input in same:
        kind = _kind(input.node.input)
        mine = kinds[kind]
        branch = _unfit(ctx, mine)
        if branch is not None and kind not in targets:
            return (
                f"yours, {quoted(mine.name)}, is on {quoted(branch)}, which is no channel that gets updates: move it to one, "
                "then the others can follow it"
            )
    if any(input.depth > LEVELS for input in same):
        return (
            "the others are inputs of inputs of your inputs, which Nix before 2.30 cannot lead to yours: their owners can, "
            "with a follows"
        )
    if all(stays(input.node.input.original) for input in extra):
        return "the others are pinned, so only the owners of your inputs can update them"
    return "yours is on another branch, so only the owners of your inputs can update the others"


def _merges(extra: list[Input], declared: Overrides, targets: Targets) -> Iterator[Merge]:
    """The lines that lead an input to one of the flake's own: those to write first, the shortest before the others."""
    found: list[Merge] = []
    merged: set[str] = set()
    passed: dict[str, frozenset[Edge]] = {}
    for input in sorted(extra, key=lambda input: input.depth):
        kind = _kind(input.node.input)
        names = targets.get(kind) if kind is not None else None
        if kind is not None and names is None and targets:
            branch = nixpkgs_branch(input.node.input)
            names = targets.get(_of_branch(kind, branch)) if branch is not None else None
        if not names or input.attribute is None or input.depth > LEVELS:
            continue
        above = set(_above(input))
        if not merged.isdisjoint(above):
            continue  # what is below a merged input goes with it
        name = _target(input, names)
        path, lock = input.path, input.node.lock
        if name not in passed:
            passed[name] = _passed(lock, name)
        if input.trail[input.node.label] in passed[name]:
            continue  # yours follows what this one brings
        override = declared.get(path)
        if names[name].node.label in above or (override is not None and override.follows is None):
            continue  # an input that needs an older self, or one that flake.nix overrides with another on purpose
        merged.add(input.node.label)
        line = follows_line(lock, path, name)
        found.append(Merge(input, names[name], line, override is not None))
    yield from sorted(found, key=lambda merge: merge.declared)


def _passed(lock: Lock, name: str) -> frozenset[Edge]:
    """Every input that is passed on the way from one of the root's to what it leads to: that follows it through others.
    Each once, so linear in the lock."""
    seen: set[Edge] = set()
    waiting = [(lock.root, name)]
    while waiting:
        edge = waiting.pop()
        if edge in seen:
            continue
        seen.add(edge)
        target = lock.inputs_of(edge[0]).get(edge[1])
        label: str | None = lock.root
        for step in target if isinstance(target, tuple) else ():
            if label is None:
                break
            waiting.append((label, step))
            label = lock.resolve(label, step)
    return frozenset(seen)


def _target(input: Input, names: Mapping[str, Input]) -> str:
    """What to follow: what has the same name, unless only another one is as new."""
    named = [name for name in (input.last, *islice(names, CHOICES)) if name in names]
    return next((name for name in named if not Merge(input, names[name], "", False).older), named[0])


def _overrides(inputs: tuple[DeclaredInput, ...]) -> Overrides:
    """What flake.nix says of the inputs of its inputs, by their paths: which follow, and which are replaced."""
    found: dict[tuple[str, ...], DeclaredInput] = {}
    waiting: list[tuple[tuple[str, ...], DeclaredInput]] = [
        ((one.name,), below) for one in inputs for below in one.inputs
    ]
    while waiting:
        above, declared = waiting.pop()
        path = (*above, declared.name)
        if declared.follows is not None or declared.reference is not None:
            found[path] = declared
        if len(path) < DEEPEST:
            waiting.extend((path, below) for below in declared.inputs)
    return found


def _above(input: Input) -> Iterator[str]:
    """The labels on the way to an input, of which there are few where its attribute can be written."""
    label = input.node.label
    while label in input.trail:
        label, _ = input.trail[label]
        yield label


def _kind(node: LockedInput) -> Kind | None:
    """What two inputs of one repository must share for one to stand for the other; None for one that is pinned."""
    if stays(node.original):
        return None
    branch = branch_of(node)
    line = "" if branch is None or branch.name in ROLLING else branch.release or branch.name
    folder = node.original.text("dir") or ""
    if is_nixpkgs(node):
        folder = folder.removeprefix("lib")  # nixpkgs has its library as well
        line = "" if line == "master" else line
    return node.flake, line, folder
