"""Versions of actions: total order, lines, and names that are none."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.uses.versions import Version, exact, meant_by, named

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
        ("release/v1", (1, inf)),
        ("releases/2.x", (2, inf)),
        ("refs/tags/v4.1.2", (4, 1, 2)),
        ("refs/heads/releases/v2", (2, inf)),
        ("release-2.4.1", (2, 4, 1)),
        ("ver2.4.1", (2, 4, 1)),
        ("v.2.4.1", (2, 4, 1)),
        ("codeql-bundle-v2.19.0", (2, 19)),
        ("name-v1.2", (1, 2, inf)),
        ("v2.x", (2, inf)),
        ("1.1.X", (1, 1, inf)),
        ("v1.*", (1, inf)),
        ("v2-latest", (2, inf)),
        ("26.3-stable", (26, 3, inf)),
        ("v46-node20", (46, inf)),
        ("v1.2.3-1", (1, 2, 3)),
        ("1234-fix-it", None),
        ("fix-12", None),
        ("3b-hotfix", None),
        ("0abc123", None),
        ("0e58ed8671d6", None),
        ("0e58ed8671d6b60d0890c21b07f8835ace038e67", None),
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


@pytest.mark.parametrize("ref", ["v2-beta", "v4-rc1", "v4.0.0-alpha.2", "v4-next", "4.0.0b1", "1.0.0-dev"])
def test_words_for_a_stage(ref: str) -> None:
    found = meant_by(ref)
    assert found is not None
    assert not found.is_line
    assert found < Version(found.numbers)


@pytest.mark.parametrize(
    ("ref", "sure"),
    [
        ("v4", True),
        ("refs/tags/v4", True),
        ("releases/v4", True),
        ("v4.x", True),
        ("v4-stable", True),
        ("v4-node20", False),
        ("v4.1.2-hotfix", False),
        ("codeql-bundle-v2.19.0", False),
        ("feature/v2", False),
    ],
)
def test_what_may_be_of_something_else_is_not_sure(ref: str, sure: bool) -> None:
    found = named(ref)
    assert found is not None
    assert found.sure is sure


@given(
    NUMBERS, st.sampled_from(["", "v", "V"]), st.sampled_from(["refs/tags/", "releases/", "release-", "ver"])
)
def test_words_before_a_version_of_all_of_it_change_nothing(parts: list[int], v: str, family: str) -> None:
    text = v + ".".join(map(str, parts))
    assert named(family + text) == named(text)


@given(NUMBERS.filter(lambda parts: len(parts) < 3))
def test_an_x_is_the_newest_of_a_line(parts: list[int]) -> None:
    text = "v" + ".".join(map(str, parts))
    assert named(f"{text}.x") == named(text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("2024-01-02", True),
        ("2024.06", True),
        ("v20240102", True),
        ("202406", True),
        ("24.1.0", False),
        ("2.294.0", False),
        ("v0", False),
        ("0.0.0", False),
        ("1899", False),
    ],
)
def test_days(text: str, answer: bool) -> None:
    found = meant_by(text)
    assert found is not None
    assert found.is_date is answer
