"""Show why a dependency is there: every shortest path from the repository to it."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from scanner.cli.common import emit, read_one
from scanner.graph.graph import Edge, Graph
from scanner.graph.nodes.base import Node
from scanner.graph.nodes.nix import InputNode
from scanner.graph.nodes.workflows import JobNode, StepNode, WorkflowNode
from scanner.knowledge.tables import Knowledge
from scanner.model.errors import UsageError
from scanner.model.nearest import nearest
from scanner.model.secrets import masked
from scanner.report.escape import visible
from scanner.views.why import Path, Why, drawing, find, names, why


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "node", metavar="NODE", help="a node's id, or its name: `nixpkgs`, `actions/checkout`, `flake.lock`"
    )
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="what to write (default: text)"
    )


def run(arguments: Namespace) -> int:
    repository = read_one(arguments.path, Knowledge())
    graph = repository.graph
    found = find(graph, arguments.node)
    if not found:
        raise UsageError(
            f"nothing in `{arguments.path}` is called `{arguments.node}`{nearest(arguments.node, names(graph))}"
        )
    whole = drawing(graph)
    answers = [why(graph, node, whole) for node in found]
    if arguments.format == "json":
        emit(json.dumps([_data(answer) for answer in answers], indent=1) + "\n", None)
    else:
        pages = ("".join(f"{line}\n" for line in _lines(graph, answer)) for answer in answers)
        emit("\n".join(pages), None)
    return 0


def _data(answer: Why) -> dict[str, object]:
    return {
        "subject": answer.node.id,
        "declared": [list(path.nodes) for path in answer.declared],
        "run-by": [list(path.nodes) for path in answer.run_by],
        "cut": answer.cut,
    }


def _lines(graph: Graph, answer: Why) -> Iterator[str]:
    node = answer.node
    what = f" is {masked(str(node.input.locked))}" if isinstance(node, InputNode) else ""
    yield visible(f"{node.id}{what}")
    if not answer.declared:
        yield "  nothing in the repository leads to it: it is left over in its file"
    for title, paths in (("declared by", answer.declared), ("run by", answer.run_by)):
        if paths:
            yield f"  {title}"
            # A step that an alias repeats reads the same twice.
            yield from dict.fromkeys(f"    {visible(_chain(graph, path))}" for path in paths)
    if answer.cut:
        yield f"  … and more: only the first {len(answer.declared)} of them are shown"


def _chain(graph: Graph, path: Path) -> str:
    """`flake.lock → home-manager → nixpkgs (follows)`; the repository, with which each path begins, is left out."""
    parts = [_shown(graph.nodes[edge.target], edge) for edge in path.edges]
    return " → ".join(parts) or "it is the repository itself"


def _shown(node: Node, edge: Edge) -> str:
    match node:
        case WorkflowNode():
            return node.path
        case JobNode():
            return f"job {node.label}"
        case StepNode():
            place = node.place()
            return f"step “{node.label}” (line {place.begin.line})"
        case InputNode():
            name = edge.name or node.label
            shown = name if name == node.label else f"{name} ({node.label})"
            return f"{shown}, which follows" if edge.follows else shown
        case _:
            return node.label
