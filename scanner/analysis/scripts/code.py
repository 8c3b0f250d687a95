"""The texts of a step that are run as code: its script, and inputs that an action is known to execute."""

from collections.abc import Iterator

from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse


def code_of(node: StepNode, knowledge: Knowledge) -> Iterator[Scalar]:
    if node.step.run is not None:
        yield node.step.run.script
    call = node.step.call
    if call is not None and isinstance(call.target, RepositoryUse):
        executed = knowledge.actions.executed_inputs(call.target.slug)
        for entry in call.inputs.entries if executed else ():
            if entry.key.value.lower() in executed:
                yield entry.value
