"""The sketch of the inputs: every lock with its own inputs, what those bring along, and what follows what."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from scanner.analysis.locks.references import Repository, is_nixpkgs, repository_of
from scanner.graph.graph import Edge, Graph
from scanner.graph.nodes.nix import LockfileNode
from scanner.knowledge.tables import Knowledge
from scanner.model.counting import counted
from scanner.model.finding import Finding
from scanner.model.secrets import masked
from scanner.parse.nix.hosts import HOSTS
from scanner.views.facts import asked_of, short
from scanner.views.html.picture.lettering import BELOW_ROOM, BELOW_SIZE, fitted, width
from scanner.views.html.picture.sketch import Explained, Figure, Line, Sign, Sketch, explained_signs, sign_of
from scanner.views.inputs.tables import LockRows, Row, tables
from scanner.views.inputs.words import branch_of, evaluated, support_of

LEGIBLE: Final = 160
"""Inputs from which on those that only one input brings are drawn as one."""

MAX_FIGURES: Final = 600
MAX_LINES: Final = 4_000

_AGES: Final = (
    ("fresh", 30, "up to 30 days old"),
    ("months", 180, "up to 180 days"),
    ("year", 365, "up to a year"),
    ("stale", 730, "up to two years"),
    ("ancient", None, "older"),
)
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def sketch(graph: Graph, knowledge: Knowledge, now: date, findings: tuple[Finding, ...]) -> Sketch | None:
    """The sketch with ages as on a day; None where nothing is locked."""
    locks = list(tables(graph, knowledge, now, findings, transitive=True))
    locks = [lock for lock in locks if lock.rows]
    if not locks:
        return None
    return _Inputs(graph, locks).sketch()


class _Folded(NamedTuple):
    """Inputs that are drawn as one: those that one own input alone brings along."""

    id: str
    rows: tuple[Row, ...]
    above: str


class _Inputs:
    def __init__(self, graph: Graph, locks: Sequence[LockRows]) -> None:
        self._graph = graph
        self._locks = locks
        self._figures: dict[str, Figure] = {}
        self._lines: dict[tuple[str, str], Line] = {}
        self._stands_for: dict[str, str] = {}
        self._folded = 0
        self._dropped = 0

    def sketch(self) -> Sketch:
        total = sum(len(lock.rows) for lock in self._locks)
        for lock in self._locks:
            self._add(lock, fold=total > LEGIBLE)
        lines = tuple(self._lines.values())
        notes = []
        if self._folded:
            notes.append(
                f"{self._folded:,} of {total:,} inputs are drawn together with others that the same input alone brings"
            )
        if self._dropped:
            notes.append(
                f"{counted(self._dropped, 'input')} are left out: the picture has room for {MAX_FIGURES}"
            )
        if len(lines) > MAX_LINES:
            notes.append(f"{len(lines) - MAX_LINES:,} edges are left out")
        figures = tuple(self._figures.values())
        return Sketch(
            "inputs",
            "Inputs",
            f"The locked inputs of {counted(len(self._locks), 'lock')}: from each lock on the left to its own inputs and what these bring.",
            figures,
            lines[:MAX_LINES],
            tuple(_legend(figures, lines)),
            "; ".join(notes),
        )

    def _add(self, lock: LockRows, *, fold: bool) -> None:
        node = next(one for one in self._graph.of(LockfileNode) if one.lock is lock.lock)
        copies = _letters(lock.rows)
        if len(self._figures) < MAX_FIGURES:
            self._put(self._root(node, lock), (node.id,))
        together = _private(self._graph, lock.rows) if fold else []
        inside = {row.input.node.id for one in together for row in one.rows}
        for row in lock.rows:
            if row.input.node.id not in inside:
                if len(self._figures) < MAX_FIGURES:
                    self._put(_figure(self._graph, row, copies), (row.input.node.id,))
                else:
                    self._dropped += 1
        for one in together:
            if len(self._figures) < MAX_FIGURES:
                self._put(_stack(one), tuple(row.input.node.id for row in one.rows))
                self._folded += len(one.rows)
            else:
                self._dropped += len(one.rows)
        for id in (node.id, *(row.input.node.id for row in lock.rows)):
            for edge in self._graph.out(id, "input"):
                self._join(edge)

    def _put(self, figure: Figure, ids: tuple[str, ...]) -> None:
        self._figures[figure.id] = figure
        for id in ids:
            self._stands_for[id] = figure.id

    def _join(self, edge: Edge) -> None:
        source, target = self._stands_for.get(edge.source), self._stands_for.get(edge.target)
        if source is None or target is None or source == target:
            return
        known = self._lines.get((source, target))
        follows = bool(edge.follows)
        verb = "follows" if follows else "input"
        about = f"{verb} {edge.name}" if edge.name else verb
        if known is None:
            kinds: tuple[str, ...] = ("input", "follows") if follows else ("input",)
            self._lines[source, target] = Line(source, target, kinds, about)
        else:
            # An input of its own counts for more than one that follows.
            kinds = known.kinds if follows else ("input",)
            if len(known.about) < 200:
                about = f"{known.about}, {about}"
                self._lines[source, target] = Line(source, target, kinds, about)

    def _root(self, node: LockfileNode, lock: LockRows) -> Figure:
        path = lock.lock.source.path
        facts = [
            ("tool", lock.lock.tool.name),
            ("own inputs", str(lock.own)),
            ("inputs in all", str(lock.total)),
        ]
        if said := evaluated(lock):
            facts.append(("evaluated", said))
        flakes = tuple(edge.source for edge in self._graph.into(node.id, "locks"))
        return Figure(
            node.id,
            path.rpartition("/")[2] if path.count("/") > 2 else path,
            f"{counted(lock.own, 'own input')}, {lock.total:,} in all",
            "lock",
            "folder",
            path,
            tuple(facts),
            (node.id, *flakes),
            sign_of(lock.findings),
        )


def _figure(graph: Graph, row: Row, copies: dict[Repository, str]) -> Figure:
    input = row.input
    node = input.node.input
    called = list(dict.fromkeys((*input.names, input.last)))
    repository = repository_of(node.locked)
    title = ", ".join(called[:2]) + (f" +{len(called) - 2}" if len(called) > 2 else "")
    age = f"{row.age:,} d" if row.age is not None else "age unknown"
    rest = f" · {short(row.revision) or 'no revision'} · {age}"
    place = _place(row, called[0])
    # The end of a place gives way, which is the repository's name: whose it is, tells more.
    below = fitted(place, BELOW_SIZE, BELOW_ROOM - width(rest, BELOW_SIZE)) + rest
    signs = list(sign_of(row.findings))
    if repository is not None and repository in copies and row.copies[0] > 1:
        letter = copies[repository]
        revisions, inputs = row.copies
        about = f"its repository is locked at {revisions} revisions, in {inputs} inputs (group {letter})"
        signs.append(Sign("copies", f"{letter} ×{revisions}", about))
    if row.pinned:
        signs.append(Sign("pinned", "pinned", "flake.nix asks for one commit"))
    return Figure(
        input.node.id,
        title,
        below,
        input.node.kind,
        "box",
        input.name,
        tuple(_facts(graph, row)),
        (input.node.id,),
        tuple(signs),
        ("nixpkgs",) if is_nixpkgs(node) else (),
        _band(row.age),
        whole=f"{row.source}{rest}",
    )


def _place(row: Row, called: str) -> str:
    """`owner/repository` of github.com, behind its host of any other; without the repository's name where the input is called by it. What
    is in no repository by its source."""
    locked = row.input.node.input.locked
    repository = repository_of(locked)
    if repository is None:
        return row.source
    at = row.source.lower().find(repository.path)  # which is in lower case, other than what people write
    path = row.source[at : at + len(repository.path)] if at >= 0 else repository.path
    owner, slash, name = path.rpartition("/")
    shown = owner if slash and name.lower() == called.lower() else path
    if repository.host == HOSTS["github"]:
        return shown
    forge = HOSTS.get(locked.type) == repository.host
    return masked(f"{locked.type}:{shown}" if forge else f"{repository.host}/{shown}")


def _facts(graph: Graph, row: Row) -> Iterator[tuple[str, str]]:
    input = row.input
    yield "source", row.source
    if asked := asked_of(input.node.input):
        yield "asked for", asked
    yield "revision", row.revision or "none"
    if row.date is not None:
        yield "date", row.date.isoformat()
    yield "age", f"{row.age:,} days" if row.age is not None else "not known"
    if branch := branch_of(row):
        yield "branch", branch
    if support := support_of(row.support):
        yield "support of the branch", support
    if row.copies[0] > 1:
        yield "copies", f"its repository is locked at {row.copies[0]} revisions, in {row.copies[1]} inputs"
    if row.followers:
        yield "followed by", counted(row.followers, "input")
    names = [edge.name for edge in graph.into(input.node.id, "input") if edge.name is not None]
    if names:
        yield "called", ", ".join(list(dict.fromkeys(names))[:12])
    yield "in the lock", input.node.label


def _stack(folded: _Folded) -> Figure:
    rows = folded.rows
    ages = [row.age for row in rows if row.age is not None]
    oldest = f"the oldest {max(ages):,} d" if ages else "ages unknown"
    names = [row.input.name for row in rows]
    findings = [one for row in rows for one in row.findings]
    return Figure(
        folded.id,
        f"{len(rows):,} more inputs",
        f"of {folded.above} · {oldest}",
        "folded",
        "stack",
        f"{len(rows):,} inputs that only {folded.above} brings",
        (
            ("drawn as one", f"{counted(len(rows), 'input')} that only {folded.above} brings"),
            ("inputs", ", ".join(names[:200])),
        ),
        tuple(row.input.node.id for row in rows),
        sign_of(findings),
        (),
        _band(max(ages) if ages else None),
    )


def _band(age: int | None) -> str:
    if age is None:
        return "unknown"
    return next(name for name, days, _ in _AGES if days is None or age <= days)


def _letters(rows: Sequence[Row]) -> dict[Repository, str]:
    """A letter for each repository that is locked at several revisions."""
    found: dict[Repository, str] = {}
    for row in rows:
        repository = repository_of(row.input.node.input.locked)
        if repository is not None and row.copies[0] > 1 and repository not in found:
            number = len(found)
            found[repository] = _LETTERS[number % 26] + (str(number // 26) if number >= 26 else "")
    return found


def _private(graph: Graph, rows: Sequence[Row]) -> list[_Folded]:
    """The inputs that hang at one direct input alone, by it, where they are at least three; those of which something bad is said stay
    for themselves, as long as they are few."""
    by_id = {row.input.node.id: row for row in rows}
    owner: dict[str, str | None] = {id: id for id, row in by_id.items() if row.input.direct}
    direct = frozenset(owner)
    # What several direct inputs reach has no owner; each input changes at most twice, so this is linear.
    waiting = list(owner)
    while waiting:
        id = waiting.pop()
        for edge in graph.out(id, "input"):
            target = edge.target
            if target not in by_id or target in direct:
                continue
            before = owner.get(target, "")
            now = owner[id] if before in ("", owner[id]) else None
            if now != before:
                owner[target] = now
                waiting.append(target)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        id = row.input.node.id
        above = owner.get(id)
        if above and id not in direct:
            groups.setdefault(above, []).append(row)
    return [
        _Folded(f"folded:{above}", tuple(found), by_id[above].input.name)
        for above, found in groups.items()
        if len(found) >= 3
    ]


def _legend(figures: Sequence[Figure], lines: Sequence[Line]) -> Iterator[Explained]:
    used = {figure.stripe for figure in figures}
    for name, _, text in _AGES:
        if name in used:
            yield Explained("stripe", name, text)
    if "unknown" in used:
        yield Explained("stripe", "unknown", "age not known")
    if any("nixpkgs" in figure.classes for figure in figures):
        yield Explained("shape", "flake-input nixpkgs", "nixpkgs")
    yield Explained("line", "input", "has as an input")
    if any("follows" in line.kinds for line in lines):
        yield Explained("line", "input follows", "follows: uses the one of another")
    kinds = {sign.kind for figure in figures for sign in figure.signs}
    if "copies" in kinds:
        yield Explained("sign", "copies A ×2", "repository locked at several revisions; one letter for each")
    yield from explained_signs(figures)
