"""Which versions an advisory is about, and which is the first without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.uses.affected import comparable, has, repaired, without_end
from scanner.analysis.uses.versions import Version, exact, meant_by
from scanner.knowledge.advisories import Advisory, Affected
from scanner.model.finding import Severity


def row(
    introduced: str | None = "0",
    fixed: str | None = None,
    last: str | None = None,
    before: str | None = None,
    versions: tuple[str, ...] = (),
    path: str = "",
) -> Affected:
    return Affected("o/r", path, introduced, fixed, last, before, versions)


def advisory(*rows: Affected) -> Advisory:
    return Advisory("GHSA-x", (), Severity.HIGH, (), rows, None)


def tag(ref: str) -> Version:
    found = meant_by(ref)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("affected", "ref", "answer"),
    [
        (row(fixed="41"), "v40", True),
        (row(fixed="41"), "v40.2.1", True),
        (row(fixed="41"), "v41", False),
        (row(fixed="41"), "v41.0.0", False),
        (row(fixed="41"), "v41.0.0-rc.1", True),
        (row("4.0.0", "4.1.3"), "v4", False),
        (row("4.0.0", "4.1.3"), "v4.1", False),
        (row("4.0.0", "4.1.3"), "v4.0", True),
        (row("4.0.0", "4.1.3"), "v3", False),
        (row("4.0.0", "4.1.3"), "v4.1.2", True),
        (row("5", "6.4.0"), "v5", True),
        (row("5", "6.4.0"), "v6", False),
        (row("2.26.11", before="3.0.0"), "v2", True),
        (row("2.26.11", before="3.0.0"), "v3", False),
        (row("2.26.11", before="3.0.0"), "v2.26.10", False),
        (row(last="3.0.0"), "v3.0.0", True),
        (row(last="3.0.0"), "v3.0.1", False),
        (row(last="3.0.0"), "v2", True),
        (row(last="3.0.0"), "v3", None),
        (row(last="3.0.0"), "v4", False),
        (row(None, versions=("1",)), "v1", True),
        (row(None, versions=("1",)), "v1.4.2", False),
        (row(None, versions=("1",)), "v2", False),
        (row(None), "v1", False),
        (row("0"), "v900", True),
        (row(fixed="no version"), "v1", None),
        (row(fixed="41"), "2024-01-02", None),
        (row(fixed="41"), "2024.06", None),
        (row("2023-01-01", "2024-01-02"), "2023.06", True),
        (row("2023-01-01", "2024-01-02"), "v4", None),
        (row("0"), "2024-01-02", True),
        (row("no version", "3"), "v1", None),
    ],
)
def test_a_tag(affected: Affected, ref: str, answer: bool | None) -> None:
    assert has(advisory(affected), "", tag(ref)) is answer


@pytest.mark.parametrize(
    ("affected", "ref", "answer"),
    [
        (row(fixed="4.1.3"), "v4", None),
        (row(fixed="4.1.3"), "v3", True),
        (row(fixed="4.1.3"), "v5", False),
        (row("4.2.0", "4.3.0"), "v4", None),
        (row("4.2.0"), "v4", None),
        (row("4.2.0", "5"), "v4.2.0", True),
    ],
)
def test_some_version_of_a_line(affected: Affected, ref: str, answer: bool | None) -> None:
    assert has(advisory(affected), "", tag(ref), one_of_line=True) is answer


PARTS = st.lists(st.integers(0, 6), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))


@given(PARTS, PARTS, PARTS)
def test_from_introduced_up_to_fixed(introduced: str, fixed: str, version: str) -> None:
    low, high, here = exact(introduced), exact(fixed), exact(version)
    assert low is not None
    assert high is not None
    assert here is not None
    assert has(advisory(row(introduced, fixed)), "", here) is (low <= here < high)


@given(PARTS, PARTS, st.integers(0, 6), PARTS)
def test_a_line_of_which_all_have_it_has_it(introduced: str, fixed: str, major: int, more: str) -> None:
    known = advisory(row(introduced, fixed))
    answer = has(known, "", tag(f"v{major}"), one_of_line=True)
    inside = exact(f"{major}.{more}")
    assert inside is not None
    assert answer is None or has(known, "", inside) is answer


@pytest.mark.parametrize(
    ("path", "answer"),
    [("slim", True), ("Slim/deep", True), ("slimmer", False), ("", False), ("other", False)],
)
def test_a_path_covers_itself_and_what_is_below(path: str, answer: bool) -> None:
    assert has(advisory(row(fixed="2", path="slim")), path, tag("v1")) is answer


@pytest.mark.parametrize(
    ("rows", "ref", "found"),
    [
        ([row(fixed="41")], "v40", "41"),
        ([row(fixed="2.10.2"), row(fixed="2.16.0")], "v2.1.0", "2.16.0"),
        ([row(fixed="2.10.2"), row(fixed="3.0.0")], "v2.1.0", "3.0.0"),
        ([row("3.26.11", "3.28.3"), row("2.26.11", before="3.0.0")], "v2", "3.28.3"),
        ([row(fixed="1.1.1"), row("2.0.0", "2.1.1")], "v2.0.0", "2.1.1"),
        ([row(fixed="1.1.1"), row("2.0.0", "2.1.1")], "v1.0.0", "1.1.1"),
        ([row(last="3.0.0")], "v2", None),
        ([row(fixed="2"), row(last="9")], "v1", None),
    ],
)
def test_the_first_repaired_version(rows: list[Affected], ref: str, found: str | None) -> None:
    assert repaired([advisory(one) for one in rows], "", tag(ref)) == found


def test_days_are_compared_with_days_only() -> None:
    assert not comparable(advisory(row(fixed="41")), "", tag("2024-01-02"))
    assert comparable(advisory(row(fixed="41")), "", tag("v40"))
    assert comparable(advisory(row(fixed="41", path="sub")), "", tag("2024-01-02"))


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ([row(fixed="41")], False),
        ([row(last="3.0.0")], True),
        ([row(before="2.0.1")], True),
        ([row("0")], True),
        ([row("3.26.11", "3.28.3"), row("2.26.11", before="3.0.0")], False),
        ([row(None, versions=("1",))], False),
        ([row(last="3.0.0", path="sub")], False),
    ],
)
def test_what_is_newer_than_all_may_have_it_where_no_repair_is_known(
    rows: list[Affected], answer: bool
) -> None:
    assert without_end(advisory(*rows), "") is answer
