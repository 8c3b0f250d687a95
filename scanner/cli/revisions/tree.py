"""The inputs of a repository at a revision, read from git's objects: nothing is checked out."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from scanner.adapters.git import Git, TreeFile
from scanner.discover import DANGLING, LEAVES, MAX_BYTES, TOO_LARGE, Discovered, decode, kind_of
from scanner.model.errors import UsageError
from scanner.model.finding import Problem
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span

MAX_LINKS: Final = 40
"""Links behind one another that are followed, as Linux does."""

PARTIAL: Final = "not in this partial clone; fetch it first"
DAMAGED: Final = "missing from this repository, which is damaged; `git fsck` shows what else is"
"""What is said of a file whose content is on the server only, and of one whose content should be here."""


class Tree:
    """The files of a commit. Only those below `inside` count, a folder of the checkout with a slash behind it, or nothing for all
    of it; paths are relative to that. `folder` is where git is asked."""

    def __init__(self, folder: Path, inside: str, commit: str, git: Git) -> None:
        self.folder: Final = folder
        self.inside: Final = inside
        self.files: Final = {file.path: file for file in git.files_at(folder, commit)}
        """By their paths from the root of the checkout."""
        self._git: Final = git
        self._leads: dict[str, str] | None = None

    def discovered(self, wanted: Callable[[str], bool], *, prefix: str = "", base: str = "") -> Discovered:
        """Its inputs of which the paths are `wanted`, as `discover` finds those of a folder; `prefix` and `base` are put before
        paths in reports, see `Source`."""
        problems: list[Problem] = []
        found = sorted(
            path.removeprefix(self.inside)
            for path in self.files
            if path.startswith(self.inside) and kind_of(path.removeprefix(self.inside)) is not None
        )
        paths = [path for path in found if wanted(path)]
        links = self.links([path for path in paths if self.files[self.inside + path].link])
        files: dict[str, TreeFile] = {}
        ends = {path: self.files[self.inside + links.get(path, path)] for path in paths}
        sizes = self._git.sizes(self.folder, (file.object for file in ends.values() if not file.link))
        for path, file in ends.items():
            if file.link or sizes.get(file.object, 0) > MAX_BYTES:
                here = Source(path, kind_of(path) or "", prefix=prefix, base=base)
                why = TOO_LARGE if not file.link else LEAVES if self._leaves(path) else DANGLING
                problems.append(Problem(Span(here, 0, 0), why))
            else:
                files[path] = file
        held = self._git.contents(self.folder, (one.object for one in files.values()))
        why = missing(self.folder, self._git) if any(one.object not in held for one in files.values()) else ""
        sources: list[Source] = []
        for path, file in files.items():
            kind, data = kind_of(path) or "", held.get(file.object)
            if data is None:
                here = Source(path, kind, prefix=prefix, base=base)
                problems.append(Problem(Span(here, 0, 0), why))
                continue
            source = decode(
                path, kind, data, problems, prefix=prefix, target=links.get(path, path), base=base
            )
            if source is not None:
                sources.append(source)
        return Discovered(tuple(sources), tuple(problems), len(found) - len(paths))

    def links(self, paths: list[str]) -> dict[str, str]:
        """The files to which symbolic links lead, through others; a link that leads out of the folder or to no file leads to none."""
        found: dict[str, str] = {}
        for path in paths:
            target = self._target(self.inside + path)
            file = self.files.get(target) if target is not None else None
            if target is not None and file is not None and not file.link and target.startswith(self.inside):
                found[path] = target.removeprefix(self.inside)
        return found

    def _leaves(self, path: str) -> bool:
        target = self._target(self.inside + path)
        return target is None or not target.startswith(self.inside)

    def _target(self, path: str) -> str | None:
        """Where a path ends when every link on its way is followed, from the root of the checkout; None when that is outside, or behind too
        many links."""
        leads = self._every_link()
        done: list[str] = []
        waiting = path.split("/")[::-1]
        followed = 0
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not done:
                    return None
                done.pop()
                continue
            here = "/".join([*done, part])
            to = leads.get(here)
            if to is None:
                done.append(part)
                continue
            followed += 1
            if to.startswith("/") or followed > MAX_LINKS:
                return None
            waiting += to.split("/")[::-1]
        return "/".join(done)

    def _every_link(self) -> dict[str, str]:
        """Where the links of the whole tree lead, read at once. What is not here, or too long for a path, leads nowhere."""
        if self._leads is None:
            links = {path: file for path, file in self.files.items() if file.link}
            sizes = self._git.sizes(self.folder, (file.object for file in links.values()))
            held = self._git.contents(self.folder, (one for one, size in sizes.items() if size <= 4096))
            self._leads = {
                path: os.fsdecode(held[file.object]) for path, file in links.items() if file.object in held
            }
        return self._leads


def commit_of(revision: str, folder: Path, git: Git) -> str:
    """The commit that a name means in the checkout around a folder.

    Raises:
        UsageError: it is not in a checkout, or there is no such revision in it.
    """
    top = git.toplevel(folder)
    if top is None:
        raise UsageError(
            f"{quoted(revision)} cannot be looked up, because {quoted(str(folder))} is not in a git repository"
        )
    commit = git.commit(folder, revision)
    if commit is None:
        raise UsageError(f"{quoted(revision)} is no revision of this repository{advice(folder, git)}")
    return commit


def missing(folder: Path, git: Git) -> str:
    """Why git names a file whose content it does not have."""
    return PARTIAL if git.partial(folder) else DAMAGED


def advice(folder: Path, git: Git) -> str:
    """What to do about a revision that is not there."""
    if not git.shallow(folder):
        return ". `git log` and `git branch --all` show what there is"
    return (
        ". The checkout is shallow: fetch its history with `git fetch --unshallow`, on GitHub with `fetch-depth: 0` of "
        "actions/checkout (2 is enough for `HEAD^1`)"
    )
