"""Paths against patterns with `*`, `?` and `**`, as CODEOWNERS and Dependabot write them.

Matched by hand, in time linear in pattern times path: a regular expression made of a hostile pattern may take for ever.
"""

from collections.abc import Sequence

from scanner.model.wildcard import wild


def parts_of(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part not in ("", "."))


def matches(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Whether the parts of a pattern match those of a path; `**` is any number of parts."""
    if len(pattern) == 3 and pattern[0] == pattern[2] == "**":  # the usual pattern without a slash
        return any(_matches_part(pattern[1], part) for part in path)
    return wild(pattern, path, "**", _matches_part)


def _matches_part(pattern: str, text: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    if "?" in pattern:
        return wild(pattern, text, "*", lambda one, other: one in ("?", other))
    first, *middle, last = pattern.split("*")
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
