"""Code of outsiders that a job fetches: in runs of which event, behind which checks, and what runs it then."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.outsiders.checks import Check, protects
from scanner.analysis.outsiders.labels import renewed_by
from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import Ways, harmful
from scanner.analysis.taint.execution import Execution, executed, runs_in
from scanner.analysis.taint.taint import Taint, taint_of
from scanner.analysis.taint.trees import Tree
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.events import left_out, skips
from scanner.analysis.workflows.steps import job_of, parent_of, steps_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import LocalActionNode, StepNode, WorkflowNode
from scanner.knowledge.tables import Knowledge

MAX_DEPTH: Final = 8
MAX_USERS: Final = 20
"""Users of an action, direct or not, behind which something may run it."""

MAX_LOOKED_AT: Final = 100
"""Commands behind a checkout that are looked at."""


class Ran(NamedTuple):
    """A step that runs something of the workspace; `sure` says that it lies among the files that were fetched."""

    step: StepNode
    execution: Execution
    sure: bool


class Taken(NamedTuple):
    """A step that fetches a tree in runs of an event. `checks` stand before it."""

    node: StepNode
    tree: Tree
    event: str
    way: Exposure
    checks: tuple[Check, ...]
    ran: Ran | None
    artifact: Tree | None = None
    """The artifact out of which the name of the commit or branch was read, as far as can be told."""

    @property
    def harmful(self) -> bool:
        return harmful(self.way)

    @property
    def comes(self) -> bool:
        """Whether the run has what is asked for, as far as is known."""
        return not self.way.known or self.tree.comes(self.event)

    @property
    def checked(self) -> bool:
        """Whether a check keeps the code of outsiders away."""
        return any(protects(check, self.event, "code") for check in self.checks)

    @property
    def decision(self) -> Check | None:
        """The check that lets the run through: by somebody who has looked, or who may."""
        helping = (check for check in self.checks if protects(check, self.event, "code"))
        labels = (check for check in self.checks if "label" in check.kinds)
        return next(helping, None) or next(labels, None)

    @property
    def outrun(self) -> bool:
        """Whether somebody decides, and what runs can be other code than what they have looked at."""
        return self.decision is not None and self.changeable and self.ran is not None

    @property
    def changeable(self) -> bool:
        """Whether what is fetched can be another than what was there when somebody looked at it."""
        return not self.tree.fixed and not any(protects(check, self.event, "change") for check in self.checks)


def renewed(graph: Graph, one: Taken) -> bool:
    """Whether a push alone starts the run again behind a label: `label-gated-trigger` says that."""
    workflow = graph.nodes[workflow_id(one.way.trigger.source)]
    if one.event != "pull_request_target" or not isinstance(workflow, WorkflowNode):
        return False
    if not any("label" in check.kinds for check in one.checks):
        return False
    triggers = workflow.workflow.triggers
    return any(renewed_by(trigger) for trigger in triggers if trigger.event.value == one.event)


def is_open(graph: Graph, one: Taken) -> bool:
    """Whether outsiders get there, or get something else in than what was let through (`untrusted-checkout`). Of a branch of this
    repository, any check is enough."""
    if not one.harmful or one.outrun:
        return False
    if one.tree.own:
        return not one.checks and (one.comes or one.node.step.call is not None)
    if one.ran is None and not one.way.known:
        return False
    if one.ran is not None and one.artifact is not None:
        return False  # `artifact-poisoning` says it
    return not one.checked or (one.changeable and not renewed(graph, one))


def races(graph: Graph, one: Taken) -> bool:
    """Whether what runs can change after somebody has let it through (`untrusted-checkout-toctou`)."""
    return one.harmful and one.outrun and not renewed(graph, one)


@per_graph
def told_of(graph: Graph, knowledge: Knowledge) -> frozenset[str]:
    """The ids of the steps whose checkout of outsiders' code is said for what it lets in."""
    return frozenset(
        one.node.id
        for group in taken(graph, knowledge)
        for one in group
        if one.comes and not one.tree.own and (is_open(graph, one) or races(graph, one))
    )


@per_graph
def taken(graph: Graph, knowledge: Knowledge) -> tuple[tuple[Taken, ...], ...]:
    """Every checkout of outsiders' code with the events, in which runs have rights, that lead to it: one group for a checkout."""
    return tuple(_Finder(graph, knowledge).all())


class _Finder:
    def __init__(self, graph: Graph, knowledge: Knowledge) -> None:
        self._graph = graph
        self._knowledge = knowledge
        self._taint: Taint = taint_of(graph, knowledge)
        self._runs: dict[str, list[tuple[int, StepNode, Execution]]] = {}

    def all(self) -> Iterator[tuple[Taken, ...]]:
        seen: set[tuple[str, object]] = set()
        for node in live_steps(self._graph):
            if not _may(node):
                continue
            for tree in self._taint.workspace.brought(node):
                by = self._graph.nodes[tree.by]
                if tree.kind != "pull request" or not isinstance(by, StepNode):
                    continue
                if parent_of(by) != parent_of(node) or (tree.by, tree.at) in seen:
                    continue  # an action of the repository brings it: said there
                seen.add((tree.by, tree.at))
                group = tuple(self._of(by, node, tree))
                if group:
                    yield group

    def _of(self, by: StepNode, taking: StepNode, tree: Tree) -> Iterator[Taken]:
        reach = self._taint.reach
        job = job_of(self._graph, by)
        for event, way in (reach.of(by) or self._called(by, tree)).items():
            if not way.privileged or skips(by.step.condition, event):
                continue
            if job is not None and left_out(self._graph, job, event):
                continue
            checks = reach.checks(by, event)
            ran = self._ran(taking, tree, event, frozenset(checks)) if harmful(way) else None
            yield Taken(by, tree, event, way, checks, ran, self._told_by(by, tree))

    def _told_by(self, by: StepNode, tree: Tree) -> Tree | None:
        """What names the commit was read from an artifact; of what comes from no event, and has the name of a commit, it is believed
        where there is one."""
        if not (tree.guess or tree.told):
            return None
        return next((one for one in self._taint.workspace.before(by) if one.kind == "artifact"), None)

    def _called(self, by: StepNode, tree: Tree) -> Ways:
        """The way through callers in other repositories, of which nothing is known. A branch is one of theirs."""
        job = job_of(self._graph, by)
        if job is None or tree.own or self._taint.reach.guards_job(job.id):
            return {}
        ways = self._taint.reach.privileges.possible(job)
        return {way.event: way for way in ways if way.event == "workflow_call"}

    # ------------------------------------------------------------ what runs it

    def _ran(self, taking: StepNode, tree: Tree, event: str, known: frozenset[Check]) -> Ran | None:
        """What runs the code behind a step, also behind those that use its action."""
        waiting, seen = [taking], {parent_of(taking)}
        while waiting:
            step = waiting.pop()
            found = self._behind(step, tree, event, known)
            if found is not None:
                return found
            if step.job is not None:
                continue
            for edge in self._graph.into(parent_of(step), "uses"):
                user = self._graph.nodes[edge.source]
                if isinstance(user, StepNode) and len(seen) < MAX_USERS and parent_of(user) not in seen:
                    seen.add(parent_of(user))
                    waiting.append(user)
        return None

    def _behind(self, taking: StepNode, tree: Tree, event: str, known: frozenset[Check]) -> Ran | None:
        unsure: Ran | None = None
        reach, looked_at = self._taint.reach, 0
        for number, step, execution in self._executions(parent_of(taking), 0):
            if number < taking.step.number:
                continue
            if number == taking.step.number and (
                step.id != taking.id or (step.id == tree.by and execution.at.start < tree.at.start)
            ):
                continue
            looked_at += 1
            if looked_at > MAX_LOOKED_AT:
                break
            answer = runs_in(execution, tree)
            if answer is False or execution.contained or skips(step.step.condition, event):
                continue
            if step.id != taking.id and not self._is_there(tree, step):
                continue  # another checkout has cleared it
            checks = (check for check in reach.checks(step, event) if check not in known)
            if any(protects(check, event, "code") for check in checks):
                continue
            if answer:
                return Ran(step, execution, True)
            unsure = unsure or Ran(step, execution, False)
        return unsure

    def _is_there(self, tree: Tree, step: StepNode) -> bool:
        """Whether a tree still lies in the workspace when a step starts."""
        return any(one.by == tree.by and one.at == tree.at for one in self._taint.workspace.before(step))

    def _executions(self, parent: str, depth: int) -> list[tuple[int, StepNode, Execution]]:
        """What the steps of a job or action run of the workspace, by the number of the step, also inside of the actions of the
        repository that they use."""
        found = self._runs.get(parent)
        if found is None:
            found = self._runs[parent] = []
            for step in steps_of(self._graph, parent):
                for execution in executed(self._graph, self._knowledge, step):
                    found.append((step.step.number, step, execution))
                if step.step.call is None or depth >= MAX_DEPTH:
                    continue
                for edge in self._graph.out(step.id, "uses"):
                    if isinstance(self._graph.nodes[edge.target], LocalActionNode):
                        inner = self._executions(edge.target, depth + 1)[:MAX_LOOKED_AT]
                        found += [(step.step.number, one, execution) for _, one, execution in inner]
        return found


_WORDS: Final = ("ref", "repository", "git", "gh ", "hub ", "curl ", "wget ")


def _may(node: StepNode) -> bool:
    """A cheap look at whether a step can fetch anything."""
    if node.step.run is not None:
        return any(word in node.step.run.script.value for word in _WORDS)
    call = node.step.call
    return call is not None and bool(call.inputs.entries or call.inputs.expression)
