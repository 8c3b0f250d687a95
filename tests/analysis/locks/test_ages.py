"""How old an input is, and when that cannot be said."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.locks.ages import Age, Undated, age_of, day_of, has_no_date, is_called, limit_of
from scanner.analysis.locks.inputs import Input, inputs
from scanner.parse.nix.reference import Reference
from tests.memory import repository

NOW = date(2026, 11, 22)
MIDNIGHT = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())
DAY = 24 * 60 * 60


def age(modified: Any) -> Age | Undated:
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
        (315_532_801, 17127, date(1980, 1, 1)),
    ],
)
def test_ages(modified: float, days: int, since: date) -> None:
    assert age(modified) == Age(days, since)


@pytest.mark.parametrize(
    ("modified", "kind"),
    [
        (MIDNIGHT + 2 * DAY, "future"),
        (10**30, "future"),
        (10**400, "future"),
        (1e300, "future"),
        (0, "placeholder"),
        (1, "placeholder"),
        (0.0, "placeholder"),
        (315_532_800, "placeholder"),
        (-5, "no-time"),
        (float("inf"), "no-time"),
        ("1790000000", "no-number"),
        (True, "no-number"),
    ],
)
def test_dates_that_tell_nothing(modified: float | str | bool, kind: str) -> None:
    said = age(modified)
    assert isinstance(said, Undated)
    assert said.kind == kind


def test_no_date() -> None:
    said = age_of(Reference({}), NOW)
    assert isinstance(said, Undated)
    assert said.kind == "missing"


@pytest.mark.parametrize(
    ("modified", "day"), [(MIDNIGHT + 3 * DAY, date(2026, 11, 25)), (10**30, None), (1e300, None)]
)
def test_a_future_date_is_shown_where_a_calendar_has_it(modified: float, day: date | None) -> None:
    said = age(modified)
    assert isinstance(said, Undated)
    assert said.day == day


@given(st.integers() | st.floats())
def test_a_day_is_a_date_or_none(modified: float) -> None:
    """The views ask this, the rules `age_of`: what is no date for the one is none for the other."""
    said = age(modified)
    day = day_of(Reference({"lastModified": modified}))
    assert (day is None) == (isinstance(said, Undated) and said.day is None)


@given(st.integers() | st.floats(), st.dates())
def test_every_number_is_an_age_or_a_reason(modified: float, now: date) -> None:
    said = age_of(Reference({"lastModified": modified}), now)
    match said:
        case Age(days, since):
            assert days >= 0
            assert (now - since).days == days
        case Undated(kind, reason, day):
            assert reason
            assert day is None or (kind == "future" and day > now)


# ---------------------------------------------------------------- what a policy's patterns cover

LOCKED = {"type": "github", "owner": "Example", "repo": "Tools", "rev": "a" * 40, "lastModified": MIDNIGHT}


def found(**nodes: Any) -> dict[str, Input]:
    """The inputs of a lock by their paths; the flake itself has `tools` and the follows `same`."""
    root = {"inputs": {"tools": "t", "same": ["tools", "utils"]}}
    text = json.dumps({"nodes": {"root": root, **nodes}, "root": "root", "version": 7})
    graph, problems = repository({"flake.lock": text})
    assert not problems
    return {input.name: input for input in inputs(graph)}


INPUTS = found(
    t={"inputs": {"utils": "u", "deep": "d"}, "locked": LOCKED, "original": LOCKED},
    u={"locked": {"type": "path", "path": "./u"}, "original": {"type": "path", "path": "./u"}},
    d={
        "locked": {"type": "file", "url": "https://example.org/x"},
        "original": {"type": "indirect", "id": "x"},
    },
)


@pytest.mark.parametrize(
    ("name", "patterns", "covers"),
    [
        ("tools", ("tools",), True),
        ("tools", ("t",), False),
        ("tools", ("example/tools",), True),
        ("tools", ("EXAMPLE/*",), True),
        ("tools", ("example",), False),
        ("tools/utils", ("same",), True),
        ("tools/utils", ("tools/utils",), True),
        ("tools/utils", ("*/utils",), True),
        ("tools/utils", ("utils",), False),
        ("tools/deep", ("tools/*",), True),
        ("tools/deep", (), False),
    ],
)
def test_patterns(name: str, patterns: tuple[str, ...], covers: bool) -> None:
    assert is_called(INPUTS[name], patterns) is covers


def test_the_first_pattern_that_covers_counts() -> None:
    assert limit_of(INPUTS["tools"], {"x": 1, "example/*": 2, "tools": 3}) == 2
    assert limit_of(INPUTS["tools"], {"tools": 0, "*": 3}) == 0
    assert limit_of(INPUTS["tools"], {"x": 1}) is None


@pytest.mark.parametrize(("name", "none"), [("tools", False), ("tools/utils", True), ("tools/deep", True)])
def test_inputs_that_never_have_a_date(name: str, none: bool) -> None:
    assert has_no_date(INPUTS[name]) is none
