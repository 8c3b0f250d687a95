"""Cron expressions of `schedule` as GitHub reads them: POSIX's five fields in UTC, with names and steps, without `@daily`, `L` or `?`.

Source: "Events that trigger workflows", schedule; cron.ts of actions/languageservices.
"""

from itertools import pairwise
from typing import Final, NamedTuple

SHORTEST: Final = 5
"""Minutes between two runs: GitHub starts them no more often."""

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    names: dict[str, int]


_FIELDS: Final = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of the month", 1, 31, {}),
    _Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Field("day of the week", 0, 6, {name: number for number, name in enumerate(_DAYS)}),
)


def fault(text: str) -> str | None:
    """Why GitHub refuses an expression, None when it does not."""
    parts = text.split()
    if len(parts) != len(_FIELDS):
        return (
            f"it has {len(parts)} of the five fields: minute, hour, day of the month, month, day of the week"
        )
    for part, field in zip(parts, _FIELDS, strict=True):
        if _values(part, field) is None:
            return f"`{_short(part)}` is no {field.name} ({field.low} to {field.high})"
    return None


def interval(text: str) -> int:
    """The shortest time between two runs of a valid expression, in minutes; 60 for an hour and all that is longer."""
    minutes, hours = (
        sorted(_values(part, field) or ()) for part, field in zip(text.split()[:2], _FIELDS, strict=False)
    )
    gaps = [after - before for before, after in pairwise(minutes)]
    if any((hour + 1) % 24 in hours for hour in hours):
        gaps.append(minutes[0] + 60 - minutes[-1])
    return min(gaps, default=60)


def _values(part: str, field: _Field) -> set[int] | None:
    found: set[int] = set()
    for one in part.split(",", 60):
        values = _stretch(one, field)
        if values is None:
            return None
        found.update(values)
    return found


def _stretch(text: str, field: _Field) -> range | None:
    base, slash, by = text.partition("/")
    step = 1
    if slash:
        number = _number(by, field._replace(names={}))
        if number is None or number == 0:
            return None
        step = number
    if base == "*":
        return range(field.low, field.high + 1, step)
    first, dash, last = base.partition("-")
    begin = _number(first, field)
    end = _number(last, field) if dash else (field.high if slash else begin)
    if begin is None or end is None or end < begin:
        return None
    return range(begin, end + 1, step)


def _number(text: str, field: _Field) -> int | None:
    named = field.names.get(text.lower())
    if named is not None:
        return named
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        return None
    number = int(text)
    return number if field.low <= number <= field.high else None


def _short(text: str) -> str:
    return "".join(char if char.isprintable() and char != "`" else "?" for char in text[:20])
