"""How old an input is, and when that cannot be said."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.ages import Age, age_of
from scanner.parse.flake_lock import Reference

NOW = date(2026, 11, 22)
MIDNIGHT = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())
DAY = 24 * 60 * 60


def age(modified: Any) -> Age | str:
    return age_of(Reference({"lastModified": modified}), NOW)


@pytest.mark.parametrize(
    ("modified", "days", "since"),
    [
        (MIDNIGHT, 0, date(2026, 11, 22)),
        (MIDNIGHT - 1, 1, date(2026, 11, 21)),
        (MIDNIGHT - 30 * DAY, 30, date(2026, 10, 23)),
        (MIDNIGHT + DAY - 1, 0, date(2026, 11, 22)),
        (MIDNIGHT + 2 * DAY - 1, 0, date(2026, 11, 22)),
        (MIDNIGHT - 0.5, 1, date(2026, 11, 21)),
        (2, 20779, date(1970, 1, 1)),
    ],
)
def test_ages(modified: float, days: int, since: date) -> None:
    assert age(modified) == Age(days, since)


@pytest.mark.parametrize(
    ("modified", "why"),
    [
        (MIDNIGHT + 2 * DAY, "future"),
        (10**30, "future"),
        (10**400, "future"),
        (1e300, "future"),
        (0, "placeholder"),
        (1, "placeholder"),
        (0.0, "placeholder"),
        (-5, "not a time"),
        (float("inf"), "not a time"),
        ("1790000000", "not a number"),
        (True, "not a number"),
    ],
)
def test_dates_that_tell_nothing(modified: Any, why: str) -> None:
    said = age(modified)
    assert isinstance(said, str)
    assert why in said


def test_no_date() -> None:
    said = age_of(Reference({}), NOW)
    assert isinstance(said, str)
    assert "no `lastModified`" in said


@given(st.integers() | st.floats(), st.dates())
def test_no_number_raises(modified: float, now: date) -> None:
    age_of(Reference({"lastModified": modified}), now)
