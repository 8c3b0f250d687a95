"""Where the files of policies are read: from the disk, or from a state of a repository that does not lie on it."""

import os
from pathlib import Path
from typing import Final, Protocol

from scanner.model.safe_file import NotRegular, read_file

MAX_BYTES: Final = 1024 * 1024
"""A larger file is no policy."""


class Files(Protocol):
    """The place that policies are read from."""

    def real(self, file: Path) -> str:
        """The path of a file without links and `..`, by which files are told apart."""

    def may_extend(self, file: Path) -> bool:
        """Whether a policy of this place may read a file."""

    def holds(self, file: Path) -> bool:
        """Whether there is a file."""

    def has(self, file: Path) -> bool:
        """Whether there is anything, be it a folder or a link that leads nowhere."""

    def data(self, file: Path, most: int = MAX_BYTES) -> bytes:
        """The octets of a file, at most one more than `most`. Raises OSError for one that cannot be read, ValueError for what is
        no regular file."""


class Disk:
    """The disk; with `inside`, no file out of that folder may be extended."""

    def __init__(self, inside: Path | None = None) -> None:
        self._inside: Final = None if inside is None else os.path.realpath(inside).rstrip("/") + "/"

    def real(self, file: Path) -> str:
        return os.path.realpath(file)

    def may_extend(self, file: Path) -> bool:
        return self._inside is None or self.real(file).startswith(self._inside)

    def holds(self, file: Path) -> bool:
        return os.path.isfile(file)  # noqa: PTH113 - false for what can be no path, where `Path` raises

    def has(self, file: Path) -> bool:
        return os.path.lexists(file)

    def data(self, file: Path, most: int = MAX_BYTES) -> bytes:
        try:
            return read_file(file, most)
        except NotRegular:
            raise ValueError("the policy is not a regular file") from None
