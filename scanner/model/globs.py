"""Patterns of paths and names as policies write them: `*` and `?` stay within a part between slashes, `**` alone in a part stands for
any number of parts, `[ab]` and `[!ab]` for one character. Work is bounded by pattern times text: nothing backtracks further
than the last star."""

from functools import lru_cache
from typing import Final, NamedTuple

from scanner.model.wildcard import wild

_ANY_PARTS: Final = "**"
MAX_LENGTH: Final = 500
"""Characters of a pattern."""

MAX_STARS: Final = 20
"""Stars of a pattern: each of them may be tried at every character of a text."""


class _One(NamedTuple):
    """One character: of these, or with `negated` none of these; None: any."""

    chars: str | None
    negated: bool = False

    def matches(self, char: str) -> bool:
        return self.chars is None or (char in self.chars) != self.negated


class _Star(NamedTuple):
    """Any number of characters."""


_Piece = _One | _Star
_STAR: Final[_Piece] = _Star()


class Glob(NamedTuple):
    """A pattern, read. `text` is as it was written; a folder (`vendor/`) stands for all below it."""

    text: str
    parts: tuple[tuple[_Piece, ...] | None, ...]

    @property
    def everything(self) -> bool:
        """Whether it leaves nothing out but what a star cannot cross: `*`, `**`, `**/*`."""
        return all(
            part is None or (part and all(isinstance(one, _Star) for one in part)) for part in self.parts
        )

    def matches(self, text: str) -> bool:
        """Whether the whole of a text is covered, with regard to case."""
        return wild(self.parts, text.split("/"), None, _covers)


@lru_cache(maxsize=4096)
def glob(text: str, path: bool = True) -> Glob:
    """Reads a pattern, of paths from the root of the repository or with `path=False` of other texts (`./action`, `/nix/store/*`). Raises
    ValueError with what is wrong."""
    if not text:
        raise ValueError("an empty pattern matches nothing")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"longer than {MAX_LENGTH} characters")
    if text.count("*") > MAX_STARS:
        raise ValueError(f"more than {MAX_STARS} stars; fewer say the same")
    if path and text.startswith("/"):
        raise ValueError(
            "patterns are relative to the root of the repository; remove the `/` at the beginning"
        )
    if "\\" in text:
        raise ValueError(
            "a backslash has no meaning in a pattern; write `/` between folders and `[*]` for a star"
        )
    whole = text + _ANY_PARTS if text.endswith("/") else text
    names = whole.split("/")
    if path and (".." in names or "." in names):
        raise ValueError("`.` and `..` have no meaning in a pattern")
    return Glob(text, tuple(None if name == _ANY_PARTS else tuple(_pieces(name)) for name in names))


def _pieces(name: str) -> list[_Piece]:
    if _ANY_PARTS in name:
        raise ValueError("`**` stands alone between slashes, as in `vendor/**`; within a name write `*`")
    found: list[_Piece] = []
    at = 0
    while at < len(name):
        char = name[at]
        at += 1
        if char == "*":
            found.append(_STAR)
        elif char == "?":
            found.append(_One(None))
        elif char == "[":
            end = name.find("]", at + 1 + name.startswith("!", at))
            if end < 0:
                raise ValueError("`[` is not closed; write `[[]` for the character itself")
            inside = name[at:end]
            at = end + 1
            found.append(_One(_range(inside.removeprefix("!")), inside.startswith("!")))
        else:
            found.append(_One(char))
    return found


def _range(inside: str) -> str:
    """`a-c` as `abc`."""
    found: list[str] = []
    at = 0
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            low, high = ord(inside[at]), ord(inside[at + 2])
            if not 0 <= high - low < 256:
                raise ValueError(f"`{inside[at : at + 3]}` is no range of characters")
            found.extend(map(chr, range(low, high + 1)))
            at += 3
        else:
            found.append(inside[at])
            at += 1
    return "".join(found)


def _covers(part: tuple[_Piece, ...] | None, name: str) -> bool:
    """Whether a part of a pattern covers a name between slashes."""
    return wild(part or (), name, _STAR, _same)


def _same(piece: _Piece, char: str) -> bool:
    return isinstance(piece, _One) and piece.matches(char)
