"""How wide a text is, nearly: widths of a usual font without serifs, with some air for wider ones, since nothing here can measure."""

from typing import Final
from unicodedata import combining, east_asian_width

_NARROW: Final = frozenset("ijlI.,:;'|!/\\()[] ")
_SLIM: Final = frozenset('frt-"`*{}')
_WIDE: Final = frozenset("mwMW@%…—")
_AVERAGE: Final = 0.59
BELOW_SIZE: Final = 11.0
BELOW_ROOM: Final = 300.0
"""The second line of a box: the size of its font, and how wide it can be."""

MAX_CHARS: Final = 120
"""Characters of a line that are looked at; many of them may have no width."""


def width(text: str, size: float) -> float:
    """The width of a text at a size of the font, a little more than most fonts need."""
    return sum(_of(char) for char in text) * size


def _of(char: str) -> float:
    if char in _NARROW:
        return 0.33
    if char in _SLIM:
        return 0.42
    if char in _WIDE:
        return 0.95
    if char < "\x7f":
        return 0.71 if char.isupper() else _AVERAGE
    if combining(char):
        return 0.0
    return 1.1 if east_asian_width(char) in "WF" else 0.8


def fitted(text: str, size: float, room: float) -> str:
    """The text, or as much of it as fits into `room`, with an ellipsis."""
    shown = text[:MAX_CHARS]
    if shown == text and width(text, size) <= room:
        return text
    left = room - _of("…") * size
    end = 0
    for char in shown:
        left -= _of(char) * size
        if left < 0:
            break
        end += 1
    return shown[:end].rstrip() + "…"


def halved(text: str, size: float, room: float) -> tuple[str, ...]:
    """The text in two lines, the first broken at the last space that it has room for; in one where it fits, or there is none."""
    if width(text[:MAX_CHARS], size) <= room:
        return (text,)
    used, at = 0.0, 0
    for number, char in enumerate(text[:MAX_CHARS]):
        if char == " " and used <= room:
            at = number
        used += _of(char) * size
    return (text[:at], text[at + 1 :]) if at else (text,)
