"""The functions of the expression language with their numbers of arguments, and which names an expression may use."""

from collections.abc import Iterable, Mapping
from typing import Final

MAX_ARGUMENTS: Final = 255

Arity = tuple[int, int]
"""The least and the greatest number of arguments."""

BUILT_IN: Final[Mapping[str, Arity]] = {
    "case": (3, MAX_ARGUMENTS),
    "contains": (2, 2),
    "endswith": (2, 2),
    "format": (1, MAX_ARGUMENTS),
    "fromjson": (1, 1),
    "join": (1, 2),
    "startswith": (2, 2),
    "tojson": (1, 1),
}
"""The functions that every expression may call, by their names in lower case (`expressions` of actions/languageservices)."""


class Names:
    """What an expression may name beyond the functions that are there everywhere; all in lower case. Compared by identity."""

    __slots__ = ("contexts", "functions")

    def __init__(self, contexts: Iterable[str], functions: Mapping[str, Arity] | None = None) -> None:
        self.contexts: Final = frozenset(contexts)
        self.functions: Final = functions or {}

    def arity(self, function: str) -> Arity | None:
        """None for a function that is not known here."""
        name = function.lower()
        return BUILT_IN.get(name) or self.functions.get(name)


def miscounted(function: str, count: int, arity: Arity) -> str | None:
    """What is wrong about the number of arguments of a call; None when nothing is."""
    least, most = arity
    if count < least:
        wanted = _number(least, "" if least == most else "at least ")
    elif count > most:
        wanted = _number(most, "" if least == most else "at most ")
    elif function.lower() == "case" and count % 2 == 0:
        wanted = "pairs of a condition and a value and then a default, an odd number of arguments"
    else:
        return None
    return f"`{function}` takes {wanted}, not {count}"


def _number(arguments: int, bound: str) -> str:
    return "no arguments" if not arguments else f"{bound}{arguments} argument{'' if arguments == 1 else 's'}"
