"""Where `${{ … }}` stands in a text. Folding, quoting and escapes move characters, so places are found in the raw text."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.model.source import Span
from scanner.parse.nodes import Scalar
from scanner.parse.scalars import Places


class Fence(NamedTuple):
    """One `${{ … }}` of a scalar, or the whole of an unfenced `if:`.

    `text` is what stands between the fences, decoded, and begins at `offset` of the scalar's value; `at` is the span of the
    fence in the file. `exact` is true when the file holds `text` letter by letter from `inner`, so that offsets into it
    are offsets in the file.
    """

    text: str
    at: Span
    inner: int
    exact: bool
    offset: int
    places: Places

    def span(self, start: int, end: int) -> Span:
        """The place in the file of a part of `text`. Where folding, quoting or escapes move characters it is on one line;
        when it cannot be told it is the first line of the whole scalar."""
        if self.exact:
            return Span(self.at.source, self.inner + start, self.inner + end)
        return self.places.span(self.offset + start, self.offset + end)


def fences(scalar: Scalar) -> Iterator[Fence]:
    """The expressions in a text. Folding and quoting move characters, so places are found in the raw text."""
    if "${{" not in scalar.value:
        return
    decoded = list(_scan(scalar.value))
    raw = list(_scan(scalar.raw, doubled=scalar.raw.startswith("'")))
    source, places = scalar.source, Places(scalar)
    for index, (start, end) in enumerate(decoded):
        text = scalar.value[start + 3 : end - 2]
        if len(raw) != len(decoded):
            yield Fence(text, scalar.content, scalar.start, False, start + 3, places)
            continue
        from_, to = raw[index]
        at = Span(source, scalar.start + from_, scalar.start + to)
        exact = source.text[at.start + 3 : at.end - 2] == text
        yield Fence(text, at, at.start + 3, exact, start + 3, places)


def condition(scalar: Scalar) -> Iterator[Fence]:
    """The expressions of an `if:`, which needs no fence around it."""
    if "${{" in scalar.value:
        yield from fences(scalar)
    else:
        at = scalar.content
        text = scalar.value
        offset = 0
        if scalar.boolean is not None:
            # For GitHub an unquoted `True` is the boolean of YAML, not the name of a context.
            yield Fence(text.lower(), at, at.start, True, 0, Places(scalar))
            return
        if at.text != text:
            # A block scalar ends with line breaks, which are no part of its content.
            offset = len(text) - len(text.lstrip())
            text = text.strip()
        yield Fence(text, at, at.start, at.text == text, offset, Places(scalar))


def unclosed(scalar: Scalar) -> int | None:
    """Where in a scalar's value a `${{` stands that nothing closes; None when every one is closed."""
    if "${{" not in scalar.value:
        return None
    ends = [end for _, end in _scan(scalar.value)]
    found = scalar.value.find("${{", ends[-1] if ends else 0)
    return found if found >= 0 else None


def evened(text: str) -> str:
    """A text with the white space of its expressions as people write it: `${{x}}` and `${{  x }}` become `${{ x }}`."""
    if "${{" not in text:
        return text
    parts: list[str] = []
    done = 0
    for start, end in _scan(text):
        inside = " ".join(text[start + 3 : end - 2].split())
        parts += text[done:start], f"${{{{ {inside} }}}}"
        done = end
    return "".join((*parts, text[done:]))


def _scan(text: str, *, doubled: bool = False) -> Iterator[tuple[int, int]]:
    """Start and end of every closed `${{ … }}`; braces inside a string do not close it.

    `doubled` is true for the raw text of a single-quoted YAML scalar, in which `''` stands for one quote.
    """
    quote = "''" if doubled else "'"
    at = text.find("${{")
    close = 0
    while at >= 0:
        end = at + 3
        while True:
            if close < end:
                close = text.find("}}", end)
                if close < 0:
                    return
            string = text.find(quote, end, close)
            if string < 0:
                break
            string = text.find(quote, string + len(quote))
            if string < 0:
                return
            end = string + len(quote)
        yield at, close + 2
        at = text.find("${{", close + 2)
