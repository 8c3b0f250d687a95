"""`nix.conf`: `name = value` lines (Nix manual, "nix.conf"; `applyConfig` of Nix 2.34)."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from scanner.model.finding import Problem
from scanner.model.quoting import quoted
from scanner.model.secrets import masked_part
from scanner.model.source import Source, Span
from scanner.parse.nix.setting import Setting, Word

Locate = Callable[[int, int], Span]
"""From two offsets of a text to their place."""

_INCLUDES = ("include", "!include")
_SHOWN = 40


class NixConf(NamedTuple):
    """The settings of one file in their order."""

    source: Source
    settings: tuple[Setting, ...]


class BadLine(NamedTuple):
    """A line that Nix refuses, and with it the whole text."""

    at: Span
    text: str


def read_nix_conf(source: Source, problems: list[Problem]) -> NixConf | None:
    settings: list[Setting] = []
    for line in settings_in(source.text, lambda start, end: Span(source, start, end)):
        match line:
            case Setting():
                settings.append(line)
            case BadLine(at, text):
                message = f"{quoted(text, _SHOWN)} is no setting, so Nix refuses the whole file; write `name = value` on one line"
                problems.append(Problem(at, message))
    return NixConf(source, tuple(settings))


def settings_in(text: str, locate: Locate) -> Iterator[Setting | BadLine]:
    """The settings of a configuration text, wherever it stands; `${{ … }}` of a workflow is part of a word.

    A comment begins at any `#`, also inside a word, and ends with the line. Included files are not read.
    """
    start, size = 0, len(text)
    while start < size:
        newline = text.find("\n", start)
        newline = size if newline < 0 else newline
        comment = text.find("#", start, newline)
        end = newline if comment < 0 else comment
        words = list(words_in(text, start, end))
        start = newline + 1
        if not words:
            continue
        first = text[slice(*words[0])]
        if first in _INCLUDES and len(words) == 2:
            continue
        # A space must stand on both sides of the first `=`.
        if first in _INCLUDES or len(words) < 2 or text[slice(*words[1])] != "=":
            begin, close = words[0][0], words[-1][1]
            yield BadLine(locate(begin, close), masked_part(text, begin, min(close, begin + 2 * _SHOWN)))
            continue
        yield Setting(
            first,
            locate(*words[0]),
            tuple(Word(text[begin:close], locate(begin, close)) for begin, close in words[2:]),
        )


def words_in(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The offsets of the words of a stretch of text; a `${{ … }}` with blanks inside does not end a word."""
    begin, at, open = start, start, False
    line = text[start:end].replace("\t", " ").replace("\r", " ").replace("\n", " ")
    for part in line.split(" "):
        close = at + len(part)
        if not open:
            begin, open = at, "${{" in part and part.rfind("${{") > part.rfind("}}")
        elif "}}" in part:
            open = part.rfind("${{") > part.rfind("}}")
        if part and not open:
            yield begin, close
        at = close + 1
    if open:
        yield begin, end
