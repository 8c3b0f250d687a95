"""Where the characters of a YAML text stand in its file: block indentation, folding, quotes and escapes move them."""

from bisect import bisect_right
from typing import Final

from scanner.model.source import Span
from scanner.parse.nodes import Scalar

_BLANK: Final = " \t\r\n"
_ESCAPES: Final = {"x": 4, "u": 6, "U": 10}


class Places:
    """The way from offsets in a scalar's value to offsets in its file; worked out when it is first asked for."""

    __slots__ = ("_scalar", "_stretches")

    def __init__(self, scalar: Scalar) -> None:
        self._scalar = scalar
        self._stretches: list[tuple[int, int]] | None = None

    def span(self, start: int, end: int) -> Span:
        """The place of a part of the value, on one line; the first line of all of it when it cannot be told."""
        scalar = self._scalar
        if self._stretches is None:
            self._stretches = _align(scalar)
        if not self._stretches:
            return scalar.content.first_line()
        begin = self._offset(start)
        stop = self._offset(end - 1) + 1 if end > start else begin
        return Span(scalar.source, begin, max(begin, stop)).first_line()

    def _offset(self, index: int) -> int:
        stretches = self._stretches or [(0, self._scalar.start)]
        start, at = stretches[max(0, bisect_right(stretches, (index, self._scalar.end)) - 1)]
        return at + index - start


def _align(scalar: Scalar) -> list[tuple[int, int]]:
    """The stretches of the value that stand in the file letter by letter: index in the value, offset in the file.

    Both texts are walked side by side: what is not white follows in the same order in both, escapes apart.
    Nothing when they do not fit.
    """
    value, text, end = scalar.value, scalar.source.text, scalar.end
    style = text[scalar.start : scalar.start + 1]
    at = scalar.start
    if not scalar.plain and style in ("'", '"'):
        at, end = at + 1, end - 1
    elif not scalar.plain and style in ("|", ">"):
        newline = text.find("\n", at, end)
        at = end if newline < 0 else newline + 1
    else:
        style = ""
    if text.startswith(value, at) and at + len(value) <= end:
        return [(0, at)]
    if style == "|" and (lines := _by_lines(value, text, at, end)) is not None:
        return lines
    found: list[tuple[int, int]] = []
    index, size = 0, len(value)
    while index < size:
        char = text[at] if at < end else ""
        if style == '"' and char == "\\" and text[at + 1 : at + 2] in ("\n", "\r"):
            at += 1
            while at < end and text[at] in _BLANK:
                at += 1
        elif style == '"' and char == "\\":
            found.append((index, at))
            at += _ESCAPES.get(text[at + 1 : at + 2], 2)
            index += 1
            found.append((index, at))
        elif char == value[index]:
            if not found or found[-1][1] - found[-1][0] != at - index:
                found.append((index, at))
            # `''` between single quotes is one of them.
            at += 2 if style == "'" and char == "'" else 1
            index += 1
        elif value[index] in _BLANK:
            while index < size and value[index] in _BLANK:
                index += 1
            while at < end and text[at] in _BLANK:
                at += 1
        elif char and char in _BLANK:
            at += 1
        else:
            return []
    return found


def _by_lines(value: str, text: str, at: int, end: int) -> list[tuple[int, int]] | None:
    """The stretches of a literal block, whose lines stand in the file as they are, behind one indentation; None when they do
    not."""
    found: list[tuple[int, int]] = []
    index, indent = 0, -1
    for line in value.removesuffix("\n").split("\n"):
        newline = text.find("\n", at, end)
        stop = end if newline < 0 else newline
        if not line:
            found.append((index, stop))
        else:
            if indent < 0:
                indent = text.find(line, at, stop) - at
            if indent < 0 or not text.startswith(line, at + indent) or at + indent + len(line) > stop:
                return None
            found.append((index, at + indent))
        index += len(line) + 1
        at = stop + 1
    return found
