"""What the steps of a repository run: the commands of their scripts, each word at its place in the file."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from scanner.analysis.privilege import TOKEN, token_of
from scanner.graph.graph import Graph
from scanner.graph.nodes import JobNode, StepNode, job_id, workflow_id
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.nix.command import Invocation, commands_run_by, invocation
from scanner.parse.nodes import Scalar
from scanner.parse.places import Places
from scanner.parse.shell import commands
from scanner.parse.words import Command, Word
from scanner.parse.workflow import Defaults, Workflow

MAX_DEPTH: Final = 3
"""Commands in commands that are looked into."""

_OTHER_LANGUAGES: Final = ("python", "pwsh", "powershell", "cmd", "node", "perl", "ruby", "nu")


class Executed(NamedTuple):
    """A command of a step; `call` takes it apart when it is one of Nix."""

    command: Command
    call: Invocation | None
    places: Places

    def at(self, word: Word) -> Span:
        """The place of a word, or of its first line."""
        return self.places.span(word.start, word.end)

    def between(self, first: Word, last: Word) -> Span:
        """The place from one word to another, as far as they are on one line."""
        return self.places.span(first.start, last.end)


def executed(node: StepNode, words: Iterable[str] = ()) -> Iterator[Executed]:
    """The commands of a step's shell and script in their order, and those that they run in their turn.

    With `words`, nothing of a text that holds none of them: most scripts need not be read.
    """
    for scalar in _texts(node):
        if words and not any(word in scalar.value for word in words):
            continue
        places = Places(scalar)
        yield from _all(commands(scalar.value), places, 0)


def _all(found: Iterable[Command], places: Places, depth: int) -> Iterator[Executed]:
    for command in found:
        yield Executed(command, invocation(command) if command.words else None, places)
        if depth < MAX_DEPTH and command.words:
            yield from _all(commands_run_by(command), places, depth + 1)


def _texts(node: StepNode) -> Iterator[Scalar]:
    run = node.step.run
    if run is None:
        return
    defaults: list[Defaults] = [node.job.defaults] if node.job is not None else []
    defaults += [node.owner.defaults] if isinstance(node.owner, Workflow) else []
    shell = run.shell or next((one.shell for one in defaults if one.shell is not None), None)
    if shell is not None and "nix" in shell.value:
        yield shell
    if shell is None or not shell.value.lstrip().startswith(_OTHER_LANGUAGES):
        yield run.script


def job_of(graph: Graph, node: StepNode) -> JobNode | None:
    """The job of a step; None for one of a composite action."""
    job = graph.nodes.get(job_id(node.owner.source, node.job)) if node.job is not None else None
    return job if isinstance(job, JobNode) else None


class Around:
    """What stands around the steps of one graph: their neighbours and variables. Answers are kept, so that asking for
    every step of a long job stays linear."""

    def __init__(self, graph: Graph, knowledge: Knowledge) -> None:
        self.graph: Final = graph
        self.knowledge: Final = knowledge
        self._steps: dict[str, tuple[StepNode, ...]] = {}
        self._variables: dict[int, Mapping[str, Scalar]] = {}
        self._held: dict[str, str | None] = {}

    def parent(self, node: StepNode) -> str:
        """The id of the job or composite action of a step."""
        return next((edge.source for edge in self.graph.into(node.id, "contains")), node.id)

    def steps(self, node: StepNode) -> tuple[StepNode, ...]:
        """The steps of the same job or composite action in their order, the step itself among them."""
        parent = self.parent(node)
        found = self._steps.get(parent)
        if found is None:
            targets = (self.graph.nodes[edge.target] for edge in self.graph.out(parent, "contains"))
            found = self._steps[parent] = tuple(one for one in targets if isinstance(one, StepNode))
        return found

    def variables(self, node: StepNode) -> Iterator[Mapping[str, Scalar]]:
        """The environment variables that a step, its job and its workflow set, each by its name."""
        blocks = [node.step.env]
        if node.job is not None:
            blocks.append(node.job.env)
        if isinstance(node.owner, Workflow):
            blocks.append(node.owner.env)
        for block in blocks:
            if block.entries:
                found = self._variables.get(id(block.entries))
                if found is None:
                    found = {entry.key.value: entry.value for entry in block.entries}
                    self._variables[id(block.entries)] = found
                yield found

    def variable(self, node: StepNode, name: str) -> Iterator[Scalar]:
        """The values that a variable is given by a step, its job and its workflow."""
        return (found[name] for found in self.variables(node) if name in found)

    def held(self, node: StepNode) -> str | None:
        """What code in the job of a step could take: secrets that it reads and rights that its `permissions` give. None
        for nothing, for what a setting outside of the files decides, and in a composite action."""
        job = job_of(self.graph, node)
        if job is None:
            return None
        if job.id not in self._held:
            self._held[job.id] = _held(self.graph, job, self.knowledge)
        return self._held[job.id]


def _held(graph: Graph, job: JobNode, knowledge: Knowledge) -> str | None:
    holders = [
        workflow_id(job.workflow.source),
        job.id,
        *(edge.target for edge in graph.out(job.id, "contains")),
    ]
    for holder in holders:
        for edge in graph.out(holder, "reads"):
            if edge.target != TOKEN:
                name = edge.target.partition(":")[2]
                return "secrets" if name == "*" else f"the secret {name}"
    return str(token) if (token := token_of(job.workflow, job.job, knowledge)).writes else None
