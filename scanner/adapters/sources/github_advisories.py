"""GitHub's own list of advisories about actions: what OSV has not taken over yet, and malware, which it has not at all.

https://docs.github.com/en/rest/security-advisories/global-advisories#list-global-security-advisories
"""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Final
from urllib.parse import parse_qs, urlsplit

from scanner.adapters.sources.advisories import (
    LICENCE,
    MAX_AFFECTED,
    MAX_PARTS,
    Row,
    Told,
    TooMany,
    advisory_id,
    affected,
    aliases,
    bounds,
    outcome,
    package,
    severity,
    version,
)
from scanner.adapters.sources.asking import Got, get, parsed, with_query
from scanner.adapters.sources.cvss import severity_of
from scanner.adapters.sources.reading import cwes, day_text, field, items, text
from scanner.adapters.sources.source import Asked, Failed, Outcome, Seen, Unchanged
from scanner.adapters.sources.tables import ADVISORIES

MAX_PAGES: Final = 50
"""Pages of 100 advisories of one kind that are asked for. In 2026 there is one."""

_API: Final = "https://api.github.com/"
_LIMIT: Final = 4 << 20
"""Octets of a page: of real ones, less than 2 million."""
_MOST_OF_KIND: Final = 32 << 20
"""Octets of all pages of one kind."""
_PER_PAGE: Final = 100
_ECOSYSTEM: Final = "actions"
_KINDS: Final = ("reviewed", "malware")
_MALICIOUS: Final = "CWE-506"
"""Embedded malicious code."""


class GitHubAdvisories:
    """`GET /advisories?ecosystem=actions`, newest change first, so that the first page tells whether anything has changed."""

    name = "github-advisories"
    title = "GitHub's advisories about actions"
    noun = "advisory", "advisories"
    tables = (ADVISORIES,)
    url = f"{_API}advisories"
    licence = LICENCE

    def fetch(self, asked: Asked) -> Outcome:
        told = Told()
        marks: dict[str, str] = {}
        changed = False
        for kind in _KINDS:
            try:
                answer = _pages(asked, kind, told, marks)
            except TooMany:
                return Failed(f"the answer has more than {MAX_PARTS:,} affected versions")
            match answer:
                case Failed():
                    return answer
                case Unchanged():
                    marks |= answer.seen.marks
                case None:
                    changed = True
        if not changed:
            return Unchanged(Seen(marks))
        return outcome(self, asked, told, Seen(marks), as_new=False)


def _pages(asked: Asked, kind: str, told: Told, marks: dict[str, str]) -> Unchanged | Failed | None:
    """Adds all advisories of a kind to what is `told`, one page after the other."""
    after = ""
    left = _MOST_OF_KIND
    for page in range(MAX_PAGES):
        query = {
            "ecosystem": _ECOSYSTEM,
            "type": kind,
            "sort": "updated",
            "direction": "desc",
            "per_page": str(_PER_PAGE),
        }
        url = with_query(asked.url, query | ({"after": after} if after else {}))
        secret = f"Bearer {asked.token}" if asked.token and url.startswith(_API) else ""
        got = get(
            asked,
            url,
            kind if page == 0 else "",
            limit=_LIMIT,
            secret=secret,
            accept="application/vnd.github+json",
        )
        if not isinstance(got, Got):
            return got
        answer = parsed(got.body)
        if isinstance(answer, Failed):
            return answer
        if not isinstance(answer, list):
            return Failed("the server's answer is no list of advisories")
        left -= len(got.body)
        if len(answer) > _PER_PAGE or left < 0:
            return Failed("the server's answer has more advisories than were asked for")
        for item in answer:
            known = advisory_id(field(item, "ghsa_id"))
            told.add(known, field(item, "withdrawn_at") is not None, partial(row_of, item))
        marks.update(got.marks)
        after = _after(got.link)
        if not after:
            return None
    return Failed(f"there are more than {MAX_PAGES} pages of advisories")


def _after(link: str) -> str:
    """Where the next page begins, out of a `Link` header (RFC 8288); empty when there is none. Only this word is taken from the
    address that a server names, so that nobody but the source is asked."""
    for part in link[:4000].split(","):
        address, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            try:
                [after, *_] = parse_qs(urlsplit(address.strip(" <>")).query).get("after", [""])
            except ValueError:
                return ""
            return after if len(after) <= 500 and after.isascii() and after.isprintable() else ""
    return ""


def row_of(item: object) -> Row | None:
    """The row of an advisory as GitHub's API gives it, None for what is none about an action."""
    known, published = advisory_id(field(item, "ghsa_id")), day_text(field(item, "published_at"))
    modified = day_text(field(item, "updated_at")) or published
    every = (row for one in items(field(item, "vulnerabilities")) for row in _affected(one))
    rows = list(islice(every, MAX_AFFECTED))
    if not known or not modified or not rows:
        return None
    weaknesses: list[object] = [field(one, "cwe_id") for one in items(field(item, "cwes"))]
    if field(item, "type") == "malware":
        weaknesses.append(_MALICIOUS)
    named = [field(one, "value") for one in items(field(item, "identifiers"))]
    vector = text(field(item, "cvss_severities", "cvss_v3", "vector_string"), 300)
    return {
        "id": known,
        "aliases": aliases([field(item, "cve_id"), *named], known),
        "severity": severity(field(item, "severity")) or severity_of(vector) or "medium",
        "published": published or modified,
        "modified": modified,
        "cwe": cwes(weaknesses),
        "affected": rows,
    }


def _affected(value: object) -> Iterator[Row]:
    """The affected versions of one package: a range in words, and the first version with a fix."""
    name = package(field(value, "package", "name"))
    if not name or text(field(value, "package", "ecosystem")) != _ECOSYSTEM:
        return
    range_ = bounds(field(value, "vulnerable_version_range"))
    first_fixed = field(value, "first_patched_version")
    # `{"identifier": …}` in the API of 2022, a text since then.
    fixed = version(field(first_fixed, "identifier") if isinstance(first_fixed, dict) else first_fixed)
    if range_ is None:
        yield affected(name, "0", fixed=fixed)
    elif range_.exact:
        yield affected(name, None, versions=range_.exact)
    else:
        yield affected(name, range_.first or "0", fixed=fixed, last=range_.last, before=range_.before)
