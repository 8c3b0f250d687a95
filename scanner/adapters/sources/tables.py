"""Our tables as sources see them: what stands in a table now, and the head of a new one."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from scanner.adapters.sources.reading import cve, field, items, text
from scanner.adapters.sources.source import Asked, Source

ADVISORIES: Final = "advisories.json"
EXPLOITED: Final = "exploited.json"
SCORES: Final = "exploit-scores.json"
RELEASES: Final = "nixos-releases.json"
REGISTRY: Final = "flake-registry.json"
NIX_ADVISORIES: Final = "nix-vulnerabilities.json"


def table(
    source: Source, asked: Asked, name: str, said: str, licence: str, rows: Mapping[str, object]
) -> dict[str, object]:
    """A table with its head; `said` is where it was taken from. What the table that is there says of itself besides is kept."""
    before = asked.table(name)
    mirror = "" if asked.url == source.url else f"; by way of {urlsplit(asked.url).hostname}"
    head: dict[str, object] = {}
    if about := text(field(before, "about")):
        head["about"] = about
    head |= {
        "source": said + mirror,
        "licence": licence,
        "date": asked.day.isoformat(),
        "goes_stale": True,
    }
    if notes := [one for note in items(field(before, "notes")) if (one := text(note, 1000))]:
        head["notes"] = notes
    return {**head, **rows}


def same_rows(one: object, other: object) -> bool:
    """Whether two tables say the same of the world, on whatever day and from whomever."""
    return _rows(one) == _rows(other)


def _rows(value: object) -> object:
    heads = ("about", "source", "licence", "date", "goes_stale", "old_after", "notes")
    return (
        {key: inner for key, inner in value.items() if key not in heads} if isinstance(value, dict) else value
    )


def renewed(value: object, today: date) -> dict[str, object] | None:
    """A table of which a source says that it still holds, None for what is no table."""
    return {**value, "date": today.isoformat()} if isinstance(value, dict) else None


def cves_of(asked: Asked) -> list[str]:
    """The CVEs that our tables of advisories name, sorted: other feeds are asked about these alone."""
    found: set[str] = set()
    for name in (ADVISORIES, NIX_ADVISORIES):
        for row in items(field(asked.table(name), "advisories")):
            found.add(cve(field(row, "id")))
            found.update(map(cve, items(field(row, "aliases"))))
    return sorted(found - {""})
