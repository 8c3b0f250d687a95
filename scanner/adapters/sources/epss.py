"""FIRST's estimates of how probable it is that a hole is exploited within 30 days.

https://api.first.org/epss/: `cve` takes ids separated by commas, 2,000 characters at most, and an answer has 100 rows at most.
"""

from collections.abc import Iterator
from typing import Final

from scanner.adapters.sources.asking import Document, document, shrunk, with_query
from scanner.adapters.sources.reading import cve, field, items, text
from scanner.adapters.sources.source import Asked, Failed, Fetched, Outcome, Seen
from scanner.adapters.sources.tables import SCORES, cves_of, table

MAX_ASKED: Final = 2_000
"""CVEs that are asked about."""

_ROWS: Final = 100
_LIMIT: Final = 1 << 20
_SAID: Final = (
    "FIRST, Exploit Prediction Scoring System; https://www.first.org/epss/ "
    "(those among the advisories and the defects of Nix)"
)


class Epss:
    """A question for each 100 CVEs. Scores are of a day: there is nothing to ask conditionally."""

    name = "epss"
    title = "FIRST's exploit prediction scores"
    noun = "score", "scores"
    tables = (SCORES,)
    url = "https://api.first.org/data/v1/epss"
    licence = "free to use with attribution to FIRST"

    def fetch(self, asked: Asked) -> Outcome:
        scores: dict[str, list[float]] = {}
        for some in _portions(cves_of(asked)[-MAX_ASKED:]):
            got = document(asked, with_query(asked.url, {"cve": ",".join(some)}), "", limit=_LIMIT)
            if not isinstance(got, Document):
                return got
            if not isinstance(field(got.value, "data"), list):
                return Failed("the server's answer has no list of scores")
            for row in items(field(got.value, "data")):
                known = cve(field(row, "cve"))
                score, rank = (_share(field(row, name)) for name in ("epss", "percentile"))
                if known in some and score is not None and rank is not None:
                    scores[known] = [score, rank]
        before = field(asked.table(SCORES), "scores")
        old = before if isinstance(before, dict) else {}
        if few := shrunk(len(old), len(scores), "scores"):
            return few
        said = table(self, asked, SCORES, _SAID, self.licence, {"scores": dict(sorted(scores.items()))})
        return Fetched({SCORES: said}, len(scores), tuple(sorted(scores.keys() - old.keys())), Seen())


def _portions(ids: list[str]) -> Iterator[list[str]]:
    """So many ids as one question may have."""
    for start in range(0, len(ids), _ROWS):
        yield ids[start : start + _ROWS]


def _share(value: object) -> float | None:
    """A number from 0 to 1, which the API writes as a text (`"0.972240000"`)."""
    given = str(value)[:20] if isinstance(value, float) else text(value, 20)
    if not given.isascii() or not given.replace(".", "", 1).isdecimal():
        return None
    share = float(given)
    return share if 0 <= share <= 1 else None
