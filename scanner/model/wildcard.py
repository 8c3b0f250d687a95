"""Matching with one wildcard, for patterns of characters and of the parts of paths alike."""

from collections.abc import Callable, Sequence
from typing import TypeVar

P = TypeVar("P")
T = TypeVar("T")


def wild(pattern: Sequence[P], text: Sequence[T], star: P, same: Callable[[P, T], bool]) -> bool:
    """Whether a pattern, in which `star` is any number of items, covers a whole text. The usual matching with one wildcard to come
    back to, since the last one can always take what an earlier one could: pattern times text at the most."""
    at = here = 0
    back, kept = -1, 0
    while here < len(text):
        if at < len(pattern) and pattern[at] == star:
            back, kept = at, here
            at += 1
        elif at < len(pattern) and same(pattern[at], text[here]):
            at += 1
            here += 1
        elif back >= 0:
            kept += 1
            at, here = back + 1, kept
        else:
            return False
    return all(one == star for one in pattern[at:])
