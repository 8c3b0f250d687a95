"""List the locked inputs of a repository: where each comes from, its revision, its age, the branch it follows and how long that is
supported, who evaluates it, and what the policy says of it."""

from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import Final

from scanner.adapters.git import Git
from scanner.cli.common import add_formats, add_now, add_policy, checked, clock
from scanner.cli.progress import add_progress
from scanner.cli.targets import targets
from scanner.cli.terminal import emit, terminal_width, told_apart
from scanner.cli.world import add_knowledge, add_online, knowledge_of, online_of
from scanner.discover import LOCKS
from scanner.views.inputs.tables import tables, unlocked
from scanner.views.inputs.words import Answer

FORMATS: Final = ("text", "json", "markdown")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "path",
        nargs="?",
        default=".",
        metavar="PATH",
        help="the repository, or one of its locks (default: here)",
    )
    parser.add_argument("--transitive", action="store_true", help="list the inputs of inputs as well")
    add_formats(parser, FORMATS)
    add_policy(parser)
    add_knowledge(parser)
    add_online(parser)
    add_now(parser)
    add_progress(parser)


def run(arguments: Namespace) -> int:
    told_apart(arguments.output)
    git, knowledge = Git(), knowledge_of(arguments)
    now = clock(arguments).date()
    named = targets([arguments.path], git)
    [target] = named.targets
    online = online_of(arguments)
    _, _, repository, report = checked(arguments, named.root, target, git, knowledge, online=online)
    locks = [
        lock
        for lock in tables(repository.graph, knowledge, now, report.findings, transitive=arguments.transitive)
        if target.only is None or lock.lock.source.path in target.only
    ]
    flakes = tuple(
        one
        for one in unlocked(repository.graph, report.findings)
        if target.only is None or one.source.path in target.only
    )
    notes = [*named.notes, *git.notes]
    if not locks:
        notes.append(f"there is no lock to list in `{arguments.path}`")
    notes += report.notes if online is not None else ()
    notes += knowledge.remarks(now)
    problems = tuple(
        one
        for one in report.problems
        if one.at.source.kind in LOCKS and (target.only is None or one.at.path in target.only)
    )
    answer = Answer(tuple(locks), flakes, report._replace(notes=tuple(notes), problems=problems))
    for format, output in arguments.output:
        emit(_render(answer, format, None), output, format=format, scanned=[target.root])
    emit(_render(answer, arguments.format, terminal_width()), None, format=arguments.format)
    return 0


def _render(answer: Answer, format: str, width: int | None) -> str:
    writer = import_module(f"scanner.views.inputs.{format}")
    text: str = writer.write(answer, width=width) if format == "text" else writer.write(answer)
    return text
