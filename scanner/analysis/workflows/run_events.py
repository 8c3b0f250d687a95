"""The events in whose runs a job or step runs: of its workflow, and of all that call it or use its action."""

from typing import Final

from scanner.analysis.workflows.events import left_out, skips
from scanner.graph.graph import Graph
from scanner.graph.ids import action_id, workflow_id
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.parse.nodes import Scalar
from scanner.parse.workflow import Workflow

MAX_CALLERS: Final = 100
MAX_DEPTH: Final = 20
"""Callers of callers that are asked for their events."""


class RunEvents:
    """Answers for one graph; each file is asked once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._events: dict[str, frozenset[str] | None] = {}

    def of(self, node: StepNode) -> frozenset[str] | None:
        """The events in whose runs a step runs, through callers of the repository as well; None when others may call it."""
        owner = node.owner
        if isinstance(owner, Workflow):
            found = self._of_id(workflow_id(owner.source), 0)
        else:
            found = self._of_id(action_id(owner.source), 0)
        if found is None:
            return None
        guards = [node.step.condition, node.job.condition if node.job is not None else None]
        return frozenset(event for event in found if not any(skips(guard, event) for guard in guards))

    def of_job(self, node: JobNode) -> frozenset[str] | None:
        """The same for a job, which jobs before it can keep from running."""
        found = self._of_id(workflow_id(node.workflow.source), 0)
        if found is None:
            return None
        return frozenset(event for event in found if not left_out(self._graph, node, event))

    def _of_id(self, id: str, depth: int) -> frozenset[str] | None:
        if id not in self._events:
            self._events[id] = frozenset()
            self._events[id] = self._find(id, depth)
        return self._events[id]

    def _find(self, id: str, depth: int) -> frozenset[str] | None:
        if depth > MAX_DEPTH:
            return None
        node = self._graph.nodes.get(id)
        found: set[str] = set()
        callable = True
        if isinstance(node, WorkflowNode):
            found |= node.workflow.events
            callable = "workflow_call" in found
            found.discard("workflow_call")
        elif "/" not in id.partition(":")[2]:
            return None  # an action at the root of its repository is there for others to use
        count = 0
        for edge in (
            self._graph.into(id, "calls" if isinstance(node, WorkflowNode) else "uses") if callable else ()
        ):
            caller = self._graph.nodes[edge.source]
            count += 1
            if count > MAX_CALLERS:
                return None
            guard: Scalar | None
            if isinstance(caller, JobNode):
                events, guard = (
                    self._of_id(workflow_id(caller.workflow.source), depth + 1),
                    caller.job.condition,
                )
            elif isinstance(caller, StepNode):
                source = caller.owner.source
                of = workflow_id(source) if isinstance(caller.owner, Workflow) else action_id(source)
                events, guard = self._of_id(of, depth + 1), caller.step.condition
            else:
                continue
            if events is None:
                return None
            found.update(event for event in events if not skips(guard, event))
        return None if callable and not count else frozenset(found)
