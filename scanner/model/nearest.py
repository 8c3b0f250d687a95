"""Advice behind a name that does not exist."""

from collections.abc import Collection
from functools import lru_cache

from scanner.model.quoting import quoted


def nearest(name: str, names: Collection[str]) -> str:
    """`; did you mean …?` with the nearest valid name, else all of a short list, else nothing."""
    close = closest(name, tuple(names))
    if close is not None:
        return f"; did you mean {quoted(close)}?"
    if names and len(names) <= 10:
        return "; there is " + ", ".join(quoted(one) for one in names)
    return ""


@lru_cache(maxsize=1024)
def closest(name: str, names: tuple[str, ...]) -> str | None:
    """The name that is most like a misspelt one, None when none is. A name too long to be misspelt is like none."""
    from difflib import get_close_matches  # costs a few milliseconds, and only a mistake needs it

    if len(name) > 100:
        return None
    found = get_close_matches(name, names, n=1, cutoff=0.5)
    return found[0] if found else None
