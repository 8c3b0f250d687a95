"""The sketch of the workflows: who starts them, their jobs, what those use and hold, and where what outsiders bring gets to."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from scanner.analysis.outsiders.privilege import (
    EVERY_SECRET,
    Exposure,
    hosted_by,
    secrets_read,
    token_of,
    workflow_jobs,
)
from scanner.analysis.outsiders.senders import events_with
from scanner.analysis.taint.exposed import Arrival, Entrance, ExposedJob, exposed_jobs
from scanner.analysis.workflows.steps import steps_of
from scanner.graph.graph import Graph
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.nix import FlakeNode, LockfileNode
from scanner.graph.nodes.workflows import (
    ActionNode,
    ImageNode,
    JobNode,
    LocalActionNode,
    ReusableWorkflowNode,
    SecretNode,
    WorkflowNode,
)
from scanner.knowledge.tables import Knowledge
from scanner.model.counting import counted
from scanner.model.finding import Finding
from scanner.views.exposure.rows import SAID, arrived, holdings
from scanner.views.html.picture.folding import drawn_together
from scanner.views.html.picture.sketch import Figure, Line, Sign, Sketch, sign_of
from scanner.views.html.picture.workflow_figures import (
    JOBS,
    USED,
    WORKFLOWS,
    legend,
    marked,
    of_use,
    of_workflow,
    plain,
)

LEGIBLE: Final = 150
"""Figures from which on actions of one owner are drawn as one."""

MAX_FIGURES: Final = 600
MAX_LINES: Final = 4_000
_STEPS: Final = 60
_MANY: Final = 3

_PLAIN, _FORK, _HELD, _OPEN = range(4)
"""How far outsiders come along a line."""

_LEVELS: Final[tuple[tuple[str, ...], ...]] = ((), ("fork",), ("outsider",), ("outsider", "outsider-open"))


def sketch(graph: Graph, knowledge: Knowledge, findings: Iterable[Finding]) -> Sketch | None:
    """The sketch; None where there is no workflow."""
    if next(graph.of(WorkflowNode), None) is None:
        return None
    return _Workflows(graph, knowledge, findings).sketch()


class _Workflows:
    def __init__(self, graph: Graph, knowledge: Knowledge, findings: Iterable[Finding]) -> None:
        self._graph: Final = graph
        self._knowledge: Final = knowledge
        self._figures: dict[str, Figure] = {}
        self._lines: dict[tuple[str, str], tuple[str, list[str], int]] = {}
        self._rows = {row.job.id: row for row in exposed_jobs(graph, knowledge)}
        self._findings: dict[str, list[Finding]] = {}
        for finding in findings:
            self._findings.setdefault(finding.subject, []).append(finding)
        self._led: dict[tuple[str, str], int] = {}

    def sketch(self) -> Sketch:
        graph = self._graph
        for workflow in graph.of(WorkflowNode):
            self._put(of_workflow(workflow), (workflow.id,))
            for job in workflow_jobs(graph, workflow):
                self._job(workflow, job)
        for row in self._rows.values():
            for entrance in row.entrances:
                self._entrance(row, entrance)
            self._arrivals(row)
        figures, lines, notes = self._bounded()
        return Sketch(
            "workflows",
            "Workflows",
            "Who starts which workflow, its jobs, and the actions, secrets, tokens and locks that these use; ways of outsiders stand out.",
            figures,
            lines,
            tuple(legend(figures, lines)),
            "; ".join(notes),
        )

    # ------------------------------------------------------------ figures

    def _put(self, figure: Figure, subjects: Sequence[str]) -> None:
        known = self._figures.get(figure.id)
        if known is not None:
            return
        found = [one for id in dict.fromkeys(subjects) for one in self._findings.get(id, ())]
        self._figures[figure.id] = figure._replace(
            subjects=tuple(dict.fromkeys(subjects)), signs=(*sign_of(found), *figure.signs)
        )

    def _line(self, source: str, target: str, kind: str, about: str, level: int = _PLAIN) -> None:
        if source == target:
            return
        known = self._lines.get((source, target))
        if known is None:
            self._lines[source, target] = kind, [about] if about else [], level
            return
        first, abouts, before = known
        if about and about not in abouts and len(abouts) < _MANY:
            abouts.append(about)
        self._lines[source, target] = first, abouts, max(before, level)

    def _job(self, workflow: WorkflowNode, job: JobNode) -> None:
        graph = self._graph
        steps = steps_of(graph, job.id)
        row = self._rows.get(job.id)
        level = (
            max((_level(row, one) for one in row.entrances), default=_PLAIN) if row is not None else _PLAIN
        )
        what = counted(len(steps), "step") if job.job.call is None else "calls a workflow"
        stands = f" · {_STANDING[row.standing]}" if row is not None and row.standing in _STANDING else ""
        signs = (
            (Sign("checked", "checked", SAID["checked"]),)
            if row is not None and row.standing == "checked"
            else ()
        )
        self._put(
            Figure(
                job.id,
                job.label,
                f"job · {what}{stands}",
                job.kind,
                "box",
                f"job {job.label} of {job.path}",
                tuple(self._job_facts(job, row)),
                (),
                signs,
                (("open",) if level == _OPEN else ("reached",) if level == _HELD else ()),
                least=JOBS,
            ),
            (job.id, *(step.id for step in steps)),
        )
        needs = [edge.target for edge in graph.out(job.id, "needs")]
        for one in needs:
            self._line(one, job.id, "needs", f"{job.label} waits for it")
        if not needs:
            self._line(workflow.id, job.id, "contains", "job of the workflow")
        for edge in graph.out(job.id, "calls"):
            self._used(graph.nodes[edge.target])
            self._line(job.id, edge.target, "calls", "calls")
        for edge in graph.out(job.id, "uses"):
            self._used(graph.nodes[edge.target])
            self._line(job.id, edge.target, "uses", "runs in the image")
        for step in steps:
            self._uses(job.id, step.id, set())
        self._held(job)

    def _uses(self, by: str, step: str, seen: set[str]) -> None:
        """What a step uses and evaluates; steps of an action of the repository are drawn at the action."""
        graph = self._graph
        for edge in graph.out(step, "evaluates"):
            self._used(graph.nodes[edge.target])
            self._line(by, edge.target, "evaluates", "Nix evaluates it")
        for edge in graph.out(step, "uses"):
            target = graph.nodes[edge.target]
            known = target.id in self._figures
            self._used(target)
            self._line(by, target.id, "uses", "uses")
            if isinstance(target, LocalActionNode) and not known and target.id not in seen:
                seen.add(target.id)
                if len(seen) < _STEPS:
                    for inner in steps_of(graph, target.id):
                        self._uses(target.id, inner.id, seen)

    def _used(self, node: Node) -> None:
        if node.id in self._figures:
            return
        match node:
            case ActionNode() | ReusableWorkflowNode():
                locked = isinstance(node, ActionNode) and bool(node.attributes().get("locked"))
                self._put(of_use(node, node.use, locked), (node.id,))
            case LocalActionNode():
                inner = tuple(step.id for step in steps_of(self._graph, node.id))
                path = node.path.rpartition("/")[0] or node.path
                self._put(plain(node, path, "action of this repository", "tag"), (node.id, *inner))
            case ImageNode():
                pinned = bool(node.attributes().get("pinned"))
                figure = plain(node, node.label, "image" if pinned else "image · not pinned", "box")
                self._put(marked(figure, pinned), (node.id,))
            case LockfileNode():
                flakes = [edge.source for edge in self._graph.into(node.id, "locks")]
                count = len(node.lock.depths)
                figure = plain(node, node.path, f"lock · {counted(count, 'input')}", "folder")
                self._put(figure, (node.id, *flakes))
            case FlakeNode():
                self._put(plain(node, node.path, "flake · nothing locked", "folder"), (node.id,))
            case SecretNode():
                self._put(plain(node, node.label, "secret", "octagon"), (node.id,))
            case WorkflowNode():
                pass  # every one has its figure
            case _:
                self._put(plain(node, node.label, node.kind, "box"), (node.id,))

    def _held(self, job: JobNode) -> None:
        """What a job holds: rights of the token, secrets, a machine of the owner's."""
        graph = self._graph
        token = token_of(job.workflow, job.job, self._knowledge)
        if token.default or token.writes:
            id = self._token(token.default, token.writes)
            self._line(job.id, id, "holds", "its token")
        for name in sorted(secrets_read(graph, job)):
            self._secret(job.id, name)
        if job.job.inherits is not None:
            self._secret(job.id, EVERY_SECRET)
        if hosted_by(graph, job, self._knowledge):
            self._line(job.id, self._machine(), "holds", "runs there")

    def _token(self, default: bool, writes: tuple[str, ...]) -> str:
        title = "default token" if default else f"writes {', '.join(writes)}"
        id = f"token:{'default' if default else ','.join(writes)}"
        says = "its rights are a setting" if default else counted(len(writes), "permission") + " to write"
        facts = (
            (
                "rights",
                "the repository's setting decides"
                if default
                else ", ".join(f"{one}: write" for one in writes),
            ),
        )
        self._put(
            Figure(id, title, f"GITHUB_TOKEN · {says}", "token", "octagon", title, facts, (), least=USED), ()
        )
        return id

    def _secret(self, by: str, name: str, level: int = _PLAIN) -> None:
        id = f"secret:{name}"
        title = "every secret" if name == EVERY_SECRET else name
        self._put(
            Figure(id, title, "secret", "secret", "octagon", f"secret {title}", (), (), least=USED), (id,)
        )
        self._line(by, id, "holds", "reads the secret", level)

    def _machine(self) -> str:
        about = "what a run leaves behind may be there in later runs"
        figure = Figure(
            "machine:own",
            "a machine of your own",
            "self-hosted runner",
            "machine",
            "box",
            "self-hosted runner",
            (("why it matters", about),),
            (),
            least=USED,
        )
        self._put(figure, ())
        return figure.id

    # ------------------------------------------------------------ ways of outsiders

    def _outsider(self, way: Exposure) -> str:
        id = f"outsider:{way.event}:{way.who}"
        rights = "may hold your rights" if way.privileged else "has a fork's rights"
        facts = (
            ("event", way.event),
            (
                "the run",
                "has the rights of the repository"
                if way.privileged
                else "has a token that only reads, and no secrets",
            ),
        )
        who = way.who.replace("`", "")
        title = f"{'anyone who' if who.startswith('whoever ') else ''}{who.removeprefix('whoever')}"
        self._put(Figure(id, title, f"{way.event} · {rights}", "outsider", "pill", title, facts, ()), ())
        return id

    def _entrance(self, row: ExposedJob, entrance: Entrance) -> None:
        way, level = entrance.way, _level(row, entrance)
        at = self._outsider(way)
        for id in (*way.via, row.job.id):
            job = self._graph.nodes[id]
            if not isinstance(job, JobNode):
                continue
            start = f"workflow:{job.workflow.source.id}"
            self._line(at, start, "starts", way.event, level)
            self._lead(job.id, start, level)
            at = id
        if level < _HELD:
            return
        token = way.token
        if way.privileged and (token.default or token.writes):
            own = token_of(row.job.workflow, row.job.job, self._knowledge)
            id = (
                self._token(own.default, own.writes)
                if own.default or own.writes
                else self._token(token.default, token.writes)
            )
            self._line(row.job.id, id, "holds", "its token", level)
        for name in way.own_secrets:
            self._secret(row.job.id, name, level)
        if way.all_secrets:
            self._secret(row.job.id, EVERY_SECRET, level)
        if way.self_hosted:
            self._line(row.job.id, self._machine(), "holds", "runs there", level)

    def _lead(self, job: str, workflow: str, level: int) -> None:
        """Marks the lines by which a run comes to a job: from the workflow, or through the jobs that it waits for."""
        waiting = [job]
        while waiting:
            one = waiting.pop()
            if self._led.get((one, workflow), -1) >= level:
                continue
            self._led[one, workflow] = level
            needs = [edge.target for edge in self._graph.out(one, "needs")]
            for before in needs:
                self._line(before, one, "needs", "", level)
            if not needs:
                self._line(workflow, one, "contains", "", level)
            waiting.extend(needs)

    def _arrivals(self, row: ExposedJob) -> None:
        """Texts that become part of code, and files out of which something runs."""
        brought = next(
            (one.what for one in row.arrivals if one.kind == "code" and not one.runs), "files of outsiders"
        )
        for one in row.arrivals:
            if not one.runs:
                continue
            level = _FORK if one.guarded else _OPEN if row.standing == "open" else _FORK
            if one.kind == "text":
                name = one.what.removeprefix("github.").removeprefix("event.")
                id, about = f"text:{one.what}", f"becomes part of code, {arrived(one, row)}"
                figure = Figure(
                    id,
                    name,
                    "text of an outsider's",
                    "text",
                    "slanted",
                    f"text {one.what}",
                    (("becomes", "part of code"),),
                    (),
                    least=WORKFLOWS,
                )
            else:
                id, about = f"files:{brought}", arrived(one, row)
                figure = Figure(
                    id,
                    brought,
                    "files of an outsider's",
                    "files",
                    "slanted",
                    brought,
                    (("runs", one.what),),
                    (),
                    least=WORKFLOWS,
                )
            self._put(figure, ())
            self._line(id, row.job.id, "arrives", about, level)
            for way in _bringing(row, one):
                self._line(self._outsider(way), id, "brings", way.event, level)

    # ------------------------------------------------------------ facts

    def _job_facts(self, job: JobNode, row: ExposedJob | None) -> Iterator[tuple[str, str]]:
        yield "file", job.path
        if row is not None:
            yield "outsiders", SAID[row.standing]
            for entrance in row.entrances[:6]:
                holds = ", ".join(holdings(entrance.way)) if entrance.way.privileged else "a fork's rights"
                closed = "; checks stand before it" if entrance.closed else ""
                yield f"by {entrance.way.event}", f"{entrance.way.who}; holds {holds or 'nothing'}{closed}"
            for arrival in row.arrivals[:8]:
                yield "of theirs", arrived(arrival, row)
        yield "token", str(token_of(job.workflow, job.job, self._knowledge))
        labels = ", ".join(label.value for label in job.job.runs_on.labels)
        if labels:
            yield "runs on", labels
        steps = steps_of(self._graph, job.id)
        for step in steps[:_STEPS]:
            yield f"step {step.step.number + 1}", step.label
        if len(steps) > _STEPS:
            yield "steps", f"and {len(steps) - _STEPS} more"

    # ------------------------------------------------------------ bounds

    def _at_their_workflows(self, figures: dict[str, Figure], stands: dict[str, str]) -> list[str]:
        """Draws the jobs that no way of outsiders makes stand out as part of their workflow."""
        mine: dict[str, list[Figure]] = {}
        for figure in figures.values():
            node = self._graph.nodes.get(figure.id)
            if isinstance(node, JobNode) and not figure.classes:
                mine.setdefault(f"workflow:{node.workflow.source.id}", []).append(figure)
        for id, jobs in mine.items():
            whole = figures[id]
            subjects = (*whole.subjects, *(subject for job in jobs for subject in job.subjects))
            found = [one for subject in subjects for one in self._findings.get(subject, ())]
            figures[id] = whole._replace(
                subjects=subjects,
                signs=sign_of(found),
                facts=(
                    *whole.facts,
                    *(("job", f"{job.title}: {job.below.removeprefix('job · ')}") for job in jobs),
                ),
            )
            for job in jobs:
                del figures[job.id]
                stands[job.id] = id
        count = sum(map(len, mine.values()))
        return (
            [f"{counted(count, 'job')} that outsiders get nothing by are drawn as part of their workflow"]
            if count
            else []
        )

    def _bounded(self) -> tuple[tuple[Figure, ...], tuple[Line, ...], list[str]]:
        figures, notes = dict(self._figures), []
        stands: dict[str, str] = {}
        if len(figures) > LEGIBLE:
            owners: dict[str, list[Figure]] = {}
            for figure in figures.values():
                if (
                    figure.kind == "action"
                    and "/" in figure.title
                    and figure.shape == "tag"
                    and "unpinned" not in figure.classes
                ):
                    owners.setdefault(figure.title.partition("/")[0], []).append(figure)
            notes += drawn_together(
                figures, stands, {f"{owner}/*": found for owner, found in owners.items()}, "actions"
            )
        if len(figures) > LEGIBLE:
            calm: dict[str, list[Figure]] = {}
            for figure in figures.values():
                if figure.kind == "job" and not figure.classes:
                    path = figure.id.partition(":")[2].rpartition("#")[0]
                    calm.setdefault(f"jobs of {path.rpartition('/')[2]}", []).append(figure)
            notes += drawn_together(figures, stands, calm, "jobs")
        if len(figures) > LEGIBLE:
            notes += self._at_their_workflows(figures, stands)
        left = len(figures) - MAX_FIGURES
        if left > 0:
            for id in list(figures)[MAX_FIGURES:]:
                del figures[id]
            notes.append(f"{left:,} nodes are left out: the picture has room for {MAX_FIGURES}")
        merged: dict[tuple[str, str], Line] = {}
        levels: dict[tuple[str, str], int] = {}
        for (source, target), (kind, abouts, level) in self._lines.items():
            pair = stands.get(source, source), stands.get(target, target)
            if (
                pair[0] == pair[1]
                or pair[0] not in figures
                or pair[1] not in figures
                or levels.get(pair, -1) >= level
            ):
                continue
            levels[pair] = level
            merged[pair] = Line(*pair, (kind, *_LEVELS[level]), ", ".join(abouts))
        lines = tuple(merged.values())
        if len(lines) > MAX_LINES:
            notes.append(f"{len(lines) - MAX_LINES:,} edges are left out")
        return tuple(figures.values()), lines[:MAX_LINES], notes


_STANDING: Final = {
    "open": "open to outsiders",
    "held": "outsiders start it",
    "machine": "forks run there",
    "possible": "who starts it is not known",
}


def _level(row: ExposedJob, entrance: Entrance) -> int:
    way = entrance.way
    if entrance.closed or not (way.holds_something or way.persists):
        return _FORK
    if row.standing == "open" and way.holds_something and way.known and not way.insiders:
        return _OPEN
    return _HELD if row.standing in ("open", "held", "machine", "possible") else _FORK


def _bringing(row: ExposedJob, arrival: Arrival) -> list[Exposure]:
    """The ways by which something comes in."""
    ways = [one.way for one in row.entrances]
    if arrival.kind != "text":
        return ways
    carriers = events_with(tuple(arrival.what.lower().split(".")))
    return [way for way in ways if carriers is None or way.event in carriers] or ways
