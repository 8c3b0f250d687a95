"""Where a value stands: a source file, a span of its text, a line and a column.

Offsets are 0-based indexes into `Source.text`. Lines and columns are 1-based; columns count UTF-16 code
units (the default of SARIF 2.1.0 §3.14.17) and ends are exclusive. Lines end at LF or CRLF only: libyaml
also breaks at U+0085, U+2028 and U+2029, GitHub and editors do not.
"""

from bisect import bisect_left, bisect_right
from typing import NamedTuple

from scanner.model.secrets import masked


class Position(NamedTuple):
    """A 1-based line and a 1-based column in UTF-16 code units."""

    line: int
    column: int


class Source:
    """One input file: its path relative to the repository root (with `/`), its kind and its text.

    `text` is decoded and without a byte order mark; it is empty for a file that could not be read. `shown` is the path
    in reports: that of the `target` of a link (GitHub shows findings at real files only), behind `prefix`, the
    repository's folder when one run scans several; `committed` is that in the whole checkout, when only a folder of it
    (`base`) is scanned. `id` is the path in the ids of nodes, where `#` and `@` separate.
    """

    __slots__ = (
        "_astral",
        "_masked",
        "_starts",
        "committed",
        "id",
        "kind",
        "path",
        "prefix",
        "shown",
        "text",
    )

    def __init__(
        self,
        path: str,
        kind: str,
        text: str = "",
        *,
        prefix: str = "",
        target: str | None = None,
        base: str = "",
    ) -> None:
        self.path = path
        self.kind = kind
        self.text = text
        self.prefix = prefix
        self.shown = prefix + (path if target is None else target)
        self.committed = base + self.shown
        self.id = path
        if "%" in path or "#" in path or "@" in path:
            self.id = path.replace("%", "%25").replace("#", "%23").replace("@", "%40")
        self._starts: list[int] | None = None
        self._astral: list[int] | None = None
        self._masked: str | None = None

    def __repr__(self) -> str:
        return f"Source({self.path!r}, {self.kind!r})"

    @property
    def line_starts(self) -> list[int]:
        """Offset of the first character of every line; computed on first use."""
        starts = self._starts
        if starts is None:
            starts = [0]
            find, at = self.text.find, 0
            while (at := find("\n", at) + 1) > 0:
                starts.append(at)
            self._starts = starts
        return starts

    @property
    def masked(self) -> str:
        """The text with a star for every character of a secret, at the same offsets: what may be shown; computed on first use."""
        if self._masked is None:
            self._masked = masked(self.text)
        return self._masked

    def position(self, offset: int) -> Position:
        """The line and column of an offset; an offset past the end is the end of the text."""
        offset = min(offset, len(self.text))
        starts = self.line_starts
        line = bisect_right(starts, offset)
        start = starts[line - 1]
        column = offset - start + 1
        if not self.text.isascii():
            if self._astral is None:  # the characters that are two units of UTF-16
                self._astral = [at for at, char in enumerate(self.text) if char > "\uffff"]
            column += bisect_left(self._astral, offset) - bisect_left(self._astral, start)
        return Position(line, column)

    def seen(self, offset: int) -> int:
        """The offset, or that of the last character with ink where none follows: behind the end of a text there is nothing to show. A tab, which
        YAML forbids, is something."""
        end = len(self.text.rstrip(" \r\n"))
        return offset if offset < end else max(end - 1, 0)

    def line(self, number: int) -> str:
        """The text of a 1-based line, without its line break; empty when there is no such line."""
        starts = self.line_starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


class Span(NamedTuple):
    """A stretch of one source; `end` is exclusive."""

    source: Source
    start: int
    end: int

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def shown(self) -> str:
        return self.source.shown

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def masked(self) -> str:
        """The text without its secrets, as it may be shown."""
        return self.source.masked[self.start : self.end]

    @property
    def begin(self) -> Position:
        return self.source.position(self.start)

    @property
    def finish(self) -> Position:
        return self.source.position(self.end)

    def first_line(self) -> "Span":
        """The part of the span on its first line: GitHub shows an alert on a pull request only when
        all of its lines are in the diff."""
        text = self.source.text
        newline = text.find("\n", self.start, self.end)
        if newline < 0:
            return self
        end = newline
        while end > self.start and text[end - 1] == "\r":
            end -= 1
        return Span(self.source, self.start, end)
