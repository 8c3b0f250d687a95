"""Write the software bill of materials of a repository: what it locks, runs and builds on (CycloneDX 1.6 JSON)."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from scanner import __version__
from scanner.cli.common import add_now, build_clock, clock, read_one
from scanner.cli.terminal import emit, warn
from scanner.cli.world import add_knowledge, add_online, knowledge_of, online_of


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")
    parser.add_argument("--output", metavar="FILE", help="write to a file instead of standard output")
    parser.add_argument("--name", metavar="NAME", help="the name of the repository (default: its folder's)")
    add_knowledge(parser)
    add_online(parser)
    add_now(parser)


def run(arguments: Namespace) -> int:
    from scanner.analysis.remotes.licenses import Licenses
    from scanner.sbom.cyclonedx import write

    timestamp = build_clock(arguments)
    knowledge = knowledge_of(arguments)
    online = online_of(arguments)
    repository = read_one(arguments.path, knowledge)
    name = arguments.name or Path(arguments.path).resolve().name or "repository"
    text = write(
        repository.graph,
        name=name,
        timestamp=timestamp,
        version=__version__,
        knowledge=knowledge.digest,
        licenses=Licenses(knowledge, online),
    )
    # What of the knowledge was left out was said when the repository was read.
    said = frozenset(knowledge.refused)
    aged = (one for one in knowledge.remarks(clock(arguments).date()) if one not in said)
    for remark in (*aged, *(online.remarks() if online is not None else ())):
        warn(remark)
    emit(text, arguments.output)
    return 0
