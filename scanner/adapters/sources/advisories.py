"""Rows of `advisories.json`, and how those of several sources become one table.

A row is `{"id", "aliases", "severity", "published", "modified", "cwe", "affected": [{"package", "introduced", "fixed", "last", "before",
"versions"}]}`. A package is `owner/repository[/path]` in lower case. Versions stay the loose texts that their authors wrote: `introduced`
is the first affected one ("0": all before the end; None: only `versions` are affected), `fixed` the first without the defect, `last`
the last affected one, `before` the first one that is not known to be affected where none of both is named.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from scanner.adapters.sources.reading import cve, field, items, text
from scanner.adapters.sources.source import Asked, Failed, Fetched, Seen, Source
from scanner.adapters.sources.tables import ADVISORIES, table
from scanner.model.counting import counted

SOURCE: Final = (
    "GitHub Advisory Database (ecosystem GitHub Actions), as OSV exports it and as GitHub's API gives it; "
    "https://github.com/github/advisory-database"
)
LICENCE: Final = "CC-BY 4.0"
MAX_AFFECTED: Final = 200
"""Ranges that one advisory may have."""
MAX_PARTS: Final = 20_000
"""Ranges, versions, aliases and kinds of weaknesses that all advisories of a source may have. In 2026 they have some hundreds."""

Row = dict[str, object]

_GITHUBS: Final = "GHSA-"
_ID: Final = re.compile(r"[A-Z][A-Z0-9]{1,15}-[A-Za-z0-9][A-Za-z0-9-]{3,60}")
_PACKAGE: Final = re.compile(r"[a-z0-9][a-z0-9-]*/[a-z0-9_.-]+(?:/[a-z0-9_.-]+)*")
_ADDRESS: Final = re.compile(r"(?:(?:https?://)?(?:www\.)?github\.com/)?", re.IGNORECASE)
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_/-]{0,99}")
_BOUND: Final = re.compile(r"(<=|>=|<|>|=)\s*([^\s,]+)")
_SEVERITIES: Final = {
    "low": "low",
    "moderate": "medium",
    "medium": "medium",
    "high": "high",
    "critical": "critical",
}


class Bounds(NamedTuple):
    """A range of versions as people write it: `>= 1.2, < 2.0.1`. `exact` are those behind `=`."""

    first: str | None
    last: str | None
    before: str | None
    exact: tuple[str, ...]


class TooMany(Exception):
    """A source has more to say than there can be."""


class Told:
    """What a source says of advisories, reduced to rows as it comes.

    Raises:
        TooMany: from `add`.
    """

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.withdrawn: list[str] = []
        self.left_out = 0
        self._left = MAX_PARTS

    def add(self, known: str, withdrawn: bool, row: Callable[[], Row | None]) -> None:
        """An advisory by its id (empty: it has none). `row` makes it what stands in the table, None for what cannot be read."""
        if known and withdrawn:
            self.withdrawn.append(known)
            return
        made = row()
        if made is None:
            self.left_out += 1
            return
        self._left -= _parts(made)
        if self._left < 0:
            raise TooMany
        self.rows[known] = made


class Merged(NamedTuple):
    """Rows by their ids, and the ids that were not there before."""

    rows: dict[str, Row]
    new: tuple[str, ...]


def advisory_id(value: object) -> str:
    """The id of an advisory, empty for what is none."""
    given = text(value)
    return given if _ID.fullmatch(given) else ""


def aliases(values: Iterable[object], own: str) -> list[str]:
    """Other names of an advisory: its CVEs and the ids of GitHub's database."""
    found = (cve(value) or advisory_id(value) for value in values)
    return sorted({one for one in found if one.startswith(("CVE-", _GITHUBS)) and one != own})


def package(value: object) -> str:
    """`owner/repository[/path]` in lower case of a package that may be written as an address, empty for what is none."""
    given = text(value)
    name = given[len(found.group()) if (found := _ADDRESS.match(given)) else 0 :].strip("/").lower()
    if not _PACKAGE.fullmatch(name) or any(part in (".", "..") for part in name.split("/")):
        return ""
    owner, repository, *path = name.split("/")
    return "/".join((owner, repository if path else repository.removesuffix(".git"), *path))


def version(value: object) -> str | None:
    """A version as it is written, None for what cannot be one."""
    given = text(value)
    return given if _VERSION.fullmatch(given) else None


def severity(value: object) -> str:
    """The severity that a word says, empty where it says none."""
    return _SEVERITIES.get(text(value).lower(), "")


def bounds(value: object) -> Bounds | None:
    """What a range says, None where there is none that can be read."""
    given = text(value)
    parts = [part.strip() for part in given.split(",")] if given else []
    first = last = before = None
    exact: list[str] = []
    for part in parts:
        bound = _BOUND.fullmatch(part)
        named = version(bound[2]) if bound is not None else None
        if bound is None or named is None:
            return None
        match bound[1]:
            case ">=" | ">":  # the form cannot say "after": one version too many is better than none
                first = named
            case "<=":
                last = named
            case "<":
                before = named
            case _:
                exact.append(named)
    return Bounds(first, last, before, tuple(exact)) if parts else None


def affected(
    name: str,
    introduced: str | None,
    *,
    fixed: str | None = None,
    last: str | None = None,
    before: str | None = None,
    versions: Iterable[str] = (),
) -> Row:
    """Versions of a package. Of several ends the most exact counts: a fix, the last affected one, the first not known to be so."""
    return {
        "package": name,
        "introduced": introduced,
        "fixed": fixed,
        "last": last if fixed is None else None,
        "before": before if fixed is None and last is None else None,
        "versions": list(versions),
    }


def rows_before(asked: Asked) -> dict[str, Row]:
    """The rows of the table that is there, by their ids."""
    rows = items(field(asked.table(ADVISORIES), "advisories"))
    return {known: row for row in rows if isinstance(row, dict) and (known := advisory_id(row.get("id")))}


def outcome(source: Source, asked: Asked, told: Told, seen: Seen, *, as_new: bool) -> Fetched | Failed:
    """The table with what a source says, see `merged`. Who withdraws most of what is there is not believed: it would be the way to
    empty the table."""
    before = rows_before(asked)
    gone = len(before.keys() & set(told.withdrawn))
    if gone > max(1, len(before) // 2):
        return Failed(
            f"the answer withdraws {gone:,} of {len(before):,} advisories, which is too many to be right"
        )
    together = merged(before, told.rows, told.withdrawn, as_new=as_new)
    said = table(source, asked, ADVISORIES, SOURCE, LICENCE, {"advisories": list(together.rows.values())})
    remarks = (f"{counted(told.left_out, 'record')} could not be read",) if told.left_out else ()
    return Fetched({ADVISORIES: said}, len(together.rows), together.new[::-1], seen, remarks)


def merged(
    before: Mapping[str, Row], rows: Mapping[str, Row], withdrawn: Iterable[str], *, as_new: bool
) -> Merged:
    """The table with what a source says. Its row takes the place of one that is not newer, and with `as_new` of one of the same day.
    A row leaves the table only when its source has withdrawn it: one that a feed no longer lists may be gone by mistake."""
    after = dict(before)
    for known, row in rows.items():
        old, new = str(after.get(known, {}).get("modified", "")), str(row["modified"])
        if known not in after or new > old or (as_new and new == old):
            after[known] = row
    for known in withdrawn:
        after.pop(known, None)
    # The same thing under the id of another database: GitHub's says what the others were made of.
    for known in [one for one in after if not one.startswith(_GITHUBS)]:
        names = map(text, items(after[known].get("aliases")))
        if any(name.startswith(_GITHUBS) and name in after for name in names):
            del after[known]
    ordered = sorted(after.items(), key=lambda item: (str(item[1].get("published", "")), item[0]))
    return Merged(dict(ordered), tuple(one for one, _ in ordered if one not in before))


def _parts(row: Row) -> int:
    ranges = items(row["affected"])
    lists = (row["aliases"], row["cwe"], *(field(one, "versions") for one in ranges))
    return 1 + len(ranges) + sum(len(items(one)) for one in lists)
