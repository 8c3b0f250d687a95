"""The arithmetic: whole thousandths, rounded down, and never better for more or worse findings."""

from hypothesis import given
from hypothesis import strategies as st

from scanner.views.score.points import FULL, Points, left, points, shown, taken, tenths, whole

NUMBERS = st.integers(0, 10_000).map(Points)
AREAS = st.tuples(st.integers(0, 100), NUMBERS, st.booleans())


def test_the_worst_weighs_whole_and_the_others_a_tenth() -> None:
    high, low = points(3), points(0.5)
    assert taken([]) == 0
    assert taken([low, high]) == 3_050
    assert taken([high] * 3) == 3_600
    assert taken([high] * 100) == 6_000  # twice the first, however many


def test_ten_means_that_nothing_is_lost() -> None:
    assert shown(FULL) == "10.0"
    assert shown(left([points(0.01)])) == "9.9"
    assert shown(left([FULL, FULL])) == "0.0"
    assert tenths(points(7.49)) == 74


def test_the_whole_is_the_weighted_mean_of_areas_with_files() -> None:
    assert whole([]) is None
    assert whole([(0, FULL, True)]) is None
    assert whole([(1, FULL, True), (3, points(6), True)]) == points(7)
    # What is lost in an area without files is lost, and shares nothing out.
    assert whole([(1, points(6), True), (1, points(9), False)]) == points(5)


@given(st.lists(NUMBERS, max_size=30), NUMBERS)
def test_one_more_finding_never_takes_less(found: list[Points], one: Points) -> None:
    assert taken([*found, one]) >= taken(found)


@given(st.lists(NUMBERS, min_size=1, max_size=30), st.data())
def test_a_worse_finding_never_takes_less(found: list[Points], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(found) - 1))
    worse = [*found[:at], Points(data.draw(st.integers(found[at], 10_000))), *found[at + 1 :]]
    assert taken(worse) >= taken(found)


@given(st.lists(NUMBERS))
def test_the_order_of_findings_is_no_matter(found: list[Points]) -> None:
    assert taken(found) == taken(reversed(found))


@given(st.lists(AREAS, min_size=1, max_size=8), st.data())
def test_an_area_that_loses_more_never_raises_the_whole(
    areas: list[tuple[int, Points, bool]], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(areas) - 1))
    weight, before, has_files = areas[at]
    worse = [*areas[:at], (weight, Points(data.draw(st.integers(0, before))), has_files), *areas[at + 1 :]]
    first, second = whole(areas), whole(worse)
    assert (first is None) == (second is None)
    assert first is None or second is None or second <= first <= FULL
