"""The file of accepted findings, which `snowfence policy accept` writes: they leave the report and stop no gate.

A finding is accepted by its fingerprint. Equal ones are told apart by a number in the order of the file (`identity:2`), so what
counts is how many of one identity were accepted: when one more appears above them, exactly one is reported.
"""

import json
import os
import re
from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from scanner.model.finding import EVERY_SECRET, ONE_SECRET, Finding, Problem, Severity
from scanner.model.json import Json
from scanner.model.quoting import quoted
from scanner.model.safe_file import NotRegular, read_file
from scanner.model.source import Source, Span
from scanner.parse.json import Pairs, Positions, load
from scanner.policy.shapes import refuse

FILE_NAME: Final = ".snowfence-accepted.json"
"""Where a repository keeps it: in its root."""

SCHEMA: Final = 1
MAX_BYTES: Final = 5 * 1024 * 1024
MAX_ENTRIES: Final = 10_000
"""Every scan reads the file before it reports."""

LESS: Final = "accept less: switch rules off or make exceptions in the policy"

_COMMAND: Final = "snowfence policy accept"
_FINGERPRINT: Final = r"[0-9a-f]{8,64}:[1-9][0-9]{0,8}"
_SEVERITY: Final = "severity"
_SEVERITIES: Final = {str(one): one for one in Severity}
_STAKES: Final = "stakes"
_ONLINE: Final = "online"
_MAX_KEYS: Final = 50
_TEXTS: Final = ("fingerprint", "rule", "path", "message", "since")
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


class Entry(NamedTuple):
    """An accepted finding: `path` and `message` are for people, `since` is the day on which it was accepted. `at` is its place in
    the file. A finding that has become worse than `severity`, or whose run has come to hold more than `stakes`, is accepted no more:
    what was harmless may be so no longer. `online`: only a run that asks servers finds it."""

    fingerprint: str
    rule: str
    path: str
    message: str
    since: date
    at: Span
    severity: Severity
    stakes: tuple[str, ...] = ()
    online: bool = False

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is the one that people read of here, and no worse."""
        return (
            (self.rule, self.path) == (finding.rule, _plain(finding.at.path))
            and finding.severity <= self.severity
            and all(self._covers_stake(_plain(stake)) for stake in finding.stakes)
        )

    def _covers_stake(self, stake: str) -> bool:
        """Whether it was accepted that this can be lost; who accepted it for every secret did so for each."""
        owner, _, secret = stake.rpartition(ONE_SECRET)
        return stake in self.stakes or (bool(secret) and f"{owner}{EVERY_SECRET}" in self.stakes)

    @property
    def identity(self) -> str:
        """The fingerprint without its number."""
        return identity_of(self.fingerprint)


def identity_of(fingerprint: str) -> str:
    """What equal findings share."""
    return fingerprint.rpartition(":")[0]


class Accepted:
    """What a repository has accepted. What was asked is remembered."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: Final = tuple(entries)
        self.used: Final[set[str]] = set()
        """The entries that stood for a finding, by their fingerprints."""
        self.hidden: Final[set[str]] = set()
        """The identities of findings that are there and not said: below the policy's floor of confidence, or beside what says more."""
        self.open: Final[set[tuple[str, str]]] = set()
        """What could not be decided: rules, and the files in which they left a question open."""

    def __bool__(self) -> bool:
        return bool(self.entries)

    def leave_open(self, rule: str, path: str) -> None:
        """Remembers that a rule could not decide a question in a file, so that what it finds there may be more than is known."""
        self.open.add((rule, _plain(path)))

    def is_open(self, entry: Entry) -> bool:
        """Whether the rule of an entry could not decide a question in its file."""
        return (entry.rule, entry.path) in self.open

    def of(self, fingerprints: Collection[str]) -> dict[str, Entry]:
        """The findings that are accepted, of those left when comments and exceptions have been asked, by their fingerprints in the
        order of the file: each entry stands for one, for that of its own number if there is one."""
        given = set(fingerprints)
        found = {one.fingerprint: one for one in self.entries if one.fingerprint in given}
        spare: dict[str, list[Entry]] = {}
        for one in reversed(self.entries):
            if one.fingerprint not in given:
                spare.setdefault(one.identity, []).append(one)
        for fingerprint in fingerprints:
            entries = spare.get(identity_of(fingerprint))
            if entries and fingerprint not in found:
                found[fingerprint] = entries.pop()
        self.used.update(one.fingerprint for one in found.values())
        return found


NOTHING_ACCEPTED: Final = Accepted(())


# ---------------------------------------------------------------- reading


def load_accepted(folder: Path, *, prefix: str = "", base: str = "") -> Accepted:
    """What the repository in a folder has accepted; nothing where it has no such file. `prefix` and `base` are put before its
    path, see `Source`. Raises PolicyError, with the place, for a file that is not as `written` writes it."""
    here = Source(FILE_NAME, "accepted", prefix=prefix, base=base)
    data = _data(folder, Span(here, 0, 0))
    if data is None:
        return NOTHING_ACCEPTED
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise refuse(
            Span(here, 0, 0), f"not UTF-8: the byte 0x{data[error.start]:02x} cannot be read"
        ) from None
    return Accepted(read_accepted(Source(FILE_NAME, "accepted", text, prefix=prefix, base=base)))


def _data(folder: Path, here: Span) -> bytes | None:
    path = folder / FILE_NAME
    if not os.path.lexists(path):
        return None
    real = os.path.realpath(path)
    if not real.startswith(os.path.realpath(folder).rstrip("/") + "/"):
        raise refuse(here, "a symbolic link that leaves the repository is not followed")
    try:
        data = read_file(real, MAX_BYTES)
    except NotRegular:
        raise refuse(here, "not a regular file") from None
    except OSError as error:
        raise refuse(here, f"cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise refuse(
            here,
            f"larger than {MAX_BYTES // 1024 // 1024} MB; {LESS}",
        )
    return data


def read_accepted(source: Source) -> tuple[Entry, ...]:
    """The entries of the file. Raises PolicyError at the place of what is wrong."""
    try:
        return _entries(source)
    except RecursionError:
        raise refuse(Span(source, 0, 0), "not read: it is nested too deeply") from None


class _Pairs(Pairs):
    """Refuses what is no such file before anybody looks for places in it, which takes longer."""

    __slots__ = ("objects",)

    def __init__(self) -> None:
        super().__init__()
        self.objects = 0

    def __call__(self, pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        self.objects += 1
        if self.objects > MAX_ENTRIES + 1:
            raise ValueError(f"it holds more than {MAX_ENTRIES:,} accepted findings; {LESS}")
        if len(pairs) > _MAX_KEYS:
            raise ValueError(f"one of its objects has more than {_MAX_KEYS} keys")
        return super().__call__(pairs)


def _entries(source: Source) -> tuple[Entry, ...]:
    problems: list[Problem] = []
    if not source.text.strip():
        raise refuse(Span(source, 0, 0), "the file is empty; remove it, or take it back from the history")
    pairs = _Pairs()
    value = load(source, problems, pairs, create=_COMMAND, update=_COMMAND, reader="snowfence")
    if problems:
        raise refuse(problems[0].at, problems[0].message)
    places = Positions(source)
    items = value.get("accepted") if isinstance(value, dict) else None
    if isinstance(items, list) and len(items) > MAX_ENTRIES:
        raise refuse(
            places.value("accepted").first_line(), f"more than {MAX_ENTRIES:,} accepted findings; {LESS}"
        )
    if pairs.repeated:
        raise refuse(next(places.repeated()), "this key is given twice; remove one of them")
    whole = _object(value, places, (), ("schema", "accepted"))
    if whole["schema"] != SCHEMA or isinstance(whole["schema"], bool):
        raise refuse(
            places.value("schema"),
            f"`schema` must be {SCHEMA}: this is the version of the file's format that snowfence knows",
        )
    items = whole["accepted"]
    if not isinstance(items, list):
        raise refuse(places.value("accepted"), "`accepted` must be a list of findings")
    found = re.finditer(f'"({_FINGERPRINT})"', source.text)
    stands = {match[1]: match.span(1) for match in reversed(list(found))}
    entries: list[Entry] = []
    seen: set[str] = set()
    for number, item in enumerate(items):
        where = ("accepted", str(number))
        entry = _entry(item, places, where, stands)
        if entry.fingerprint in seen:
            raise refuse(
                places.value(*where, "fingerprint"),
                "this finding stands here twice; remove one of the entries, since each stands for one finding",
            )
        seen.add(entry.fingerprint)
        entries.append(entry)
    return tuple(entries)


def _object(
    value: Json,
    places: Positions,
    where: tuple[str, ...],
    names: tuple[str, ...],
    optional: tuple[str, ...] = (),
) -> dict[str, Json]:
    what = "an accepted finding" if where else "the file of accepted findings"
    wanted = ", ".join(quoted(name) for name in names)
    if not isinstance(value, dict):
        raise refuse(places.value(*where).first_line(), f"{what} must be an object with {wanted}")
    for name in value:
        if name not in names and name not in optional:
            raise refuse(places.key(*where, name), f"{what} has no key {quoted(name)}; there is {wanted}")
    for name in names:
        if name not in value:
            raise refuse(places.value(*where).first_line(), f"{what} needs {quoted(name)}")
    return value


def _entry(
    item: Json, places: Positions, where: tuple[str, ...], stands: dict[str, tuple[int, int]]
) -> Entry:
    found = _object(item, places, where, (*_TEXTS, _SEVERITY), (_STAKES, _ONLINE))
    texts: list[str] = []
    for name in _TEXTS:
        text = found[name]
        if not isinstance(text, str):
            raise refuse(places.value(*where, name).first_line(), f"{quoted(name)} must be a text")
        texts.append(text)
    fingerprint, rule, path, message, since = texts
    if not re.fullmatch(_FINGERPRINT, fingerprint):
        raise refuse(
            places.value(*where, "fingerprint").first_line(),
            f"{quoted(fingerprint)} is no fingerprint; `{_COMMAND}` writes them, as do the reports in JSON",
        )
    try:
        if not re.fullmatch(_DAY, since):
            raise ValueError(since)
        day = date.fromisoformat(since)
    except ValueError:
        raise refuse(
            places.value(*where, "since").first_line(),
            f"`since` must be a date as YYYY-MM-DD, not {quoted(since)}",
        ) from None
    said = found[_SEVERITY]
    severity = _SEVERITIES.get(said) if isinstance(said, str) else None
    if severity is None:
        raise refuse(
            places.value(*where, _SEVERITY).first_line(),
            f"`{_SEVERITY}` must be one of {', '.join(_SEVERITIES)}",
        )
    start, end = stands.get(fingerprint, (0, 0))
    at = Span(places.source, start, end)
    stakes = _stakes(found.get(_STAKES, []), places, where)
    online = found.get(_ONLINE, False)
    if not isinstance(online, bool):
        raise refuse(
            places.value(*where, _ONLINE).first_line(),
            f"`{_ONLINE}` must be true or false: whether only a run with `--online` finds this",
        )
    return Entry(fingerprint, rule, path, message, day, at, severity, stakes, online)


def _stakes(value: Json, places: Positions, where: tuple[str, ...]) -> tuple[str, ...]:
    texts = tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
    if not isinstance(value, list) or len(texts) < len(value):
        raise refuse(
            places.value(*where, _STAKES).first_line(),
            f"`{_STAKES}` must be a list of texts: what there was to lose when this was accepted",
        )
    return texts


# ---------------------------------------------------------------- writing


def entry_of(finding: Finding, now: date, *, online: bool = False) -> Entry:
    """The entry that accepts a finding; `online`: only a run that asks servers finds it."""
    return Entry(
        finding.fingerprint,
        finding.rule,
        _plain(finding.at.path),
        _plain(finding.message),
        now,
        finding.at,
        finding.severity,
        tuple(map(_plain, finding.stakes)),
        online,
    )


def written(entries: Iterable[Entry]) -> str:
    """The file: sorted, and each finding on lines of its own, so that a change of it can be reviewed."""
    ordered = sorted(entries, key=lambda one: (one.path, one.rule, one.message, one.fingerprint))
    data = {
        "schema": SCHEMA,
        "accepted": [
            {
                "fingerprint": one.fingerprint,
                "rule": one.rule,
                "path": one.path,
                "message": one.message,
                "since": one.since.isoformat(),
                _SEVERITY: str(one.severity),
                **({_STAKES: list(one.stakes)} if one.stakes else {}),
                **({_ONLINE: True} if one.online else {}),
            }
            for one in ordered
        ],
    }
    return json.dumps(data, indent=2) + "\n"


def _plain(text: str) -> str:
    """Text that JSON can hold: bytes of a path that are not UTF-8 arrive as lone surrogates."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
