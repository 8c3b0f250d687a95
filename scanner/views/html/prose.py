"""The pages of rules as HTML: headings, paragraphs, lists, tables, fenced code; code, links and stress within a line.

The pages of checks that a policy declares are text of strangers: all that is no markup of these few kinds is shown as it stands, and links
lead to the web only. Linear in the page.
"""

import re
from collections.abc import Callable, Container, Iterator, Sequence
from typing import Final

from scanner.views.html.markup import Markup, joined, several, table, tag, text

LIMIT: Final = 30_000
"""Characters of a page that are shown."""

_INLINE: Final = re.compile(
    r"`(?P<code>[^`\n]{1,500})`"
    r"|\*\*(?P<strong>[^*\n]{1,500})\*\*"
    r"|\*(?P<em>[^*\s\n][^*\n]{0,300})\*"
    r"|\[(?P<shown>[^\[\]\n]{1,300})\]\((?P<url>https?://[^\s()<>\"]{1,500})\)"
    r"|\[(?P<rule>[^\[\]\n]{1,300})\]\((?:[a-z./]{0,60}/)?(?P<page>[a-z0-9_-]{1,100})\.md(?:#[a-z0-9-]{0,100})?\)"
    r"|<(?P<auto>https?://[^\s<>\"]{1,500})>"
)
_ITEM: Final = re.compile(r"(?:[-*]|\d{1,3}\.) +")


def rendered(markdown: str, level: int, on_page: Container[str] = ()) -> Markup:
    """A page without its title; its sections get headings of `level`. A link to the page of another rule leads to it if that is `on_page`,
    too."""
    lines = markdown[:LIMIT].splitlines()
    if lines and lines[0].startswith("# "):
        lines = lines[1:]
    return joined(_blocks(lines, min(max(level, 1), 6), lambda line: inline(line, on_page)))


def _blocks(lines: Sequence[str], level: int, inline: Callable[[str], Markup]) -> Iterator[Markup]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("```"):
            end = at + 1
            while end < len(lines) and not lines[end].startswith("```"):
                end += 1
            code = [text(one.replace("\t", "    ")) for one in lines[at + 1 : end]]
            yield tag("pre", {"tabindex": 0, "aria-label": "example"}, tag("code", None, joined(code, "\n")))
            at = end + 1
        elif line.startswith("#"):
            yield tag(f"h{level}", None, inline(line.lstrip("#").strip()))
            at += 1
        elif not line.strip():
            at += 1
        elif line.startswith("|"):
            end = _until(lines, at, lambda one: not one.startswith("|"))
            yield _table(lines[at:end], inline)
            at = end
        elif _ITEM.match(line):
            end = _until(lines, at, lambda one: not one.strip())
            yield several(map(inline, _items(lines[at:end])))
            at = end
        else:
            end = _until(
                lines,
                at,
                lambda one: not one.strip() or one.startswith(("```", "#", "|")) or bool(_ITEM.match(one)),
            )
            yield tag("p", None, inline(" ".join(one.strip() for one in lines[at:end])))
            at = end


def _until(lines: Sequence[str], at: int, ends: Callable[[str], bool]) -> int:
    """The number of the next line that ends what begins at one."""
    end = at + 1
    while end < len(lines) and not ends(lines[end]):
        end += 1
    return end


def _items(lines: Sequence[str]) -> Iterator[str]:
    item: list[str] = []
    for line in lines:
        found = _ITEM.match(line)
        if found and item:
            yield " ".join(item)
            item = []
        item.append(line[found.end() :].strip() if found else line.strip())
    if item:
        yield " ".join(item)


def _table(lines: Sequence[str], inline: Callable[[str], Markup]) -> Markup:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    body = [row for row in rows[1:] if not all(set(cell) <= set("-: ") for cell in row)]
    return table(rows[0], (map(inline, row) for row in body), "table of the page")


def inline(line: str, on_page: Container[str] = ()) -> Markup:
    """The marks within a paragraph."""
    parts: list[Markup] = []
    at = 0
    for found in _INLINE.finditer(line):
        parts.append(text(line[at : found.start()]))
        at = found.end()
        match found.lastgroup:
            case "code":
                parts.append(tag("code", None, text(found["code"])))
            case "strong":
                parts.append(tag("strong", None, text(found["strong"])))
            case "em":
                parts.append(tag("em", None, text(found["em"])))
            case "auto":
                parts.append(link(found["auto"], text(found["auto"])))
            case "page":
                parts.append(_to_rule(found["page"].replace("_", "-"), _of_link(found["rule"]), on_page))
            case _:
                parts.append(link(found["url"], _of_link(found["shown"])))
    return joined((*parts, text(line[at:])))


def _of_link(shown: str) -> Markup:
    """The text of a link, which may be code as a whole."""
    if len(shown) > 2 and shown[0] == shown[-1] == "`":
        return tag("code", None, text(shown[1:-1]))
    return text(shown)


def rule_anchor(rule: str) -> str:
    """The name of the part of the page about a rule."""
    return f"rule-{rule}"


def _to_rule(rule: str, shown: Markup, on_page: Container[str]) -> Markup:
    """A link within the page; the name alone of a rule that found nothing."""
    return tag("a", {"href": f"#{rule_anchor(rule)}"}, shown) if rule in on_page else shown


def link(url: str, shown: Markup) -> Markup:
    """A link to the web, that tells nobody where it was followed from."""
    return tag("a", {"href": url, "rel": "noopener noreferrer"}, shown)
