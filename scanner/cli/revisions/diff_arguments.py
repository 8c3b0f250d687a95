"""What the arguments of `snowfence diff` name: files, folders and revisions become two states of a repository's locks and policy."""

import os
from pathlib import Path
from typing import Final, NamedTuple

from scanner.adapters.git import Git
from scanner.cli.revisions.diff_state import Side, States
from scanner.cli.revisions.tree import advice, missing
from scanner.discover import LOCKS, MAX_BYTES, kind_of
from scanner.knowledge.tables import Knowledge
from scanner.model.errors import UsageError
from scanner.model.source import Source
from scanner.parse.json import load


class Sides(NamedTuple):
    """Both states."""

    old: Side
    new: Side


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
    return _Arguments(Path(repository), git, knowledge).sides(old, new)


class _Arguments:
    """Revisions are those of the checkout around `folder`, and only what is below it is compared."""

    def __init__(self, folder: Path, git: Git, knowledge: Knowledge) -> None:
        if not folder.is_dir():
            raise UsageError(f"`{folder}` is not a folder; name a repository")
        self.folder = folder
        self.git = git
        self.top = git.toplevel(folder)
        inside = "."
        if self.top is not None:
            inside = os.path.relpath(folder.resolve(), self.top).replace(os.sep, "/")
        self.states = States(folder, "" if inside == "." else f"{inside}/", git, knowledge)

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
                return Sides(before, after)
        assert isinstance(one, _Path)
        assert isinstance(other, _Revision)
        after, before = self.revision_and_path(other, one)
        return Sides(before, after)

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
                        f"`{one.name}` and `{other.name}` share no history that is here{advice(self.folder, self.git)}"
                    )
                one = _Revision(f"merge base of {one.name} and {other.name}", base)
            return self.of_revisions(one, other)
        named = self.named(text)
        revision = named if isinstance(named, _Revision) else self.revision(text)
        return Sides(self.at_revision(revision), self.states.in_folder(_WORKING_TREE, self.folder))

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
        raise UsageError(
            f"`{text}` is no revision of this repository, and no file or folder{advice(self.folder, self.git)}"
        )

    # ------------------------------------------------------------ pairs of states

    def of_revisions(self, old: _Revision, new: _Revision) -> Sides:
        return Sides(self.at_revision(old), self.at_revision(new))

    def of_paths(self, old: _Path, new: _Path) -> Sides:
        folders = old.path.is_dir(), new.path.is_dir()
        if folders == (True, True):
            return Sides(self.states.in_folder(old.name, old.path), self.states.in_folder(new.name, new.path))
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
            self.states.of_file(old.name, path, kind or "flake-lock", before, self.shown(old.path)),
            self.states.of_file(new.name, path, kind or "flake-lock", after, self.shown(new.path)),
        )

    def revision_and_path(self, revision: _Revision, named: _Path) -> tuple[Side, Side]:
        """A revision and a path: a folder stands for a whole state, a file for itself."""
        if named.path.is_dir():
            return self.at_revision(revision), self.states.in_folder(named.name, named.path)
        path = self.in_checkout(named.path)
        if path is None or self.git.toplevel(named.path.parent) != self.top:
            raise UsageError(
                f"`{named.name}` is not in the repository of `{revision.name}`; name a file of it, or two files"
            )
        data = _data(named.path)
        kind = _lock_kind(path) or _kind_by_content(data) or "flake-lock"
        tree = self.states.tree(revision.commit)
        file = tree.files.get(path)
        if file is None:
            raise UsageError(f"there is no `{path}` in `{revision.name}`")
        if file.link:
            inside = self.states.inside
            target = tree.links([path.removeprefix(inside)]).get(path.removeprefix(inside))
            if target is None:
                raise UsageError(
                    f"`{path}` of `{revision.name}` is a symbolic link that leads to no file there"
                )
            file = tree.files[inside + target]
        held = self.git.contents(self.folder, [file.object]).get(file.object)
        if held is None:
            raise UsageError(f"`{path}` of `{revision.name}` is {missing(self.folder, self.git)}")
        # One file is compared, and judged by the policy that was there with it; a change of that is not asked for.
        says = self.states.says_at(tree)
        return (
            self.states.of_file(revision.name, path, kind, held, path, says),
            self.states.of_file(named.name, path, kind, data, self.shown(named.path), says),
        )

    def in_checkout(self, file: Path) -> str | None:
        """The path of a file from the root of its checkout, None outside of one."""
        real = file.parent.resolve()
        top = self.git.toplevel(real)
        if top is None:
            return None
        return os.path.relpath(real / file.name, top).replace(os.sep, "/")

    def shown(self, file: Path) -> str:
        """The path of a file in reports."""
        return self.in_checkout(file) or str(file)

    def at_revision(self, revision: _Revision) -> Side:
        return self.states.at_revision(revision.name, revision.commit)


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
