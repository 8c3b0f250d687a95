"""The tree of what is written out in a Nix file: literals, names and attribute sets; all else is `Computed`."""

from typing import NamedTuple


class Text(NamedTuple):
    """A text without interpolation: `"…"`, `''…''` or a bare URL. `start` and `end` are with the marks."""

    start: int
    end: int


class Path(NamedTuple):
    """A path literal; `home` when it begins with `~`."""

    text: str
    home: bool
    start: int
    end: int


class Number(NamedTuple):
    value: int | float
    start: int
    end: int


class Name(NamedTuple):
    """A variable, which `true`, `false` and `null` are for Nix, too."""

    name: str
    start: int
    end: int


class Items(NamedTuple):
    """A list."""

    items: tuple["Node", ...]
    start: int
    end: int


class Formal(NamedTuple):
    """A name that a function takes out of the set it is called with."""

    name: str
    start: int
    end: int


class Function(NamedTuple):
    """`x: …` (without formals) or `{ a, b ? 1, ... }: …`."""

    formals: tuple[Formal, ...]
    start: int
    end: int


class Computed(NamedTuple):
    """What only an evaluation can tell; `what` says in a few words what stands there."""

    what: str
    start: int
    end: int


class Attribute(NamedTuple):
    """`start` and `end` are those of the name, as it stands where it is first defined. `inherited` is `inherit name;`."""

    name: str
    start: int
    end: int
    value: "Node"
    inherited: bool = False


class Attributes:
    """An attribute set. `computed` are the places of the names that only an evaluation can tell."""

    __slots__ = ("computed", "end", "entries", "recursive", "start")

    def __init__(self, start: int, end: int, *, recursive: bool = False) -> None:
        self.start = start
        self.end = end
        self.recursive = recursive
        self.entries: dict[str, Attribute] = {}
        self.computed: list[tuple[int, int]] = []


Node = Text | Path | Number | Name | Items | Function | Computed | Attributes
