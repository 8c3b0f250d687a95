"""What the paths in the arguments name: repositories, and the files in them to report on."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from scanner.adapters.git import Git
from scanner.discover import kind_of
from scanner.model.errors import UsageError
from scanner.policy.accepted import FILE_NAME as ACCEPTED_FILE
from scanner.policy.load import FILE_NAMES


class Target(NamedTuple):
    """A repository to read. `only` are the paths to report on (None: all), `also` those to read although git
    ignores them; `prefix` stands before its paths in reports, `base` before those in its checkout."""

    root: Path
    prefix: str
    base: str
    only: frozenset[str] | None
    also: tuple[str, ...]


class Named(NamedTuple):
    """What the arguments name: the folder that the paths of the report are relative to, the repositories, and
    remarks on arguments that ask for nothing."""

    root: str
    targets: tuple[Target, ...]
    notes: tuple[str, ...]


def targets(paths: list[str], git: Git) -> Named:
    """Folders are repositories; files narrow the report on the repository around them."""
    whole: set[Path] = set()
    files: dict[Path, list[str]] = {}
    for text in paths or ["."]:
        path = Path(text)
        if path.is_dir():
            whole.add(path)
            files.setdefault(path, [])
        elif path.exists() or path.is_symlink():
            root = _repository_around(path, git)
            files.setdefault(root, []).append(_inside(path, root))
        else:
            raise UsageError(f"there is no file or folder `{text}`")
    _refuse_overlaps(files)
    base = os.path.commonpath([_absolute(folder) for folder in files])
    found, notes = [], []
    top = git.toplevel(Path(base))
    inside_checkout = _inside(Path(os.path.realpath(base)), top) if top is not None else "."
    for folder, inside in files.items():
        only: set[str] | None = set()
        for path_inside in inside:
            reported = _reported_for(path_inside)
            if reported is None:
                only = None
            elif not reported:
                notes.append(
                    f"`{path_inside}` is no file that snowfence reads, so there is nothing to report on it"
                )
            elif only is not None:
                only |= reported
        prefix = _inside(folder, Path(base))
        found.append(
            Target(
                folder,
                "" if prefix == "." else f"{prefix}/",
                "" if inside_checkout == "." else f"{inside_checkout}/",
                None if folder in whole or only is None else frozenset(only),
                tuple(inside),
            )
        )
    root_shown = str(next(iter(files))) if len(files) == 1 else os.path.relpath(base)
    return Named(root_shown, tuple(found), tuple(notes))


def _refuse_overlaps(folders: Iterable[Path]) -> None:
    """A repository inside another that is scanned as well would be reported twice."""
    seen: list[tuple[str, Path]] = []
    for folder in folders:
        real = os.path.realpath(folder).rstrip("/") + "/"
        for other, named in seen:
            if real.startswith(other) or other.startswith(real):
                raise UsageError(f"`{named}` and `{folder}` overlap; name one of them")
        seen.append((real, folder))


def _absolute(path: Path) -> str:
    """Absolute without following links: a linked workflow belongs to the repository that holds the link."""
    return os.path.abspath(path)  # noqa: PTH100


def _inside(path: Path, folder: Path) -> str:
    return os.path.relpath(_absolute(path), _absolute(folder)).replace(os.sep, "/")


def _reported_for(path: str) -> set[str] | None:
    """The inputs on which a named file asks for a report: itself, for a flake.nix also the lock beside it; None means
    all (a policy concerns every file, and so do accepted findings)."""
    folder, slash, name = path.rpartition("/")
    if path in (*FILE_NAMES, ACCEPTED_FILE):
        return None
    if name == "flake.nix":
        return {path, f"{folder}{slash}flake.lock"}
    return {path} if kind_of(path) is not None else set()


def _repository_around(file: Path, git: Git) -> Path:
    """The checkout that holds a file; where that would make no input of it, the folder that does."""
    here = Path(_absolute(file))
    current = Path.cwd()
    top = git.toplevel(here.parent)
    candidates = [top] if top is not None else [current] if here.is_relative_to(current) else []
    candidates += [parent.parent for parent in here.parents if parent.name == ".github"]
    candidates.append(here.parent)
    root = next((one for one in candidates if _reported_for(_inside(here, one)) != set()), candidates[0])
    return from_here(root)


def from_here(folder: Path) -> Path:
    """An absolute folder as people write it: relative to the current one where either holds the other."""
    current = Path.cwd()
    near = folder.is_relative_to(current) or current.is_relative_to(folder)
    return Path(os.path.relpath(folder)) if near else folder
