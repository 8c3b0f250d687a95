"""Which files are inputs: a table from paths to kinds, and the walk that applies it.

Symbolic links are followed for single files inside the root only; sizes and counts are bounded; what is left out for
such a reason is said.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from scanner.model.finding import Problem
from scanner.model.ports import Repository
from scanner.model.source import Source, Span

MAX_BYTES: Final = 10 * 1024 * 1024
"""Larger inputs are not read: GitHub's limit for a workflow is far below, the largest real lock is 0.3 MB."""

MAX_FILES: Final = 500_000
"""Files that a walk without git looks at."""


class Kind(NamedTuple):
    """A row of the table: the names of files, and the one folder that they must stand in (None: any)."""

    name: str
    files: tuple[str, ...]
    folder: str | None


KINDS: Final = (
    Kind("flake-lock", ("flake.lock",), None),
    Kind("workflow", ("*.yml", "*.yaml"), ".github/workflows"),
    Kind("actions-lock", ("actions.lock",), ".github/workflows"),
    Kind("action", ("action.yml", "action.yaml"), None),
    Kind("dependabot", ("dependabot.yml", "dependabot.yaml"), ".github"),
)


def kind_of(path: str) -> str | None:
    """The kind of a path relative to the repository root, None for a file that is no input."""
    folder, _, name = path.rpartition("/")
    for kind in KINDS:
        if kind.folder is not None and kind.folder != folder:
            continue
        for pattern in kind.files:
            if name.endswith(pattern[1:]) if pattern[0] == "*" else name == pattern:
                return kind.name
    return None


class Discovered(NamedTuple):
    """The inputs of a repository in the order of their paths, and what could not be looked at."""

    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]


def discover(root: Path, repository: Repository) -> Discovered:
    """Finds and reads the inputs below `root`; files that git ignores and does not track are left out."""
    problems: list[Problem] = []
    visible = repository.visible_files(root)
    paths: Iterable[str]
    if visible is None:
        paths = _walk(root, "", problems)
    else:
        paths = _with_nested(root, visible, problems)
    real_root = os.path.realpath(root)
    sources: dict[str, Source] = {}
    for path in sorted(path for path in paths if kind_of(path) is not None):
        source = _read(root, real_root, path, problems)
        if source is not None:
            sources.setdefault(source.path, source)
    return Discovered(tuple(sources[path] for path in sorted(sources)), tuple(problems))


def _with_nested(root: Path, visible: list[str], problems: list[Problem]) -> Iterator[str]:
    for path in visible:
        if path.endswith("/"):  # an untracked checkout inside this one: git does not look into it, we do
            yield from _walk(root, path.rstrip("/"), problems)
        else:
            yield path


def _walk(root: Path, folder: str, problems: list[Problem]) -> Iterator[str]:
    """Every file below a folder, links to folders not followed."""
    waiting, count = [folder], 0
    while waiting:
        folder = waiting.pop()
        prefix = f"{folder}/" if folder else ""
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    count += 1
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name != ".git":
                            waiting.append(prefix + entry.name)
                    else:
                        yield prefix + entry.name
        except OSError as error:
            problems.append(_unread(folder or ".", f"the folder cannot be read: {error.strerror}"))
        if count > MAX_FILES:
            problems.append(
                _unread(
                    folder,
                    f"more than {MAX_FILES} files; what lies beyond is not scanned. Scan a smaller folder",
                )
            )
            return


def _unread(path: str, message: str, kind: str = "") -> Problem:
    return Problem(Span(Source(path, kind), 0, 0), message)


def _read(root: Path, real_root: str, path: str, problems: list[Problem]) -> Source | None:
    file = root / path
    kind = kind_of(path) or ""
    try:
        if file.is_symlink():
            target = os.path.realpath(file)
            if not target.startswith(real_root.rstrip("/") + "/"):
                problems.append(
                    _unread(
                        path,
                        "a symbolic link that leaves the repository is not followed; commit the file itself",
                        kind,
                    )
                )
                return None
            # GitHub shows findings only at real files, so the target's path is the one to report.
            path = os.path.relpath(target, real_root).replace(os.sep, "/")
            file = Path(target)
        # Opened without blocking: a named pipe must not hang the scan.
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                problems.append(_unread(path, "not a regular file, so it is not read", kind))
                return None
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        if not file.is_symlink():
            return None  # in git's index, deleted in the working tree
        problems.append(_unread(path, "a symbolic link to a file that does not exist", kind))
        return None
    except OSError as error:
        problems.append(_unread(path, f"cannot be read: {error.strerror}", kind))
        return None
    if len(data) > MAX_BYTES:
        problems.append(_unread(path, f"larger than {MAX_BYTES // 1024 // 1024} MB, so it is not read", kind))
        return None
    try:
        # A byte order mark is no part of the text: editors do not count it as a column.
        return Source(path, kind, data.decode("utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        readable = Source(path, kind, data.decode("utf-8", "replace"))
        at = len(data[: error.start].decode("utf-8"))
        problems.append(
            Problem(
                Span(readable, at, at + 1),
                f"not UTF-8: the byte 0x{data[error.start]:02x} cannot be read. Save the file as UTF-8",
            )
        )
        return None
