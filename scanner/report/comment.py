"""A Markdown document as a comment that is found again: its marker, and what is left of it where only so much is taken.

The marker is the first line, a comment of HTML that nobody sees: `<!-- snowfence scan -->`, or `<!-- snowfence scan: NAME -->` where
several comments of one kind are kept apart.
"""

import re
from collections.abc import Callable
from typing import Final

MOST: Final = 65_536
"""Characters of a comment on GitHub."""

MOST_OF_SUMMARY: Final = 1 << 20
"""Octets of the summary of a step,
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits"""

KEY: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/]|[ -](?=[A-Za-z0-9._/])){0,79}")
"""What a name of a comment may be: nothing that ends a comment of HTML."""

_MARKER: Final = re.compile(r"<!-- snowfence ([a-z]+)(: [^\n>]*)? -->")
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_FOLD: Final = re.compile(r"<(/?)details\b", re.IGNORECASE)
_UNMARKED: Final = "comment"
"""What a document of somebody else is called."""

_CLOSE: Final = "\n</details>\n"
_CUT_HERE: Final = "… cut here"
_CUT: Final = _CUT_HERE + ", since {most} are all that GitHub takes. {advice}"
_ADVICE: Final = "The whole is in the output of the run."


def marker_of(document: str, key: str | None) -> str | None:
    """The marker under which a document is kept, None for one that has none where no `key` names it."""
    found = _MARKER.fullmatch(document.partition("\n")[0].rstrip())
    if key is None:
        return found[0] if found else None
    return f"<!-- snowfence {found[1] if found else _UNMARKED}: {key} -->"


def marked(document: str, marker: str) -> str:
    """The document with this marker as its first line, in the place of its own."""
    first, _, rest = document.partition("\n")
    return f"{marker}\n{rest if _MARKER.fullmatch(first.rstrip()) else document}"


def as_comment(document: str) -> str:
    """As much of a document as a comment may have."""
    return shortened(document, MOST, _units, f"{MOST:,} characters")


def as_summary(document: str, room: int) -> str:
    """As much of a document as the summary of a step has `room` for, in octets; empty where that is nothing but the marker."""
    text = shortened(document, room, _octets, "1 MiB for each step")
    first, _, rest = text.partition("\n")
    return (
        "" if text != document and _MARKER.fullmatch(first) and rest.lstrip().startswith(_CUT_HERE) else text
    )


def shortened(document: str, room: int, measure: Callable[[str], int], most: str) -> str:
    """The document, or its first lines and a line that says that there were more. What is open where it is cut is closed: code, and what
    folds. Empty where not even that line fits; `most` is what the line says is taken."""
    if measure(document) <= room:
        return document
    last = _CUT.format(most=most, advice=_ADVICE)
    left = room - measure(f"\n{last}\n")
    kept: list[str] = []
    closing, used = "", 0
    fence, folds = "", 0
    for line in document.split("\n"):
        fence, folds = _after(line, fence, folds)
        wanted = f"{fence}\n" * bool(fence) + _CLOSE * folds
        used += measure(line) + 1
        if used + measure(wanted) > left:
            break
        kept.append(line)
        closing = wanted
    if left < 0:
        return ""
    return "".join(f"{line}\n" for line in kept) + f"{closing}\n{last}\n"


def _after(line: str, fence: str, folds: int) -> tuple[str, int]:
    """What is open behind a line: the fence of a block of code, and how many parts that fold."""
    found = _FENCE.match(line)
    if fence:
        closes = found is not None and found[1].startswith(fence) and not line[found.end() :].strip()
        return ("" if closes else fence), folds
    if found is not None:
        return found[1], folds
    for one in _FOLD.finditer(line):
        folds = max(folds - 1, 0) if one[1] else folds + 1
    return "", folds


def _units(text: str) -> int:
    """UTF-16 units: no fewer than the characters of any count."""
    return len(text) + sum(char > "\uffff" for char in text)


def _octets(text: str) -> int:
    return len(text.encode("utf-8", "backslashreplace"))
