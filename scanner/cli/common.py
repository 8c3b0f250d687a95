"""What the commands share: the clock, paths to repositories, writing."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from scanner.adapters.git import Git
from scanner.discover import kind_of
from scanner.knowledge.tables import Knowledge
from scanner.model.errors import UsageError
from scanner.pipeline import Read, read


def add_now(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--now", type=_date, metavar="DATE", help="judge as on this date (YYYY-MM-DD) instead of today"
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"`{text}` is not a date; write YYYY-MM-DD") from None


def clock(arguments: Namespace) -> datetime:
    """The time of the run in UTC: `--now`, else SOURCE_DATE_EPOCH, else the real one."""
    given: date | None = arguments.now
    if given is not None:
        return datetime(given.year, given.month, given.day, tzinfo=UTC)
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH is `{epoch}`, not a number of seconds since 1970") from None


class Target(NamedTuple):
    """A repository to read. `only` are the paths to report on (None: all), `also` those to read although git
    ignores them; `prefix` stands before its paths in reports."""

    root: Path
    prefix: str
    only: frozenset[str] | None
    also: tuple[str, ...]


def targets(paths: list[str], git: Git) -> tuple[str, list[Target]]:
    """What the user named: folders are repositories, files narrow the report on the repository around them.

    Answers with the folder that the paths of the report are relative to, and the targets.
    """
    folders: dict[Path, set[str] | None] = {}
    extra: dict[Path, list[str]] = {}
    for text in paths or ["."]:
        path = Path(text)
        if path.is_dir():
            folders[path] = None
        elif path.exists() or path.is_symlink():
            root = _repository_around(path, git)
            inside = os.path.relpath(os.path.abspath(path), os.path.abspath(root)).replace(os.sep, "/")  # noqa: PTH100
            wanted = folders.setdefault(root, set())
            extra.setdefault(root, []).append(inside)
            if wanted is not None:
                wanted |= _reported_for(inside)
                if inside.rpartition("/")[2] in ("snowfence.yaml",):
                    folders[root] = None  # a policy concerns every file
        else:
            raise UsageError(f"there is no file or folder `{text}`")
    base = os.path.commonpath([os.path.abspath(folder) for folder in folders])  # noqa: PTH100
    shown = str(next(iter(folders))) if len(folders) == 1 else os.path.relpath(base)
    found = []
    for folder, only in folders.items():
        prefix = os.path.relpath(os.path.abspath(folder), base).replace(os.sep, "/")  # noqa: PTH100
        found.append(
            Target(
                folder,
                "" if prefix == "." else f"{prefix}/",
                None if only is None else frozenset(only),
                tuple(extra.get(folder, ())),
            )
        )
    return shown, found


def _reported_for(path: str) -> set[str]:
    """The inputs on which a named file asks for a report: itself, or the lock beside a flake.nix."""
    folder, slash, name = path.rpartition("/")
    return {f"{folder}{slash}flake.lock"} if name == "flake.nix" else {path}


def _repository_around(file: Path, git: Git) -> Path:
    """The checkout that holds a file; without one the folder from which its path makes it an input."""
    here = Path(os.path.abspath(file))  # noqa: PTH100
    top = git.toplevel(here.parent)
    current = Path.cwd()
    if top is not None:
        return Path(os.path.relpath(top)) if current.is_relative_to(top) else top
    if here.is_relative_to(current) and kind_of(here.relative_to(current).as_posix()) is not None:
        return Path()
    for parent in here.parents:
        if parent.name == ".github":
            return parent.parent
    return here.parent


def read_one(path: str, knowledge: Knowledge) -> Read:
    """The repository in a folder, for the commands that take exactly one."""
    folder = Path(path)
    if not folder.is_dir():
        raise UsageError(f"`{path}` is not a folder; name the root of a repository")
    git = Git()
    found = read(folder, git, knowledge)
    for note in git.notes:
        warn(note)
    for problem in found.problems:
        place = problem.at.begin
        warn(f"{problem.at.shown}:{place.line}:{place.column}: {problem.message}")
    return found


def warn(text: str) -> None:
    """A remark on standard error, safe for a terminal."""
    from scanner.report.escape import escape

    sys.stderr.write(f"snowfence: {escape(text)}\n")


def emit(text: str, output: str | None) -> None:
    """Writes to a file, or to standard output when none is named."""
    if output is None or output == "-":
        sys.stdout.write(text)
        return
    try:
        Path(output).write_text(text, "utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise UsageError(f"cannot write `{output}`: {error.strerror}") from error
