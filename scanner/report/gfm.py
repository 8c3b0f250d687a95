"""Markdown as GitHub reads it, for comments on pull requests and summaries of runs (GitHub Flavored Markdown 0.29).

Text of the input must stay text: no markup, no HTML, no link, no mention of a person and no reference to an issue, both of which
GitHub makes of plain text after Markdown is read. In code nothing of that is done, so names stand in code.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from scanner.report.escape import bounded, visible

LIMIT: Final = 65_000
"""Octets of a document: GitHub takes comments of 65,536 characters."""

_MARKUP: Final = frozenset("\\`*~[]|$^{}")
"""Signs that are escaped wherever they stand; the others only where something would come of them."""

_FIRST: Final = re.compile(r"[ \t]*(?:[-+=#]|[0-9]+[.)])")
"""What makes a list or a heading of a line that it begins."""

_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MADE_MORE: Final = re.compile(r"\bgh-(?=[0-9])|www(?=\.(?: |$))", re.IGNORECASE)
"""`GH-1` is an issue as well, and `www.` alone a link."""
_BREAK: Final = "&#8203;"  # zero width: parts a sign that GitHub would obey from what follows it


def escape(text: str) -> str:
    """Text that is shown as it is, on one line, in a table too."""
    shown = bounded(text)
    low = shown.lower()
    if "gh-" in low or "www." in low:
        shown = _MADE_MORE.sub("\\g<0>\0", shown)
    begins = _FIRST.match(shown)
    first = begins.end() - 1 if begins else -1
    return "".join(
        [
            char
            if char.isalnum() or char == " "
            else _BREAK
            if char == "\0"
            else _in_place(char, shown[at - 1 : at], shown[at + 1 : at + 2], at == first)
            for at, char in enumerate(shown)
        ]
    )


def _in_place(char: str, before: str, after: str, begins: bool) -> str:
    """A sign between two others; `begins`: a list or a heading, where it begins a line."""
    match char:
        case "@":  # a person, or an address
            return f"\\@{_BREAK}" if after and after != " " else char
        case "#":  # an issue, or a heading
            return f"\\#{_BREAK}" if begins or not after or after.isdigit() else char
        case ":":  # the scheme of a URL, or a command of a log
            return char if after in ("", " ") and before != ":" else "\\:"
        case ".":  # a domain
            number = before.isdigit() and after.isdigit()
            return char if not begins and (after in ("", " ") or number) else "\\."
        case "_":  # inside a word it is a letter
            return char if before.isalnum() and after.isalnum() else "\\_"
    if begins or char in _MARKUP:
        return f"\\{char}"
    return _ENTITIES.get(char, char)


def _plain(char: str, after: str) -> str:
    """A character that is no markup in code of HTML."""
    if char in _ENTITIES:
        return _ENTITIES[char]
    if char == "@" and (after.isalnum() or after in ("-", "_", ".")):
        return f"\\@{_BREAK}"  # of an address a link is made after escapes are read
    return f"\\{char}" if char in _MARKUP or char in "@#:._!" else char


def code(text: str) -> str:
    """Text as code on one line. A table needs its bars escaped even there. Not every reader of Markdown leaves a `<` in code alone, so
    such a text is code of HTML, where GitHub makes no mentions or references either. What a workflow log would obey is shown as an escape."""
    shown = visible(text).replace("##[", "\\x23#[")
    if not shown.strip():
        return ""
    if "<" in shown:
        return f"<code>{''.join(map(_plain, shown, (*shown[1:], '')))}</code>"
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


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    room: int,
    left_out: Callable[[Sequence[int]], str] = lambda rows: f"{len(rows):,} more",
) -> str:
    """A table of cells that are Markdown already, in at most `room` octets. A row that does not fit makes room for those behind it and is
    counted: `left_out` says of the rows at these positions how much more that is."""
    lines = [f"| {' | '.join(header)} |", f"|{' --- |' * len(header)}"]
    left = room - sum(map(size, lines)) - 200  # for the last line
    more: list[int] = []
    for at, row in enumerate(rows):
        line = f"| {' | '.join(row)} |"
        if size(line) > left:
            more.append(at)
        else:
            left -= size(line)
            lines.append(line)
    if more:
        lines += ["", f"… and {left_out(more)}, which {'does' if len(more) == 1 else 'do'} not fit here."]
    return "\n".join(lines) + "\n"


def folded(summary: str, text: str) -> str:
    """Markdown that opens with a click; `summary` is text."""
    return f"<details><summary>{escape_html(summary)}</summary>\n\n{text}\n</details>\n"


def escape_html(text: str) -> str:
    return "".join(_ENTITIES.get(char, char) for char in visible(text))


def size(text: str) -> int:
    """The octets of a line, with its end."""
    return len(text.encode("utf-8", "replace")) + 1
