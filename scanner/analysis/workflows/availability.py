"""Which contexts and functions an expression may name where it stands (GitHub's "Context availability")."""

from typing import Final

from scanner.analysis.workflows.expressions import Written
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import LocalActionNode, StepNode
from scanner.knowledge.tables import Knowledge
from scanner.parse.action import Action
from scanner.parse.expressions.names import Names

CONTEXTS: Final = (
    "github",
    "env",
    "vars",
    "job",
    "jobs",
    "steps",
    "runner",
    "secrets",
    "strategy",
    "matrix",
    "needs",
    "inputs",
)
"""All that there are."""

RUN_FUNCTIONS: Final = ("hashFiles", "always", "success", "failure", "cancelled")
"""The functions that only some places have, as people write them."""


class _Branch:
    """A key on the way to places: what holds there, if anything, and the keys below."""

    __slots__ = ("below", "names")

    def __init__(self) -> None:
        self.names: Names | None = None
        self.below: dict[str, _Branch] = {}


class Availability:
    """The table of places, by paths of keys."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._roots: Final = {kind: _Branch() for kind in ("workflow", "action")}
        for kind, places in knowledge.github.expression_places.items():
            for path, place in places.items():
                branch = self._roots[kind]
                for key in path:
                    branch = branch.below.setdefault(key, _Branch())
                branch.names = Names(place.contexts, place.functions)

    def of(self, one: Written) -> Names | None:
        """What an expression may name; None where GitHub takes no expressions, or where that is not known."""
        branch = self._roots["action" if _in_action(one) else "workflow"]
        found = branch.names
        for key in one.path:
            below = branch.below.get(key) or branch.below.get("*")
            if below is None:
                break
            branch = below
            found = branch.names or found
        return found


def _in_action(one: Written) -> bool:
    match one.owner:
        case LocalActionNode():
            return True
        case StepNode(owner=owner):
            return isinstance(owner, Action)
    return False


@per_graph
def availability(graph: Graph, knowledge: Knowledge) -> Availability:
    """The table, made once for a graph."""
    return Availability(knowledge)
