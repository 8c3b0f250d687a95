"""Write the software bill of materials of a repository: what it locks, runs and builds on (CycloneDX 1.6 JSON)."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from scanner import __version__
from scanner.cli.common import add_now, build_clock, emit, read_one
from scanner.knowledge.tables import Knowledge


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")
    parser.add_argument("--output", metavar="FILE", help="write to a file instead of standard output")
    parser.add_argument("--name", metavar="NAME", help="the name of the repository (default: its folder's)")
    add_now(parser)


def run(arguments: Namespace) -> int:
    from scanner.sbom.cyclonedx import write

    timestamp = build_clock(arguments)
    repository = read_one(arguments.path, Knowledge())
    name = arguments.name or Path(arguments.path).resolve().name or "repository"
    emit(write(repository.graph, name=name, timestamp=timestamp, version=__version__), arguments.output)
    return 0
