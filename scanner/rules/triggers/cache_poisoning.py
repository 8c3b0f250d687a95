"""See cache_poisoning.md."""

from collections.abc import Iterator

from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.releases.cache_writers import Writer, granted, shares_default_branch, writer
from scanner.analysis.releases.caches import use_of_cache
from scanner.analysis.releases.handed import Handed, handed_on
from scanner.analysis.releases.publishing import Publishing, publishing
from scanner.analysis.taint.taint import Taint, taint_of
from scanner.analysis.uses.coordinates import Verdict
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.cache_modes import CacheMode, cache_mode
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


@rule(
    "cache-poisoning",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="exposure",
    variants={"open": Severity.MEDIUM, "branch": Severity.INFO, "protected": Severity.INFO},
    same_as=(
        "zizmor:cache-poisoning",
        "codeql:actions/cache-poisoning/direct-cache",
        "codeql:actions/cache-poisoning/poisonable-step",
    ),
    tags=("supply-chain", "CWE-349", "CWE-345", "CICD-SEC-9", "SLSA:build-L3"),
)
def cache_poisoning(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph, ctx.knowledge))


def _hits(graph: Graph, knowledge: Knowledge) -> Iterator[Hit]:
    steps: dict[str, list[tuple[StepNode, Call]]] = {}
    for step in live_steps(graph):
        if step.job is not None and step.step.call is not None:
            steps.setdefault(parent_of(step), []).append((step, step.step.call))
    taint = taint_of(graph, knowledge)
    for node in live_jobs(graph):
        yield from _written(graph, knowledge, taint, node)
        mode = cache_mode(node.workflow, node.job)
        if mode is None or mode.value.value != "none":
            yield from _restored(graph, node, steps.get(node.id, []), knowledge)


def _written(graph: Graph, knowledge: Knowledge, taint: Taint, node: JobNode) -> Iterator[Hit]:
    """Runs that outsiders start and that may write the caches of the default branch, or could but for GitHub."""
    ways = [way for way in taint.reach.ways(node) if shares_default_branch(graph, way)]
    writable = [(way, mode) for way in ways if (mode := granted(graph, node, way)) is not None]
    if writable:
        found = writer(
            graph, knowledge, taint, node, frozenset(way.event for way, _ in writable), fetched=True
        )
        event = found.threat.event if found is not None else writable[0][0].event
        way, mode = next(one for one in writable if one[0].event == event)
        yield _open(node, mode, way, found)
        return
    events = frozenset(way.event for way in ways if way.cache == "reads")
    mode = cache_mode(node.workflow, node.job)
    if events and mode is None:
        found = writer(graph, knowledge, taint, node, events, fetched=False)
        # What code can do with more than the cache, others say.
        if found is not None and (found.saves or not _holds_more(found)):
            yield _protected(found)


def _holds_more(found: Writer) -> bool:
    way = found.threat.way
    return bool(way.token.default or way.token.writes or way.secrets or way.all_secrets)


def _open(node: JobNode, mode: CacheMode, way: Exposure, found: Writer | None) -> Hit:
    """`cache-mode: write` takes the protection away."""
    written = f"`cache-mode: {mode.value.value}` lets runs of `{way.event}`, which outsiders start, write the caches that trusted"
    at, place = mode.value.content.first_line(), workflow_id(mode.value.source)
    if mode.of_job and node.path == mode.value.source.path and not way.via:
        place = node.id
    elif mode.of_job and way.via:
        place = way.via[0]
    trigger = Note(way.trigger, "outsiders start the run by this event")
    if found is None:
        message = f"{written} runs restore; remove it or write `read` or `none`"
        return Hit(at, place, message, "open", evidence=("cache-mode",), related=(trigger,))
    does = "saves their files" if found.saves else "runs their code"
    message = f"{written} runs restore, and {quoted(found.what)} {does}; remove it or write `read` or `none`"
    return Hit(at, place, message, evidence=("cache-mode",), related=(trigger,), flow=_flow(found))


def _protected(found: Writer) -> Hit:
    does = "saves files of others" if found.saves else "runs code of others"
    return Hit(
        found.at,
        found.node.id,
        f"{quoted(found.what)} {does} in a run of `{found.threat.event}`, which shares the cache of the default branch: github.com "
        "has let such runs only read it since June 2026, but GitHub Enterprise Server lets them write what trusted runs restore",
        "protected",
        Confidence.LOW,
        evidence=("protected",),
        related=(Note(found.threat.way.trigger, "outsiders start the run by this event"),),
        flow=_flow(found),
    )


def _flow(found: Writer) -> tuple[Note, ...]:
    last = "kept in a cache" if found.saves else "runs what is there"
    return (*found.tree.how, Note(found.tree.at, "files of others are put here"), Note(found.at, last))


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
    into = "what is released"
    if handed is not None:
        shown = "in a job whose artifact another one publishes"
        notes = [Note(handed.at, "hands on what the job has made"), Note(handed.published, "publishes it")]
    else:
        shown = "in a job that publishes" if run.by_action else "in a workflow for releases"
        if run.by_branch:
            shown, into = "in a workflow for branches named after releases", "what it may release from there"
        notes = [Note(run.at, "publishes what the job has made" if run.by_action else "runs for releases")]
    if verdict.because is not None:
        notes.insert(0, Note(verdict.because.content.first_line(), "decides on the cache"))
    return Hit(
        call.text.content.first_line(),
        node.id,
        f"{quoted(call.text.value)} {does} a cache {shown}: whoever can write a cache of the default branch gets code "
        f"or files into {into}; switch the cache off here",
        "branch" if run.by_branch and handed is None else None,
        Confidence.MEDIUM if verdict.holds and (run.by_action or handed is not None) else Confidence.LOW,
        evidence=("restored",),
        related=tuple(notes),
    )
