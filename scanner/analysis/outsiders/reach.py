"""Which outsiders reach a step, what they find there, and what stands before it: the privilege table, answered per step."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Final, NamedTuple

from scanner.analysis.outsiders.chains import Chains
from scanner.analysis.outsiders.checks import Against, Check, Kind, protects
from scanner.analysis.outsiders.job_guards import guards_of
from scanner.analysis.outsiders.privilege import Exposure, Privileges
from scanner.analysis.outsiders.stops import Stop, stops_of
from scanner.analysis.outsiders.worlds import World
from scanner.analysis.workflows.steps import parent_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.knowledge.tables import Knowledge

Ways = Mapping[str, Exposure]
"""By event: the worst way in which an outsider makes something run."""

_STRONG: Final[tuple[Kind, ...]] = ("repository", "event", "actor", "association", "permission", "merged")
_WEAK: Final[tuple[Kind, ...]] = ("author", "label", "environment")
_ALL: Final = frozenset((*_STRONG, *_WEAK, "time"))
_BOTS: Final[frozenset[Kind]] = frozenset(("actor", "bot"))
_NAMED: Final = frozenset(("pull_request", "pull_request_target", "workflow_run"))
"""Events with the name of a branch."""

MAX_STEPS: Final = 20
"""Actions in one another that are looked through; GitHub allows ten."""

_Ask = Callable[[World], Stop | None]


class Threat(NamedTuple):
    """The worst way of an outsider to a step. `checks` stand before it; `guarded` says that one of them helps against what was asked
    about."""

    event: str
    way: Exposure
    checks: tuple[Check, ...]
    guarded: bool


class _Found(NamedTuple):
    """A way to a job, and the steps of it and of actions that lead on to an action, outermost first."""

    way: Exposure
    job: str
    steps: tuple[StepNode, ...]
    harmful: bool
    number: int


class Reach:
    """Answers are kept: a rule asks the same of every step of a job."""

    def __init__(self, graph: Graph, knowledge: Knowledge) -> None:
        self._graph = graph
        self.privileges = Privileges(graph, knowledge)
        self._guards = guards_of(graph)
        self._stops = stops_of(graph)
        self._chains = Chains(graph)
        self._numbers = count()
        self._ways: dict[str, tuple[Exposure, ...]] = {}
        self._known: dict[str, tuple[_Found, ...]] = {}
        self._worst: dict[str, Mapping[str, _Found]] = {}
        self._checks: dict[tuple[str, int], tuple[Check, ...]] = {}

    def ways(self, job: JobNode) -> tuple[Exposure, ...]:
        """The ways to a job that an outsider can start, also at the beginning of a chain of workflows, and that no condition rules
        out."""
        if job.id not in self._ways:
            self._ways[job.id] = tuple(filter(self._starts, self.open(job)))
        return self._ways[job.id]

    def open(self, job: JobNode) -> tuple[Exposure, ...]:
        """The ways to a job that no condition rules out, neither its own nor one of the jobs before it or of its callers; also
        those behind workflows that no outsider starts."""
        return tuple(
            way
            for way in self.privileges.of(job)
            if self._stops.job(job.id, way.via, World(way.event)) is None
        )

    def of(self, node: StepNode) -> Ways:
        """A step of a composite action is reached through every step that uses the action."""
        return {event: found.way for event, found in self._of(node).items()}

    def checks(self, node: StepNode, event: str) -> tuple[Check, ...]:
        """The checks that a step is behind in the worst way by an event, those that help most first."""
        found = self._of(node).get(event)
        return self._checks_of(node, found) if found is not None else ()

    def worst(
        self, node: StepNode, events: frozenset[str] | None = None, against: Against = "text"
    ) -> Threat | None:
        """The worst way of an outsider to a step by one of some events (None: by any): one that holds something is worse than
        one that does not, then one without a check that helps. None when no outsider gets there."""
        worst = None
        for event, found in self._of(node).items():
            if events is not None and event not in events:
                continue
            checks = self._checks_of(node, found)
            threat = Threat(event, found.way, checks, any(protects(one, event, against) for one in checks))
            if worst is None or _rank(threat) > _rank(worst):
                worst = threat
        return worst

    def guarded(self, node: StepNode, event: str | None = None) -> bool:
        """Whether something looks at who started the run before a step is reached: in the worst way by an event, or in every
        way."""
        found = self._of(node)
        if event is not None and event in found:
            return self._is_guarded(node, found[event])
        if not found:
            return self.guards_job(parent_of(node))
        return all(self._is_guarded(node, one) for one in found.values())

    def guards_way(self, id: str, way: Exposure) -> bool:
        """Whether somebody looks at who started the run before a job, given by its id, is reached in a way. What an environment asks
        for is not in the files."""
        return _is_asked(self.checks_way(id, way), way)

    def checks_way(self, id: str, way: Exposure) -> tuple[Check, ...]:
        """The checks before a job, given by its id, in a way."""
        return self._checked(way.event, lambda world: self._stops.job(id, way.via, world))

    def guards_step(self, node: StepNode, way: Exposure) -> bool:
        """Whether somebody looks at who started the run before a step, given a way to its job."""
        parent = parent_of(node)
        checks = self._checked(
            way.event,
            lambda world: (
                self._stops.job(parent, way.via, world) or self._stops.step(node, parent, way.via, world)
            ),
        )
        return _is_asked(checks, way)

    def only_bots(self, node: StepNode, event: str) -> bool:
        """Whether a step is behind a condition that lets only certain bots and people through, as far as it can tell."""
        found = self._of(node).get(event)
        return found is not None and self._stop(node, found, World(event, _BOTS)) is not None

    def guards_job(self, id: str) -> bool:
        """Whether a job, given by its id, or one that it waits for looks at who started the run, whatever the event."""
        return self._guards.of(id)

    def _of(self, node: StepNode) -> Mapping[str, _Found]:
        """The worst ways to a step."""
        worst = self._worst.get(node.id)
        if worst is None:
            found: dict[str, _Found] = {}
            for one in self._of_parent(parent_of(node)):
                if self._stop(node, one, World(one.way.event)) is None:
                    other = found.get(one.way.event)
                    if other is None or self._is_worse(node, one, other):
                        found[one.way.event] = one
            worst = self._worst[node.id] = found
        return worst

    def _of_parent(self, parent: str) -> tuple[_Found, ...]:
        """All ways to a job or composite action, given by its id."""
        found = self._known.get(parent)
        if found is None:
            node = self._graph.nodes[parent]
            if isinstance(node, JobNode):
                found = tuple(
                    _Found(way, node.id, (), harmful(way), next(self._numbers)) for way in self.ways(node)
                )
            else:
                found = tuple(self._through(parent).values())
            self._known[parent] = found
        return found

    def _through(self, action: str) -> dict[str, _Found]:
        """By event, the worst way to a composite action, of those by each step of a job that uses it, also through other actions."""
        worst: dict[str, _Found] = {}
        waiting: list[tuple[str, tuple[StepNode, ...]]] = [(action, ())]
        seen: set[str] = set()
        while waiting:
            one, steps = waiting.pop(0)
            for edge in self._graph.into(one, "uses"):
                user = self._graph.nodes[edge.source]
                if not isinstance(user, StepNode) or user.id in seen:
                    continue
                seen.add(user.id)
                if user.job is None:
                    if len(steps) < MAX_STEPS:
                        waiting.append((parent_of(user), (user, *steps)))
                    continue
                for found in self._of_parent(parent_of(user)):
                    event = found.way.event
                    if self._stop(user, found, World(event)) is not None:
                        continue
                    way = found._replace(steps=(user, *steps), number=next(self._numbers))
                    last = way.steps[-1]
                    if event not in worst or self._is_worse(last, way, worst[event], worst[event].steps[-1]):
                        worst[event] = way
        return worst

    def _is_worse(self, node: StepNode, one: _Found, other: _Found, at: StepNode | None = None) -> bool:
        """Whether a way to a step is worse than another, which may lead to another step (`at`)."""
        if one.harmful is not other.harmful:
            return one.harmful
        return self._is_guarded(at or node, other) and not self._is_guarded(node, one)

    def _stop(self, node: StepNode, found: _Found, world: World) -> Stop | None:
        """Where a run of a world stops on a way to a step."""
        stop = self._stops.job(found.job, found.way.via, world)
        for step in found.steps if found.steps[-1:] == (node,) else (*found.steps, node):
            if stop is not None:
                return stop
            via = found.way.via if step.job is not None else ()
            stop = self._stops.step(step, parent_of(step), via, world)
        return stop

    def _is_guarded(self, node: StepNode, found: _Found) -> bool:
        return any(protects(one, found.way.event, "text") for one in self._checks_of(node, found))

    def _checks_of(self, node: StepNode, found: _Found) -> tuple[Check, ...]:
        key = (node.id, found.number)
        if key not in self._checks:
            self._checks[key] = self._checked(found.way.event, lambda world: self._stop(node, found, world))
        return self._checks[key]

    def _checked(self, event: str, stop: _Ask) -> tuple[Check, ...]:
        """The checks that stop an outsider: of one kind where that is enough, else the weakest of those that it takes."""
        kinds = self._stops.kinds
        if stop(World(event, _ALL & kinds)) is None:
            if "branch" not in kinds:
                return ()
            named = stop(World(event, frozenset[Kind](("branch",)))) if event in _NAMED else None
            return (Check("branch", named.at),) if named is not None else ()
        found = list(_each(event, _STRONG, kinds, stop))
        if not found:
            found += _together(event, _STRONG, kinds, stop)
        found += _each(event, (*_WEAK, "time"), kinds, stop)
        if all(one.kind == "time" for one in found):
            found += _together(event, (*_STRONG, *_WEAK), kinds, stop)
        return tuple(found)

    def _starts(self, way: Exposure) -> bool:
        """Whether an outsider can start the run, also at the beginning of a chain of workflows."""
        workflow = self._graph.nodes[workflow_id(way.trigger.source)]
        return way.event != "workflow_run" or (
            isinstance(workflow, WorkflowNode)
            and any(
                self._chains.starts_for_outsiders(trigger)
                for trigger in workflow.workflow.triggers
                if trigger.event.value == "workflow_run"
            )
        )


@per_graph
def reach_of(graph: Graph, knowledge: Knowledge) -> Reach:
    """The answers for a graph, which several rules ask."""
    return Reach(graph, knowledge)


def harmful(way: Exposure) -> bool:
    """Whether the run holds anything that the outsider does not have."""
    return way.holds_something


def _each(event: str, kinds: tuple[Kind, ...], there: frozenset[Kind], stop: _Ask) -> Iterator[Check]:
    for kind in kinds:
        at = stop(World(event, frozenset((kind,)))) if kind in there else None
        if at is not None:
            yield Check(kind, at.at)


def _together(event: str, kinds: tuple[Kind, ...], there: frozenset[Kind], stop: _Ask) -> Iterator[Check]:
    """The check that several kinds are which stop a run only together: alternatives. Those that are not needed are left out."""
    needed = [kind for kind in kinds if kind in there]
    at = stop(World(event, frozenset(needed)))
    if at is None:
        return
    for kind in tuple(needed):
        fewer = [one for one in needed if one != kind]
        if (found := stop(World(event, frozenset(fewer)))) is not None:
            needed, at = fewer, found
    yield Check("several", at.at, tuple(needed))


def _is_asked(checks: tuple[Check, ...], way: Exposure) -> bool:
    return any(one.kind != "environment" and protects(one, way.event, "text") for one in checks)


def _rank(threat: Threat) -> tuple[bool, bool]:
    return harmful(threat.way), not threat.guarded
