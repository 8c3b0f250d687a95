"""Export the dependency graph of a repository: locks, inputs, workflows, jobs, steps, actions, images, secrets."""

from argparse import ArgumentParser, Namespace

from scanner.cli.common import emit, read_one
from scanner.knowledge.tables import Knowledge

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
    parser.add_argument("--output", metavar="FILE", help="write to a file instead of standard output")


def run(arguments: Namespace) -> int:
    from scanner.views.drawing import FORMATS as WRITERS

    knowledge = Knowledge()
    graph = read_one(arguments.path, knowledge).graph
    if arguments.taint:
        from scanner.analysis.taint.edges import flows_of, only_flows, with_flows

        graph = with_flows(graph, flows_of(graph, knowledge))
        if arguments.format in DRAWINGS:
            graph = only_flows(graph)
    emit(WRITERS[arguments.format](graph, knowledge), arguments.output)
    return 0
