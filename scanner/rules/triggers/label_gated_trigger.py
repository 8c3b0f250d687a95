"""See label_gated_trigger.md."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.outsiders.labels import BY_OTHERS, gates, refuses, renewed_by
from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import harmful, reach_of
from scanner.analysis.taint.taint import taint_of
from scanner.analysis.taint.trees import Tree
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import never
from scanner.analysis.workflows.steps import steps_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.source import Span
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Trigger

EVENT: Final = "pull_request_target"
MAX_NEEDED: Final = 20
REMOVERS: Final = frozenset(("actions-ecosystem/action-remove-labels",))
WHEN: Final = {
    "synchronize": "pushes another commit",
    "reopened": "pushes another commit and reopens the pull request",
    "edited": "pushes another commit and edits the pull request",
    "ready_for_review": "pushes another commit and marks the pull request as ready",
    "converted_to_draft": "pushes another commit and makes the pull request a draft",
    "closed": "pushes another commit and closes the pull request",
    "labeled": "pushes another commit, and the next label of whatever kind starts the run",
    "unlabeled": "pushes another commit, and the next label that is taken away starts the run",
}


Known = dict[tuple[int, str], bool | None]


class Passage(NamedTuple):
    """An activity of the author's, and the condition on a label that lets it pass."""

    activity: str
    gate: Scalar | None


@rule(
    "label-gated-trigger",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="exposure",
    same_as=("codeql:actions/improper-access-control",),
    tags=("privilege", "CWE-285", "CWE-367", "CICD-SEC-4", "SLSA:source-L4", "scorecard:Dangerous-Workflow"),
)
def label_gated_trigger(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    reach, known = reach_of(ctx.graph, ctx.knowledge), Known()
    for node in ctx.graph.of(JobNode):
        if never(node.job.condition) or not _may(node):
            continue
        for way in reach.ways(node):
            if way.event != EVENT or not harmful(way):
                continue
            found = list(_of_way(ctx, known, node, way))
            if found:
                yield from found
                break


def _may(node: JobNode) -> bool:
    """A cheap look at whether the job fetches anything of a pull request."""
    return any(_mentions(step.at.source.text, step.at.start, step.at.end) for step in node.job.steps)


def _mentions(text: str, start: int, end: int) -> bool:
    return any(text.find(word, start, end) >= 0 for word in ("head", "number", "merge", "checkout"))


def _of_way(ctx: Context[NoOptions], known: Known, node: JobNode, way: Exposure) -> Iterator[Hit]:
    graph = ctx.graph
    workflow = graph.nodes[workflow_id(way.trigger.source)]
    triggers = workflow.workflow.triggers if isinstance(workflow, WorkflowNode) else ()
    trigger = next((one for one in triggers if one.event.value == EVENT), None)
    if trigger is None:
        return
    before: list[Passage] | None = None
    workspace = taint_of(ctx.graph, ctx.knowledge).workspace
    for step in steps_of(graph, node.id):
        if never(step.step.condition):
            continue
        tree = next((one for one in workspace.fetched(step) if not one.guess and one.comes(EVENT)), None)
        if tree is None:
            continue
        if before is None:
            before = _passages(known, _before(graph, node, way), trigger)
        gate = _gate(before, step.step.condition)
        if gate is not None:
            doubt = _doubt(node, tree)
            if doubt is None and _label_gone(graph, node, step):
                doubt = "of an author who is quicker than the step that takes the label away"
            yield _hit(step, tree.at, gate, trigger.event.content.first_line(), doubt)


def _label_gone(graph: Graph, node: JobNode, fetching: StepNode) -> bool:
    """Whether a step before, of the job or of one that it waits for, takes a label away in every run."""
    for step in steps_of(graph, node.id):
        if step.id == fetching.id:
            break
        if _takes_label(step):
            return True
    needed = [graph.nodes[edge.target] for edge in graph.out(node.id, "needs")]
    return any(
        _takes_label(step)
        for job in needed[:MAX_NEEDED]
        if isinstance(job, JobNode) and job.job.condition is None
        for step in steps_of(graph, job.id)
    )


def _takes_label(step: StepNode) -> bool:
    """By `gh pr edit --remove-label`, a DELETE of GitHub's API, actions/github-script or an action that does only this."""
    if step.step.condition is not None:
        return False
    run, call = step.step.run, step.step.call
    if run is not None:
        script = run.script.value
        return "--remove-label" in script or ("DELETE" in script and "/labels" in script)
    if call is None or not isinstance(call.target, RepositoryUse):
        return False
    if call.target.slug == "actions/github-script":
        script_input = call.inputs.get("script")
        return script_input is not None and "removeLabel" in script_input.value
    return call.target.slug in REMOVERS


def _before(graph: Graph, node: JobNode, way: Exposure) -> list[Scalar]:
    """The conditions of a job, of the jobs that it waits for, and of those that call its workflow."""
    conditions: list[Scalar] = []
    waiting, seen = [node.id, *way.via], {node.id, *way.via}
    while waiting:
        job = graph.nodes[waiting.pop()]
        if not isinstance(job, JobNode):
            continue
        if job.job.condition is not None:
            conditions.append(job.job.condition)
        for edge in graph.out(job.id, "needs"):
            if edge.target not in seen and len(seen) < MAX_NEEDED:
                seen.add(edge.target)
                waiting.append(edge.target)
    return conditions


def _passages(known: Known, conditions: list[Scalar], trigger: Trigger) -> list[Passage]:
    """The activities that no condition keeps away."""
    found = []
    types = trigger.filter("types") or ()
    for activity in (*renewed_by(trigger), *(one for one in BY_OTHERS if one in types)):
        answers = [(_asked(known, condition, activity), condition) for condition in conditions]
        if all(answer is not False for answer, _ in answers):
            gate = next((condition for answer, condition in answers if answer), None)
            found.append(Passage(activity, gate))
    return found


def _asked(known: Known, condition: Scalar, activity: str) -> bool | None:
    """True when a label lets an activity pass, False when nothing does. Many jobs may wait for the same one."""
    key = (id(condition), activity)
    if key not in known:
        known[key] = False if refuses(condition, activity) else gates(condition, activity) or None
    return known[key]


def _gate(passages: list[Passage], condition: Scalar | None) -> Passage | None:
    """The first activity that gets to a step through a label, by the step's condition too."""
    for activity, gate in passages:
        if not refuses(condition, activity):
            found = gate or (condition if gates(condition, activity) else None)
            if found is not None:
                return Passage(activity, found)
    return None


def _doubt(node: JobNode, tree: Tree) -> str | None:
    """What else may keep an outsider's commit away."""
    if node.job.environment is not None:
        return "unless the environment asks for an approval each time"
    if tree.own:
        return "of authors who may push to this repository, where the branch is looked for"
    if EVENT in tree.guarded:
        return "of authors who may push to this repository, as this checkout refuses forks today"
    return None


def _hit(step: StepNode, at: Span, passage: Passage, event: Span, doubt: str | None) -> Hit:
    related = [Note(event, f"`{passage.activity}` starts the run again")]
    if passage.gate is not None:
        related.insert(0, Note(passage.gate.content.first_line(), "the label is asked for here"))
    return Hit(
        at,
        step.id,
        f"a label that was given once lets every later commit run with the repository's rights{_aside(doubt)}: the author "
        f"{WHEN[passage.activity]}, and nobody has looked at it; {_advice(passage)}",
        None,
        # Another label is not the author's doing.
        Confidence.LOW if doubt is not None else Confidence.MEDIUM if passage.activity in BY_OTHERS else None,
        (passage.activity,),
        tuple(related),
    )


def _advice(passage: Passage) -> str:
    if passage.activity in BY_OTHERS:
        return "ask for the label of the event (`github.event.label.name`)"
    return "let only `types: [labeled]` start this, and ask for the label of the event (`github.event.label.name`)"


def _aside(doubt: str | None) -> str:
    return f" ({doubt})" if doubt is not None else ""
