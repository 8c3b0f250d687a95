"""Attributes of the labels that jobs ask machines by."""

from datetime import date
from typing import Final

from scanner.analysis.attributes.attribute import Missing, World, attribute, untold
from scanner.analysis.workflows.runners import Owner, owner_of_labels
from scanner.graph.nodes.workflows import RunnerNode

_COMPUTED: Final = "an expression decides the label; it is followed at the jobs (`runs-on`, `self-hosted`)"


@attribute(RunnerNode)
def name(node: RunnerNode, world: World) -> str:
    """The label, as written."""
    return node.label


@attribute(RunnerNode)
def hosted(node: RunnerNode, world: World) -> bool | Missing:
    """Whether the label is one of GitHub's own machines. Expressions are followed at the jobs alone (`runs-on`)."""
    return untold(_COMPUTED) if "${{" in node.label else _whose(node, world) == "hosted"


@attribute(RunnerNode)
def self_hosted(node: RunnerNode, world: World) -> bool | Missing:
    """Whether only machines of the owner's have the label; false for GitHub's, and for those of companies that rent out a fresh one for
    every job."""
    if "${{" in node.label:
        return untold(_COMPUTED)
    match _whose(node, world):
        case "own" | "implied":
            return True
        case "hosted" | "service":
            return False
    return untold("nothing tells whose machines have the label")


@attribute(RunnerNode)
def retirement(node: RunnerNode, world: World) -> date | Missing:
    """The day from which none of GitHub's machines has the label any more."""
    found = world.knowledge.github.runner_retirements.get(node.label.lower())
    return found if found is not None else Missing("no such day is known")


def _whose(node: RunnerNode, world: World) -> Owner:
    return owner_of_labels((node.label,), None, world.knowledge)
