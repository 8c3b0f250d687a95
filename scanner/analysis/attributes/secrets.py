"""Attributes of secrets."""

from scanner.analysis.attributes.attribute import Missing, World, attribute, untold
from scanner.graph.nodes.workflows import SecretNode


@attribute(SecretNode)
def name(node: SecretNode, world: World) -> str | Missing:
    """Its name in upper case; missing where the run decides which one is read (`everything`)."""
    from scanner.analysis.outsiders.privilege import EVERY_SECRET

    return untold("the run decides which secret is read") if node.label == EVERY_SECRET else node.label


@attribute(SecretNode)
def everything(node: SecretNode, world: World) -> bool:
    """Whether it stands for all secrets: only a run can tell which one is read."""
    from scanner.analysis.outsiders.privilege import EVERY_SECRET

    return node.label == EVERY_SECRET


@attribute(SecretNode)
def built_in(node: SecretNode, world: World) -> bool:
    """Whether it is GITHUB_TOKEN, which GitHub makes for every job."""
    from scanner.analysis.outsiders.privilege import TOKEN

    return node.id == TOKEN


@attribute(SecretNode)
def readers(node: SecretNode, world: World) -> int:
    """How many workflows, jobs and steps name it."""
    return len({edge.source for edge in world.graph.into(node.id, "reads")})
