"""What is known of holes in actions: advisories, compromises of their repositories, and what is exploited.

Updated tables come from servers: a row that cannot be read is left out, and never stops a scan.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

from scanner.knowledge.folder import Folder
from scanner.model.commit import is_commit
from scanner.model.finding import Severity

_SEVERITIES: Final = {
    "low": Severity.LOW,
    "medium": Severity.MEDIUM,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
}
MALICIOUS_CODE: Final = "CWE-506"
"""The kind of weakness of an action into which somebody else has put code."""

_LONGEST: Final = 200
"""Characters of an id, a name, a version or a clause."""
_MOST: Final = 1000
"""Items of a list in a row."""


class Affected(NamedTuple):
    """Versions of an action that have a hole: those from `introduced` on that are older than `fixed`; where no fix is known, up to `last`
    or those older than `before`; or just those of `versions`. `slug` is `owner/repository`, `path` the folder in it
    that is meant (empty: all of it), both in lower case. Versions are texts as the advisory has them."""

    slug: str
    path: str
    introduced: str | None
    fixed: str | None
    last: str | None
    before: str | None
    versions: tuple[str, ...]

    def covers(self, path: str) -> bool:
        """Whether it is about an action or workflow at a path of the repository."""
        path = path.lower()
        return not self.path or path == self.path or path.startswith(f"{self.path}/")


class Compromise(NamedTuple):
    """Somebody else's code in a repository for some time. `commits` (lower case) are that code. `start` and `end` bound the time (UTC, as
    written: a day, or a minute of it), None where it is not known; `what` happened, as a clause."""

    id: str
    slugs: frozenset[str]
    commits: frozenset[str]
    start: str | None
    end: str | None
    what: str


class Advisory(NamedTuple):
    """`aliases` are its other ids, `cwe` the kinds of weakness. With a `compromise` it is about tags that were moved for a time, so not about
    other commits that have the same version."""

    id: str
    aliases: tuple[str, ...]
    severity: Severity
    cwe: tuple[str, ...]
    affected: tuple[Affected, ...]
    compromise: Compromise | None

    @property
    def ids(self) -> tuple[str, ...]:
        return self.id, *self.aliases


class AdvisoryFacts:
    """Repositories are `owner/repository`, asked for in lower case."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def of(self, slug: str) -> tuple[Advisory, ...]:
        """The advisories about a repository; of what each of them affects only what is of this repository."""
        return self._by_slug.get(slug, ())

    @cached_property
    def slugs(self) -> frozenset[str]:
        """The repositories that there are advisories about."""
        return frozenset(self._by_slug)

    def compromised_by(self, slug: str, commit: str) -> Compromise | None:
        """The compromise that a commit (lower case) belongs to, as a commit of this repository or of a fork of it."""
        return self._by_commit.get((slug, commit))

    def exploited(self, ids: Iterable[str]) -> bool:
        """Whether one of these CVEs is known to be exploited (CISA, Known Exploited Vulnerabilities)."""
        return not self._exploited.isdisjoint(ids)

    def exploit_score(self, ids: Iterable[str]) -> float | None:
        """How probable it is that one of these CVEs is exploited within 30 days (EPSS), from 0 to 1; None where it is not known."""
        return max((self._scores[id] for id in ids if id in self._scores), default=None)

    @cached_property
    def _compromises(self) -> dict[str, Compromise]:
        rows = (_compromise(row) for row in _list(self._folder.json("compromises.json"), "compromises"))
        return {one.id: one for one in rows if one is not None}

    @cached_property
    def _by_commit(self) -> dict[tuple[str, str], Compromise]:
        return {
            (slug, commit): one
            for one in self._compromises.values()
            for slug in one.slugs
            for commit in one.commits
        }

    @cached_property
    def _by_slug(self) -> dict[str, tuple[Advisory, ...]]:
        found: dict[str, list[Advisory]] = {}
        told: set[tuple[str, str]] = set()
        for row in _list(self._folder.json("advisories.json"), "advisories"):
            advisory = _advisory(row, self._compromises)
            if advisory is None:
                continue
            for slug in {one.slug: None for one in advisory.affected}:
                told.add((advisory.id, slug))
                own = tuple(one for one in advisory.affected if one.slug == slug)
                found.setdefault(slug, []).append(advisory._replace(affected=own))
        for one in self._compromises.values():
            for slug in sorted(one.slugs):
                if (one.id, slug) not in told:
                    found.setdefault(slug, []).append(_without_versions(one, slug))
        return {slug: tuple(advisories) for slug, advisories in found.items()}

    @cached_property
    def _exploited(self) -> frozenset[str]:
        rows = self._folder.json("exploited.json")["exploited"]
        return frozenset(rows) if isinstance(rows, dict) else frozenset()

    @cached_property
    def _scores(self) -> dict[str, float]:
        rows = self._folder.json("exploit-scores.json")["scores"]
        return {
            id: float(row[0])
            for id, row in (rows.items() if isinstance(rows, dict) else ())
            if isinstance(row, list) and row and isinstance(row[0], int | float) and 0 <= row[0] <= 1
        }


def _advisory(row: Any, compromises: Mapping[str, Compromise]) -> Advisory | None:
    if not isinstance(row, dict):
        return None
    id, severity = _id(row.get("id")), _SEVERITIES.get(_text(row.get("severity")) or "")
    affected = tuple(one for part in _list(row, "affected")[:_MOST] if (one := _affected(part)) is not None)
    if id is None or severity is None or not affected:
        return None
    cwe = _texts(row, "cwe")
    compromise = compromises.get(id)
    if compromise is None and MALICIOUS_CODE in cwe:
        slugs = frozenset(one.slug for one in affected)
        compromise = Compromise(id, slugs, frozenset(), None, None, "it held the code of somebody else")
    return Advisory(id, _texts(row, "aliases"), severity, cwe, affected, compromise)


def _without_versions(one: Compromise, slug: str) -> Advisory:
    """What takes the place of an advisory: with an id of our own every version counts, else only the commits."""
    introduced = None if one.id.startswith("GHSA-") else "0"
    affected = Affected(slug, "", introduced, None, None, None, ())
    return Advisory(one.id, (), Severity.CRITICAL, (), (affected,), one)


def _affected(row: Any) -> Affected | None:
    package = _text(row.get("package")) if isinstance(row, dict) else None
    parts = package.lower().split("/", 2) if package is not None else []
    if len(parts) < 2 or not all(parts):
        return None
    return Affected(
        f"{parts[0]}/{parts[1]}",
        "".join(parts[2:]),
        _text(row.get("introduced")),
        _text(row.get("fixed")),
        _text(row.get("last")),
        _text(row.get("before")),
        _texts(row, "versions"),
    )


def _compromise(row: Any) -> Compromise | None:
    if not isinstance(row, dict):
        return None
    id, what = _id(row.get("id")), _text(row.get("what"))
    slugs = frozenset(text.lower() for text in _texts(row, "packages"))
    commits = frozenset(
        text.lower() for text in _texts(row, "commits") if len(text) == 40 and is_commit(text)
    )
    if id is None or what is None or not slugs:
        return None
    return Compromise(id, slugs, commits, _text(row.get("from")), _text(row.get("to")), what)


def _list(row: Any, name: str) -> list[Any]:
    found = row.get(name) if isinstance(row, dict) else None
    return found if isinstance(found, list) else []


def _texts(row: Any, name: str) -> tuple[str, ...]:
    return tuple(text for one in _list(row, name)[:_MOST] if (text := _text(one)) is not None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable() else None


def _id(value: Any) -> str | None:
    text = _text(value)
    return text if text is not None and text.isascii() and text.replace("-", "").isalnum() else None
