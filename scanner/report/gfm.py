"""Markdown as GitHub reads it, for comments on pull requests and summaries of runs (GitHub Flavored Markdown 0.29).

Text of the input must stay text: no markup, no HTML, no link, no mention of a person and no reference to an issue, both of which
GitHub makes of plain text after Markdown is read. In code nothing of that is done, so names stand in code.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from scanner.report.escape import bounded, visible

LIMIT: Final = 65_000
"""Octets of a document: GitHub takes comments of 65,536 characters."""

_PUNCTUATION: Final = frozenset("!\"#$%'()*+,-./:;=?@[\\]^_`{|}~")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_REFERENCE: Final = re.compile(r"\b(gh-)(?=[0-9])", re.IGNORECASE)  # `GH-1` is an issue as well
_BREAK: Final = "&#8203;"  # zero width: parts a sign that GitHub would obey from what follows it


def escape(text: str) -> str:
    """Text that is shown as it is, on one line, in a table too."""
    shown = bounded(text)
    if "gh-" in shown.lower():
        shown = _REFERENCE.sub("\\1\0", shown)
    return "".join(_BREAK if char == "\0" else _escaped(char) for char in shown)


def _escaped(char: str) -> str:
    return f"\\{char}{_BREAK}" if char in "@#" else _plain(char)


def _plain(char: str) -> str:
    """A character that is no markup."""
    if char in _PUNCTUATION:
        return char if char in ",-'()/;?!\"=% " else f"\\{char}"
    return _ENTITIES.get(char, char)


def code(text: str) -> str:
    """Text as code on one line. A table needs its bars escaped even there. Not every reader of Markdown leaves a `<` in code alone, so
    such a text is code of HTML, where GitHub makes no mentions or references either. What a workflow log would obey is shown as an escape."""
    shown = visible(text).replace("##[", "\\x23#[")
    if not shown.strip():
        return ""
    if "<" in shown:
        return f"<code>{''.join(map(_plain, shown))}</code>"
    shown = shown.replace("|", "\\|")
    longest = run = 0
    for char in shown:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    fence = "`" * (longest + 1)
    edge = " " if shown[0] == "`" or shown[-1] == "`" else ""
    return f"{fence}{edge}{shown}{edge}{fence}"


def message(text: str) -> str:
    """A message of ours: what stands in backticks is code, the rest is text."""
    parts = bounded(text).split("`")
    if len(parts) % 2 == 0:  # one is left open
        return escape(text)
    # Code that stands behind code needs something in between, or their ends are taken for one.
    return "".join(
        code(part) if at % 2 else escape(part) or (_BREAK if 0 < at < len(parts) - 1 else "")
        for at, part in enumerate(parts)
    )


def link(shown: str, url: str) -> str:
    """A link; `shown` is Markdown already, `url` a URL that we made of harmless signs."""
    return f"[{shown}]({url})"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], room: int) -> str:
    """A table of cells that are Markdown already, in at most `room` octets: what does not fit is counted."""
    lines = [f"| {' | '.join(header)} |", f"|{' --- |' * len(header)}"]
    left = room - sum(map(size, lines)) - 200  # for the last line
    more = 0
    for row in rows:
        line = f"| {' | '.join(row)} |"
        left -= size(line)
        if more or left < 0:
            more += 1
        else:
            lines.append(line)
    if more:
        lines += ["", f"… and {more:,} more, which do not fit here."]
    return "\n".join(lines) + "\n"


def folded(summary: str, text: str) -> str:
    """Markdown that opens with a click; `summary` is text."""
    return f"<details><summary>{escape_html(summary)}</summary>\n\n{text}\n</details>\n"


def escape_html(text: str) -> str:
    return "".join(_ENTITIES.get(char, char) for char in visible(text))


def size(text: str) -> int:
    """The octets of a line, with its end."""
    return len(text.encode("utf-8", "replace")) + 1
