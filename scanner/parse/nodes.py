"""The tree that YAML files become: scalars, sequences and mappings that know their place in the text."""

from typing import Final

from scanner.model.source import Source, Span


class Scalar:
    """A leaf. `value` is the decoded text; `start` and `end` are offsets of the *raw* text, quotes and
    block indicators included. `plain` is true for unquoted flow scalars, the only ones with a type."""

    __slots__ = ("end", "plain", "source", "start", "value")

    def __init__(self, source: Source, start: int, end: int, value: str, plain: bool) -> None:
        self.source: Final = source
        self.start: Final = start
        self.end: Final = end
        self.value: Final = value
        self.plain: Final = plain

    def __repr__(self) -> str:
        return f"Scalar({self.value!r})"

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)

    @property
    def content(self) -> Span:
        """The span without the quotes of a one-line quoted scalar; of a block scalar the text below its
        header."""
        text = self.source.text
        if self.plain or self.end - self.start <= 2:
            return self.span
        if text[self.start] in "'\"" and text[self.end - 1] == text[self.start]:
            return Span(self.source, self.start + 1, self.end - 1)
        if text[self.start] in "|>":
            newline = text.find("\n", self.start, self.end)
            body = newline + 1 if newline >= 0 else self.start
            while body < self.end and text[body] in " \t\r\n":
                body += 1
            end = self.end
            while end > body and text[end - 1] in " \t\r\n":
                end -= 1
            return Span(self.source, body, end) if body < end else self.span
        return self.span

    @property
    def raw(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def is_null(self) -> bool:
        return self.plain and self.value in _NULL

    @property
    def boolean(self) -> bool | None:
        """The value as a boolean of YAML 1.2's core schema, None if it is none (`yes` and `on` are text)."""
        return _BOOL.get(self.value) if self.plain else None


class Sequence:
    """A list; an aliased item is the anchored node itself."""

    __slots__ = ("end", "items", "source", "start")

    def __init__(self, source: Source, start: int) -> None:
        self.source: Final = source
        self.start: Final = start
        self.end = start
        self.items: list[Node] = []

    def __repr__(self) -> str:
        return f"Sequence({self.items!r})"

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)


class Mapping:
    """A map as its pairs stand in the file, duplicates included; `get` answers with the first."""

    __slots__ = ("end", "pairs", "source", "start")

    def __init__(self, source: Source, start: int) -> None:
        self.source: Final = source
        self.start: Final = start
        self.end = start
        self.pairs: list[tuple[Scalar, Node]] = []

    def __repr__(self) -> str:
        return f"Mapping({self.pairs!r})"

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)

    def get(self, key: str) -> "Node | None":
        for name, value in self.pairs:
            if name.value == key:
                return value
        return None

    def key(self, key: str) -> Scalar | None:
        for name, _ in self.pairs:
            if name.value == key:
                return name
        return None


Node = Scalar | Sequence | Mapping


def is_set(node: Node | None) -> bool:
    """Whether a key has a value that is not null."""
    return node is not None and not (isinstance(node, Scalar) and node.is_null)


def has_text(value: Scalar | None) -> bool:
    """Whether there is a text with more than white space in it."""
    return value is not None and not value.is_null and bool(value.value.strip())


_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
