"""The budget of requests that GitHub's API gives, as its answers tell.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

from scanner.model.counting import counted

_DIGITS = 11


class Budget(NamedTuple):
    """How many requests an hour there are, how many are left, and when there are new ones (seconds since 1970), where it is told."""

    limit: int | None
    left: int | None
    reset: int | None


def budget_of(headers: Mapping[str, str]) -> Budget:
    """The budget as the headers of an answer tell it; their names are in lower case."""
    names = ("limit", "remaining", "reset")
    return Budget(*(number(headers.get(f"x-ratelimit-{name}", "")) for name in names))


def spent(budget: Budget, host: str, today: date) -> str:
    """That a budget is used up, and until when."""
    what = (
        f"the budget of {counted(budget.limit, 'request')} an hour"
        if budget.limit
        else "the budget of requests"
    )
    until = _moment(budget.reset, today)
    return f"{what} of {host} is used up{f' until {until}' if until else ''}"


def number(text: str) -> int | None:
    """A plain number of a header."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


def _moment(seconds: int | None, today: date) -> str:
    """A time in UTC, with the day unless that is today."""
    if seconds is None:
        return ""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{moment:%H:%M} UTC" if moment.date() == today else f"{moment:%Y-%m-%d %H:%M} UTC"
