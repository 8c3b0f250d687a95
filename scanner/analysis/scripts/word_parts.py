"""A word of a shell taken apart: variables, expressions, commands and fixed texts; and what `printf` makes of words."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from scanner.parse.shell_words import behind_bracket

_DIRECTIVE: Final = re.compile(r"%[-0-9.]{0,8}[sbqdiu]")


def parts_of(text: str) -> Iterator[tuple[int, int, bool]]:
    """A word's pieces: variables, expressions and fixed texts; and what stands inside of `$(…)` and backticks."""
    begin = at = 0
    size = len(text)
    while at < size:
        substituted = False
        if text.startswith("${{", at):
            close = text.find("}}", at)
            end = size if close < 0 else close + 2
        elif text.startswith("$(", at) and not text.startswith("$((", at):
            end, substituted = behind_bracket(text, at + 1), True
        elif text[at] == "`":
            close = text.find("`", at + 1)
            end, substituted = size if close < 0 else close + 1, True
        elif text.startswith("${", at):
            close = text.find("}", at)
            end = size if close < 0 else close + 1
        elif text[at] == "$":
            end = at + 1
            while end < size and (text[end].isalnum() or text[end] in "_:"):
                end += 1
        else:
            at += 1
            continue
        if at > begin:
            yield begin, at, False
        yield at, end, substituted
        begin = at = end
    if begin < size:
        yield begin, size, False


def outline(text: str) -> str:
    """A word with its commands left out, so that its lines are those that are printed."""
    if "$(" not in text and "`" not in text:
        return text
    return "".join("$()" if inside else text[start:end] for start, end, inside in parts_of(text))


def formatted(texts: Sequence[str]) -> str:
    """What `printf` makes of its words; what its format has no place for stands behind it."""
    format, *values = texts
    pieces = _DIRECTIVE.split(format)
    filled = [pieces[0]]
    for number, piece in enumerate(pieces[1:]):
        filled += [values[number] if number < len(values) else "", piece]
    return " ".join(["".join(filled), *values[len(pieces) - 1 :]])
