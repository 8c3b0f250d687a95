"""What `snowfence diff` compares: files, folders and revisions become two states of a repository's locks."""

import os
from pathlib import Path
from posixpath import dirname, normpath
from typing import Final, NamedTuple

from scanner.adapters.git import Git, TreeFile
from scanner.cli.common import targets
from scanner.discover import LOCKS, MAX_BYTES, discover, kind_of
from scanner.graph.build import build
from scanner.knowledge.tables import Knowledge
from scanner.model.errors import UsageError
from scanner.model.finding import Problem
from scanner.model.source import Source, Span
from scanner.parse.document import parse
from scanner.parse.json import load
from scanner.parse.nix.lock import Lock
from scanner.pipeline import Read
from scanner.policy.load import FILE_NAME

_READ: Final = LOCKS | {"flake-nix"}
"""The kinds that are read: what flake.nix says decides what a scan finds in its lock."""


class Side(NamedTuple):
    """A state: its name for people, what was read of it, and its locks by their paths (None: cannot be read)."""

    name: str
    read: Read
    locks: dict[str, Lock | None]


class Sides(NamedTuple):
    """Both states. `policy` is where the policy of the repository would be, None when only files are compared."""

    old: Side
    new: Side
    policy: Path | None


class _Revision(NamedTuple):
    name: str
    commit: str


class _Path(NamedTuple):
    name: str
    path: Path


_WORKING_TREE: Final = "the working tree"
_Named = _Revision | _Path


def sides(old: str, new: str | None, repository: str, git: Git, knowledge: Knowledge) -> Sides:
    """Reads what the two arguments name; with one of them, a range of revisions, or a revision and the working tree."""
    return _Reading(Path(repository), git, knowledge).sides(old, new)


class _Reading:
    """Reads states; revisions are those of the checkout around `folder`, and only what is below it is compared."""

    def __init__(self, folder: Path, git: Git, knowledge: Knowledge) -> None:
        if not folder.is_dir():
            raise UsageError(f"`{folder}` is not a folder; name a repository")
        self.folder = folder
        self.git = git
        self.knowledge = knowledge
        self.top = git.toplevel(folder)
        self.inside = ""  # the folder in the checkout, with a slash behind it
        if self.top is not None:
            inside = os.path.relpath(folder.resolve(), self.top).replace(os.sep, "/")
            self.inside = "" if inside == "." else f"{inside}/"

    def sides(self, old: str, new: str | None) -> Sides:
        if new is None:
            return self.of_one(old)
        one, other = self.named(old), self.named(new)
        match one, other:
            case _Revision(), _Revision():
                return self.of_revisions(one, other)
            case _Path(), _Path():
                return self.of_paths(one, other)
            case _Revision(), _Path():
                before, after = self.revision_and_path(one, other)
                return Sides(before, after, self.folder / FILE_NAME)
        assert isinstance(one, _Path)
        assert isinstance(other, _Revision)
        after, before = self.revision_and_path(other, one)
        return Sides(before, after, self.folder / FILE_NAME)

    def of_one(self, text: str) -> Sides:
        if os.path.lexists(text) and self.commit(text) is None:
            raise UsageError(
                f"`{text}` is compared with what? Name two files or folders, or a revision: `snowfence diff HEAD~1`"
            )
        if text.startswith(("./", "../", "/")):
            raise UsageError(f"there is no file or folder `{text}`")
        left, dots, right = text.partition("...")
        if not dots:
            left, dots, right = text.partition("..")
        if dots and self.commit(text) is None:
            one, other = self.revision(left or "HEAD"), self.revision(right or "HEAD")
            if dots == "...":
                base = self.git.merge_base(self.folder, one.commit, other.commit)
                if base is None:
                    raise UsageError(
                        f"`{one.name}` and `{other.name}` share no history that is here{self.advice()}"
                    )
                one = _Revision(f"merge base of {one.name} and {other.name}", base)
            return self.of_revisions(one, other)
        named = self.named(text)
        revision = named if isinstance(named, _Revision) else self.revision(text)
        return Sides(
            self.at_revision(revision), self.in_folder(_WORKING_TREE, self.folder), self.folder / FILE_NAME
        )

    # ------------------------------------------------------------ what an argument names

    def named(self, text: str) -> _Named:
        """A path or a revision; what is both is refused, since a guess would compare something else than was meant."""
        exists = os.path.lexists(text)
        plain = exists and (text.startswith(("./", "../", "/")) or text in (".", ".."))
        if plain:
            return _Path(text, Path(text))
        commit = self.commit(text)
        if exists and commit is not None:
            raise UsageError(
                f"`{text}` is both a path and a revision. Write `./{text}` for the path or `{text}~0` for the revision"
            )
        if exists:
            return _Path(text, Path(text))
        return self.revision(text, commit)

    def commit(self, text: str) -> str | None:
        return self.git.commit(self.folder, text) if self.top is not None else None

    def revision(self, text: str, commit: str | None = None) -> _Revision:
        commit = commit or self.commit(text)
        if commit is not None:
            return _Revision(text, commit)
        if self.top is None:
            raise UsageError(
                f"there is no file or folder `{text}`, and `{self.folder}` is not in a git repository, so it is no revision either"
            )
        raise UsageError(f"`{text}` is no revision of this repository, and no file or folder{self.advice()}")

    def advice(self) -> str:
        if not self.git.shallow(self.folder):
            return ". `git log` and `git branch --all` show what there is"
        return (
            ". The checkout is shallow: fetch its history with `git fetch --unshallow`, on GitHub with `fetch-depth: 0` of "
            "actions/checkout"
        )

    # ------------------------------------------------------------ pairs of states

    def of_revisions(self, old: _Revision, new: _Revision) -> Sides:
        return Sides(self.at_revision(old), self.at_revision(new), self.folder / FILE_NAME)

    def of_paths(self, old: _Path, new: _Path) -> Sides:
        folders = old.path.is_dir(), new.path.is_dir()
        if folders == (True, True):
            return Sides(
                self.in_folder(old.name, old.path), self.in_folder(new.name, new.path), new.path / FILE_NAME
            )
        if True in folders:
            raise UsageError(f"`{old.name}` and `{new.name}` are a file and a folder; name two of a kind")
        before, after = _data(old.path), _data(new.path)
        path = self.in_checkout(new.path) or new.path.name
        kind = (
            _lock_kind(path)
            or _lock_kind(str(old.path))
            or _kind_by_content(after)
            or _kind_by_content(before)
        )
        return Sides(
            self.of_file(old, path, kind or "flake-lock", before),
            self.of_file(new, path, kind or "flake-lock", after),
            None,
        )

    def revision_and_path(self, revision: _Revision, named: _Path) -> tuple[Side, Side]:
        """A revision and a path: a folder stands for a whole state, a file for itself."""
        if named.path.is_dir():
            return self.at_revision(revision), self.in_folder(named.name, named.path)
        path = self.in_checkout(named.path)
        if path is None or self.git.toplevel(named.path.parent) != self.top:
            raise UsageError(
                f"`{named.name}` is not in the repository of `{revision.name}`; name a file of it, or two files"
            )
        data = _data(named.path)
        kind = _lock_kind(path) or _kind_by_content(data) or "flake-lock"
        files = {file.path: file for file in self.git.files_at(self.folder, revision.commit)}
        file = files.get(path)
        if file is None:
            raise UsageError(f"there is no `{path}` in `{revision.name}`")
        held = self.git.contents(self.folder, [file.object]).get(file.object)
        if held is None:
            raise UsageError(f"`{path}` of `{revision.name}` is not in this partial clone; fetch it first")
        return (
            self.of_file(_Path(revision.name, named.path), path, kind, held, at_revision=True),
            self.of_file(named, path, kind, data),
        )

    # ------------------------------------------------------------ one state

    def in_checkout(self, file: Path) -> str | None:
        """The path of a file from the root of its checkout, None outside of one."""
        real = file.parent.resolve()
        top = self.git.toplevel(real)
        if top is None:
            return None
        return os.path.relpath(real / file.name, top).replace(os.sep, "/")

    def of_file(self, named: _Path, path: str, kind: str, data: bytes, *, at_revision: bool = False) -> Side:
        """Both files of a comparison have one `path`, that of the new one, so that their inputs are the same ones."""
        problems: list[Problem] = []
        shown = path if at_revision else (self.in_checkout(named.path) or str(named.path))
        source = _source(path, kind, data, problems, target=shown)
        return self.side(named.name, [(path, source)], problems)

    def in_folder(self, name: str, folder: Path) -> Side:
        [target] = targets([str(folder)], self.git).targets
        found = discover(target.root, self.git, prefix=target.prefix, base=target.base)
        problems = [one for one in found.problems if kind_of(one.at.path) in _READ]
        sources: list[tuple[str, Source | None]] = [
            (source.path, source) for source in found.sources if source.kind in _READ
        ]
        there = {path for path, _ in sources}
        sources += [
            (one.at.path, None)
            for one in problems
            if one.at.path not in there and kind_of(one.at.path) in LOCKS
        ]
        return self.side(name, sources, problems)

    def at_revision(self, revision: _Revision) -> Side:
        problems: list[Problem] = []
        every = {file.path: file for file in self.git.files_at(self.folder, revision.commit)}
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
        sources: list[tuple[str, Source | None]] = []
        for path, file in files.items():
            kind, data = kind_of(path) or "", held.get(file.object)
            if data is None or file.link:
                why = (
                    "a symbolic link that leads to no file here is not followed"
                    if file.link
                    else f"larger than {MAX_BYTES // 1024 // 1024} MB, so it is not read"
                    if file.size > MAX_BYTES
                    else "not in this partial clone; fetch it first"
                )
                problems.append(Problem(Span(Source(path, kind, base=self.inside), 0, 0), why))
                sources.append((path, None))
            else:
                source = _source(path, kind, data, problems, target=links.get(path), base=self.inside)
                sources.append((path, source))
        return self.side(revision.name, sources, problems)

    def links(self, paths: list[str], files: dict[str, TreeFile]) -> dict[str, str]:
        """The files of a revision to which symbolic links lead; a link to a link, or out of the folder, leads to none."""
        held = self.git.contents(self.folder, (files[self.inside + path].object for path in paths))
        found: dict[str, str] = {}
        for path in paths:
            leads = os.fsdecode(held.get(files[self.inside + path].object, b""))
            target = normpath(f"{dirname(self.inside + path)}/{leads}".lstrip("/"))
            if not leads.startswith("/") and target.startswith(self.inside) and target in files:
                found[path] = target.removeprefix(self.inside)
        return found

    def side(self, name: str, sources: list[tuple[str, Source | None]], problems: list[Problem]) -> Side:
        """Parses what was read; a lock that cannot be is kept as such, so that it does not look as if it were gone."""
        parsed = [parse(source) for _, source in sources if source is not None]
        locks: dict[str, Lock | None] = {
            path: None
            for path, source in sources
            if (source.kind if source is not None else kind_of(path)) in LOCKS
        }
        documents = [one.document for one in parsed if one.document is not None]
        locks.update((one.source.path, one) for one in documents if isinstance(one, Lock))
        read = Read(
            build(documents, self.knowledge),
            (*problems, *(problem for one in parsed for problem in one.problems)),
            frozenset(one.source.kind for one in parsed if one.document is not None),
            len(parsed),
        )
        return Side(name, read, locks)


def _source(
    path: str,
    kind: str,
    data: bytes,
    problems: list[Problem],
    *,
    target: str | None = None,
    base: str = "",
) -> Source | None:
    """The text of a file; None, and a problem, when it is none."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    here = Source(path, kind, data.decode("utf-8", "replace"), target=target, base=base)
    if len(data) > MAX_BYTES:
        problems.append(
            Problem(Span(here, 0, 0), f"larger than {MAX_BYTES // 1024 // 1024} MB, so it is not read")
        )
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = len(data[: error.start].decode("utf-8"))
        problems.append(
            Problem(
                Span(here, start, start + 1),
                f"not UTF-8: the byte 0x{data[error.start]:02x} cannot be read. Save the file as UTF-8",
            )
        )
        return None
    return here


def _data(path: Path) -> bytes:
    """The octets of a file that was named, at most one more than the bound."""
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read `{path}`: {error.strerror}") from error


def _lock_kind(path: str) -> str | None:
    kind = kind_of(path.replace(os.sep, "/"))
    return kind if kind in LOCKS else None


def _kind_by_content(data: bytes) -> str | None:
    """Which tool's lock a file is, whatever its name."""
    content = load(Source("", "", data.decode("utf-8", "replace")), []) if len(data) <= MAX_BYTES else None
    if not isinstance(content, dict):
        return None
    for key, kind in (("nodes", "flake-lock"), ("pins", "npins"), ("sources", "lon")):
        if key in content:
            return kind
    return "niv" if content and all(isinstance(value, dict) for value in content.values()) else None
