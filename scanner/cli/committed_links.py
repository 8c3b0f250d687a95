"""Symbolic links inside a scanned repository: somebody else may have committed them, so no output follows one that leads out of it."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from scanner.adapters.git import Git
from scanner.model.errors import UsageError
from scanner.model.quoting import quoted

MAX_LINKS: Final = 40
"""Links behind one another that are followed, as Linux does."""

_SHOWN: Final = 200


def refuse_links_out(output: str, scanned: Iterable[Path]) -> None:
    """Sees to it that no link of a scanned repository decides which file outside of it is written.

    Raises:
        UsageError: `output` goes through such a link.
    """
    roots = [os.path.realpath(Git().toplevel(folder) or folder) for folder in scanned]
    for link in _links(output):
        for root in roots:
            if _is_in(link, root) and not _is_in(os.path.realpath(link), root):
                raise UsageError(
                    f"{quoted(output, _SHOWN)} goes through {quoted(link, _SHOWN)}, a link in the scanned repository that leads out of it, and "
                    "whoever committed it could choose what is overwritten; name another file, or remove the link"
                )


def _links(path: str) -> Iterator[str]:
    """The links on the way to a file and behind one another, each where it really stands."""
    start = Path(path)
    done = os.path.realpath(start.anchor or ".")
    waiting = [*start.parts[bool(start.anchor) :]][::-1]
    followed = 0
    while waiting:
        part = waiting.pop()
        here = Path(done, part)
        if part == "..":
            done = str(Path(done).parent)
        elif not os.path.islink(here):  # noqa: PTH114 - a name too long for a file is none
            done = str(here)
        else:
            yield str(here)
            followed += 1
            if followed > MAX_LINKS:
                return
            to = here.readlink()
            if to.anchor:
                done = os.path.realpath(to.anchor)
            waiting += to.parts[bool(to.anchor) :][::-1]


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
