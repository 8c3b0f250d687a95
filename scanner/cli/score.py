"""Show the posture of a repository: points from 0 to 10 for each area, and what each lost point is for."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from importlib import import_module
from pathlib import Path
from typing import Final

from scanner.adapters.git import Git
from scanner.cli.common import add_formats, add_now, add_policy, checked, clock
from scanner.cli.progress import add_progress
from scanner.cli.targets import targets
from scanner.cli.terminal import emit, terminal_width, told_apart, warn
from scanner.cli.world import add_knowledge, add_online, knowledge_of, online_of
from scanner.model.errors import UsageError
from scanner.views.score.points import shown, tenths
from scanner.views.score.posture import Posture, posture

FORMATS: Final = ("text", "json", "markdown")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")
    add_formats(parser, FORMATS)
    parser.add_argument(
        "--all",
        action="store_true",
        help="text: every rule that takes points, and the names of those that are off",
    )
    add_policy(parser)
    parser.add_argument(
        "--fail-under",
        type=_gate,
        metavar="N",
        help="exit with 1 when the score is below this number, or nothing could be judged",
    )
    add_knowledge(parser)
    add_online(parser)
    add_now(parser)
    add_progress(parser)


def _gate(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= 10:  # false for nan as well
        raise ArgumentTypeError(f"`{text}` is not a number from 0 to 10")
    return number


def run(arguments: Namespace) -> int:
    if not Path(arguments.path).is_dir():
        raise UsageError(f"`{arguments.path}` is not a folder; name the root of a repository")
    told_apart(arguments.output)
    git, knowledge = Git(), knowledge_of(arguments)
    [target] = targets([arguments.path], git).targets
    policy, _, repository, report = checked(
        arguments, arguments.path, target, git, knowledge, online=online_of(arguments)
    )
    notes = [*git.notes, *report.notes]
    if not report.inputs and not report.notes:
        notes.append(f"nothing was checked: there is no lock, workflow or action in `{arguments.path}`")
    notes += knowledge.remarks(clock(arguments).date())
    found = posture(report._replace(notes=tuple(notes)), policy, repository.kinds)
    for format, file in arguments.output:
        emit(_render(found, format, arguments.all, None), file, format=format, scanned=[target.root])
    emit(_render(found, arguments.format, arguments.all, terminal_width()), None, format=arguments.format)
    return _passes(found, arguments.fail_under)


def _passes(found: Posture, gate: float | None) -> int:
    """What is printed is compared, so that 7.5 is not below 7.5."""
    if gate is None:
        return 0
    if found.total is None:
        warn(f"nothing could be judged, so there is no score that could reach {gate:g}")
        return 1
    if tenths(found.total) / 10 < gate:
        warn(f"the score {shown(found.total)} is below {gate:g}")
        return 1
    return 0


def _render(found: Posture, format: str, every: bool, width: int | None) -> str:
    writer = import_module(f"scanner.views.score.{format}")
    text: str = writer.write(found, every=every, width=width) if format == "text" else writer.write(found)
    return text
