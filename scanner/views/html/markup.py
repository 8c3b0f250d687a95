"""HTML that is safe by its types: what is no `Markup` becomes one by `text` alone, so that text of the input stays text.

Names of elements, attributes and classes are ours; values of attributes are escaped. There are no inline styles and no handlers: the
page's policy forbids both.
"""

from collections.abc import Iterable
from html import escape
from typing import Final, NewType

from scanner.report.escape import LIMIT, bounded, visible

Markup = NewType("Markup", str)
"""HTML in which no text of the input is markup."""

Value = str | int | bool | None
"""Of an attribute: `True` writes its name alone, `False` and `None` leave it out."""

NOTHING: Final = Markup("")
_VOID: Final = frozenset(("br", "hr", "input", "meta"))


def text(of: str) -> Markup:
    """Text as it stands, on one line, with what has no glyph made visible."""
    return Markup(escape(visible(of), quote=False))


def short(of: str, room: int = LIMIT) -> Markup:
    """The same, cut off behind `room` characters."""
    if len(of) <= room:
        return text(of)
    return Markup(f"{text(of[: max(room - 1, 1)])}…")


def message(of: str) -> Markup:
    """A message of ours: what stands in backticks is code, the rest is text."""
    parts = bounded(of).split("`")
    if len(parts) % 2 == 0:  # one is left open
        return Markup(escape("`".join(parts), quote=False))
    shown = [escape(part, quote=False) for part in parts]
    return Markup("".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(shown)))


def tag(name: str, attributes: dict[str, Value] | str | None = None, *children: Markup) -> Markup:
    """An element; a text in place of its attributes is its class."""
    if isinstance(attributes, str):
        attributes = {"class": attributes}
    parts = [f"<{name}"]
    for key, value in (attributes or {}).items():
        if value is True:
            parts.append(f" {key}")
        elif value is not None and value is not False:
            parts.append(f' {key}="{escape(visible(str(value)))}"')
    parts.append(">")
    if name in _VOID:
        return Markup("".join(parts))
    return Markup("".join((*parts, *children, f"</{name}>")))


def joined(parts: Iterable[Markup], between: str = "") -> Markup:
    """Several pieces behind each other; `between` is ours."""
    return Markup(between.join(parts))


def table(header: Iterable[str], rows: Iterable[Iterable[Markup]], caption: str = "") -> Markup:
    """A table that scrolls by itself where it is wider than the page."""
    titles = list(header)
    head = tag("tr", None, *(tag("th", {"scope": "col"}, text(one)) for one in titles))
    body = joined(tag("tr", None, *(tag("td", None, cell) for cell in row)) for row in rows)
    return tag(
        "div",
        {"class": "wide", "tabindex": 0, "role": "region", "aria-label": caption or "table"},
        tag("table", None, tag("thead", None, head), tag("tbody", None, body)),
    )


def folded(
    summary: Markup, *children: Markup, id: str | None = None, opened: bool = False, kind: str = "fold"
) -> Markup:
    """What opens with a click, without any script."""
    return tag(
        "details",
        {"class": kind, "id": id, "open": opened},
        tag("summary", None, summary),
        *children,
    )


def several(items: Iterable[Markup], kind: str = "") -> Markup:
    """A list."""
    return tag("ul", {"class": kind or None}, *(tag("li", None, one) for one in items))
