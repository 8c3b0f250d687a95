"""How high the boxes of each layer stand: as near as may be to what they are joined to, in their order and without touching."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from scanner.views.html.picture.layout.ordering import Links

SWEEPS: Final = 10


class _Block(NamedTuple):
    """Neighbours that would stand in each other's way and are moved together: the wish of all, its weight, and how many they are."""

    wish: float
    weight: float
    size: int


def heights_of(
    layers: Sequence[Sequence[int]],
    out: Links,
    into: Links,
    sizes: Sequence[float],
    weights: Sequence[float],
) -> list[float]:
    """The middle of every node. `sizes` are the heights with the air around them; an edge pulls by the smaller one of the `weights` of its ends times
    that of the other."""
    middles = [0.0] * len(sizes)
    for layer in layers:
        top = 0.0
        for node in layer:
            middles[node] = top + sizes[node] / 2
            top += sizes[node]
        for node in layer:
            middles[node] -= top / 2
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            # The last sweeps look to both sides, so that edges end up straight.
            both = sweep >= SWEEPS - 3
            wishes, pulls = [], []
            for node in layer:
                near = [*into[node], *out[node]] if both else into[node] if down else out[node]
                total = pull = 0.0
                for other in near:
                    force = weights[node] * weights[other]
                    total += force * middles[other]
                    pull += force
                wishes.append(total / pull if pull else middles[node])
                pulls.append(pull if pull else 0.01)
            _settle(layer, wishes, pulls, sizes, middles)
    highest = min((middles[node] - sizes[node] / 2 for layer in layers for node in layer), default=0.0)
    return [middle - highest for middle in middles]


def _settle(
    layer: Sequence[int],
    wishes: Sequence[float],
    pulls: Sequence[float],
    sizes: Sequence[float],
    middles: list[float],
) -> None:
    """Moves the nodes of a layer so that the weighted squares of what is missing from the wishes are least, with the order and the gaps
    kept: pool adjacent violators, in linear time."""
    offsets = []
    offset = 0.0
    for at, node in enumerate(layer):
        if at:
            offset += (sizes[layer[at - 1]] + sizes[node]) / 2
        offsets.append(offset)
    blocks: list[_Block] = []
    for wish, pull, offset in zip(wishes, pulls, offsets, strict=True):
        block = _Block(wish - offset, pull, 1)
        while blocks and blocks[-1].wish >= block.wish:
            last = blocks.pop()
            weight = last.weight + block.weight
            wish = (last.wish * last.weight + block.wish * block.weight) / weight
            block = _Block(wish, weight, last.size + block.size)
        blocks.append(block)
    at = 0
    for block in blocks:
        for _ in range(block.size):
            middles[layer[at]] = block.wish + offsets[at]
            at += 1
