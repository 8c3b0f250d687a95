"""Reading files that somebody else may have put there: neither a pipe, nor a device, nor a size decides how long it takes."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

NOT_FOLLOWED: Final = getattr(os, "O_NOFOLLOW", 0)
"""Flag of `os.open`: a link at the end of a path is refused. 0 where the system has no such flag."""

MAX_TABLE: Final = 4 << 20
"""Octets of a table about the world that an update writes and a scan reads."""

_READ: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Without blocking, so that a pipe that nobody writes to does not hang; as it is, where a system would change line ends."""


class NotRegular(OSError):
    """What is read is a folder, a pipe, a socket or a device."""


class IsLink(OSError):
    """What is read is a symbolic link, and links are not to be followed."""


def opened(path: str | Path, *, follow: bool = True, folder: int | None = None) -> BinaryIO:
    """A regular file, open to read its octets; `path` is below the open `folder` where there is one.

    Raises:
        NotRegular: it is something else.
        IsLink: it is a link, and those are not to `follow`.
        OSError: it cannot be read.
    """
    if not follow and not NOT_FOLLOWED and _is_link(path, folder):
        raise IsLink(errno.ELOOP, "a link is not followed", str(path))
    try:
        descriptor = os.open(path, _READ | (0 if follow else NOT_FOLLOWED), dir_fd=folder)
    except OSError as error:
        # Systems do not agree on the error for a link (ELOOP, EMLINK, EFTYPE).
        if not follow and not isinstance(error, FileNotFoundError) and _is_link(path, folder):
            raise IsLink(errno.ELOOP, "a link is not followed", str(path)) from None
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotRegular(errno.EINVAL, "not a regular file", str(path))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_file(path: str | Path, most: int, *, follow: bool = True, folder: int | None = None) -> bytes:
    """The octets of a regular file; of one with more than `most`, one more than that. Raises as `opened` does."""
    with opened(path, follow=follow, folder=folder) as stream:
        return stream.read(most + 1)


def is_own(status: os.stat_result) -> bool | None:
    """Whether a file or folder is this user's, and nobody else may write to it; None where a system has no such owners."""
    try:
        user = os.geteuid()
    except AttributeError:
        return None
    return status.st_uid == user and not status.st_mode & 0o022


def _is_link(path: str | Path, folder: int | None) -> bool:
    try:
        status = os.stat(path, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISLNK(status.st_mode)
