"""What is locked, lock by lock: the table that maintainers print by hand, with what the policy says of each input."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from scanner.analysis.locks.ages import Age, age_of, day_of
from scanner.analysis.locks.inputs import Input, inputs_of
from scanner.analysis.locks.references import Repository, is_nixpkgs, repository_of, revision_of
from scanner.analysis.locks.releases import ROLLING, branch_of
from scanner.graph.graph import Graph
from scanner.graph.nodes.nix import FlakeNode, LockfileNode
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Finding
from scanner.model.secrets import masked
from scanner.model.source import Source
from scanner.parse.nix.lock import Lock
from scanner.views.facts import source_of


class Support(NamedTuple):
    """How long a branch gets updates: `rolling`, `supported` or `ended`; `end` is the last day, None for a rolling one."""

    status: str
    end: date | None


class Row(NamedTuple):
    """A locked input. `age` is in days, None where `date` cannot be believed or is not there. `branch` is what it
    follows, `pinned` whether one commit is asked for. `followers` counts the inputs that follow it; `copies` at how many
    revisions its repository is locked in this lock, and how many inputs that are. `findings` are about this input."""

    input: Input
    source: str
    revision: str | None
    date: date | None
    age: int | None
    branch: str | None
    pinned: bool
    support: Support | None
    followers: int
    copies: tuple[int, int]
    findings: tuple[Finding, ...]


class LockRows(NamedTuple):
    """A lock: `rows` are those to show, `own` and `total` count all inputs. `steps` evaluate the lock. `findings` are about
    the lock as a whole or the flake.nix that it belongs to, `unlisted` about inputs that have no row."""

    lock: Lock
    rows: tuple[Row, ...]
    own: int
    total: int
    steps: tuple[StepNode, ...]
    findings: tuple[Finding, ...]
    unlisted: tuple[Finding, ...]

    def all_findings(self) -> Iterator[Finding]:
        yield from self.findings
        for row in self.rows:
            yield from row.findings
        yield from self.unlisted


class Unlocked(NamedTuple):
    """A flake.nix that has no lock beside it, and what is found in it."""

    source: Source
    findings: tuple[Finding, ...]


def unlocked(graph: Graph, findings: Iterable[Finding]) -> Iterator[Unlocked]:
    """Every flake without a lock of which something is said."""
    by_file = _by_file(findings)
    for node in graph.of(FlakeNode):
        if node.path in by_file and next(graph.out(node.id, "locks"), None) is None:
            yield Unlocked(node.source, tuple(by_file[node.path]))


def _by_file(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.at.path, []).append(finding)
    return found


def tables(
    graph: Graph, knowledge: Knowledge, now: date, findings: tuple[Finding, ...], *, transitive: bool
) -> Iterator[LockRows]:
    """The table of every lock, in the order of the files. Inputs of the flake itself come first, by name; those of inputs
    only when they are asked for. Every finding in the lock and in the flake.nix that it belongs to is at its input, else at
    the lock."""
    by_file = _by_file(findings)
    for node in graph.of(LockfileNode):
        inputs = list(inputs_of(graph, node.lock))
        flakes = [graph.nodes[edge.source].path for edge in graph.into(node.id, "locks")]
        by_subject: dict[str, list[Finding]] = {input.node.id: [] for input in inputs}
        others: list[Finding] = []
        for path in dict.fromkeys((node.path, *flakes)):
            for finding in by_file.get(path or "", ()):
                by_subject.get(finding.subject, others).append(finding)
        copies: dict[Repository, list[str | None]] = {}
        for input in inputs:
            repository = repository_of(input.node.input.locked)
            if repository is not None:
                copies.setdefault(repository, []).append(revision_of(input.node.input.locked))
        counts = {one: (len(set(revisions)), len(revisions)) for one, revisions in copies.items()}
        shown = sorted(
            (input for input in inputs if transitive or input.direct),
            key=lambda input: (not input.own, not input.direct, input.name),
        )
        rows = tuple(_row(graph, knowledge, now, input, counts, by_subject) for input in shown)
        listed = {row.input.node.id for row in rows}
        yield LockRows(
            node.lock,
            rows,
            sum(input.own for input in inputs),
            len(inputs),
            tuple(_steps(graph, node.id)),
            tuple(others),
            tuple(one for id, found in by_subject.items() if id not in listed for one in found),
        )


def _row(
    graph: Graph,
    knowledge: Knowledge,
    now: date,
    input: Input,
    copies: dict[Repository, tuple[int, int]],
    findings: dict[str, list[Finding]],
) -> Row:
    node = input.node.input
    repository = repository_of(node.locked)
    age = age_of(node.locked, now)
    branch = branch_of(node)
    return Row(
        input,
        source_of(node.locked),
        revision_of(node.locked),
        day_of(node.locked),
        age.days if isinstance(age, Age) else None,
        masked(branch.name) if branch is not None else None,
        node.original.rev is not None,
        _support(knowledge, now, input),
        sum(bool(edge.follows) for edge in graph.into(input.node.id, "input")),
        copies.get(repository, (1, 1)) if repository is not None else (1, 1),
        tuple(sorted(findings[input.node.id], key=lambda one: -one.severity)),
    )


def _support(knowledge: Knowledge, now: date, input: Input) -> Support | None:
    """How long the branch of an input is supported; None where its name does not tell."""
    branch = branch_of(input.node.input)
    if branch is None:
        return None
    if branch.name in ROLLING and is_nixpkgs(input.node.input):
        return Support("rolling", None)
    release = knowledge.nixos_release(branch.release) if branch.release is not None else None
    if release is None:
        return None
    return Support("supported" if release.end >= now else "ended", release.end)


def _steps(graph: Graph, lock: str) -> Iterator[StepNode]:
    for edge in graph.into(lock, "evaluates"):
        node = graph.nodes[edge.source]
        if isinstance(node, StepNode):
            yield node
