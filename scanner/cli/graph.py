"""Export the dependency graph of a repository: locks, inputs, workflows, jobs, steps, actions, images, secrets."""

from argparse import ArgumentParser, Namespace

from scanner.cli.common import emit, read_one
from scanner.knowledge.tables import Knowledge

FORMATS = ("json", "dot", "mermaid", "graphml")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")
    parser.add_argument("--format", choices=FORMATS, default="json", help="what to write (default: json)")
    parser.add_argument("--output", metavar="FILE", help="write to a file instead of standard output")


def run(arguments: Namespace) -> int:
    from scanner.views.drawing import FORMATS as WRITERS

    knowledge = Knowledge()
    repository = read_one(arguments.path, knowledge)
    emit(WRITERS[arguments.format](repository.graph, knowledge), arguments.output)
    return 0
