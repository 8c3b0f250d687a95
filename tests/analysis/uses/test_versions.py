"""Versions of actions: total order, lines, and names that are none."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.uses.versions import Version, exact, meant_by

NUMBERS = st.lists(st.integers(0, 12), min_size=1, max_size=4)
STAGES = st.sampled_from(["", "", "-rc.1", "-rc.2", "-rc.10", "-alpha", "-1", "-beta.x", "rc1", "+build.7"])
TEXTS = st.builds(
    lambda v, parts, stage: v + ".".join(map(str, parts)) + stage,
    st.sampled_from(["", "v", "V"]),
    NUMBERS,
    STAGES,
)


def version(text: str) -> Version:
    found = exact(text)
    assert found is not None
    return found


@given(TEXTS, TEXTS, TEXTS)
def test_total_order(one: str, two: str, three: str) -> None:
    a, b, c = version(one), version(two), version(three)
    assert (a < b) + (a == b) + (b < a) == 1
    assert not (a <= b <= c) or a <= c


@given(NUMBERS, NUMBERS)
def test_as_numbers_padded_with_zeros(one: list[int], two: list[int]) -> None:
    length = max(len(one), len(two))
    padded = [(*parts, *[0] * (length - len(parts))) for parts in (one, two)]
    a, b = (version(".".join(map(str, parts))) for parts in (one, two))
    assert (a < b, a == b) == (padded[0] < padded[1], padded[0] == padded[1])


@given(NUMBERS, st.lists(st.integers(0, 99), max_size=2))
def test_a_line_is_newer_than_all_of_it_and_older_than_the_next(parts: list[int], more: list[int]) -> None:
    line = meant_by("v" + ".".join(map(str, parts[:2])))
    assert line is not None
    assert line.is_line
    inside = version(".".join(map(str, (*parts[:2], *more))))
    following = version(".".join(map(str, (*parts[:2][:-1], parts[:2][-1] + 1))))
    assert line.first <= inside < line < following


@given(st.text(max_size=30))
def test_any_text_has_an_answer(text: str) -> None:
    for found in (exact(text), meant_by(text)):
        assert found is None or found <= found


@pytest.mark.parametrize(
    "sorted_ones",
    [
        [
            "v1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "v1",
        ],
        ["v0.9", "1", "2.0", "v3.0.1", "17", "41.0.0", "v41.1"],
        ["2.294.0", "2.296.1", "2.296.2"],
        ["1.2.3", "1.2.3.1", "1.2.4"],
        ["22.1.0", "24.1.0", "26.1a1", "26.1", "26.3.0"],
        ["2024-01-02", "v2024.1.3", "2024.02.01"],
    ],
)
def test_order(sorted_ones: list[str]) -> None:
    found = [version(text) for text in sorted_ones]
    assert found == sorted(found)
    assert len(set(found)) == len(found)


def test_loose_versions_are_equal() -> None:
    assert version("41") == version("v41.0") == version("V41.0.0") == version("41.0.0+build")


@pytest.mark.parametrize(
    ("ref", "meant"),
    [
        ("v4", (4, inf)),
        ("4.1", (4, 1, inf)),
        ("v4.0", (4, 0, inf)),
        ("v4.1.2", (4, 1, 2)),
        ("v4.1.0", (4, 1)),
        ("v1.2.3.4", (1, 2, 3, 4)),
        ("main", None),
        ("release/v1", None),
        ("codeql-bundle-v2.19.0", None),
        ("name-v1.2", None),
        ("v", None),
        ("", None),
        ("latest", None),
        ("v1.2.3-rc_ä", None),
        ("1." * 60, None),
        ("9" * 50, None),
    ],
)
def test_what_a_name_means(ref: str, meant: tuple[float, ...] | None) -> None:
    found = meant_by(ref)
    assert (found.numbers if found is not None else None) == meant


def test_a_pre_release_is_no_line() -> None:
    found = meant_by("v2-beta")
    assert found is not None
    assert not found.is_line
    assert found < version("2.0.0")
