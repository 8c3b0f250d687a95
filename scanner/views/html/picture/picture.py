"""A picture as the page gets it: SVG, and what is to be said of each node beside it."""

from typing import NamedTuple


class Drawn(NamedTuple):
    """A node of a picture. `key` is the id of its element in the page, unique there; `id` that of the graph's node, or of the first of
    several that are drawn as one. `facts` are names and values for the panel beside the picture, plain text that is
    safe to show but not escaped for HTML. `subjects` are the ids of all nodes of the graph that it stands for: findings at these are its own.
    """

    key: str
    id: str
    title: str
    kind: str
    facts: tuple[tuple[str, str], ...]
    subjects: tuple[str, ...]


class Picture(NamedTuple):
    """`svg` is an element for a page that has `picture.css`, without script and style attributes. In it everything that moves stands in
    `<g class="world">`, a node is `<g class="node kind-…" id="KEY" tabindex="0" role="button">`, an edge
    `<path class="edge edge-…" data-from="KEY" data-to="KEY">`. `nodes` are in reading order. `note` says what is left out or drawn
    as one (empty for nothing), in plain text. `legend` is HTML, a list `<ul class="picture-legend">`. `width` and `height` are those of the `viewBox`, in
    units that are pixels at the scale at which texts are well read.
    """

    title: str
    svg: str
    nodes: tuple[Drawn, ...]
    note: str
    legend: str = ""
    width: int = 0
    height: int = 0
