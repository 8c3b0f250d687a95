"""What of outsiders gets to a job: the files that its steps bring in, the texts that its steps use, and the checks before it."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

from scanner.analysis.outsiders.checks import Check, protects
from scanner.analysis.outsiders.openings import badness
from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import Reach
from scanner.analysis.scripts.code import code_of
from scanner.analysis.taint.deciders import Decider
from scanner.analysis.taint.execution import executed, runs_in
from scanner.analysis.taint.origins import Origin, Scope
from scanner.analysis.taint.taint import Taint, taint_of
from scanner.analysis.taint.trees import Tree
from scanner.analysis.workflows.conditions import live_jobs, never
from scanner.analysis.workflows.steps import steps_of
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode, WorkflowNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar

MAX_STEPS: Final = 200
"""Steps of a job and of the actions of the repository that it uses which are looked at."""

MAX_ARRIVALS: Final = 50
"""What is told of one job."""

_OTHERS: Final = (Decider.OTHERS, Decider.ANYBODY)


class Arrival(NamedTuple):
    """Something of an outsider's in a job: `code` are files, a `text` is a field of the event. `at` is where it comes in or is used; it
    `runs` when it becomes part of code, or when something is run out of the files."""

    kind: Literal["code", "text"]
    what: str
    at: Span
    runs: bool


class Entrance(NamedTuple):
    """A way to a job with the checks before it; `closed` says that one of them helps against texts and code of anybody."""

    way: Exposure
    checks: tuple[Check, ...]
    closed: bool


Standing = Literal["open", "held", "possible", "machine", "checked", "empty"]
"""How a job stands, the worst first. `open`: an outsider starts it, it holds something, and something of theirs runs there. `held`: it
holds something, and nothing of theirs is seen to run. `possible`: nothing says whether an outsider can start it, and it holds
something. `machine`: a fork's run on a machine of one's own. `checked`: checks stand before all that it holds. `empty`: it has what
a fork has, or nothing."""


class ExposedJob(NamedTuple):
    job: JobNode
    entrances: tuple[Entrance, ...]
    arrivals: tuple[Arrival, ...]
    standing: Standing


def exposed_jobs(graph: Graph, knowledge: Knowledge) -> Iterator[ExposedJob]:
    """Every job that runs and that an outsider can, or may be able to, start, in the order of the files."""
    taint = taint_of(graph, knowledge)
    for job in live_jobs(graph):
        ways = [*taint.reach.ways(job), *(one for one in taint.reach.privileges.possible(job))]
        if not ways or only_calls(graph, job):
            continue  # what a workflow of the repository does that it calls, is told of that one's jobs
        steps = tuple(_steps(graph, job))
        entrances = sorted(
            _entrances(graph, taint.reach, job, ways),
            key=lambda one: (not one.closed, badness(one.way)),
            reverse=True,
        )
        arrivals = tuple(_arrivals(graph, knowledge, taint, steps, {way.event for way in ways}))
        yield ExposedJob(job, tuple(entrances), arrivals, _standing(entrances, arrivals))


def only_calls(graph: Graph, job: JobNode) -> bool:
    """Whether a job does nothing but call another workflow of the repository."""
    return any(isinstance(graph.nodes[edge.target], WorkflowNode) for edge in graph.out(job.id, "calls"))


def brings(graph: Graph, taint: Taint, job: JobNode, event: str) -> Tree | None:
    """The first files of outsiders that a step of a job fetches in a run of an event."""
    for step in steps_of(graph, job.id)[:MAX_STEPS]:
        for tree in () if never(step.step.condition) else taint.workspace.brought(step):
            if _comes(tree, (event,)):
                return tree
    return None


def _comes(tree: Tree, events: Iterable[str]) -> bool:
    """Whether a run of one of some events fetches the files of outsiders."""
    free = any(tree.comes(event) and event not in tree.guarded for event in events)
    return free and not (tree.own or tree.latent or tree.guess)


def _standing(entrances: list[Entrance], arrivals: tuple[Arrival, ...]) -> Standing:
    holding = [one for one in entrances if one.way.holds_something]
    free = [one for one in holding if not one.closed and one.way.known and not one.way.insiders]
    if free:
        return "open" if any(one.runs for one in arrivals) else "held"
    if any(one.way.persists and not one.closed and one.way.known for one in entrances):
        return "machine"
    if any(not one.way.known and not one.closed for one in holding):
        return "possible"
    return "checked" if holding else "empty"


def _entrances(graph: Graph, reach: Reach, job: JobNode, ways: list[Exposure]) -> Iterator[Entrance]:
    """One for each event, the worst way by it."""
    worst: dict[str, Exposure] = {}
    for way in ways:
        if way.event not in worst or badness(way) > badness(worst[way.event]):
            worst[way.event] = way
    for event, way in worst.items():
        checks = _checks(graph, reach, job, way)
        closed = any(protects(one, event, "text") for one in checks)
        yield Entrance(way, checks, closed)


def _checks(graph: Graph, reach: Reach, job: JobNode, way: Exposure) -> tuple[Check, ...]:
    """The checks that all steps of a job are behind."""
    common: dict[Check, None] | None = None
    for step in steps_of(graph, job.id)[:MAX_STEPS]:
        if never(step.step.condition):
            continue
        here = reach.checks(step, way.event)
        common = dict.fromkeys(here if common is None else (one for one in common if one in here))
        if not common:
            return ()
    if common is None and reach.guards_way(job.id, way):
        guard = job.job.condition
        return (Check("actor", guard.content.first_line() if guard is not None else job.place()),)
    return tuple(common or ())


def _steps(graph: Graph, job: JobNode) -> Iterator[StepNode]:
    """The steps of a job, each with those of the action of the repository that it uses behind it."""
    waiting, seen, count = [iter(steps_of(graph, job.id))], {job.id}, 0
    while waiting and count < MAX_STEPS:
        step = next(waiting[-1], None)
        if step is None:
            waiting.pop()
            continue
        if never(step.step.condition):
            continue
        count += 1
        yield step
        for edge in graph.out(step.id, "uses"):
            if edge.target not in seen and isinstance(graph.nodes[edge.target], LocalActionNode):
                seen.add(edge.target)
                waiting.append(iter(steps_of(graph, edge.target)))


def _arrivals(
    graph: Graph, knowledge: Knowledge, taint: Taint, steps: tuple[StepNode, ...], events: set[str]
) -> list[Arrival]:
    """The worst first, each place once."""
    found: dict[tuple[Span, str], Arrival] = {}
    for step in steps:
        for one in (*_files(graph, knowledge, taint, step, events), *_texts(knowledge, taint, step)):
            key = (one.at, one.what)
            if one.runs or (key not in found and len(found) < MAX_ARRIVALS):
                found[key] = one
    return sorted(found.values(), key=lambda one: (not one.runs, one.kind))[:MAX_ARRIVALS]


def _files(
    graph: Graph, knowledge: Knowledge, taint: Taint, step: StepNode, events: set[str]
) -> Iterator[Arrival]:
    for tree in taint.workspace.brought(step):
        if _comes(tree, events):
            what = "a pull request's files" if tree.kind == "pull request" else "another run's artifact"
            yield Arrival("code", what, tree.at, False)
    before = [tree for tree in taint.workspace.before(step) if _comes(tree, events)]
    if before:
        for execution in executed(graph, knowledge, step):
            if any(runs_in(execution, tree) for tree in before):
                yield Arrival("code", execution.what, execution.at, True)


def _texts(knowledge: Knowledge, taint: Taint, step: StepNode) -> Iterator[Arrival]:
    code = tuple(code_of(step, knowledge))
    for scalar in code:
        yield from _text(taint, step, scalar, True)
    given = [*step.step.env.entries, *(step.step.call.inputs.entries if step.step.call is not None else ())]
    for entry in given:
        if not any(entry.value is one for one in code):
            yield from _text(taint, step, entry.value, False)


def _text(taint: Taint, step: StepNode, scalar: Scalar, runs: bool) -> Iterator[Arrival]:
    if "${{" not in scalar.value:
        return
    scope = Scope(step.owner, step.job, step.step)
    for fence in fences(scalar):
        tree = parse(fence.text)
        if isinstance(tree, Malformed):
            continue
        for context in flowing(tree):
            verdict = taint.worst(step, taint.origins.of(context, scope))
            if verdict is not None and verdict.decider in _OTHERS:
                at = fence.span(context.start, context.end).first_line()
                yield Arrival("text", _named(verdict.origin), at, runs)


def _named(origin: Origin) -> str:
    return ".".join(origin.path)
