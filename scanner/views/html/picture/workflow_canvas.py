"""What the picture of the workflows is drawn on: its figures so far, and the lines between them with how far outsiders come along each."""

from collections.abc import Iterable, Sequence
from typing import Final

from scanner.analysis.taint.exposed import ExposedJob, exposed_jobs
from scanner.analysis.workflows.steps import steps_of
from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Finding, Severity
from scanner.views.html.picture.sketch import Figure, sign_of

PLAIN, FORK, UNSURE, HELD, OPEN = range(5)
"""How far outsiders come along a line: not at all; with a fork's rights or up to a check; nobody knows; to what can be lost; to it with
code of theirs."""

LEVELS: Final[tuple[tuple[str, ...], ...]] = (
    (),
    ("fork",),
    ("unsure",),
    ("outsider",),
    ("outsider", "outsider-open"),
)
"""The classes of a line of each level."""

_ABOUTS: Final = 3


class Drawing:
    """A line: what it is, what it says, and its level."""

    __slots__ = ("abouts", "kind", "level")

    def __init__(self, kind: str, abouts: list[str], level: int) -> None:
        self.kind = kind
        self.abouts = abouts
        self.level = level


class Canvas:
    """`rows` are the jobs that outsiders may start; `defeated` those of them whose checks do not hold, as a finding says."""

    def __init__(
        self, graph: Graph, knowledge: Knowledge, findings: Iterable[Finding], about_outsiders: frozenset[str]
    ) -> None:
        self.graph: Final = graph
        self.knowledge: Final = knowledge
        self.figures: Final[dict[str, Figure]] = {}
        self.lines: Final[dict[tuple[str, str], Drawing]] = {}
        self.rows: Final[dict[str, ExposedJob]] = {row.job.id: row for row in exposed_jobs(graph, knowledge)}
        self._findings: Final[dict[str, list[Finding]]] = {}
        for finding in findings:
            self._findings.setdefault(finding.subject, []).append(finding)
        self.defeated: Final = frozenset(
            id
            for id, row in self.rows.items()
            if row.standing == "checked" and self._bad(id, about_outsiders)
        )

    def _bad(self, job: str, about_outsiders: frozenset[str]) -> bool:
        subjects = (job, *(step.id for step in steps_of(self.graph, job)))
        return any(
            one.severity >= Severity.HIGH and one.rule in about_outsiders
            for one in self.findings_at(subjects)
        )

    def findings_at(self, subjects: Iterable[str]) -> list[Finding]:
        """The findings about some nodes of the graph."""
        return [one for id in dict.fromkeys(subjects) for one in self._findings.get(id, ())]

    def put(self, figure: Figure, subjects: Sequence[str]) -> None:
        """Draws a figure with the sign of the findings about what it stands for, unless it is there."""
        if figure.id in self.figures:
            return
        found = self.findings_at(subjects)
        self.figures[figure.id] = figure._replace(
            subjects=tuple(dict.fromkeys(subjects)), signs=(*sign_of(found), *figure.signs)
        )

    def line(self, source: str, target: str, kind: str, about: str, level: int = PLAIN) -> None:
        """Draws a line, or says one thing more of it."""
        if source == target:
            return
        known = self.lines.get((source, target))
        if known is None:
            self.lines[source, target] = Drawing(kind, [about] if about else [], level)
            return
        if about and about not in known.abouts and len(known.abouts) < _ABOUTS:
            known.abouts.append(about)
        known.level = max(known.level, level)
