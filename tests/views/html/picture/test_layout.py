"""The layout: whatever is joined to whatever, boxes stay apart, edges end at their boxes and lead to the right."""

from collections.abc import Sequence
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.views.html.picture.layout.layers import layers_of, without_cycles
from scanner.views.html.picture.layout.layout import Box, Placed, Size, lay_out
from scanner.views.html.picture.layout.ordering import centred, crossings, ordered

Pairs = list[tuple[int, int]]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Size], Pairs]:
    count = draw(st.integers(1, 40))
    node = st.integers(0, count - 1)
    sizes = draw(
        st.lists(
            st.builds(Size, st.integers(20, 300), st.integers(10, 90), st.integers(0, 4)),
            min_size=count,
            max_size=count,
        )
    )
    return sizes, draw(st.lists(st.tuples(node, node), max_size=90))


def _apart(one: Box, other: Box) -> bool:
    return (
        one.x + one.width <= other.x + 1e-6
        or other.x + other.width <= one.x + 1e-6
        or one.y + one.height <= other.y + 1e-6
        or other.y + other.height <= one.y + 1e-6
    )


def _touches(box: Box, point: tuple[float, float]) -> bool:
    """Whether a point lies on the left or right side of a box."""
    x, y = point
    side = abs(x - box.x) < 1e-6 or abs(x - box.x - box.width) < 1e-6
    return side and box.y - 1e-6 <= y <= box.y + box.height + 1e-6


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_boxes_stay_apart_and_edges_end_at_them(graph: tuple[list[Size], Pairs]) -> None:
    sizes, pairs = graph
    placed = lay_out(sizes, pairs)
    assert [(box.width, box.height) for box in placed.boxes] == [(size.width, size.height) for size in sizes]
    assert all(_apart(one, other) for one, other in combinations(placed.boxes, 2))
    assert [(one.source, one.target) for one in placed.routes] == [
        pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1]
    ]
    for route in placed.routes:
        source, target = placed.boxes[route.source], placed.boxes[route.target]
        assert _touches(source, route.points[0])
        assert _touches(target, route.points[-1])
        assert (target.layer > source.layer) is not route.back
        across = [x for x, _ in route.points]
        assert across == sorted(across, reverse=route.back)
    for box in placed.boxes:
        assert box.x >= 0
        assert box.y >= -1e-6
        assert box.x + box.width <= placed.width + 1e-6
        assert box.y + box.height <= placed.height + 1e-6


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_the_same_graph_has_the_same_layout(graph: tuple[list[Size], Pairs]) -> None:
    sizes, pairs = graph
    assert lay_out(sizes, pairs) == lay_out(list(sizes), list(pairs))


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_only_edges_of_cycles_are_turned(graph: tuple[list[Size], Pairs]) -> None:
    sizes, all_pairs = graph
    pairs = [pair for pair in dict.fromkeys(all_pairs) if pair[0] != pair[1]]
    forward = without_cycles(len(sizes), pairs)
    kept = [pair for at, pair in enumerate(pairs) if at not in forward.turned]
    layers = layers_of([size.least for size in sizes], forward.pairs, 5)
    assert all(layers[source] < layers[target] for source, target in forward.pairs)
    assert all(layers.count(layer) <= 5 for layer in layers)
    assert min(layers) == 0
    for at in forward.turned:
        source, target = pairs[at]
        assert _reaches(target, source, kept)  # without it there is a way back: it closes a cycle


def _reaches(start: int, end: int, pairs: Pairs) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        one = waiting.pop()
        if one == end:
            return True
        for source, target in pairs:
            if source == one and target not in seen:
                seen.add(target)
                waiting.append(target)
    return False


@st.composite
def layered(draw: st.DrawFn) -> tuple[list[list[int]], list[list[int]], list[list[int]]]:
    counts = draw(st.lists(st.integers(1, 7), min_size=2, max_size=5))
    layers: list[list[int]] = []
    for count in counts:
        first = sum(map(len, layers))
        layers.append(list(range(first, first + count)))
    total = sum(counts)
    out: list[list[int]] = [[] for _ in range(total)]
    into: list[list[int]] = [[] for _ in range(total)]
    for left, right in pairwise(layers):
        pairs = st.tuples(st.sampled_from(left), st.sampled_from(right))
        for source, target in draw(st.lists(pairs, unique=True, max_size=12)):
            out[source].append(target)
            into[target].append(source)
    return layers, out, into


@settings(max_examples=150, deadline=None)
@given(layered())
def test_the_order_is_never_worse_than_the_one_given(
    graph: tuple[list[list[int]], list[list[int]], list[list[int]]],
) -> None:
    layers, out, into = graph
    found = ordered(layers, out, into)
    assert [sorted(layer) for layer in found] == [sorted(layer) for layer in layers]
    assert crossings(layers, out) == _counted(layers, out)
    assert crossings(found, out) == _counted(found, out)
    assert crossings(found, out) <= crossings(layers, out)
    assert crossings(centred(found, out, into), out) == crossings(found, out)


def _counted(layers: Sequence[Sequence[int]], out: Sequence[Sequence[int]]) -> int:
    """Every pair of edges looked at."""
    count = 0
    for layer, below in pairwise(layers):
        edges = [(layer.index(node), below.index(end)) for node in layer for end in out[node]]
        count += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(edges, 2))
    return count


def test_crossings_that_need_not_be_go_away() -> None:
    placed = lay_out([Size(50, 20)] * 6, [(0, 5), (1, 4), (2, 3), (0, 4)])
    edges = [(placed.boxes[one.source].y, placed.boxes[one.target].y) for one in placed.routes]
    assert not sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(edges, 2))


def test_a_chain_is_straight() -> None:
    placed = lay_out([Size(50, 20)] * 5, [(at, at + 1) for at in range(4)])
    assert len({round(box.y, 3) for box in placed.boxes}) == 1
    assert [box.layer for box in placed.boxes] == list(range(5))


def test_long_chains_with_long_edges_stay_bounded() -> None:
    """Every edge from the first node passes all layers between: hundreds of thousands, were each passed by a node of its own."""
    count = 700
    pairs = [(at, at + 1) for at in range(count - 1)] + [(0, at) for at in range(2, count)]
    placed = lay_out([Size(100, 40)] * count, pairs)
    assert sum(len(one.points) for one in placed.routes) < 60_000


def test_a_star_is_not_one_tall_column() -> None:
    placed = lay_out([Size(150, 44)] * 200, [(0, at) for at in range(1, 200)])
    assert placed.height < 60 * (44 + 14)


def _unused(placed: Placed) -> float:
    return placed.width * placed.height


def test_parts_that_nothing_joins_stand_beside_each_other() -> None:
    alone = lay_out([Size(100, 40)] * 2, [(0, 1)])
    placed = lay_out([Size(100, 40)] * 20, [(at, at + 1) for at in range(0, 20, 2)])
    assert placed.width > 2 * alone.width
    assert _unused(placed) < 20 * _unused(alone)
