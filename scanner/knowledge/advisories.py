"""What is known of holes in actions: advisories, compromises of their repositories, and what is exploited.

Updated tables come from servers: a row that cannot be read is left out, and never stops a scan.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final, NamedTuple

from scanner.knowledge.folder import Folder
from scanner.model.commit import HEX, is_commit
from scanner.model.finding import Severity

_SEVERITIES: Final = {
    "low": Severity.LOW,
    "medium": Severity.MEDIUM,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
}
MALICIOUS_CODE: Final = "CWE-506"
"""The kind of weakness of an action into which somebody else has put code."""

SHORTEST: Final = 7
"""Digits of a commit id that stand for it."""

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
    """Somebody else's code in a repository for some time. `commits` (lower case) are that code, `all_commits`: there are no others. `start` and
    `end` bound the time (UTC, as written: a day, or a minute of it), None where it is not known; a known start without an end: tags still lead to
    that code. `what` happened, as a clause. `ran`: the repositories themselves were not changed, their tags ran this other action."""

    id: str
    slugs: frozenset[str]
    commits: frozenset[str]
    all_commits: bool
    start: str | None
    end: str | None
    what: str
    ran: str | None

    @property
    def goes_on(self) -> bool:
        """Whether tags still lead to that code."""
        return self.start is not None and self.end is None


class Advisory(NamedTuple):
    """`aliases` are its other ids, `cwe` the kinds of weakness. With a `compromise` it is about tags that were moved for a time, so not about
    other commits that have the same version. Other malicious code is a hole of its versions, and as bad as a hole can be, whatever severity
    the advisory itself has `rated` it (None: there is no advisory). `published` and `modified` are days as written (`2026-03-13`)."""

    id: str
    aliases: tuple[str, ...]
    severity: Severity
    cwe: tuple[str, ...]
    affected: tuple[Affected, ...]
    compromise: Compromise | None
    rated: Severity | None = None
    published: str | None = None
    modified: str | None = None

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

    def compromised_by(self, commit: str) -> Compromise | None:
        """The compromise that a commit belongs to, by its id or the first 7 digits or more of it. Its repository does not matter: GitHub has the
        commits of a repository in all of its forks, and anybody can push them elsewhere."""
        commit = commit.lower()
        if len(commit) == 40:
            return self._by_commit.get(commit)
        if not SHORTEST <= len(commit) < 40 or not HEX.issuperset(commit):
            return None
        return next((one for id, one in self._by_commit.items() if id.startswith(commit)), None)

    def ids_of(self, compromise: Compromise) -> frozenset[str]:
        """The ids under which a compromise is known: its own and those of its advisory."""
        told = (one for slug in compromise.slugs for one in self.of(slug) if one.id == compromise.id)
        return frozenset((compromise.id, *(id for one in told for id in one.ids)))

    def exploited(self, ids: Iterable[str]) -> bool:
        """Whether one of these CVEs is known to be exploited (CISA, Known Exploited Vulnerabilities)."""
        return not self._exploited.isdisjoint(ids)

    def exploit_score(self, ids: Iterable[str]) -> float | None:
        """How probable it is that one of these CVEs is exploited within 30 days (EPSS), from 0 to 1; None where it is not known."""
        return max((self._scores[id] for id in ids if id in self._scores), default=None)

    @cached_property
    def _compromises(self) -> tuple[Compromise, ...]:
        rows = (_compromise(row) for row in _list(self._folder.json("compromises.json"), "compromises"))
        return tuple(one for one in rows if one is not None)

    @cached_property
    def _by_commit(self) -> dict[str, Compromise]:
        return {commit: one for one in self._compromises for commit in one.commits}

    @cached_property
    def _by_slug(self) -> dict[str, tuple[Advisory, ...]]:
        found: dict[str, list[Advisory]] = {}
        told: set[tuple[str, str]] = set()
        attacks = {(one.id, slug): one for one in self._compromises for slug in one.slugs}
        for row in _list(self._folder.json("advisories.json"), "advisories"):
            advisory = _advisory(row)
            if advisory is None:
                continue
            for slug in {one.slug: None for one in advisory.affected}:
                told.add((advisory.id, slug))
                own = tuple(one for one in advisory.affected if one.slug == slug)
                attack = attacks.get((advisory.id, slug))
                worst = attack is None and MALICIOUS_CODE in advisory.cwe
                severity = Severity.CRITICAL if worst else advisory.severity
                found.setdefault(slug, []).append(
                    advisory._replace(affected=own, compromise=attack, severity=severity)
                )
        for (id, slug), one in sorted(attacks.items(), key=lambda item: item[0]):
            if (id, slug) not in told:
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


def _advisory(row: Any) -> Advisory | None:
    if not isinstance(row, dict):
        return None
    id, severity = _id(row.get("id")), _SEVERITIES.get(_text(row.get("severity")) or "")
    affected = tuple(one for part in _list(row, "affected")[:_MOST] if (one := _affected(part)) is not None)
    if id is None or severity is None or not affected:
        return None
    return Advisory(
        id,
        _texts(row, "aliases"),
        severity,
        _texts(row, "cwe"),
        affected,
        None,
        severity,
        _text(row.get("published")),
        _text(row.get("modified")),
    )


def _without_versions(one: Compromise, slug: str) -> Advisory:
    """What takes the place of an advisory: with an id of our own, and for what only ran another action, every version counts, else only the
    commits."""
    introduced = None if one.id.startswith("GHSA-") and one.ran is None else "0"
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
    all_commits = bool(commits) and row.get("more") is not True
    return Compromise(
        id,
        slugs,
        commits,
        all_commits,
        _text(row.get("from")),
        _text(row.get("to")),
        what,
        _text(row.get("ran")),
    )


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
