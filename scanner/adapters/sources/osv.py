"""The dump that OSV makes of the GitHub Advisory Database for the ecosystem "GitHub Actions".

https://google.github.io/osv.dev/data/#data-dumps: `modified_id.csv` (lines `<modified>,<id>`, newest first) tells whether there is
anything new, `all.zip` has a record per advisory; https://ossf.github.io/osv-schema/ says what stands in it. OSV does not know how the
versions of actions are ordered, so its API cannot answer for a version; the records are judged here.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Final

from scanner.adapters.sources.advisories import (
    LICENCE,
    MAX_AFFECTED,
    MAX_PARTS,
    Bounds,
    Row,
    Told,
    TooMany,
    advisory_id,
    affected,
    aliases,
    bounds,
    outcome,
    package,
    rows_before,
    severity,
    version,
)
from scanner.adapters.sources.asking import Got, digest, get, remembered, shrunk
from scanner.adapters.sources.cvss import severity_of
from scanner.adapters.sources.dump import DumpError, records
from scanner.adapters.sources.reading import cwes, day_text, field, items, text, texts
from scanner.adapters.sources.source import Asked, Failed, Outcome, Seen, Unchanged
from scanner.adapters.sources.tables import ADVISORIES

_ECOSYSTEM: Final = "GitHub Actions"
_INDEX: Final = "modified_id.csv"
_DUMP: Final = "all.zip"
_MAX_INDEX: Final = 1 << 20
_MAX_DUMP: Final = 4 << 20
_SECONDS: Final = len("2026-03-13T21:59:16")


class Osv:
    """`modified_id.csv` and `all.zip` below one address."""

    name = "osv"
    title = "OSV's dump of advisories about actions"
    noun = "advisory", "advisories"
    tables = (ADVISORIES,)
    url = "https://storage.googleapis.com/osv-vulnerabilities/GitHub%20Actions"
    licence = LICENCE

    def fetch(self, asked: Asked) -> Outcome:
        base = asked.url.rstrip("/")
        address = f"{base}/{_INDEX}"
        index = get(asked, address, "index", limit=_MAX_INDEX, accept="text/csv, */*")
        match index:
            case Unchanged():
                return Unchanged(asked.seen)
            case Failed():
                return index
        content = digest(index.body)
        if remembered(asked, address, "index") and asked.seen.marks.get("content of index") == content:
            return Unchanged(Seen({**index.marks, "content of index": content}))
        dump = get(asked, f"{base}/{_DUMP}", "", limit=_MAX_DUMP, accept="application/zip, */*")
        if not isinstance(dump, Got):
            return dump
        told = Told()
        there: dict[str, str] = {}
        try:
            for record in records(dump.body):
                known = advisory_id(field(record, "id"))
                there[known] = text(field(record, "modified"))[:_SECONDS]
                told.add(known, field(record, "withdrawn") is not None, partial(row_of, record))
        except DumpError as error:
            return Failed(str(error))
        except TooMany:
            return Failed(f"the dump has more than {MAX_PARTS:,} affected versions")
        if few := shrunk(len(rows_before(asked)), len(told.rows) + len(told.withdrawn), "advisories"):
            return few
        # A dump is written after its index: when it lacks what that announces, it is asked for again the next time.
        complete = all(there.get(known) == modified for known, modified in _announced(index.body).items())
        seen = Seen({**index.marks, "content of index": content}) if complete else Seen()
        return outcome(self, asked, told, seen, as_new=True)


def row_of(record: object) -> Row | None:
    """The row of a record of OSV, None for what is no advisory about an action."""
    known, published = advisory_id(field(record, "id")), day_text(field(record, "published"))
    modified = day_text(field(record, "modified")) or published
    every = (row for one in items(field(record, "affected")) for row in _affected(one))
    rows = list(islice(every, MAX_AFFECTED))
    if not known or not modified or not rows:
        return None
    return {
        "id": known,
        "aliases": aliases(items(field(record, "aliases")), known),
        "severity": _severity(record),
        "published": published or modified,
        "modified": modified,
        "cwe": cwes(items(field(record, "database_specific", "cwe_ids"))),
        "affected": rows,
    }


def _severity(record: object) -> str:
    """What the database says, else what the vector says, else the middle: a defect is not left out for it."""
    said = severity(field(record, "database_specific", "severity"))
    vectors = (severity_of(text(field(one, "score"), 300)) for one in items(field(record, "severity")))
    return said or next(filter(None, vectors), "medium")


def _affected(value: object) -> Iterator[Row]:
    """The affected versions of one package."""
    name = package(field(value, "package", "name"))
    if not name or text(field(value, "package", "ecosystem")) != _ECOSYSTEM:
        return
    known = bounds(field(value, "database_specific", "last_known_affected_version_range"))
    found = False
    for one in items(field(value, "ranges")):
        if text(field(one, "type")) in ("ECOSYSTEM", "SEMVER"):
            for row in _ranges(name, one, known):
                found = True
                yield row
    versions = [one for given in texts(field(value, "versions")) if (one := version(given)) is not None]
    if versions:
        yield affected(name, None, versions=versions[:MAX_AFFECTED])
    elif not found and known is not None:
        yield affected(name, known.first or "0", last=known.last, before=known.before, versions=known.exact)


def _ranges(name: str, value: object, known: Bounds | None) -> Iterator[Row]:
    """A row for each `introduced` of a range, with the end that follows it. Several may stand in one range."""
    introduced: str | None = None
    for event in items(field(value, "events")):
        start, fixed, last = (
            version(field(event, kind)) for kind in ("introduced", "fixed", "last_affected")
        )
        if start is not None:
            if introduced is not None:
                yield affected(name, introduced)
            introduced = start
        elif introduced is not None and (fixed is not None or last is not None):
            yield affected(name, introduced, fixed=fixed, last=last)
            introduced = None
    if introduced is not None:  # no end is said, except perhaps in words of the database's own
        end = known or Bounds(None, None, None, ())
        yield affected(name, introduced, last=end.last, before=end.before)


def _announced(index: bytes) -> Mapping[str, str]:
    """The ids of the index, with the time of the last change to the second."""
    lines = (line.partition(",") for line in index.decode("utf-8", "replace").splitlines())
    return {known: modified[:_SECONDS] for modified, _, name in lines if (known := advisory_id(name.strip()))}
