"""Where the links of a page lead: to a file, and in a page to a heading, by the rules by which GitHub names headings."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

_NAMED = re.compile(r"<a\s[^>]*\b(?:id|name)=[\"']([^\"']+)[\"']")


@cache
def _tokens(file: Path) -> tuple[Token, ...]:
    return tuple(MarkdownIt("commonmark").enable("table").parse(file.read_text("utf-8")))


def slug(heading: str) -> str:
    """GitHub's name of a heading with this text, if it is the first such in its page.

    Letters, marks, digits, `_` and `-` stay, in lower case; each blank becomes `-`; all else goes.
    """
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(file: Path) -> frozenset[str]:
    """What can stand behind `#` in a link to a page; of equal headings the second ends with `-1`, and so on."""
    found: set[str] = set()
    times: Counter[str] = Counter()
    tokens = _tokens(file)
    for before, token in zip((None, *tokens), tokens, strict=False):
        found.update(_NAMED.findall(token.content) if token.type in ("html_block", "inline") else ())
        if before is None or before.type != "heading_open":
            continue
        name = slug(
            "".join(one.content for one in token.children or () if one.type in ("text", "code_inline"))
        )
        found.add(f"{name}-{times[name]}" if times[name] else name)
        times[name] += 1
    return frozenset(found)


def links(file: Path) -> Iterator[str]:
    """The targets of a page's links and images."""
    for token in _tokens(file):
        for one in token.children or ():
            target = one.attrGet("href") or one.attrGet("src")
            if target:
                yield str(target)


def leads_somewhere(file: Path, target: str) -> bool:
    """Whether there is what a link of the page names; other sites are not asked."""
    if re.match(r"[a-z][a-z+.-]*:", target):
        return True
    path, _, anchor = unquote(target).partition("#")
    there = file.parent / path if path else file
    if not there.exists():
        return False
    return not anchor or (there.suffix == ".md" and anchor in anchors(there))
