"""What of outsiders gets to a job: the files that its steps bring in, the texts that its steps use, and the checks before it."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

from scanner.analysis.outsiders.checks import Against, Check, protects
from scanner.analysis.outsiders.events import POSSIBLE_EVENTS
from scanner.analysis.outsiders.openings import badness
from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import Reach
from scanner.analysis.outsiders.senders import events_with
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
_LET: Final = (Decider.INSIDER, Decider.CHECKED)
"""Others, behind a check, where the verdict says what the run holds."""


class Arrival(NamedTuple):
    """Something of an outsider's in a job: `code` are files, a `text` is a field of the event. `at` is where it comes in or is used; it
    `runs` when it becomes part of code, or when something is run out of the files. `guarded`: checks stand before it in all runs
    that bring it."""

    kind: Literal["code", "text"]
    what: str
    at: Span
    runs: bool
    guarded: bool = False


class Entrance(NamedTuple):
    """A way to a job with the checks that stand before what outsiders bring in by it, or before its work where they bring in nothing;
    `closed` says that they help against that."""

    way: Exposure
    checks: tuple[Check, ...]
    closed: bool


class _Used(NamedTuple):
    """A step of a job: of its own (`outer` is the same), or of an action that the step `outer` of the job uses."""

    node: StepNode
    outer: StepNode


class _Came(NamedTuple):
    """An arrival at a step, with the events in whose runs it gets there."""

    arrival: Arrival
    used: _Used
    events: frozenset[str]


Standing = Literal["open", "held", "possible", "machine", "checked", "empty"]
"""How a job stands, the worst first. `open`: an outsider starts it, it holds something, and something of theirs runs at a step that no
check stands before. `held`: it
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
        yield _exposed(graph, knowledge, taint, job, _worst(ways))


def _exposed(
    graph: Graph, knowledge: Knowledge, taint: Taint, job: JobNode, ways: list[Exposure]
) -> ExposedJob:
    steps = tuple(_steps(graph, job))
    before = _Before(taint.reach, job, steps, ways)
    came = _came(graph, knowledge, taint, steps, frozenset(way.event for way in ways))
    entrances = [before.entrance(way, came) for way in ways]
    entrances.sort(key=lambda one: (not one.closed, badness(one.way)), reverse=True)
    free = {way.event for way in ways if way.holds_something and way.known and not way.insiders}
    arrivals: dict[tuple[Span, str], Arrival] = {}
    exposed = False
    for one in came:
        open = {event for event in one.events if not before.closed(one.used, event, one.arrival.kind)}
        exposed = exposed or (one.arrival.runs and not free.isdisjoint(open))
        key, arrival = (one.arrival.at, one.arrival.what), one.arrival._replace(guarded=not open)
        known = arrivals.get(key)
        if known is None or (not known.runs, known.guarded) > (not arrival.runs, arrival.guarded):
            arrivals[key] = arrival
    shown = sorted(arrivals.values(), key=lambda one: (not one.runs, one.guarded, one.kind))[:MAX_ARRIVALS]
    return ExposedJob(job, tuple(entrances), tuple(shown), _standing(entrances, exposed))


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


def _comes(tree: Tree, events: Iterable[str]) -> frozenset[str]:
    """Those of some events whose runs fetch the files of outsiders."""
    if not tree.real:
        return frozenset()
    return frozenset(event for event in events if tree.comes(event) and event not in tree.guarded)


def _standing(entrances: list[Entrance], exposed: bool) -> Standing:
    holding = [one for one in entrances if one.way.holds_something]
    if exposed:
        return "open"
    if any(not one.closed and one.way.known and not one.way.insiders for one in holding):
        return "held"
    if any(one.way.persists and not one.closed and one.way.known for one in entrances):
        return "machine"
    if any(not one.way.known and not one.closed for one in holding):
        return "possible"
    return "checked" if holding else "empty"


def _worst(ways: list[Exposure]) -> list[Exposure]:
    """One for each event, the worst way by it."""
    worst: dict[str, Exposure] = {}
    for way in ways:
        if way.event not in worst or badness(way) > badness(worst[way.event]):
            worst[way.event] = way
    return list(worst.values())


class _Before:
    """What stands before the steps of a job."""

    def __init__(self, reach: Reach, job: JobNode, steps: tuple[_Used, ...], ways: list[Exposure]) -> None:
        self._reach = reach
        self._job = job
        self._steps = steps
        # Of a run that only others know the checks before the job are known.
        self._unsure = {way.event: reach.checks_way(job.id, way) for way in ways if not way.known}

    def checks(self, used: _Used, event: str) -> tuple[Check, ...]:
        if event in self._unsure:
            return self._unsure[event]
        found = self._reach.checks(used.outer, event)
        if used.node is not used.outer:
            found = (*found, *self._reach.checks(used.node, event))
        return found

    def closed(self, used: _Used, event: str, against: Against) -> bool:
        """Whether a check before a step helps in the runs of an event."""
        return any(protects(one, event, against) for one in self.checks(used, event))

    def entrance(self, way: Exposure, came: tuple[_Came, ...]) -> Entrance:
        """The checks before what runs; where nothing does, before what comes in; else before the work of the job."""
        event = way.event
        mine = [one for one in came if event in one.events]
        mine = [one for one in mine if one.arrival.runs] or mine
        if mine:
            steps = list(dict.fromkeys(one.used for one in mine))
            closed = all(self.closed(one.used, event, one.arrival.kind) for one in mine)
        else:
            steps = self._work(way)
            closed = all(self.closed(one, event, "text") for one in steps)
        if not steps:
            checks = self._reach.checks_way(self._job.id, way)
            return Entrance(way, checks, any(protects(one, event, "text") for one in checks))
        each = [self.checks(one, event) for one in steps]
        found = dict.fromkeys(check for checks in each for check in checks)
        if not closed:
            found = dict.fromkeys(check for check in found if all(check in checks for checks in each))
        return Entrance(way, tuple(found), closed)

    def _work(self, way: Exposure) -> list[_Used]:
        """The steps of the job itself that run by an event, from the first on that stands behind a check: those before it make the
        check, or are there for all."""
        own = [one for one in self._steps if one.node is one.outer]
        if way.known:
            own = [one for one in own if way.event in self._reach.of(one.node)]
        first = next((at for at, one in enumerate(own) if self.checks(one, way.event)), 0)
        return own[first:]


def _steps(graph: Graph, job: JobNode) -> Iterator[_Used]:
    """The steps of a job, each with those of the action of the repository that it uses behind it."""
    waiting, seen, count = [iter(steps_of(graph, job.id))], {job.id}, 0
    outer: StepNode | None = None
    while waiting and count < MAX_STEPS:
        step = next(waiting[-1], None)
        if step is None:
            waiting.pop()
            continue
        if never(step.step.condition):
            continue
        count += 1
        outer = step if len(waiting) == 1 or outer is None else outer
        yield _Used(step, outer)
        for edge in graph.out(step.id, "uses"):
            if edge.target not in seen and isinstance(graph.nodes[edge.target], LocalActionNode):
                seen.add(edge.target)
                waiting.append(iter(steps_of(graph, edge.target)))


def _came(
    graph: Graph, knowledge: Knowledge, taint: Taint, steps: tuple[_Used, ...], events: frozenset[str]
) -> tuple[_Came, ...]:
    found: list[_Came] = []
    for used in steps:
        of = events.intersection(taint.reach.of(used.outer)) | {
            one for one in events if one in POSSIBLE_EVENTS
        }
        for arrival, by in (
            *_files(graph, knowledge, taint, used.node, of),
            *_texts(knowledge, taint, used.node, of),
        ):
            found.append(_Came(arrival, used, by))
    return tuple(found)


_Brought = tuple[Arrival, frozenset[str]]


def _files(
    graph: Graph, knowledge: Knowledge, taint: Taint, step: StepNode, events: frozenset[str]
) -> Iterator[_Brought]:
    for tree in taint.workspace.brought(step):
        by = _comes(tree, events)
        if by:
            yield Arrival("code", _whose(tree), tree.at, False), by
    before = [(tree, by) for tree in taint.workspace.before(step) if (by := _comes(tree, events))]
    for execution in executed(graph, knowledge, step) if before else ():
        run = frozenset[str]().union(*(by for tree, by in before if runs_in(execution, tree)))
        if run:
            yield Arrival("code", execution.what, execution.at, True), run


def _whose(tree: Tree) -> str:
    if tree.kind == "pull request":
        return "a pull request's files"
    return "another job's artifact" if tree.same_run else "another run's artifact"


def _texts(knowledge: Knowledge, taint: Taint, step: StepNode, events: frozenset[str]) -> Iterator[_Brought]:
    code = tuple(code_of(step, knowledge))
    for scalar in code:
        yield from _text(taint, step, scalar, True, events)
    given = [*step.step.env.entries, *(step.step.call.inputs.entries if step.step.call is not None else ())]
    for entry in given:
        if not any(entry.value is one for one in code):
            yield from _text(taint, step, entry.value, False, events)


def _text(
    taint: Taint, step: StepNode, scalar: Scalar, runs: bool, events: frozenset[str]
) -> Iterator[_Brought]:
    if "${{" not in scalar.value:
        return
    scope = Scope(step.owner, step.job, step.step)
    for fence in fences(scalar):
        tree = parse(fence.text)
        if isinstance(tree, Malformed):
            continue
        for context in flowing(tree):
            verdict = taint.worst(step, taint.origins.of(context, scope))
            if verdict is None or not (
                verdict.decider in _OTHERS or (verdict.decider in _LET and verdict.holds)
            ):
                continue
            carriers = events_with(verdict.origin.path) if verdict.origin.is_field else None
            by = events - verdict.origin.guarded if carriers is None else events & carriers
            if by or verdict.decider in _OTHERS:
                at = fence.span(context.start, context.end).first_line()
                yield Arrival("text", _named(verdict.origin), at, runs), by or events


def _named(origin: Origin) -> str:
    return ".".join(origin.path)
