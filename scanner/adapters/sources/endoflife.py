"""The releases of NixOS and the end of their support, from endoflife.date.

https://endoflife.date/docs/api/v1/ (schema 1.2): a product has `releases` with `name`, `codename`, `releaseDate` and `eolFrom`.
"""

import re
from datetime import timedelta
from typing import Final

from scanner.adapters.sources.asking import Document, document, shrunk
from scanner.adapters.sources.reading import day, field, items, text
from scanner.adapters.sources.source import Asked, Failed, Fetched, Outcome, Seen
from scanner.adapters.sources.tables import RELEASES, table
from scanner.model.counting import counted

_LIMIT: Final = 1 << 20
_PRODUCT: Final = "nixos"
_NAME: Final = re.compile(r"[1-9][0-9]\.[01][0-9]")
_LONGEST: Final = timedelta(days=2 * 365)
"""For so long no release was ever supported: it is seven months."""


class EndOfLife:
    """One document with all releases."""

    name = "endoflife"
    title = "endoflife.date's releases of NixOS"
    noun = "release", "releases"
    tables = (RELEASES,)
    url = "https://endoflife.date/api/v1/products/nixos/"
    licence = "MIT"

    def fetch(self, asked: Asked) -> Outcome:
        got = document(asked, asked.url, "product", limit=_LIMIT)
        if not isinstance(got, Document):
            return got
        if field(got.value, "result", "name") != _PRODUCT:
            return Failed("the server's answer is not about the product nixos")
        before = _by_name(field(asked.table(RELEASES), "releases"))
        found: dict[str, dict[str, object]] = {}
        left_out = 0
        for item in items(field(got.value, "result", "releases")):
            row = _row(item, before)
            if row is None:
                left_out += 1
            else:
                found[str(row["release"])] = row
        if few := shrunk(len(before), len(found), "releases"):
            return few
        # A release that the answer lacks is still one: what was once said of it stays.
        together = before | found
        newest_first = [together[name] for name in sorted(together, reverse=True)]
        said = table(
            self, asked, RELEASES, f"endoflife.date, {self.url}", self.licence, {"releases": newest_first}
        )
        remarks = (f"{counted(left_out, 'release')} could not be read",) if left_out else ()
        return Fetched(
            {RELEASES: said},
            len(together),
            tuple(sorted(together.keys() - before.keys(), reverse=True)),
            Seen(got.marks),
            remarks,
        )


def _by_name(value: object) -> dict[str, dict[str, object]]:
    return {text(row.get("release")): row for row in items(value) if isinstance(row, dict)}


def _row(item: object, before: dict[str, dict[str, object]]) -> dict[str, object] | None:
    """The row of a release, None for what is none: support that ends before it begins, or years later, is a mistake."""
    name = text(field(item, "name"))
    released, end = day(field(item, "releaseDate")), day(field(item, "eolFrom"))
    if not _NAME.fullmatch(name) or released is None or end is None:
        return None
    if not released <= end <= released + _LONGEST:
        return None
    codename = text(field(item, "codename")) or text(field(before.get(name), "codename"))
    return {"release": name, "codename": codename, "released": released.isoformat(), "eol": end.isoformat()}
