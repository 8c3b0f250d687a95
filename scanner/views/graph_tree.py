"""The graph as a tree for people: what the repository contains, what that uses, and where the rest is to be found.

Everything stands once below what it is part of. What leads to a thing that stands elsewhere is a faint line with an arrow: an input
that follows another one, a job that needs another one, a step that evaluates a lock or runs what this repository contains. What stands
below several things is drawn below the first, and marked with (*) at the others.
"""

from typing import Final

from scanner.analysis.locks.ages import day_of
from scanner.graph.graph import Edge, Graph
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.nix import InputNode, LockfileNode
from scanner.graph.nodes.outsiders import TextNode
from scanner.graph.nodes.workflows import JobNode, SecretNode, StepNode, WorkflowNode
from scanner.model.secrets import masked
from scanner.report.escape import bounded
from scanner.views.tree import ASCII, UNICODE, Guides, Line, draw

AGAIN: Final = " (*)"
_REPOSITORY: Final = "repository:."
_REVISION: Final = 11
"""Digits of a revision that are shown."""

_SAID: Final = {
    "uses": "uses",
    "calls": "calls",
    "runs-on": "runs on",
    "needs": "needs",
    "evaluates": "evaluates",
    "locks": "locked by",
}
"""What an edge is called before its target; the others need no word."""


def to_tree(graph: Graph, *, unicode: bool = True, colour: bool = False, width: int | None = None) -> str:
    """The whole graph, a line for each node and each edge that leads elsewhere; the work is linear in both."""
    tree = _Tree(graph, UNICODE if unicode else ASCII)
    roots = [_line(tree.named(node), tree.detail(node), tree.below(node)) for node in tree.roots()]
    lines = draw(roots, guides=tree.guides, width=width, colour=colour)
    return "".join(f"{line}\n" for line in lines) or "the graph is empty\n"


class _Tree:
    def __init__(self, graph: Graph, guides: Guides) -> None:
        self.graph = graph
        self.guides = guides
        self.seen: set[str] = set()
        self.contained = {edge.target for edge in graph.edges if edge.kind == "contains"}
        self.locked = {edge.target for edge in graph.edges if edge.kind == "locks"}

    def roots(self) -> list[Node]:
        """What nothing leads to: the repository, and what is left over in a lock; of flows their beginnings."""
        led = {edge.target for edge in self.graph.edges}
        flows = any(edge.kind == "flows" for edge in self.graph.edges)
        return [
            node
            for node in self.graph.nodes.values()
            if node.id not in led and (not flows or next(self.graph.out(node.id), None) is not None)
        ]

    def below(self, node: Node) -> "_Below":
        return _Below(self, node)

    def line(self, edge: Edge) -> Line | None:
        """The line of an edge and its target; None for an edge that says nothing more."""
        node = self.graph.nodes[edge.target]
        if edge.source == _REPOSITORY and node.id in self.locked:
            return None  # it stands below its flake
        text = self.said(edge, node)
        if self.elsewhere(edge, node):
            return _line(text, faint=True)
        below = next(self.graph.out(node.id), None) is not None
        if below and node.id in self.seen:
            return Line(_shown(text) + AGAIN, faint=True)
        return _line(text, self.detail(node), self.below(node) if below else None)

    def elsewhere(self, edge: Edge, node: Node) -> bool:
        """Whether the target has a place of its own in the tree, which is not here."""
        match edge.kind:
            case "contains" | "locks" | "flows":
                return False
            case "input":
                return edge.follows is True
            case "uses" | "calls":
                return node.id in self.contained
            case "evaluates" | "needs":
                return True
        return False

    def said(self, edge: Edge, node: Node) -> str:
        name = self.named(node)
        if edge.kind == "flows":
            place = f" ({edge.at.shown}:{edge.at.begin.line})" if edge.at is not None else ""
            return f"{name}: {edge.name}{place}" if edge.name else f"{name}{place}"
        if edge.kind == "input":
            asked = edge.name or node.label
            if edge.follows:
                return f"{asked} {self.guides.arrow} {name}"
            return asked if asked == name else f"{asked} ({name})"
        word = _SAID.get(edge.kind, "")
        if self.elsewhere(edge, node):
            word = f"{self.guides.arrow} {word}".rstrip()
        return f"{word} {name}".strip()

    def named(self, node: Node) -> str:
        match node:
            case JobNode():
                return f"job {node.label}"
            case StepNode():
                return node.label if node.label.startswith("step ") else f"step {node.label}"
            case SecretNode():
                return f"secret {node.label}"
            case TextNode() if node.events:
                return f"{node.name} (of {', '.join(node.events)})"
        return node.label

    def detail(self, node: Node) -> str:
        match node:
            case InputNode():
                locked = node.input.locked
                shown = masked(str(locked))
                if locked.rev:
                    shown = shown.replace(locked.rev, locked.rev[:_REVISION])
                day = day_of(locked)
                return f"{shown}, {day.isoformat()}" if day is not None else shown
            case WorkflowNode():
                return f"on {', '.join(sorted(node.workflow.events))}" if node.workflow.events else ""
            case StepNode():
                return f"line {node.place().begin.line}"
            case LockfileNode():
                count = sum(1 for _ in self.graph.out(node.id, "input"))
                return f"{count} inputs of its own" if count != 1 else "1 input of its own"
        return ""


def _line(text: str, detail: str = "", below: "_Below | None" = None, *, faint: bool = False) -> Line:
    return Line(_shown(text), _shown(detail), below, faint)


def _shown(text: str) -> str:
    """A name may be as long as its file."""
    return bounded(masked(text))


class _Below:
    """What stands below a node, made when the node is drawn: then it is known what was drawn before."""

    __slots__ = ("node", "tree")

    def __init__(self, tree: _Tree, node: Node) -> None:
        self.tree = tree
        self.node = node

    def __call__(self) -> list[Line]:
        tree, node = self.tree, self.node
        if node.id in tree.seen:  # a brother before it has led here, too
            return [Line(f"{AGAIN.strip()} drawn above", faint=True)] if _leads(tree, node) else []
        tree.seen.add(node.id)
        edges = list(tree.graph.out(node.id))
        if isinstance(node, StepNode):
            edges = [one for one in edges if not self._is_said(one)]
        lines = (tree.line(edge) for edge in edges)
        return [line for line in lines if line is not None]

    def _is_said(self, edge: Edge) -> bool:
        """Whether the name of the step says it: one without a name is called by what it uses."""
        target = self.tree.graph.nodes[edge.target]
        alone = target.id in self.tree.contained or not _leads(self.tree, target)
        return edge.kind == "uses" and target.label == self.node.label and alone


def _leads(tree: _Tree, node: Node) -> bool:
    return next(tree.graph.out(node.id), None) is not None
