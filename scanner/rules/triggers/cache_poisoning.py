"""See cache_poisoning.md."""

from collections.abc import Iterator

from scanner.analysis.releases.caches import WRITES, cache_mode, use_of_cache
from scanner.analysis.releases.handed import Handed, handed_on
from scanner.analysis.releases.publishing import Publishing, publishing
from scanner.analysis.uses.coordinates import Verdict
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.analysis.workflows.steps import parent_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.fences import condition
from scanner.parse.nodes import Scalar
from scanner.parse.workflow import Call

OUTSIDERS = ("pull_request_target", "workflow_run", "issue_comment")


@rule(
    "cache-poisoning",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    same_as=("zizmor:cache-poisoning",),
    tags=("supply-chain", "CWE-349", "CWE-345", "CICD-SEC-9"),
)
def cache_poisoning(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph, ctx.knowledge))


def _hits(graph: Graph, knowledge: Knowledge) -> Iterator[Hit]:
    steps: dict[str, list[tuple[StepNode, Call]]] = {}
    for step in live_steps(graph):
        if step.job is not None and step.step.call is not None:
            steps.setdefault(parent_of(step), []).append((step, step.step.call))
    for node in live_jobs(graph):
        mode = cache_mode(node.workflow, node.job)
        if mode is not None and mode.value.value in WRITES:
            yield from _written_by_outsiders(node, mode.value, mode.of_job)
        if mode is None or mode.value.value != "none":
            yield from _restored(graph, node, steps.get(node.id, []), knowledge)


def _written_by_outsiders(node: JobNode, mode: Scalar, of_job: bool) -> Iterator[Hit]:
    """Runs that outsiders start and that may write the caches of the default branch."""
    triggers = {trigger.event.value: trigger.event for trigger in node.workflow.triggers}
    event = next((triggers[name] for name in OUTSIDERS if name in triggers), None)
    if event is None:
        return
    yield Hit(
        mode.content.first_line(),
        node.id if of_job else workflow_id(node.workflow.source),
        f"`cache-mode: {mode.value}` lets runs of `{event.value}`, which outsiders start, write the caches that trusted runs "
        "restore; remove it or write `read` or `none`",
        evidence=("cache-mode",),
        related=(Note(event.content, "outsiders start the run by this event"),),
    )


def _restored(
    graph: Graph, node: JobNode, steps: list[tuple[StepNode, Call]], knowledge: Knowledge
) -> Iterator[Hit]:
    """Steps that restore caches in a job that publishes."""
    run: Publishing | None = None
    for step, call in steps:
        if run is None:
            run = publishing(node.workflow, node.job, knowledge)
            if run is None or _left_out(node.job.condition, run):
                return
        verdict = use_of_cache(call, run, knowledge)
        if verdict is not None and not _left_out(step.step.condition, run):
            handed = None if run.by_action else handed_on(graph, knowledge, node.id)
            yield _hit(step, call, run, verdict, handed)


def _left_out(guard: Scalar | None, run: Publishing) -> bool:
    """Whether an `if:` is false in the run that publishes."""
    return guard is not None and any(run.decides(fence.text) is False for fence in condition(guard))


def _hit(node: StepNode, call: Call, run: Publishing, verdict: Verdict, handed: Handed | None) -> Hit:
    does = "restores" if verdict.holds else "may restore"
    if handed is not None:
        shown = "in a job whose artifact another one publishes"
        notes = [Note(handed.at, "hands on what the job has made"), Note(handed.published, "publishes it")]
    else:
        shown = "in a job that publishes" if run.by_action else "in a workflow for releases"
        notes = [Note(run.at, "publishes what the job has made" if run.by_action else "runs for releases")]
    if verdict.because is not None:
        notes.insert(0, Note(verdict.because.content.first_line(), "decides on the cache"))
    return Hit(
        call.text.content.first_line(),
        node.id,
        f"{quoted(call.text.value)} {does} a cache {shown}: whoever can write a cache of the default branch gets code "
        "or files into what is released; switch the cache off here",
        None,
        Confidence.MEDIUM if verdict.holds and (run.by_action or handed is not None) else Confidence.LOW,
        evidence=("restored",),
        related=tuple(notes),
    )
