"""Versions that have a vulnerability, as `vers:` writes ranges (https://github.com/package-url/vers-spec)."""

from collections.abc import Iterable
from itertools import pairwise
from string import ascii_letters, digits
from typing import Final

from scanner.analysis.uses.versions import Version, exact
from scanner.knowledge.advisories import Advisory, Affected
from scanner.knowledge.tables import NixAdvisory

_PLAIN: Final = frozenset(f"{ascii_letters}{digits}.-_~+")


def range_of(advisory: Advisory, path: str) -> str | None:
    """The versions of the action at a path of the repository that have it; None where the advisory names none that can be put in an order."""
    rows = [row for row in advisory.affected if row.covers(path)]
    single = sorted({text for row in rows for text in row.versions}, key=_in_order)
    ordered: list[tuple[Version | None, Version | None, str]] = []
    for row in rows:
        found = _interval(row)
        if found is None and not row.versions:
            return None
        if found is not None:
            ordered.append(found)
    if single:  # a list of versions beside intervals is said by neither alone
        return _vers("github", map(_quoted, single)) if not ordered else None
    ordered.sort(key=lambda one: (one[0] is not None, _in_order(one[2].lstrip("<>="))))
    for (_, end, _), (start, _, _) in pairwise(ordered):
        if end is None or start is None or start < end:
            return None  # intervals of a range do not overlap
    return _vers("github", [one[2] for one in ordered]) if ordered else None


def _in_order(text: str) -> tuple[bool, Version | None, str]:
    version = exact(text.partition("|")[0])
    return version is not None, version, text


def _interval(row: Affected) -> tuple[Version | None, Version | None, str] | None:
    """Begin, end and text of an interval."""
    begin = None if row.introduced in (None, "0") else row.introduced
    bound = row.fixed or row.last or row.before
    start, end = (exact(text) if text is not None else None for text in (begin, bound))
    if (begin is not None and start is None) or (bound is not None and end is None):
        return None
    if begin is None and bound is None:
        return (None, None, "*") if row.introduced is not None else None
    parts = [f">={_quoted(begin)}"] if begin is not None else []
    if bound is not None:
        parts.append(f"{'<' if row.fixed or not row.last else '<='}{_quoted(bound)}")
    return start, end, "|".join(parts)


def nix_range(one: NixAdvisory) -> str:
    """The versions of Nix or Lix that have it: those of each release line before its repair, and those of lines without one before the next."""
    parts: list[str] = []
    begin = one.since
    for fixed in sorted(one.fixed):
        if begin is None or begin < fixed:
            parts += [f">={_numbers(begin)}"] if begin is not None else []
            parts.append(f"<{_numbers(fixed)}")
        following = (fixed[0], fixed[1] + 1, 0)
        begin = following if begin is None else max(begin, following)
    return _vers("github" if one.tool == "nix" else "generic", parts)


def _vers(scheme: str, parts: Iterable[str]) -> str:
    return f"vers:{scheme}/{'|'.join(parts)}"


def _numbers(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _quoted(version: str) -> str:
    """A version as a range can hold it: what is no letter, digit or one of `.-_~+` is percent-encoded."""
    octets = version.encode("utf-8", "surrogatepass")
    return "".join(chr(octet) if chr(octet) in _PLAIN else f"%{octet:02X}" for octet in octets)
