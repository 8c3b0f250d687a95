"""Writing files that are there as a whole or not at all, whenever a run is killed."""

import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from scanner.model.safe_file import NOT_FOLLOWED

UNFINISHED: Final = re.compile(r"\..+\.[0-9a-f]{12}\.new", re.DOTALL)
"""Names of files that were being written when a run was killed."""

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | NOT_FOLLOWED


def write_whole(
    file: Path, data: bytes, *, folder: int | None = None, lasting: bool = False, private: bool = True
) -> None:
    """Writes a file under another name beside it and renames it; `file` is below the open `folder` where there is one. A `lasting` one is on the
    disk before it has its name. A `private` one is readable for its owner alone, another keeps its rights, or has those of any new file.

    Raises:
        OSError: it cannot be written; what was there before still is.
    """
    # Not made of the file's own name, which may be as long as a name can be.
    beside = file.with_name(f".snowfence.{os.urandom(6).hex()}.new")
    try:
        with os.fdopen(os.open(beside, _NEW, 0o600 if private else 0o666, dir_fd=folder), "wb") as opened:
            if not private:
                with suppress(OSError, AttributeError):  # it is new, or the system has no such rights
                    os.fchmod(opened.fileno(), stat.S_IMODE(os.stat(file, dir_fd=folder).st_mode))
            opened.write(data)
            if lasting:
                opened.flush()
                os.fsync(opened.fileno())
        os.replace(beside, file, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside, dir_fd=folder)
        raise
