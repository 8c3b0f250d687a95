"""Walks and counts over random graphs, against every walk followed from each node."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.policy.checks.masks import mask_of, numbers_of
from scanner.policy.checks.reaching import MAX_SHOWN, components, counts, counts_within, longest, twins, walk

Graph = list[list[int]]
"""The nodes behind each node."""


@st.composite
def asked(draw: st.DrawFn) -> tuple[Graph, set[int], set[int] | None]:
    size = draw(st.integers(1, 7))
    number = st.integers(0, size - 1)
    after = draw(st.lists(st.lists(number, max_size=3, unique=True), min_size=size, max_size=size))
    return after, draw(st.sets(number)), draw(st.none() | st.sets(number))


def reached(after: Graph, start: int, through: set[int] | None, within: int | None) -> set[int]:
    """Where walks lead that pass a node of `through` between their ends."""
    found: set[int] = set()
    states = {(start, through is None)}
    for step in range(within if within is not None else 2 * len(after) + 2):
        states = {
            (one, done or (step > 0 and through is not None and at in through))
            for at, done in states
            for one in after[at]
        }
        found |= {at for at, done in states if done}
    return found


def before(after: Graph) -> Graph:
    found: Graph = [[] for _ in after]
    for node, following in enumerate(after):
        for one in following:
            found[one].append(node)
    return found


@settings(max_examples=1500, deadline=None)
@given(asked(), st.none() | st.integers(1, 5))
def test_walks_and_counts(question: tuple[Graph, set[int], set[int] | None], within: int | None) -> None:
    after, targets, through = question
    size = len(after)
    goals = mask_of(targets, size)
    passed = mask_of(through, size) if through is not None else None
    expected = [reached(after, start, through, within) & targets for start in range(size)]
    found = walk(before(after), goals, passed, within)
    assert list(numbers_of(found.reached)) == [start for start in range(size) if expected[start]]
    for start in numbers_of(found.reached):
        path, goal = found.path(start)
        assert path[-1] == goal
        assert path[0] == start
        assert path[-1] in expected[start]
        assert all(two in after[one] for one, two in pairwise(path))
        assert through is None or any(one in through for one in path[1:-1])
        if len(path) > 2:
            assert not reached(after, start, through, len(path) - 2) & targets
    numbers = (
        counts(components(after), goals, passed)
        if within is None
        else counts_within(twins(after), goals, passed, within)
    )
    assert numbers == [len(one) for one in expected]
    end = longest(components(after))
    if end is not None and (within is None or end <= within):
        assert counts(components(after), goals, passed) == numbers
    assert (end is None) == any(start in reached(after, start, None, None) for start in range(size))


def test_a_long_chain_is_no_deep_recursion() -> None:
    size = 50_000
    after = [[one + 1] if one + 1 < size else [0] for one in range(size)]
    found = walk(before(after), mask_of([size - 1], size), None, None)
    assert found.reached.bit_count() == size
    assert found.path(0).goal == size - 1
    assert len(found.path(0).nodes) == MAX_SHOWN
    assert counts(components(after), mask_of(range(10), size), None) == [10] * size
