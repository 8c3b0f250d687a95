"""Versions of Nix and Lix as workflows name them, and which known defects they have."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from scanner.knowledge.tables import NixAdvisory

_DIGITS: Final = frozenset("0123456789.")
_URLS: Final = (
    ("releases.nixos.org/nix/nix-", "nix"),
    ("releases.lix.systems/lix/lix-", "lix"),
    ("install.lix.systems/lix/lix-", "lix"),
    ("hydra.nixos.org/nix/nix-", "nix"),
)


class Version(NamedTuple):
    """A version of a `tool` in a text, which holds it from `start` to `end`."""

    tool: str
    numbers: tuple[int, ...]
    start: int
    end: int

    def __str__(self) -> str:
        return ".".join(map(str, self.numbers))


def in_url(text: str) -> Version | None:
    """The release that a URL leads to; None for the newest one and for what is no release."""
    for mark, tool in _URLS:
        at = text.find(mark)
        if at >= 0:
            return _at(text, at + len(mark), tool)
    return None


def written(text: str, tool: str = "nix") -> Version | None:
    """A version by itself: `2.34.7` (of the `tool`), `nix-2.34.7`, `lix-2.93.4`."""
    start = len(text) - len(text.lstrip())
    for name in ("nix", "lix"):
        if text.startswith(f"{name}-", start):
            tool, start = name, start + 4
    version = _at(text, start, tool)
    return version if version is not None and not text[version.end :].strip() else None


def _at(text: str, start: int, tool: str) -> Version | None:
    end = start
    while end < len(text) and text[end] in _DIGITS:
        end += 1
    while end > start and text[end - 1] == ".":
        end -= 1
    parts = text[start:end].split(".")
    # A letter behind it makes it a version before a release, of which nothing is known.
    if (
        not 2 <= len(parts) <= 3
        or not all(0 < len(part) < 6 for part in parts)
        or text[end : end + 1].isalpha()
    ):
        return None
    return Version(tool, (*map(int, parts), *[0] * (3 - len(parts))), start, end)


def defects(version: Version, advisories: Iterable[NixAdvisory]) -> Iterator[NixAdvisory]:
    """The defects that are known of a version."""
    for one in advisories:
        if one.tool != version.tool or (one.since is not None and version.numbers < one.since):
            continue
        line = version.numbers[:2]
        repaired = next((fixed for fixed in one.fixed if fixed[:2] == line), None)
        if version.numbers < repaired if repaired is not None else line < max(one.fixed)[:2]:
            yield one


def repaired_in(version: Version, advisories: Iterable[NixAdvisory]) -> str:
    """The first version without known defects: of the same release line, or else the newest that the table has."""
    known = [one for one in advisories if one.tool == version.tool]
    candidates = sorted({fixed for one in known for fixed in one.fixed})
    for numbers in candidates:
        same = numbers[:2] == version.numbers[:2]
        if same and not any(True for _ in defects(version._replace(numbers=numbers), known)):
            return ".".join(map(str, numbers))
    return ".".join(map(str, candidates[-1])) + " or newer" if candidates else "a newer one"
