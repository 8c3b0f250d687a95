"""What advisories say of the version of an action that a use runs."""

from collections.abc import Iterable
from typing import NamedTuple

from scanner.analysis.remotes.running import Release, Run
from scanner.analysis.uses.affected import has
from scanner.knowledge.advisories import Advisory


class Found(NamedTuple):
    """Of the advisories about what runs: those that it certainly has, those that it has perhaps, those of which it cannot be told; and of
    those about a compromise the ones whose tags it follows."""

    certain: tuple[Advisory, ...]
    perhaps: tuple[Advisory, ...]
    unclear: tuple[Advisory, ...]
    hijacked: tuple[Advisory, ...]


def found_in(known: Iterable[Advisory], run: Run, release: Release | None) -> Found:
    """What the advisories of a repository say of a use; `release` is what it runs, as far as that is told."""
    sorted_out: dict[bool | None, list[Advisory]] = {True: [], None: [], False: []}
    hijacked = []
    for one in known:
        if not any(row.covers(run.use.path) for row in one.affected):
            continue
        answer: bool | None = None
        if release is not None:
            answer = has(one, run.use.path, release.version, release.one_of_line)
        elif run.commit is None:
            answer = False  # a branch, which is taken to be newer than every release
        if one.compromise is None:
            sorted_out[answer].append(one)
        elif answer and run.commit is None:
            hijacked.append(one)
    of_line = release is None or release.one_of_line
    open = tuple(sorted_out[None])
    return Found(tuple(sorted_out[True]), () if of_line else open, open if of_line else (), tuple(hijacked))
