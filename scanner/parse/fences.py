"""Where `${{ … }}` stands in a text. Folding, quoting and escapes move characters, so places are found in the raw text."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.model.source import Span
from scanner.parse.nodes import Scalar


class Fence(NamedTuple):
    """One `${{ … }}` of a scalar, or the whole of an unfenced `if:`.

    `text` is what stands between the fences, decoded; `at` is the span of the fence in the file. `exact` is true
    when the file holds `text` letter by letter from `inner`, so that offsets into it are offsets in the file.
    """

    text: str
    at: Span
    inner: int
    exact: bool

    def span(self, start: int, end: int) -> Span:
        """The place in the file of a part of `text`; all of the fence when it cannot be told."""
        if not self.exact:
            return self.at
        return Span(self.at.source, self.inner + start, self.inner + end)


def fences(scalar: Scalar) -> Iterator[Fence]:
    """The expressions in a text. Folding and quoting move characters, so places are found in the raw text."""
    if "${{" not in scalar.value:
        return
    decoded = list(_scan(scalar.value))
    raw = list(_scan(scalar.raw, doubled=scalar.raw.startswith("'")))
    source = scalar.source
    for index, (start, end) in enumerate(decoded):
        text = scalar.value[start + 3 : end - 2]
        if len(raw) != len(decoded):
            yield Fence(text, scalar.content, scalar.start, False)
            continue
        from_, to = raw[index]
        at = Span(source, scalar.start + from_, scalar.start + to)
        yield Fence(text, at, at.start + 3, source.text[at.start + 3 : at.end - 2] == text)


def condition(scalar: Scalar) -> Iterator[Fence]:
    """The expressions of an `if:`, which needs no fence around it."""
    if "${{" in scalar.value:
        yield from fences(scalar)
    else:
        at = scalar.content
        yield Fence(scalar.value, at, at.start, at.text == scalar.value)


def _scan(text: str, *, doubled: bool = False) -> Iterator[tuple[int, int]]:
    """Start and end of every closed `${{ … }}`; braces inside a string do not close it.

    `doubled` is true for the raw text of a single-quoted YAML scalar, in which `''` stands for one quote.
    """
    quote = "''" if doubled else "'"
    at = text.find("${{")
    while at >= 0:
        end, in_string = at + 3, False
        while end < len(text):
            if text.startswith(quote, end):
                in_string = not in_string
                end += len(quote)
            elif not in_string and text.startswith("}}", end):
                break
            else:
                end += 1
        if end >= len(text):
            return
        yield at, end + 2
        at = text.find("${{", end + 2)
