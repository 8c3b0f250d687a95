"""What a model answered that becomes code: in an expression of a script, or in a command that runs a text."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from scanner.analysis.scripts.code import code_of
from scanner.analysis.scripts.commands import Ran, commands_of
from scanner.analysis.taint.agents import Agent
from scanner.analysis.taint.prompts import Reason
from scanner.analysis.taint.secret_values import names_in
from scanner.analysis.workflows.steps import job_of, parent_of
from scanner.graph.graph import Graph
from scanner.graph.ids import job_id
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Note
from scanner.model.source import Span
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Mapping as YamlMapping
from scanner.parse.nodes import Scalar

_SHELLS: Final = frozenset(("bash", "sh", "zsh", "dash", "python", "python3", "node", "perl", "ruby"))
_PRINTS: Final = frozenset(("echo", "printf", "cat"))


class Led(NamedTuple):
    """A model that others may lead astray, and why."""

    agent: Agent
    reason: Reason


class Answer(NamedTuple):
    """`hops` lead from the model to `at`, where the text `name` is run."""

    at: Span
    name: str
    led: Led
    hops: tuple[Note, ...]


class Answers:
    """The outputs of models that others may lead astray, by the step that asks."""

    def __init__(self, graph: Graph, knowledge: Knowledge) -> None:
        self._graph = graph
        self._knowledge = knowledge
        self._steps: dict[tuple[str, str], Led] = {}
        self._outputs: dict[str, dict[str, list[tuple[str, Note]]]] = {}
        self._jobs: dict[tuple[str, str], tuple[Led, Note]] = {}

    def add(self, led: Led) -> None:
        node = led.agent.node
        if node.step.id is None:
            return
        name = node.step.id.value.lower()
        self._steps.setdefault((parent_of(node), name), led)
        job = job_of(self._graph, node)
        if job is not None:
            for output, note in self._outputs_of(job).get(name, ()):
                self._jobs.setdefault((job.id, output), (led, note))

    def _outputs_of(self, job: JobNode) -> Mapping[str, list[tuple[str, Note]]]:
        """The outputs of a job (lower case) by the step whose outputs they give out."""
        found = self._outputs.get(job.id)
        if found is None:
            found = self._outputs[job.id] = {}
            outputs = job.job.at.get("outputs")
            for key, value in outputs.pairs if isinstance(outputs, YamlMapping) else ():
                for path, at in _paths(value) if isinstance(value, Scalar) else ():
                    if len(path) > 3 and path[0] == "steps" and path[2] == "outputs":
                        note = Note(at, f"given out as `{key.value}`")
                        found.setdefault(path[1].lower(), []).append((key.value.lower(), note))
        return found

    def __bool__(self) -> bool:
        return bool(self._steps)

    def used(self, node: StepNode) -> Iterator[Answer]:
        """The answers that a step runs as code."""
        variables = self._variables(node)
        for code in code_of(node, self._knowledge):
            if "${{" not in code.value:
                continue
            for path, at in _paths(code):
                found = self._of(node, path)
                if found is None and path[:1] == ("env",) and len(path) == 2:
                    found = variables.get(path[1].lower())
                if found is not None:
                    yield Answer(at, ".".join(path), *found)
        run = node.step.run
        if run is not None and any(name in run.script.value.lower() for name in variables):
            yield from self._commands(node, variables)

    def _variables(self, node: StepNode) -> Mapping[str, tuple[Led, tuple[Note, ...]]]:
        found: dict[str, tuple[Led, tuple[Note, ...]]] = {}
        for entry in node.step.env.entries:
            if "${{" not in entry.value.value:
                continue
            for path, at in _paths(entry.value):
                known = self._of(node, path)
                if known is not None:
                    note = Note(at, f"kept in `{entry.key.value}`")
                    found[entry.key.value.lower()] = known[0], (*known[1], note)
        return found

    def _of(self, node: StepNode, path: tuple[str, ...]) -> tuple[Led, tuple[Note, ...]] | None:
        if len(path) < 4 or path[2] != "outputs":
            return None
        if path[0] == "steps":
            led = self._steps.get((parent_of(node), path[1].lower()))
            return (led, ()) if led is not None else None
        if path[0] != "needs" or node.job is None:
            return None
        for edge in self._graph.out(job_id(node.owner.source, node.job), "needs"):
            needed = self._graph.nodes[edge.target]
            if isinstance(needed, JobNode) and needed.job.id.value.lower() == path[1].lower():
                known = self._jobs.get((needed.id, path[3].lower()))
                return (known[0], (known[1],)) if known is not None else None
        return None

    def _commands(
        self, node: StepNode, variables: Mapping[str, tuple[Led, tuple[Note, ...]]]
    ) -> Iterator[Answer]:
        before: Ran | None = None
        for ran in commands_of(self._graph, node):
            command = ran.command
            words = command.words[1:] if command.program == "eval" else ()
            if command.program in _SHELLS:
                texts = command.texts
                words = command.words[2:3] if texts[1:2] in (("-c",), ("-e",), ("-ec",), ("-lc",)) else ()
                if command.input is not None:
                    words = (command.input,)
                elif command.pipe is not None and before is not None and before.command.program in _PRINTS:
                    words = before.command.words[1:]
            for word in words:
                known = next(
                    (found for name in names_in(word.text) if (found := variables.get(name.lower()))), None
                )
                if known is not None and word.computed:
                    yield Answer(ran.at(word), word.text, *known)
                    break
            before = ran


def _paths(text: Scalar) -> Iterator[tuple[tuple[str, ...], Span]]:
    """The contexts that flow into a text, with their places."""
    for fence in fences(text):
        tree = parse(fence.text)
        for context in flowing(tree) if not isinstance(tree, Malformed) else ():
            yield context.path, fence.span(context.start, context.end).first_line()
