"""Asking attributes of small repositories."""

from scanner.analysis.attributes.attribute import Value, World
from scanner.analysis.attributes.table import attributes, edge_attributes
from tests.memory import KNOWLEDGE, NOW, repository


class Small:
    """A repository of a few files."""

    def __init__(self, files: dict[str, str]) -> None:
        self.graph = repository(files)[0]
        self.world = World(self.graph, KNOWLEDGE, NOW)

    def ask(self, id: str, *names: str) -> Value | tuple[Value, ...]:
        """What the node answers: to one question its answer, to several all of them."""
        node = self.graph.nodes[id]
        found = [self.world.value(attributes()[node.kind][name][type(node)], node) for name in names]
        return found[0] if len(names) == 1 else tuple(found)

    def ask_edge(self, source: str, target: str, name: str) -> Value:
        edge = next(one for one in self.graph.edges if (one.source, one.target) == (source, target))
        return edge_attributes()[edge.kind][name].ask(edge, self.world)
