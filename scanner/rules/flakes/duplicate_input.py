"""See duplicate_input.md."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from scanner.analysis.inputs import Input, inputs
from scanner.analysis.references import Repository, is_nixpkgs, quoted, repository_of, revision_of
from scanner.analysis.releases import ROLLING, branch_of
from scanner.engine import Context, rule
from scanner.graph.nodes import lock_id
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.source import Span
from scanner.parse.flake_lock import LockNode

SHOWN_COPIES = 20


Kind = tuple[bool, str, str]


class Options(NamedTuple):
    elsewhere: bool = False


class Merge(NamedTuple):
    """An input that could follow one of the flake's own, and the line for flake.nix that makes it."""

    input: Input
    line: str

    @property
    def place(self) -> Span:
        parent, name = self.input.trail[self.input.node.label]
        return self.input.node.lock.value(parent, "inputs", name).first_line()


@rule(
    "duplicate-input",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    options=Options,
    variants={"elsewhere": Severity.INFO},
    same_as=("flint:duplicates", "nix-auto-follow:check"),
    tags=("supply-chain", "maintenance", "CWE-1104"),
)
def duplicate_input(ctx: Context[Options]) -> Iterator[Hit]:
    for _, of_lock in groupby(inputs(ctx.graph), key=lambda input: input.node.lock.source.path):
        by_repository: dict[Repository, list[Input]] = {}
        for input in of_lock:
            repository = repository_of(input.node.input.locked)
            if repository is not None:
                by_repository.setdefault(repository, []).append(input)
        for repository, copies in by_repository.items():
            if len(copies) > 1:
                for hit in _of_repository(repository, copies):
                    if hit.variant is None or ctx.options.elsewhere:
                        yield hit


def _of_repository(repository: Repository, copies: list[Input]) -> Iterator[Hit]:
    revisions = {input.node.label: revision_of(input.node.input.locked) for input in copies}
    own = [input for input in copies if input.direct]
    # What the flake itself names may differ on purpose, and a copy of the same revision is none too many.
    wanted = {revisions[input.node.label] for input in own}
    extra = [input for input in copies if revisions[input.node.label] not in wanted]
    count = len(set(revisions.values()))
    if count < 2 or not extra:
        return
    what = f"{quoted(str(repository))} is locked at {count} revisions, each of which needs its own security updates"
    merges = list(_merges(own, extra))
    if merges:
        first, *more = merges
        hint = f" and {len(more)} more line{'s' if len(more) > 1 else ''} of that kind" if more else ""
        at, variant, shown = first.place, None, first.input
        message = f"{what}: write {quoted(first.line, 160)}{hint} in flake.nix and run `nix flake lock`"
    else:
        more, shown = [], extra[-1]
        at, variant = shown.node.place(), "elsewhere"
        message = f"{what}: " + (
            "yours is on another branch, so only the owners of your inputs can update the others"
            if own
            else "add an input of your own for it that the others follow"
        )
    lines = {merge.input.node.label for merge in more}
    related = [Note(merge.place, f"also {quoted(merge.line, 160)}") for merge in more]
    related += [
        Note(input.node.place(), f"locked for {quoted(input.name)}")
        for input in copies
        if input is not shown and input.node.label not in lines
    ]
    yield Hit(
        at,
        lock_id(shown.node.lock.source),
        message,
        variant,
        evidence=(str(repository),),
        related=tuple(related[:SHOWN_COPIES]),
    )


def _merges(own: list[Input], extra: list[Input]) -> Iterator[Merge]:
    """The lines for flake.nix that lead an input to one of the flake's own, the shortest first."""
    targets: dict[Kind, dict[str, None]] = {}
    for input in own:
        kind = _kind(input.node.input)
        if kind is not None:
            targets.setdefault(kind, {}).update(dict.fromkeys(input.names))
    merged: set[str] = set()
    for input in sorted(extra, key=lambda input: input.depth):
        attribute, kind = input.attribute, _kind(input.node.input)
        names = targets.get(kind) if kind is not None else None
        if not names or attribute is None or not merged.isdisjoint(_above(input)):
            continue  # what is below a merged input goes with it
        merged.add(input.node.label)
        target = input.last if input.last in names else next(iter(names))
        yield Merge(input, f'{attribute}.follows = "{target}";')


def _above(input: Input) -> Iterator[str]:
    label = input.node.label
    while label in input.trail:
        label, _ = input.trail[label]
        yield label


def _kind(node: LockNode) -> Kind | None:
    """What two inputs of one repository must share for one to stand for the other; None for one that is pinned."""
    if node.original.rev is not None:
        return None
    branch = branch_of(node)
    line = "" if branch is None or branch.name in ROLLING else branch.release or branch.name
    folder = node.original.text("dir") or ""
    if is_nixpkgs(node):
        folder = folder.removeprefix("lib")  # nixpkgs has its library as well
        line = "" if line == "master" else line
    return node.flake, line, folder
