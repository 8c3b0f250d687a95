"""What one node or edge answers to the questions of policies, as JSON: without what is missing, and without secrets."""

from datetime import date, timedelta

from scanner.analysis.attributes.attribute import Missing, Single, World
from scanner.analysis.attributes.table import attributes, edge_attributes, of_every_node
from scanner.graph.graph import Edge
from scanner.graph.nodes.base import Node
from scanner.model.json import Json
from scanner.model.secrets import masked


def answers_of_node(node: Node, world: World) -> dict[str, Json]:
    """The answers by name, without what every node has. What only the drawing of flows adds answers nothing."""
    found: dict[str, Json] = {}
    for name, by_class in sorted(attributes().get(node.kind, {}).items()):
        attribute = by_class.get(type(node))
        if attribute is not None and name not in of_every_node():
            answer = world.value(attribute, node)
            if not isinstance(answer, Missing):
                found[name] = _data(answer)
    return found


def answers_of_edge(edge: Edge, world: World) -> dict[str, Json]:
    """The same for an edge; the text and the file of which it is made are among them."""
    found: dict[str, Json] = {}
    for name, attribute in sorted(edge_attributes().get(edge.kind, {}).items()):
        answer = attribute.ask(edge, world)
        if name != "kind" and not isinstance(answer, Missing):
            found[name] = _data(answer)
    return found


def _data(answer: Single | tuple[str, ...]) -> Json:
    """Durations as policies write them: `30d`."""
    match answer:
        case str():
            return masked(answer)
        case tuple():
            return [masked(one) for one in answer]
        case timedelta():
            return f"{answer.days}d"
        case date():
            return answer.isoformat()
        case bool() | int():
            return answer
