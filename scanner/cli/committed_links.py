"""Symbolic links inside a scanned repository: somebody else may have committed them, so no output follows one. What it leads to may be a
file of somebody else, or one of the repository that is run later: a hook of git, a script."""

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


def refuse_committed_links(output: str, scanned: Iterable[Path]) -> None:
    """Sees to it that no link of a scanned repository decides which file is written.

    Raises:
        UsageError: `output` goes through such a link.
    """
    links = list(_links(output))
    roots = {root for folder in scanned for root in _roots(folder)} if links else ()
    for link in links:
        for root in roots:
            if link.startswith(root.rstrip(os.sep) + os.sep):
                raise UsageError(
                    f"{quoted(output, _SHOWN)} goes through {quoted(link, _SHOWN)}, a link in the scanned repository, and whoever committed it "
                    "could choose what is overwritten; name another file, or remove the link"
                )


def _roots(folder: Path) -> Iterator[str]:
    """The checkout of a folder, and those around it, of which it may be a submodule."""
    real = Path(os.path.realpath(folder))
    top = Git().toplevel(real)
    yield os.path.realpath(top or real)
    while top is not None and top != top.parent:
        top = Git().toplevel(top.parent)
        if top is not None:
            yield os.path.realpath(top)


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
