"""What a repository says of its own findings in a state of it: its policy, the files that this extends, accepted findings."""

import os
from collections.abc import Iterator
from pathlib import Path
from posixpath import normpath
from typing import Final

from scanner.adapters.git import Git
from scanner.cli.common import two_policies
from scanner.cli.revisions.tree import Tree, missing
from scanner.model.errors import PolicyError, UsageError
from scanner.model.source import Source
from scanner.policy.accepted import FILE_NAME, read_accepted
from scanner.policy.accepted import MAX_BYTES as MAX_ACCEPTED
from scanner.policy.files import MAX_BYTES, Disk, Files
from scanner.policy.load import FILE_NAMES, load_policies
from scanner.policy.policy import Policy
from scanner.views.diff.policies import AcceptedState, PolicyState


def policy_state(where: Files, root: Path, base: str) -> PolicyState:
    """What the files in `root` say; `base` stands before their paths in the whole checkout."""
    kept = _Kept(where)
    found = [name for name in FILE_NAMES if where.has(root / name)]
    policy: Policy | None = None
    error: UsageError | None = None
    if len(found) > 1:
        for name in found:
            kept.keep(root / name)
        error = two_policies(*found)
    elif found:
        try:
            policy = load_policies([(root / found[0], found[0])], where=kept)
        except UsageError as refused:
            error = refused
    return PolicyState(
        {
            path: Source(path, "policy", text, target=where_it_is, base=base)
            for path, where_it_is, text in kept.texts(root)
        },
        policy,
        error,
        accepted_in(where, root, base),
    )


def accepted_in(where: Files, root: Path, base: str) -> AcceptedState | None:
    """What the file of accepted findings in `root` says, None where there is none; `base` stands before its path."""
    file = root / FILE_NAME
    if not where.has(file):
        return None
    source = Source(FILE_NAME, "accepted", target=_below(where.real(file), where.real(root)), base=base)
    try:
        if not where.may_extend(file):
            raise ValueError("a symbolic link that leaves the repository is not followed")
        data = where.data(file, MAX_ACCEPTED)
        if len(data) > MAX_ACCEPTED:
            raise ValueError(f"larger than {MAX_ACCEPTED // 1024 // 1024} MB")
        text = data.decode("utf-8").removeprefix("\ufeff")
    except OSError as error:
        return AcceptedState(source, error=PolicyError(source.shown, f"cannot be read: {error.strerror}"))
    except ValueError as error:
        return AcceptedState(source, error=PolicyError(source.shown, str(error)))
    source = Source(FILE_NAME, "accepted", text, target=source.shown, base=base)
    try:
        return AcceptedState(source, read_accepted(source))
    except PolicyError as error:
        return AcceptedState(source, error=error)


class _Kept:
    """Files of another place, with what was read of them."""

    def __init__(self, where: Files) -> None:
        self._where: Final = where
        self.read: Final[dict[Path, bytes]] = {}

    def real(self, file: Path) -> str:
        return self._where.real(file)

    def may_extend(self, file: Path) -> bool:
        return self._where.may_extend(file)

    def holds(self, file: Path) -> bool:
        return self._where.holds(file)

    def has(self, file: Path) -> bool:
        return self._where.has(file)

    def data(self, file: Path, most: int = MAX_BYTES) -> bytes:
        # Noted before it is read: what cannot be read is part of the state as well.
        self.read[file] = b""
        self.read[file] = self._where.data(file, most)
        return self.read[file]

    def keep(self, file: Path) -> None:
        """Reads a file for what it says, whatever is wrong with it."""
        try:
            self.data(file)
        except (OSError, ValueError):
            return

    def texts(self, root: Path) -> Iterator[tuple[str, str, str]]:
        """The files that were read: the path below `root`, the one to which a link leads, the text."""
        real = self._where.real(root)
        for file, data in self.read.items():
            text = data[:MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
            yield _below(str(file), str(root)), _below(self._where.real(file), real), text


def _below(path: str, root: str) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/")


class RevisionFiles:
    """The files of a revision, as `Files`."""

    def __init__(self, tree: Tree, git: Git) -> None:
        self._tree: Final = tree
        self._git: Final = git
        self._files: Final = tree.files
        self._inside: Final = tree.inside

    def real(self, file: Path) -> str:
        path = normpath(file.as_posix())
        found = self._files.get(self._inside + path)
        return self._tree.links([path]).get(path, path) if found is not None and found.link else path

    def may_extend(self, file: Path) -> bool:
        return not file.is_absolute() and not self.real(file).startswith("../")

    def holds(self, file: Path) -> bool:
        return self._inside + normpath(file.as_posix()) in self._files

    def has(self, file: Path) -> bool:
        path = self._inside + normpath(file.as_posix())
        return path in self._files or any(one.startswith(f"{path}/") for one in self._files)

    def data(self, file: Path, most: int = MAX_BYTES) -> bytes:
        found = self._files.get(self._inside + self.real(file))
        if found is None and not self.holds(file):
            raise ValueError("not a regular file")
        if found is None or found.link:
            raise ValueError("a symbolic link that leads to no file here is not followed")
        if self._git.sizes(self._tree.folder, [found.object]).get(found.object, 0) > most:
            raise ValueError(f"larger than {most // 1024 // 1024} MB")
        held = self._git.contents(self._tree.folder, [found.object]).get(found.object)
        if held is None:
            raise ValueError(missing(self._tree.folder, self._git))
        return held


def on_disk(folder: Path, base: str) -> PolicyState:
    """What a folder says now."""
    return policy_state(Disk(folder), folder, base)
