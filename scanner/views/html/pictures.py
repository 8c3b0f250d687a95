"""The pictures of the graph on the page: tabs, the drawing, and the facts of every node, which are a list where there is no script."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from scanner.knowledge.tables import Knowledge
from scanner.model.counting import counted
from scanner.views.html.findings import Numbered, chip, where
from scanner.views.html.markup import NOTHING, Markup, folded, message, short, tag, text
from scanner.views.html.part import Part
from scanner.views.html.picture import Drawn, Picture, inputs, workflows

PICTURES: Final = 24
"""Pictures on a page: a scan may be one of many repositories."""

_HOW: Final = (
    "Choose a node to see what is known of it, its findings, and all that it leads to and comes from."
)
_FACTS: Final = 40
_LINKS: Final = 30


class Tab(NamedTuple):
    """A picture of a repository; `id` names it on the page."""

    id: str
    prefix: str
    picture: Picture


def tabs_of(parts: Sequence[Part], knowledge: Knowledge) -> tuple[list[Tab], int]:
    """The pictures of all repositories, and how many have no room."""
    found: list[Tab] = []
    left_out = 0
    for part in parts:
        for draw in (inputs, workflows):
            if len(found) >= PICTURES:
                left_out += 1
            elif (picture := draw(part, knowledge)) is not None:
                found.append(Tab(f"picture-{len(found) + 1}", part.prefix, picture))
    return found, left_out


def shown_subjects(tabs: Sequence[Tab]) -> dict[tuple[str, str], str]:
    """The node that shows a subject, the first one where several do."""
    found: dict[tuple[str, str], str] = {}
    for tab in tabs:
        for node in tab.picture.nodes:
            for subject in node.subjects:
                found.setdefault((tab.prefix, subject), node.key)
    return found


def pictures(
    tabs: Sequence[Tab], left_out: int, about: Mapping[tuple[str, str], Sequence[Numbered]]
) -> Markup:
    """The part of the page; nothing where nothing is drawn."""
    if not tabs:
        return NOTHING
    switch = tag(
        "div",
        {"class": "tabs needs-js", "role": "tablist", "aria-label": "pictures"},
        *(
            tag(
                "button",
                {
                    "type": "button",
                    "role": "tab",
                    "id": f"{tab.id}-tab",
                    "aria-controls": tab.id,
                    "aria-selected": "true" if number == 0 else "false",
                    "tabindex": 0 if number == 0 else -1,
                },
                text(_title(tab)),
            )
            for number, tab in enumerate(tabs)
        ),
    )
    more = NOTHING
    if left_out:
        more = tag(
            "p", "remark", text(f"{counted(left_out, 'picture')} of further repositories have no room")
        )
    return tag(
        "section",
        {"id": "pictures", "aria-labelledby": "pictures-title"},
        tag("h2", {"id": "pictures-title"}, text("The picture")),
        switch,
        *(_panel(tab, about) for tab in tabs),
        more,
    )


def _title(tab: Tab) -> str:
    return f"{tab.picture.title}: {tab.prefix.rstrip('/')}" if tab.prefix else tab.picture.title


def _panel(tab: Tab, about: Mapping[tuple[str, str], Sequence[Numbered]]) -> Markup:
    picture = tab.picture
    buttons = tag(
        "div",
        {"class": "zoom", "role": "group", "aria-label": "zoom"},
        *(
            tag(
                "button", {"type": "button", "data-zoom": what, "aria-label": said, "title": said}, text(sign)
            )
            for what, said, sign in (
                ("in", "zoom in (+)", "+"),
                ("out", "zoom out (−)", "−"),
                ("fit", "fit: show all (0)", "fit"),
            )
        ),
    )
    note = tag("p", "remark", message(picture.note)) if picture.note else NOTHING
    nodes = [_node(tab, one, about) for one in picture.nodes]
    return tag(
        "div",
        {"class": "picture", "id": tab.id, "role": "tabpanel", "aria-labelledby": f"{tab.id}-tab"},
        tag("h3", "no-js", text(_title(tab))),
        note,
        Markup(picture.legend),
        # The buttons stand outside of the drawing, of which they would cover something.
        tag("div", "above needs-js", tag("p", "remark", text(_HOW)), buttons),
        tag(
            "div",
            "stage",
            tag(
                "div",
                {
                    "class": "canvas",
                    "role": "group",
                    "aria-label": f"{_title(tab)}: +, - and 0 zoom, the arrows move",
                },
                _sized(picture),
            ),
            _facts_beside(),
        ),
        tag("p", {"class": "hidden", "role": "status"}),
        folded(
            text(f"The same as a list: {counted(len(nodes), 'node')}"),
            tag("div", "nodes", *nodes),
            kind="fold list",
        ),
    )


def _facts_beside() -> Markup:
    """What is known of the node that is chosen; it is there only then."""
    return tag(
        "aside",
        {"class": "panel needs-js", "aria-label": "details of the node", "hidden": True},
        tag(
            "button",
            {"type": "button", "class": "close", "aria-label": "close", "title": "close (Esc)"},
            text("×"),
        ),
        tag("div", "known"),
    )


def _sized(picture: Picture) -> Markup:
    """The drawing as large as its texts are well read; the style sheet makes it smaller where there is no room."""
    size = f'<svg width="{picture.width}" height="{picture.height}" '
    return Markup(picture.svg.replace("<svg ", size, 1))


def _node(tab: Tab, node: Drawn, about: Mapping[tuple[str, str], Sequence[Numbered]]) -> Markup:
    found = {one.number: one for subject in node.subjects for one in about.get((tab.prefix, subject), ())}
    return tag(
        "div",
        {"class": "drawn", "id": f"{node.key}-facts"},
        tag("h4", None, short(node.title, 300)),
        tag("p", "quiet", text(node.kind), Markup(" "), tag("code", None, short(node.id, 300))),
        tag("ul", "links", *_links(list(found.values()))) if found else NOTHING,
        tag("dl", None, *_facts(node)) if node.facts else NOTHING,
    )


def _facts(node: Drawn) -> Iterator[Markup]:
    for name, value in node.facts[:_FACTS]:
        yield tag("dt", None, short(name, 100))
        yield tag("dd", None, short(value, 500))


def _links(found: list[Numbered]) -> Iterator[Markup]:
    found.sort(key=lambda one: (-one.finding.severity, one.number))
    for one in found[:_LINKS]:
        said = tag("a", {"href": f"#{one.anchor}"}, message(one.finding.message))
        yield tag(
            "li", None, chip(one.finding.severity), Markup(" "), said, Markup(" "), where(one.finding.at)
        )
    if len(found) > _LINKS:
        yield tag("li", None, text(f"and {len(found) - _LINKS:,} more"))
