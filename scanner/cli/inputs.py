"""List the locked inputs of a repository: where each comes from, its revision, its age, the branch it follows and how long that is
supported, who evaluates it, and what the policy says of it."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final

from scanner.adapters.git import Git
from scanner.cli.common import add_formats, add_now, add_policy, clock, emit, targets, terminal_width
from scanner.discover import LOCKS
from scanner.knowledge.tables import Knowledge
from scanner.pipeline import check, read
from scanner.policy.load import FILE_NAME, default_policy, load_policy
from scanner.views.inputs import tables
from scanner.views.inputs_formats import Answer, to_json, to_markdown, to_text

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
    add_now(parser)


def run(arguments: Namespace) -> int:
    git, knowledge = Git(), Knowledge()
    now = clock(arguments).date()
    named = targets([arguments.path], git)
    [target] = named.targets
    file = target.root / FILE_NAME
    policy = (
        load_policy(Path(arguments.policy), arguments.policy)
        if arguments.policy is not None
        else load_policy(file, FILE_NAME)
        if os.path.lexists(file)
        else default_policy()
    )
    repository = read(target.root, git, knowledge, prefix=target.prefix, base=target.base, also=target.also)
    report = check(named.root, repository, policy, knowledge, now)
    locks = [
        lock
        for lock in tables(repository.graph, knowledge, now, report.findings, transitive=arguments.transitive)
        if target.only is None or lock.lock.source.path in target.only
    ]
    notes = [*named.notes, *git.notes]
    if not locks:
        notes.append(f"there is no lock to list in `{arguments.path}`")
    problems = tuple(
        one
        for one in report.problems
        if one.at.source.kind in LOCKS and (target.only is None or one.at.path in target.only)
    )
    answer = Answer(tuple(locks), report._replace(notes=tuple(notes), problems=problems))
    for format, output in arguments.output:
        emit(_render(answer, format, None), output)
    emit(_render(answer, arguments.format, terminal_width()), None)
    return 0


def _render(answer: Answer, format: str, width: int | None) -> str:
    match format:
        case "json":
            return to_json(answer)
        case "markdown":
            return to_markdown(answer)
        case _:
            return to_text(answer, width=width)
