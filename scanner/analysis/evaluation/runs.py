"""What the steps of a repository run, and what stands around them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from scanner.analysis.outsiders.privilege import TOKEN, token_of
from scanner.analysis.workflows.steps import job_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.knowledge.tables import Knowledge
from scanner.parse.nix.script import Executed
from scanner.parse.nodes import Scalar
from scanner.parse.workflow import Workflow


def executed(node: StepNode, words: Iterable[str]) -> Iterator[Executed]:
    """The commands of a step's shell and script in their order, and those that they run in their turn.

    Nothing of a text that holds none of the `words`: most scripts need not be read.
    """
    for script in node.scripts:
        if any(word in script.text for word in words):
            yield from script.all


class Around:
    """What stands around the steps of one graph. Answers are kept, so that asking for every step of a long job stays
    linear."""

    def __init__(self, graph: Graph, knowledge: Knowledge) -> None:
        self.graph: Final = graph
        self.knowledge: Final = knowledge
        self._variables: dict[int, Mapping[str, Scalar]] = {}
        self._held: dict[str, str | None] = {}

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


@per_graph
def around(graph: Graph, knowledge: Knowledge) -> Around:
    """The answers for a graph, which several rules ask."""
    return Around(graph, knowledge)


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
