"""Jobs, drawn with what they use and evaluate."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.outsiders.privilege import token_of
from scanner.analysis.taint.exposed import ExposedJob
from scanner.analysis.workflows.steps import steps_of
from scanner.graph.graph import EdgeKind
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.nix import FlakeNode, LockfileNode
from scanner.graph.nodes.workflows import (
    ActionNode,
    ImageNode,
    JobNode,
    LocalActionNode,
    ReusableWorkflowNode,
    SecretNode,
    StepNode,
    WorkflowNode,
)
from scanner.model.counting import counted
from scanner.model.secrets import masked_part
from scanner.views.exposure.rows import SAID, arrived, holdings
from scanner.views.html.picture.outsider_ways import level_of
from scanner.views.html.picture.sketch import Figure, Sign
from scanner.views.html.picture.workflow_canvas import HELD, OPEN, PLAIN, UNSURE, Canvas
from scanner.views.html.picture.workflow_figures import JOBS, marked, of_use, plain
from scanner.views.html.picture.workflow_stakes import held

_STEPS: Final = 60
_LOOKED_AT: Final = 2_000
_LONGEST: Final = 200
_ENTRANCES: Final = 6
_ARRIVALS: Final = 8
_STANDING: Final = {
    "open": "open to outsiders",
    "held": "outsiders start it",
    "machine": "forks run there",
    "possible": "who starts it is not known",
}
_DEFEATED: Final = "its checks do not hold"
_CLASSES: Final = {OPEN: ("open",), HELD: ("reached",), UNSURE: ("unsure",)}


def job_of(canvas: Canvas, workflow: WorkflowNode, job: JobNode) -> None:
    """Draws a job of a workflow with all that hangs on it."""
    graph = canvas.graph
    steps = steps_of(graph, job.id)
    row = canvas.rows.get(job.id)
    canvas.put(_figure(canvas, job, row), (job.id, *(step.id for step in steps)))
    needs = [edge.target for edge in graph.out(job.id, "needs")]
    for one in needs:
        canvas.line(one, job.id, "needs", f"{job.label} waits for it")
    if not needs:
        canvas.line(workflow.id, job.id, "contains", "job of the workflow")
    kinds: tuple[tuple[EdgeKind, str], ...] = (("calls", "calls"), ("uses", "runs in the image"))
    for kind, about in kinds:
        for edge in graph.out(job.id, kind):
            _used(canvas, graph.nodes[edge.target])
            canvas.line(job.id, edge.target, kind, about)
    for step in steps:
        _uses(canvas, job.id, step.id, set())
    held(canvas, job)


def _figure(canvas: Canvas, job: JobNode, row: ExposedJob | None) -> Figure:
    level, stands = PLAIN, ""
    signs: tuple[Sign, ...] = ()
    if row is not None:
        level = max((level_of(canvas, row, one) for one in row.entrances), default=PLAIN)
        if job.id in canvas.defeated:
            stands = _DEFEATED
        elif row.standing == "checked":
            signs = (Sign("checked", "checked", SAID["checked"]),)
        else:
            stands = _STANDING.get(row.standing, "")
    what = (
        "calls a workflow"
        if job.job.call is not None
        else counted(len(steps_of(canvas.graph, job.id)), "step")
    )
    return Figure(
        job.id,
        job.label,
        " · ".join(one for one in ("job", what, stands) if one),
        job.kind,
        "box",
        f"job {job.label} of {job.path}",
        tuple(_facts(canvas, job, row)),
        (),
        signs,
        _CLASSES.get(level, ()),
        least=JOBS,
    )


def _uses(canvas: Canvas, by: str, step: str, seen: set[str]) -> None:
    """What a step uses and evaluates; steps of an action of the repository are drawn at the action."""
    graph = canvas.graph
    for edge in graph.out(step, "evaluates"):
        _used(canvas, graph.nodes[edge.target])
        canvas.line(by, edge.target, "evaluates", "Nix evaluates it")
    for edge in graph.out(step, "uses"):
        target = graph.nodes[edge.target]
        known = target.id in canvas.figures
        _used(canvas, target)
        canvas.line(by, target.id, "uses", "uses")
        if isinstance(target, LocalActionNode) and not known and target.id not in seen:
            seen.add(target.id)
            if len(seen) < _STEPS:
                for inner in steps_of(graph, target.id):
                    _uses(canvas, target.id, inner.id, seen)


def _used(canvas: Canvas, node: Node) -> None:
    if node.id in canvas.figures:
        return
    match node:
        case ActionNode() | ReusableWorkflowNode():
            locked = isinstance(node, ActionNode) and bool(node.attributes().get("locked"))
            canvas.put(of_use(node, node.use, locked), (node.id,))
        case LocalActionNode():
            inner = tuple(step.id for step in steps_of(canvas.graph, node.id))
            path = node.path.rpartition("/")[0] or node.path
            canvas.put(plain(node, path, "action of this repository", "tag"), (node.id, *inner))
        case ImageNode():
            pinned = bool(node.attributes().get("pinned"))
            figure = plain(node, node.label, "image" if pinned else "image · not pinned", "box")
            canvas.put(marked(figure, pinned), (node.id,))
        case LockfileNode():
            flakes = [edge.source for edge in canvas.graph.into(node.id, "locks")]
            count = len(node.lock.depths)
            figure = plain(node, node.path, f"lock · {counted(count, 'input')}", "folder")
            canvas.put(figure, (node.id, *flakes))
        case FlakeNode():
            canvas.put(plain(node, node.path, "flake · nothing locked", "folder"), (node.id,))
        case SecretNode():
            canvas.put(plain(node, node.label, "secret", "octagon"), (node.id,))
        case WorkflowNode():
            pass  # every one has its figure
        case _:
            canvas.put(plain(node, node.label, node.kind, "box"), (node.id,))


def _facts(canvas: Canvas, job: JobNode, row: ExposedJob | None) -> Iterator[tuple[str, str]]:
    yield "file", job.path
    if row is not None:
        but = f"; but a finding says that {_DEFEATED}" if job.id in canvas.defeated else ""
        yield "outsiders", SAID[row.standing] + but
        for entrance in row.entrances[:_ENTRANCES]:
            holds = ", ".join(holdings(entrance.way)) if entrance.way.privileged else "a fork's rights"
            closed = "; checks stand before it" if entrance.closed else ""
            who = entrance.way.who.replace("`", "")
            yield f"by {entrance.way.event}", f"{who}; holds {holds or 'nothing'}{closed}"
        for arrival in row.arrivals[:_ARRIVALS]:
            yield "of theirs", arrived(arrival, row)
    yield "token", str(token_of(job.workflow, job.job, canvas.knowledge))
    labels = ", ".join(label.value for label in job.job.runs_on.labels)
    if labels:
        yield "runs on", labels
    steps = steps_of(canvas.graph, job.id)
    for step in steps[:_STEPS]:
        yield f"step {step.step.number + 1}", _named(step)
    if len(steps) > _STEPS:
        yield "steps", f"and {len(steps) - _STEPS} more"


def _named(step: StepNode) -> str:
    """The name of a step; of one that has none the first line that it runs."""
    found = step.step
    if found.name is None and found.id is None and found.run is not None:
        script = found.run.script.value
        beginning = masked_part(script, 0, min(len(script), _LOOKED_AT))
        return next(
            (line.strip() for line in beginning.splitlines() if line.strip()),
            step.label,
        )[:_LONGEST]
    return step.label
