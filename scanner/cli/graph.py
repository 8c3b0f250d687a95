"""Show or export the dependency graph of a repository: locks, inputs, workflows, jobs, steps, actions, images, secrets."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from scanner.cli.common import add_now, clock, read_one
from scanner.cli.terminal import colour, emit, terminal_width, unicode
from scanner.cli.world import add_knowledge, knowledge_of
from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.model.errors import UsageError

FORMATS = ("text", "json", "dot", "mermaid", "graphml", "svg")
DRAWINGS = ("text", "dot", "mermaid")
_MISSING = {"inputs": "lock with inputs", "workflows": "workflow"}


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")
    parser.add_argument(
        "--format", choices=FORMATS, help="what to write (default: text, a tree, on a terminal, else json)"
    )
    parser.add_argument(
        "--taint",
        action="store_true",
        help="add what outsiders write and how it gets to the steps that use it; trees and drawings show nothing else then",
    )
    parser.add_argument(
        "--attributes",
        action="store_true",
        help="with json: add to every node and edge what checks of a policy can ask of it (see `snowfence schema nodes`)",
    )
    parser.add_argument(
        "--picture",
        choices=("inputs", "workflows"),
        help="with svg: draw the locked inputs, or the workflows with who starts them (default: workflows, or inputs without any)",
    )
    add_knowledge(parser)
    add_now(parser, "tell ages as on this date (YYYY-MM-DD) instead of today")
    parser.add_argument("--output", metavar="FILE", help="write to a file instead of standard output")


def run(arguments: Namespace) -> int:
    format = arguments.format or _default(arguments)
    if arguments.attributes and format != "json":
        raise UsageError("`--attributes` goes with `--format json` alone")
    if arguments.picture and format != "svg":
        raise UsageError("`--picture` goes with `--format svg` alone")
    if arguments.taint and format == "svg":
        raise UsageError(
            "`--taint` does not go with `--format svg`: the picture of the workflows shows outsiders anyway"
        )
    knowledge = knowledge_of(arguments)
    graph = read_one(arguments.path, knowledge).graph
    if arguments.taint:
        from scanner.analysis.taint.edges import flows_of, only_flows, with_flows

        graph = with_flows(graph, flows_of(graph, knowledge))
        if format in DRAWINGS:
            graph = only_flows(graph)
    if arguments.attributes:
        from scanner.analysis.attributes.attribute import World
        from scanner.views.drawing import to_json

        text = to_json(graph, knowledge, World(graph, knowledge, clock(arguments).date()))
    elif format == "text":
        from scanner.views.graph_tree import to_tree

        if arguments.output in (None, "-"):
            text = to_tree(graph, unicode=unicode(), colour=colour(), width=terminal_width())
        else:
            text = to_tree(graph)
    elif format == "svg":
        text = _picture(arguments, graph, knowledge)
    else:
        from scanner.views.drawing import FORMATS as WRITERS

        text = WRITERS[format](graph, knowledge)
    emit(text, arguments.output, format=format, scanned=[Path(arguments.path)])
    return 0


def _picture(arguments: Namespace, graph: Graph, knowledge: Knowledge) -> str:
    """The picture that is asked for, else the first one for which there is something to draw."""
    from scanner.views.html.picture import PICTURES, standing_alone

    names = [one for one in PICTURES if arguments.picture in (None, one)]
    for name in names:
        text = standing_alone(name, graph, knowledge, clock(arguments).date())
        if text is not None:
            return text
    raise UsageError(
        f"there is nothing to draw: the repository has no {' and no '.join(_MISSING[one] for one in names)}"
    )


def _default(arguments: Namespace) -> str:
    """A tree for people who look at it; programs read JSON."""
    looked_at = arguments.output is None and not arguments.attributes and terminal_width() is not None
    return "text" if looked_at else "json"
