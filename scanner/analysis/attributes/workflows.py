"""Attributes of workflows, jobs, steps, and what they use."""

from scanner.analysis.attributes.attribute import World, attribute
from scanner.graph.nodes.workflows import ActionNode


@attribute(ActionNode)
def pinned(node: ActionNode, world: World) -> bool:
    """Whether it is named by a full commit id, or GitHub's actions.lock holds it to one."""
    return node.use.pinned or (node.pin is not None and node.pin.commit is not None)
