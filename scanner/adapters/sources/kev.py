"""CISA's catalogue of known exploited vulnerabilities, as far as it is about advisories that we have.

https://www.cisa.gov/known-exploited-vulnerabilities-catalog; its schema is
https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities_schema.json
"""

from typing import Final

from scanner.adapters.sources.asking import Document, digest, document, shrunk
from scanner.adapters.sources.reading import cve, day_text, field
from scanner.adapters.sources.source import Asked, Failed, Fetched, Outcome, Seen
from scanner.adapters.sources.tables import EXPLOITED, cves_of, table

_LIMIT: Final = 4 << 20
"""Octets of the catalogue: in 2026 it has about 1.5 million."""
_SAID: Final = (
    "CISA, Known Exploited Vulnerabilities; https://www.cisa.gov/known-exploited-vulnerabilities-catalog "
    "(those among the advisories and the defects of Nix)"
)


class Kev:
    """One document with all of the catalogue."""

    name = "kev"
    title = "CISA's known exploited vulnerabilities"
    noun = "exploited hole", "exploited holes"
    tables = (EXPLOITED,)
    url = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
    licence = "CC0 1.0"

    def fetch(self, asked: Asked) -> Outcome:
        ours = cves_of(asked)
        about = digest(",".join(ours).encode())
        # What the catalogue says of an advisory that we did not have then, was not kept: it must be read again.
        same_question = asked.seen.marks.get("cves of catalogue") == about
        got = document(
            asked if same_question else asked._replace(seen=Seen()), asked.url, "catalogue", limit=_LIMIT
        )
        if not isinstance(got, Document):
            return got
        rows = field(got.value, "vulnerabilities")
        if not isinstance(rows, list):
            return Failed("the server's answer is no catalogue of vulnerabilities")
        count = field(got.value, "count")
        if isinstance(count, int) and count > len(rows):
            return Failed(f"the catalogue announces {count:,} vulnerabilities and has {len(rows):,}")
        added = {
            known: day_text(field(row, "dateAdded")) for row in rows if (known := cve(field(row, "cveID")))
        }
        if few := shrunk(
            _number(asked.seen.marks.get("rows of catalogue", "")), len(added), "vulnerabilities"
        ):
            return few
        exploited = {one: added[one] or None for one in ours if one in added}
        before = field(asked.table(EXPLOITED), "exploited")
        old = before if isinstance(before, dict) else {}
        if few := shrunk(len(old), len(exploited), "of the advisories here"):
            return few
        said = table(self, asked, EXPLOITED, _SAID, self.licence, {"exploited": exploited})
        marks = {**got.marks, "cves of catalogue": about, "rows of catalogue": str(len(added))}
        return Fetched(
            {EXPLOITED: said}, len(exploited), tuple(sorted(exploited.keys() - old.keys())), Seen(marks)
        )


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= 9 else 0
