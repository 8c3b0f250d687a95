"""What a text of the Nix language says, and where each character of it stands (lexer.l, parser-state.hh of Nix 2.34)."""

import re
from typing import Final, NamedTuple

_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t"}
_QUOTED: Final = re.compile(r"\\(.)|(\r\n?)|[^\\\r]++", re.DOTALL)
_INDENTED: Final = re.compile(
    r"''\\(.)|''(\$)|(''')|(\$(?![^{'])|'(?![^'$]))|(?:[^$']++|\$[^{']|'[^'$])+", re.DOTALL
)
_FIRST_LINE: Final = re.compile(r" *+\n")


class Spoken(NamedTuple):
    """The value of a text, and the offset in the source of each of its characters."""

    value: str
    offsets: list[int] | range


def value_of(source: str, start: int, end: int) -> str:
    """The value of the text (`"…"`, `''…''` or a bare URL) that stands at `start` to `end`, both with its marks."""
    mark = source[start]
    if mark == '"':
        raw = source[start + 1 : end - 1]
        if "\\" not in raw and "\r" not in raw:
            return raw
    elif mark != "'":
        return source[start:end]
    return spoken(source, start, end).value


def inside(source: str, start: int, end: int) -> tuple[int, int]:
    """Where the text stands without its marks; for an indented one, without the space around it."""
    mark = source[start]
    if mark == '"':
        return start + 1, end - 1
    if mark != "'":
        return start, end
    raw = source[start + 2 : end - 2]
    left = len(raw) - len(raw.lstrip())
    return (start + 2 + left, start + 2 + len(raw.rstrip())) if left < len(raw) else (start + 2, end - 2)


def spoken(source: str, start: int, end: int) -> Spoken:
    """The value of a text with the place of each of its characters; linear in the text."""
    mark = source[start]
    if mark == "'":
        return _indented(source, start + 2, end - 2)
    if mark != '"':
        return Spoken(source[start:end], range(start, end))
    start, end = start + 1, end - 1
    parts: list[str] = []
    offsets: list[int] = []
    for match in _QUOTED.finditer(source, start, end):
        match match.lastindex:
            case 1:
                parts.append(_ESCAPES.get(match[1], match[1]))
                offsets.append(match.start())
            case 2:
                parts.append("\n")
                offsets.append(match.start())
            case _:
                parts.append(match[0])
                offsets.extend(range(*match.span()))
    return Spoken("".join(parts), offsets)


def _indented(source: str, start: int, end: int) -> Spoken:
    first = _FIRST_LINE.match(source, start, end)
    if first is not None:
        start = first.end()
    # Pieces with where they stand, and whether they are written as they are: an escape ends the indentation.
    pieces: list[tuple[str, int, bool]] = []
    for match in _INDENTED.finditer(source, start, end):
        match match.lastindex:
            case 1:
                pieces.append((_ESCAPES.get(match[1], match[1]), match.start(), False))
            case 2:
                pieces.append(("$", match.start(), False))
            case 3:
                pieces.append(("''", match.start(), False))
            case 4:
                pieces.append((match[0], match.start(), False))
            case _:
                pieces.append((match[0], match.start(), True))
    return _without_indentation(pieces)


def _without_indentation(pieces: list[tuple[str, int, bool]]) -> Spoken:
    """Takes the smallest indentation of all lines off each; a last line of spaces does not count and goes."""
    smallest = _smallest_indentation(pieces)
    value: list[str] = []
    offsets: list[int] = []
    at_start, dropped = True, 0
    for number, (text, start, written) in enumerate(pieces):
        kept_from = len(value)
        for index, char in enumerate(text):
            if at_start and char == " ":
                dropped += 1
                if dropped <= smallest:
                    continue
            elif char == "\n":
                at_start, dropped = True, 0
            elif at_start:
                at_start, dropped = False, 0
            value.append(char)
            offsets.append(start + index if written else start)
        if number == len(pieces) - 1:
            size = len(value)
            while size > kept_from and value[size - 1] == " ":
                size -= 1
            if size > kept_from and value[size - 1] == "\n":
                del value[size:], offsets[size:]
    return Spoken("".join(value), offsets)


def _smallest_indentation(pieces: list[tuple[str, int, bool]]) -> int:
    smallest = 1_000_000
    indentation, at_start = 0, True
    for text, _, written in pieces:
        if not written:
            if at_start:
                at_start = False
                smallest = min(smallest, indentation)
            continue
        for char in text:
            if char == "\n":
                at_start, indentation = True, 0
            elif at_start:
                if char == " ":
                    indentation += 1
                else:
                    at_start = False
                    smallest = min(smallest, indentation)
    return smallest
