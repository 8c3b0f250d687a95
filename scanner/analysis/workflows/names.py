"""What a name means: keys of maps, jobs of a workflow, steps of a job. GitHub compares all of them without case."""

from scanner.parse.nodes import Mapping, Node
from scanner.parse.reader import Block
from scanner.parse.workflow import Job, Step, Workflow


class Names:
    """Tables that are made when first asked for, so that looking up every name of a large file stays linear.

    They are kept by the identity of what they are about, which the documents of the graph keep alive.
    """

    def __init__(self) -> None:
        self._entries: dict[int, dict[str, Node]] = {}
        self._jobs: dict[int, dict[str, Job]] = {}
        self._steps: dict[int, dict[str, Step]] = {}

    def entry(self, node: Node | Block | None, name: str) -> Node | None:
        """The value of a key; None where there is no map. `name` is in lower case."""
        if not isinstance(node, Mapping | Block):
            return None
        table = self._entries.get(id(node))
        if table is None:
            pairs = node.pairs if isinstance(node, Mapping) else node.entries
            table = self._entries[id(node)] = {}
            for key, value in pairs:
                table.setdefault(key.value.lower(), value)
        return table.get(name)

    def jobs(self, workflow: Workflow) -> dict[str, Job]:
        """The jobs of a workflow by their ids in lower case."""
        found = self._jobs.get(id(workflow))
        if found is None:
            found = self._jobs[id(workflow)] = {job.id.value.lower(): job for job in workflow.jobs}
        return found

    def steps(self, steps: tuple[Step, ...]) -> dict[str, Step]:
        """The steps of a job or action by their ids in lower case."""
        found = self._steps.get(id(steps))
        if found is None:
            found = {step.id.value.lower(): step for step in steps if step.id is not None}
            self._steps[id(steps)] = found
        return found
