"""Where a run that an outsider has started stops: at a condition, at a step that asks, at an environment, or in a job or a caller
before."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

from scanner.analysis.outsiders.asking import NOTHING, Asking, asking, continues, output_of, stops_everybody
from scanner.analysis.outsiders.checks import Kind
from scanner.analysis.outsiders.handed_on import (
    as_text,
    called_output,
    defaults,
    plain,
    tree_of_text,
    value_of,
)
from scanner.analysis.outsiders.worlds import STATUS, Answer, Known, Path, Question, World
from scanner.analysis.workflows.conditions import expression_of
from scanner.analysis.workflows.steps import steps_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode, WorkflowNode
from scanner.model.source import Span
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.evaluate import Failed, Open
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.nodes import Scalar

MAX_DEPTH: Final = 10
"""Actions, workflows and outputs in one another that are looked into."""

_NOT_RUN: Final = Answer(values=("cancelled", "failure", "skipped"))
_FAILED: Final = Answer("failure")
_SKIPPED: Final = Answer("skipped")

_MENTIONS: Final[tuple[tuple[Kind, tuple[str, ...]], ...]] = (
    ("actor", ("actor", "login", "sender", "user")),
    ("author", ("github.event.issue",)),
    ("association", ("ssociation", "team-membership")),
    ("repository", ("head", "crossrepo")),
    ("event", ("workflow_run.event",)),
    ("merged", ("merged",)),
    ("label", ("label",)),
    ("environment", ("environment",)),
    ("time", ("date -d", "pushed", "commit")),
    ("branch", ("head",)),
)
"""What stands in a file that asks this."""

_INVERSE: Final = frozenset(
    ("fork", "forked", "external", "untrusted", "skip", "skipped", "block", "blocked", "denied")
)
"""Last words of the names of outputs that are true of outsiders."""

Via = tuple[str, ...]


class Stop(NamedTuple):
    """`failed`: what stops the run fails, so that the job and the workflow around it do; else it is skipped."""

    at: Span
    failed: bool


class _Course(NamedTuple):
    """What becomes of the steps of a job or action: where each is stopped, in their order, and the failure that ends them."""

    before: tuple[Stop | None, ...]
    end: Stop | None


class Stops:
    """Answers for one graph. A job is reached through `via`, the ids of the calling jobs, outermost first."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._jobs: dict[tuple[str, Via, World], Stop | None] = {}
        self._ends: dict[tuple[str, Via, World], Stop | None] = {}
        self._courses: dict[tuple[str, Via, World], _Course] = {}
        self._inputs: dict[tuple[str, World], Known] = {}
        self._askings: dict[str, Asking] = {}
        self._questions: dict[str, Question | None] = {}
        self._depth = 0

    @cached_property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of checks that can be anywhere in the graph: the texts mention them."""
        found: set[Kind] = {"permission"}
        nodes = (*self._graph.of(WorkflowNode), *self._graph.of(LocalActionNode))
        texts = [node.source.text.lower() for node in nodes]
        for kind, words in _MENTIONS:
            if any(word in text for text in texts for word in words):
                found.add(kind)
        return frozenset(found)

    def job(self, id: str, via: Via, world: World) -> Stop | None:
        """Where a run of a world stops before a job, given by its id; None when it may get there."""
        key = (id, via, world)
        if key not in self._jobs:
            if via and (stop := self.job(via[-1], via[:-1], world)) is not None:
                self._jobs[key] = stop
                return stop
            for one in self._before(id, via, world):
                self._jobs[one, via, world] = self._job(one, via, world)
        return self._jobs[key]

    def step(self, node: StepNode, parent: str, via: Via, world: World) -> Stop | None:
        """Where it stops in a job or action, given by its id, before a step of it."""
        course = self._course(parent, via, world)
        number = node.step.number
        return course.before[number] if number < len(course.before) else None

    def _before(self, id: str, via: Via, world: World) -> list[str]:
        """The jobs that a job waits for, and it, those first that others wait for."""
        order: list[str] = []
        waiting, seen = [(id, False)], set[str]()
        while waiting:
            one, entered = waiting.pop()
            if entered:
                order.append(one)
                continue
            if one in seen or (one, via, world) in self._jobs:
                continue
            seen.add(one)
            waiting.append((one, True))
            waiting += [(edge.target, False) for edge in self._graph.out(one, "needs")]
        return order

    def _job(self, id: str, via: Via, world: World) -> Stop | None:
        node = self._graph.nodes[id]
        if not isinstance(node, JobNode):
            return None
        job = node.job
        stopped: dict[str, Stop] = {}
        for edge in self._graph.out(id, "needs"):
            needed = self._graph.nodes[edge.target]
            end = self._end(edge.target, via, world)
            if end is not None and isinstance(needed, JobNode):
                stopped[needed.job.id.value.lower()] = end
        first = next(iter(stopped.values()), None)
        asked = self._question(job.condition)
        if first is not None and (asked is None or asked.functions.isdisjoint(STATUS)):
            return Stop(first.at, False)
        if asked is not None and job.condition is not None:

            def output(path: Path) -> Answer | None:
                return self._of_needs(path, node, via, world, stopped)

            if asked.answer(world, self._known(via, world, asked), output) is False:
                return Stop(job.condition.content.first_line(), False)
        if (
            "environment" in world.kinds
            and job.environment is not None
            and job.environment.name.value.strip()
        ):
            return Stop(job.environment.name.content.first_line(), False)
        return None

    def _end(self, id: str, via: Via, world: World) -> Stop | None:
        """Where a run of a world stops before a job has succeeded."""
        key = (id, via, world)
        if key not in self._ends:
            self._ends[key] = None  # for circles
            self._ends[key] = self._jobs.get(key) or self._inside(id, via, world)
        return self._ends[key]

    def _inside(self, id: str, via: Via, world: World) -> Stop | None:
        node = self._graph.nodes[id]
        if not isinstance(node, JobNode):
            return None
        if node.job.call is None:
            # One that may fail counts as a success for those that need it.
            return None if continues(node.job) else self._course(id, via, world).end
        if self._depth >= MAX_DEPTH:
            return None
        self._depth += 1
        try:
            return self._of_call(node, world)
        finally:
            self._depth -= 1

    def _of_call(self, caller: JobNode, world: World) -> Stop | None:
        """The same for a job that calls a workflow. Which way leads to the job is forgotten, so that the work is linear in calls."""
        for called in self._called(caller):
            ends = [self._stopped(job.id, (caller.id,), world) for job in self._jobs_of(called)]
            failed = next((end for end in ends if end is not None and end.failed), None)
            if failed is not None:
                return failed
            # A workflow of which every job is skipped is skipped.
            if ends and None not in ends:
                return ends[0]
        return None

    def _stopped(self, id: str, via: Via, world: World) -> Stop | None:
        self.job(id, via, world)
        return self._end(id, via, world)

    def _called(self, node: JobNode) -> Iterator[WorkflowNode]:
        for edge in self._graph.out(node.id, "calls"):
            called = self._graph.nodes[edge.target]
            if isinstance(called, WorkflowNode):
                yield called

    def _jobs_of(self, workflow: WorkflowNode) -> Iterator[JobNode]:
        for edge in self._graph.out(workflow.id, "contains"):
            job = self._graph.nodes[edge.target]
            if isinstance(job, JobNode):
                yield job

    # ------------------------------------------------------------ steps

    def _course(self, parent: str, via: Via, world: World, depth: int = 0) -> _Course:
        key = (parent, via, world)
        found = self._courses.get(key)
        if found is None:
            self._courses[key] = _Course((), None)  # for circles
            found = self._courses[key] = self._walk(parent, via, world, depth)
        return found

    def _walk(self, parent: str, via: Via, world: World, depth: int) -> _Course:
        node = self._graph.nodes[parent]
        job = node if isinstance(node, JobNode) else None
        before: list[Stop | None] = []
        end: Stop | None = None
        results: dict[str, tuple[StepNode, Stop | None]] = {}
        for step in steps_of(self._graph, parent):
            asked = self._question(step.step.condition)
            stop = end if asked is None or asked.functions.isdisjoint(STATUS) else None
            condition = step.step.condition
            runs = True
            if stop is None and asked is not None and condition is not None:
                outputs = _StepOutputs(self, results, job, via, world, end)
                known = self._known(via, world, asked) if job is not None else {}
                answer = asked.answer(world, known, outputs)
                runs = answer is True
                if answer is False:
                    stop = Stop(condition.content.first_line(), False)
            before.append(stop)
            if stop is None and end is None and runs:
                end = self._failure(step, world, depth)
                if end is not None and step.step.id is not None:
                    stop = end
            if step.step.id is not None:
                results[step.step.id.value.lower()] = (step, stop)
        return _Course(tuple(before), end)

    def _failure(self, step: StepNode, world: World, depth: int) -> Stop | None:
        """Where a step that every run of a world gets to fails in it."""
        if continues(step.step):
            return None
        if stops_everybody(step.step):
            condition = step.step.condition
            return Stop(condition.content.first_line() if condition is not None else step.place(), True)
        if not world.kinds:
            return None
        asked = self.asking(step)
        if asked.fails(world.kinds):
            return Stop(step.place(), True)
        if depth < MAX_DEPTH:
            for edge in self._graph.out(step.id, "uses"):
                if isinstance(self._graph.nodes[edge.target], LocalActionNode):
                    return self._course(edge.target, (), world, depth + 1).end
        return None

    def asking(self, step: StepNode) -> Asking:
        found = self._askings.get(step.id)
        if found is None:
            found = self._askings[step.id] = asking(step)
        return found

    # ------------------------------------------------------------ values

    def _question(self, condition: Scalar | None) -> Question | None:
        """An `if:`; None where there is none that decides anything."""
        text = expression_of(condition) if condition is not None else None
        if text is None:
            return None
        if text not in self._questions:
            tree = parse(text.strip())
            if isinstance(tree, Malformed) and '"' in text:
                # GitHub refuses double quotes, and with them the file; what is meant is what runs once it is repaired.
                tree = parse(text.strip().replace('"', "'"))
            self._questions[text] = None if isinstance(tree, Malformed) else Question(tree)
        return self._questions[text]

    def _known(self, via: Via, world: World, asked: Question) -> Known:
        """The inputs of a called workflow, as far as the calling job makes them known."""
        if not via or not any(path[0] == "inputs" for path in asked.paths):
            return {}
        key = (via[-1], world)
        if key not in self._inputs:
            self._inputs[key] = {}
            self._inputs[key] = self._handed(via, world)
        return self._inputs[key]

    def _handed(self, via: Via, world: World) -> Known:
        caller = self._graph.nodes[via[-1]]
        if not isinstance(caller, JobNode) or caller.job.call is None:
            return {}
        found: Known = {}
        for called in self._called(caller):
            for name, default in defaults(called):
                found["inputs", name] = default
        for entry in caller.job.call.inputs.entries:
            path = ("inputs", entry.key.value.lower())
            found.pop(path, None)
            text = entry.value.value
            if "${{" not in text:
                found[path] = plain(entry.value)
                continue
            inner = tree_of_text(entry.value)
            if inner is None:
                continue
            question = Question(inner)
            value = value_of(question, world, self._known(via[:-1], world, question))
            if not isinstance(value, Open | Failed):
                found[path] = value
        return found

    def _of_needs(
        self, path: Path, node: JobNode, via: Via, world: World, stopped: dict[str, Stop]
    ) -> Answer | None:
        """What `needs.*` and the functions of a job's condition are in a world."""
        match path:
            case ("success()",) if stopped:
                return Answer(False)
            case ("needs", name, "result") if name in stopped:
                return _FAILED if stopped[name].failed else _NOT_RUN
            case ("needs", name, "outputs", output):
                key = (workflow_id(node.workflow.source), name)
                needed = self._job_named(*key)
                if needed is None:
                    return None
                if (needed.id, via, world) in self._jobs and self._jobs[needed.id, via, world] is not None:
                    return Answer("")
                return self._job_output(needed, output, via, world, 0)
        return None

    def _job_named(self, workflow: str, name: str) -> JobNode | None:
        found = self._graph.nodes.get(workflow)
        if not isinstance(found, WorkflowNode):
            return None
        return _by_name(self._graph, workflow).get(name)

    def _job_output(self, job: JobNode, name: str, via: Via, world: World, depth: int) -> Answer | None:
        """What an output of a job holds that runs in a world, or may."""
        if depth > MAX_DEPTH:
            return None
        if job.job.call is not None:
            for called in self._called(job):
                path = called_output(called, name)
                if path is not None and (inner := self._job_named(called.id, path[0])) is not None:
                    inside = (job.id,)
                    if self.job(inner.id, inside, world) is not None:
                        return Answer("")
                    return self._job_output(inner, path[1], inside, world, depth + 1)
            return None
        text = output_of(job.job.at, name)
        tree = tree_of_text(text) if text is not None else None
        if tree is None:
            return None
        steps = {step.step.id.value.lower(): step for step in steps_of(self._graph, job.id) if step.step.id}
        course = self._course(job.id, via, world)
        answers = []
        for context in flowing(tree):
            match context.path:
                case ("steps", id, "outputs", *_) if id in steps:
                    number = steps[id].step.number
                    stop = course.before[number] if number < len(course.before) else None
                    answers.append(
                        Answer("") if stop is not None else self.refusal(steps[id], context.path, world)
                    )
                case _:
                    answers.append(None)
        if answers and None not in answers:
            return next((one for one in answers if one is not None and one.refuses), answers[0])
        if not answers:
            question = Question(tree)
            return as_text(question, world, self._known(via, world, question))
        return None

    def refusal(self, step: StepNode, path: Path, world: World) -> Answer | None:
        """What an output of a step that asks who it is says about an outsider; None of other steps."""
        asked = self.asking(step)
        if asked is NOTHING or asked.kinds.isdisjoint(world.kinds):
            return None
        reply = asked.reply(path[-1], world.kinds)
        if reply.values is not None:
            known = tuple(sorted(reply.values))
            return Answer(known[0]) if len(known) == 1 else Answer(values=known)
        if not reply.refuses:
            return None
        # An output called after what it keeps out is true for outsiders.
        inverse = path[-1].replace("_", "-").rpartition("-")[2] in _INVERSE
        return Answer("true") if inverse else Answer(refuses=True)


class _StepOutputs:
    """What is known of `steps.*`, and of functions of the job's state, before a step."""

    __slots__ = ("end", "job", "results", "stops", "via", "world")

    def __init__(
        self,
        stops: Stops,
        results: dict[str, tuple[StepNode, Stop | None]],
        job: JobNode | None,
        via: Via,
        world: World,
        end: Stop | None,
    ) -> None:
        self.stops = stops
        self.results = results
        self.job = job
        self.via = via
        self.world = world
        self.end = end

    def __call__(self, path: Path) -> Answer | None:
        match path:
            case ("success()",) if self.end is not None:
                return Answer(False)
            case ("failure()",):
                return Answer(True) if self.end is not None else None
            case ("steps", id, "outcome" | "conclusion") if id in self.results:
                step, stop = self.results[id]
                if stop is not None:
                    return _FAILED if stop.failed else _SKIPPED
                asked = self.stops.asking(step)
                fails = (
                    path[2] == "outcome"
                    and continues(step.step)
                    and not asked.kinds.isdisjoint(self.world.kinds)
                )
                return _FAILED if fails else None
            case ("steps", id, "outputs", *_) if id in self.results:
                step, stop = self.results[id]
                if stop is not None and not stop.failed:
                    return Answer("")
                return self.stops.refusal(step, path, self.world)
            case ("needs", *_) if self.job is not None:
                return self.stops._of_needs(path, self.job, self.via, self.world, {})
        return None


@per_graph
def _by_name(graph: Graph, workflow: str) -> dict[str, JobNode]:
    nodes = (graph.nodes[edge.target] for edge in graph.out(workflow, "contains"))
    return {node.job.id.value.lower(): node for node in nodes if isinstance(node, JobNode)}


@per_graph
def stops_of(graph: Graph) -> Stops:
    """The answers for a graph, which several ask."""
    return Stops(graph)
