"""Attributes of edges."""

from typing import Final

from scanner.analysis.attributes.attribute import Missing, Open, World, edge_attribute
from scanner.analysis.attributes.written import keys_of
from scanner.analysis.uses.pins import comment_of
from scanner.graph.edge_kinds import EDGE_KINDS
from scanner.graph.graph import Edge
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.parse.workflow import Call

_KINDS: Final = tuple(EDGE_KINDS)


@edge_attribute(*_KINDS)
def kind(edge: Edge, world: World) -> str:
    """The kind of edge."""
    return edge.kind


@edge_attribute(*_KINDS)
def path(edge: Edge, world: World) -> str | Missing:
    """The file that it stands in, from the root of the repository."""
    found = edge.at.source.path if edge.at is not None else world.graph.nodes[edge.source].path
    return found if found is not None else Missing("no file of the repository says it")


@edge_attribute(*_KINDS)
def text(edge: Edge, world: World) -> str | Missing:
    """The text that makes it, as written: of a `uses:`, a label, an expression, …"""
    return edge.at.text if edge.at is not None else Missing("it has no text of its own")


@edge_attribute("input")
def name(edge: Edge, world: World) -> str:
    """The name of the input, as the one that has it calls it."""
    return edge.name or ""


@edge_attribute("input")
def follows(edge: Edge, world: World) -> bool:
    """Whether it follows another input instead of being locked for this one alone."""
    return edge.follows is True


@edge_attribute("uses", "calls")
def comment(edge: Edge, world: World) -> str | Missing:
    """The version, tag or branch that the comment behind the text names: `v4.2.2`."""
    call = _call(edge, world)
    found = comment_of(call.text) if call is not None else None
    return (
        found.ref
        if found is not None and found.ref is not None
        else Missing("no comment behind it names one")
    )


@edge_attribute("calls")
def secrets(edge: Edge, world: World) -> tuple[str, ...] | Missing:
    """The names of the secrets that it hands on, as the called workflow knows them; `*` for all (`secrets: inherit`)."""
    caller = world.graph.nodes[edge.source]
    if not isinstance(caller, JobNode):
        return ()
    return (Open("*"),) if caller.job.inherits is not None else keys_of(caller.job.secrets, "secrets")


def _call(edge: Edge, world: World) -> Call | None:
    user = world.graph.nodes[edge.source]
    match user:
        case StepNode():
            return user.step.call
        case JobNode():
            return user.job.call
    return None
