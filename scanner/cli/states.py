"""The states of a repository's locks and policy that `snowfence diff` compares, read from a folder, a revision or a file."""

import os
from pathlib import Path
from posixpath import dirname, normpath
from typing import Final, NamedTuple

from scanner.adapters.git import Git, TreeFile
from scanner.cli.stated import Revision, on_disk, stated
from scanner.cli.targets import targets
from scanner.discover import LOCKS, MAX_BYTES, TOO_LARGE, decode, discover, kind_of
from scanner.graph.nodes.nix import LockfileNode
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Problem
from scanner.model.source import Source, Span
from scanner.parse.nix.lock import Lock
from scanner.pipeline import Read, read_sources
from scanner.views.diff.policies import NOTHING_SAID, PolicyState

_READ: Final = LOCKS | {"flake-nix"}
"""The kinds that are read: what flake.nix says decides what a scan finds in its lock."""


MAX_LINKS: Final = 10
"""Links behind one another that are followed in a revision."""


class Side(NamedTuple):
    """A state: its name for people, what was read of it, its locks by their paths (None: cannot be read), and what it says of its
    own findings."""

    name: str
    read: Read
    locks: dict[str, Lock | None]
    says: PolicyState = NOTHING_SAID


class States:
    """Reads states. Of a revision only what is below `inside` counts, a folder of the checkout with a slash behind it, or
    nothing for all of it; `folder` is where git is asked."""

    def __init__(self, folder: Path, inside: str, git: Git, knowledge: Knowledge) -> None:
        self.folder = folder
        self.inside = inside
        self.git = git
        self.knowledge = knowledge

    def of_file(
        self, name: str, path: str, kind: str, data: bytes, shown: str, says: PolicyState = NOTHING_SAID
    ) -> Side:
        """A single lock, whose inputs have `path` in their ids and `shown` in reports: both files of a comparison have one
        `path`, so that their inputs are the same ones. `says` is the word of the repository that judges it."""
        problems: list[Problem] = []
        source = decode(path, kind, data, problems, target=shown)
        return self._side(name, {path: source}, problems, says)

    def in_folder(self, name: str, folder: Path) -> Side:
        [target] = targets([str(folder)], self.git).targets
        found = discover(target.root, self.git, prefix=target.prefix, base=target.base)
        problems = [one for one in found.problems if kind_of(one.at.path) in _READ]
        sources: dict[str, Source | None] = {one.at.path: None for one in problems}
        sources.update((source.path, source) for source in found.sources if source.kind in _READ)
        return self._side(name, sources, problems, on_disk(folder, target.base))

    def at_revision(self, name: str, commit: str) -> Side:
        problems: list[Problem] = []
        every = {file.path: file for file in self.git.files_at(self.folder, commit)}
        paths = sorted(
            path.removeprefix(self.inside)
            for path in every
            if path.startswith(self.inside) and kind_of(path.removeprefix(self.inside)) in _READ
        )
        links = self.links([path for path in paths if every[self.inside + path].link], every)
        files = {path: every[self.inside + links.get(path, path)] for path in paths}
        held = self.git.contents(
            self.folder, (one.object for one in files.values() if not one.link and one.size <= MAX_BYTES)
        )
        sources: dict[str, Source | None] = {}
        for path, file in files.items():
            kind, data = kind_of(path) or "", held.get(file.object)
            if data is None or file.link:
                why = (
                    "a symbolic link that leads to no file here is not followed"
                    if file.link
                    else TOO_LARGE
                    if file.size > MAX_BYTES
                    else "not in this partial clone; fetch it first"
                )
                problems.append(Problem(Span(Source(path, kind, base=self.inside), 0, 0), why))
                sources[path] = None
            else:
                sources[path] = decode(path, kind, data, problems, target=links.get(path), base=self.inside)
        return self._side(name, sources, problems, self.says_at(every))

    def says_at(self, files: dict[str, TreeFile]) -> PolicyState:
        """What the files of a revision say of its findings."""
        where = Revision(self.folder, self.inside, self.git, files, lambda paths: self.links(paths, files))
        return stated(where, Path(), self.inside)

    def links(self, paths: list[str], files: dict[str, TreeFile]) -> dict[str, str]:
        """The files of a revision to which symbolic links lead, through others; a link out of the folder leads to none."""
        found: dict[str, str] = {}
        leading = {path: self.inside + path for path in paths}
        for _ in range(MAX_LINKS):
            if not leading:
                break
            held = self.git.contents(self.folder, (files[at].object for at in leading.values()))
            further: dict[str, str] = {}
            for path, at in leading.items():
                leads = os.fsdecode(held.get(files[at].object, b""))
                target = normpath(f"{dirname(at)}/{leads}".lstrip("/"))
                if leads.startswith("/") or not target.startswith(self.inside) or target not in files:
                    continue
                if files[target].link:
                    further[path] = target
                else:
                    found[path] = target.removeprefix(self.inside)
            leading = further
        return found

    def _side(
        self, name: str, sources: dict[str, Source | None], problems: list[Problem], says: PolicyState
    ) -> Side:
        """A lock that cannot be read is kept as such, so that it does not look as if it were gone."""
        read = read_sources((one for one in sources.values() if one is not None), problems, self.knowledge)
        locks: dict[str, Lock | None] = {
            path: None
            for path, source in sources.items()
            if (source.kind if source is not None else kind_of(path)) in LOCKS
        }
        locks.update((node.path, node.lock) for node in read.graph.of(LockfileNode))
        return Side(name, read, locks, says)
