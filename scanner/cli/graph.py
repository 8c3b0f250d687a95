"""Export the dependency graph of a repository: locks, inputs, workflows, jobs, steps, actions, images, secrets."""

from argparse import ArgumentParser, Namespace

from scanner.cli.common import add_now, clock, read_one
from scanner.cli.terminal import emit
from scanner.cli.world import add_knowledge, knowledge_of
from scanner.model.errors import UsageError

FORMATS = ("json", "dot", "mermaid", "graphml")
DRAWINGS = ("dot", "mermaid")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")
    parser.add_argument("--format", choices=FORMATS, default="json", help="what to write (default: json)")
    parser.add_argument(
        "--taint",
        action="store_true",
        help="add what outsiders write and how it gets to the steps that use it; drawings show nothing else then",
    )
    parser.add_argument(
        "--attributes",
        action="store_true",
        help="with json: add to every node and edge what checks of a policy can ask of it (see `snowfence schema nodes`)",
    )
    add_knowledge(parser)
    add_now(parser, "tell ages as on this date (YYYY-MM-DD) instead of today")
    parser.add_argument("--output", metavar="FILE", help="write to a file instead of standard output")


def run(arguments: Namespace) -> int:
    from scanner.views.drawing import FORMATS as WRITERS

    if arguments.attributes and arguments.format != "json":
        raise UsageError("`--attributes` goes with `--format json` alone")
    knowledge = knowledge_of(arguments)
    graph = read_one(arguments.path, knowledge).graph
    if arguments.taint:
        from scanner.analysis.taint.edges import flows_of, only_flows, with_flows

        graph = with_flows(graph, flows_of(graph, knowledge))
        if arguments.format in DRAWINGS:
            graph = only_flows(graph)
    if arguments.attributes:
        from scanner.analysis.attributes.attribute import World
        from scanner.views.drawing import to_json

        text = to_json(graph, knowledge, World(graph, knowledge, clock(arguments).date()))
    else:
        text = WRITERS[arguments.format](graph, knowledge)
    emit(text, arguments.output)
    return 0
