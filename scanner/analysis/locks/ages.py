"""How old a locked input is, when that cannot be said, and which of a policy's patterns an input is called by."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from math import isfinite
from typing import Final, Literal, NamedTuple

from scanner.analysis.locks.inputs import Input
from scanner.analysis.locks.moving import stays
from scanner.analysis.locks.references import repository_of
from scanner.analysis.patterns import covered
from scanner.model.counting import counted
from scanner.model.finding import Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nix.lock import NIX
from scanner.parse.nix.reference import Reference

_EPOCH: Final = date(1970, 1, 1)
_DAY: Final = 24 * 60 * 60
_LAST: Final = (date.max - _EPOCH).days
_1980: Final = 315_532_800
"""1980-01-01, where ZIP begins to count (PKWARE APPNOTE 4.4.6): tools that make all dates one write it."""
_NAMED: Final = 5

_DATED: Final = frozenset(("github", "gitlab", "sourcehut", "git", "tarball", "path"))
"""Types for which Nix writes `lastModified`; a single file and a Mercurial checkout get none (its fetchers)."""


class Age(NamedTuple):
    """`days` since the day `since` on which the locked content was last modified."""

    days: int
    since: date


class Undated(NamedTuple):
    """Why the age of an input is not known, as a word and in words; `day` is the date that a future one claims."""

    kind: Literal["missing", "no-number", "placeholder", "no-time", "future"]
    reason: str
    day: date | None = None


def modified_at(locked: Reference) -> float | Undated:
    """When the locked content was last modified, in seconds since 1970 and at most in the year 9999, or why that is not
    known.

    Nothing checks `lastModified`: whoever writes the lock can choose it.
    """
    modified = locked.attributes.get("lastModified")
    if modified is None:
        return Undated("missing", "it has no `lastModified`")
    if isinstance(modified, bool | str):
        return Undated("no-number", "its `lastModified` is not a number")
    if modified in (0, 1, _1980):
        return Undated(
            "placeholder",
            "its `lastModified` is a placeholder, as files of the Nix store and of archives have it",
        )
    if (isinstance(modified, float) and not isfinite(modified)) or modified < 0:
        return Undated("no-time", "its `lastModified` is not a time")
    if modified // _DAY > _LAST:
        return Undated("future", "its `lastModified` lies in the future")
    return modified


def day_of(locked: Reference) -> date | None:
    """The day on which the locked content was last modified, as the lock claims; None where that is no date."""
    modified = modified_at(locked)
    return None if isinstance(modified, Undated) else _day(modified)


def _day(modified: float) -> date:
    return _EPOCH + timedelta(int(modified // _DAY))


def age_of(locked: Reference, now: date) -> Age | Undated:
    """The age of an input, or why it is not known."""
    modified = modified_at(locked)
    if isinstance(modified, Undated):
        return modified
    day = _day(modified)
    days = (now - day).days
    if days < -1:  # one day is what clocks and time zones may differ by
        return Undated("future", "its `lastModified` lies in the future", day)
    days = max(days, 0)
    return Age(days, now - timedelta(days))


def has_no_date(input: Input) -> bool:
    """Whether an input without a date is as its tool writes it: nobody has left the date out.

    Pins are written without dates. Older versions of Nix gave tarballs none, and the URL of one fixed file leads to
    nothing newer.
    """
    locked, original = input.node.input.locked, input.node.input.original
    if input.relative or input.node.lock.tool is not NIX or locked.type not in _DATED:
        return True
    return locked.type == "tarball" and stays(original)


def unknown_age(undated: Sequence[Input]) -> Unknown:
    """The one answer for inputs of one lock that have no date as their tool writes them."""
    first = undated[0]
    return Unknown(
        date_place(first),
        first.node.id,
        f"how old {listed(undated)} may be is not known: {first.node.lock.tool.name} writes no date for such inputs",
    )


def date_place(input: Input) -> Span:
    """The date of an input, or the key that should hold it; version 5 of flake.lock has an object of its own for it."""
    lock = input.node.lock
    return input.value("info" if lock.tool is NIX and lock.version == 5 else "locked", "lastModified")


def listed(named: Sequence[Input]) -> str:
    """Names of inputs for a message, the first few of them."""
    shown = ", ".join(quoted(input.name) for input in named[:_NAMED])
    return f"{shown} and {len(named) - _NAMED} more" if len(named) > _NAMED else shown


def is_called(input: Input, patterns: Iterable[str]) -> bool:
    """Whether a pattern of a policy covers an input: by a name of it at the root, by its path (`home-manager/nixpkgs`)
    or by `owner/repository`."""
    return any(covered(name, patterns) for name in _names(input))


def limit_of(input: Input, limits: Mapping[str, int]) -> int | None:
    """What the first pattern says that covers an input; None when none does."""
    if not limits:
        return None
    names = _names(input)
    for pattern, days in limits.items():
        if any(covered(name, (pattern,)) for name in names):
            return days
    return None


def _names(input: Input) -> tuple[str, ...]:
    names = (*input.names, input.name)
    repository = repository_of(input.node.input.locked)
    return names if repository is None else (*names, repository.path)


def days_text(days: int) -> str:
    return counted(days, "day")
