"""Chains of workflows: whether an outsider can be at their beginning."""

import pytest

from scanner.analysis.outsiders.chains import Chains
from scanner.graph.nodes.workflows import WorkflowNode
from tests.memory import repository

RUN = "{{workflow_run: {{workflows: [{}]}}}}"


@pytest.mark.parametrize(
    ("first", "second", "starts"),
    [
        ("push", RUN.format("a"), False),
        ("pull_request", RUN.format("a"), True),
        ("push", "{push: , workflow_run: {workflows: [a]}}", False),
        ("push", "{issues: , workflow_run: {workflows: [a]}}", True),
        ("push", RUN.format("unknown"), True),
        ("push", RUN.format("'*'"), True),
        ("push", "workflow_run", True),
        ("push", RUN.format("c"), False),
        (RUN.format("c"), RUN.format("a"), False),
        ("{workflow_run: {workflows: [c]}, watch: }", RUN.format("a"), True),
    ],
)
def test_a_chain_of_three(first: str, second: str, starts: bool) -> None:
    events = {"a": first, "b": second, "c": RUN.format("b")}
    graph, _ = repository(
        {
            f".github/workflows/{name}.yml": f"name: {name}\non: {on}\njobs: {{}}\n"
            for name, on in events.items()
        }
    )
    chains = Chains(graph)
    last = next(
        node for node in graph.of(WorkflowNode) if node.workflow.name and node.workflow.name.value == "c"
    )
    assert chains.starts_for_outsiders(last.workflow.triggers[0]) is starts
