"""Versions of actions: their order, which of them a name means, and which one a step uses as far as its ref or the comment behind it says."""

import re
from collections.abc import Iterator
from math import inf
from typing import Final, NamedTuple

from scanner.analysis.uses.pins import comment_of, is_commit_id, numbers
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

_RELEASE: Final = ((2, 0, ""),)
_LONGEST: Final = 100
"""Characters of a name that may be a version."""

_BREAKS: Final = re.compile(r"[-._]")
_FAMILY_BREAKS: Final = re.compile(r"[-_/@.]")
_OPEN: Final = re.compile(r"(?:[.-][xX*])+(?:[-._](?:latest|stable|lts))?")
"""`.x` behind numbers: the newest of their line."""

_STAGES: Final = frozenset(
    "a alpha b beta c rc cr pre preview prerelease dev next canary nightly snapshot m milestone ea edge experimental test unstable".split()
)
_SAME: Final = frozenset("latest stable lts release final ga".split())
"""Words behind a version that do not change which one it is."""

_RELEASES: Final = frozenset(
    ["", *"refs tags heads tag release releases rel ver version versions v branch branches stable".split()]
)
"""Words before a version of the whole repository."""

_GLUED: Final = _RELEASES - {""}
_YEARS: Final = range(1990, 2101)


class Version(NamedTuple):
    """A version; versions are compared as tuples. `numbers` are without zeros at the end, so that `4` is `4.0.0`; an infinite one behind
    them stands for the newest version of a line: `v4` leads to the newest 4.x. `stage` sorts pre-releases before their release."""

    numbers: tuple[float, ...]
    stage: tuple[tuple[int, int, str], ...] = _RELEASE

    @property
    def major(self) -> float:
        return self.numbers[0] if self.numbers else 0

    @property
    def is_date(self) -> bool:
        """Whether it begins with a year, `2024.06` or `20240102`: it says nothing of versions that do not."""
        digits = str(int(self.numbers[0])) if self.numbers and self.numbers[0] != inf else ""
        return len(digits) in (4, 6, 8) and int(digits[:4]) in _YEARS

    @property
    def is_line(self) -> bool:
        """Whether it is the newest version of a line, whichever that is."""
        return bool(self.numbers) and self.numbers[-1] == inf

    @property
    def first(self) -> "Version":
        """The first version of a line; of another one, itself."""
        return Version(_stripped(self.numbers[:-1])) if self.is_line else self


class Name(NamedTuple):
    """What a name says: a version, and whether that is surely a release of the repository. It is not of a variant (`v4-node20`), nor where other words
    stand before it (`codeql-bundle-v2.19.0`)."""

    version: Version
    sure: bool


def exact(text: str) -> Version | None:
    """The version that a text is, as advisories and tags write them: `41` is `41.0.0`, what follows the numbers is a stage. None for what is none."""
    text = text.strip()
    found = _numbers(text) if not is_commit_id(text) else None
    stage = _stage(found[1]) if found is not None else None
    return Version(_stripped(found[0]), stage) if found is not None and stage is not None else None


def meant_by(ref: str) -> Version | None:
    """The version that a tag or branch leads to, see `named`."""
    found = named(ref)
    return found.version if found is not None else None


def named(ref: str) -> Name | None:
    """What a name says that people write: `v4`, `v4.1`, `v4.x` and `releases/v4` lead to the newest of their lines, one of three numbers or
    more to itself. A suffix is a pre-release only if it is the word for one. None for names of another kind (`main`, `12-fix-it`,
    `0abc123`)."""
    ref = ref.strip()
    if is_commit_id(ref):
        return None
    for family, text in parted(ref):
        found = _named(text)
        if found is not None:
            release = _FAMILY_BREAKS.split(family.lower().strip("-_/@."))
            if _RELEASES.issuperset(release):
                return found
            if text[0] in "vV" or "." in text:
                return Name(found.version, False)
    return None


def parted(name: str) -> Iterator[tuple[str, str]]:
    """The places of a name where a version may begin: what stands before it, and the rest."""
    if len(name) > _LONGEST or not name.isascii():
        return
    for start, char in enumerate(name):
        first = name[start + 1 : start + 2] if char in "vV" else char
        if first.isdecimal() and (not start or _may_end(name[:start])):
            yield name[:start], name[start:]


def _may_end(family: str) -> bool:
    if family[-1] in "-_/@":
        return True
    # `ver2.4.1`, `v.2.4.1`
    words = _FAMILY_BREAKS.split(family.lower())
    return words[-1] in _GLUED or (words[-1] == "" and words[-2:-1] == ["v"])


def _named(text: str) -> Name | None:
    """The version with which a text begins, of which all is read."""
    found = _numbers(text)
    if found is None:
        return None
    parts, rest = found
    line = Version((*parts, inf)) if len(parts) < 3 else Version(_stripped(parts))
    if not rest:
        return Name(line, True)
    open = _OPEN.match(rest)
    if open is not None:
        return Name(Version((*parts, inf)), open.end() == len(rest))
    ids = [id.lower() for id in _BREAKS.split(rest.lstrip("-._"))]
    if not all(id.isalnum() for id in ids):
        return None
    word = ids[0].rstrip("0123456789")
    apart = rest[0] in "-._"
    stage = _stage(rest)
    if word in _STAGES and stage is not None and (apart or word != ids[0] or len(word) > 1):
        return Name(Version(_stripped(parts), stage), True)
    if not apart:
        return None
    if _SAME.issuperset(ids):
        return Name(line, True)
    return Name(line, False) if text[0] in "vV" or len(parts) > 1 else None


def _stripped(parts: tuple[float, ...]) -> tuple[float, ...]:
    while parts and parts[-1] == 0:
        parts = parts[:-1]
    return parts


def _numbers(text: str) -> tuple[tuple[float, ...], str] | None:
    """The numbers with which a version begins, and what follows them (without the name of a build)."""
    if not text.isascii() or len(text) > _LONGEST:
        return None
    text = text[1:] if text[:1] in ("v", "V") else text
    text = text.partition("+")[0]
    if _is_day(text):
        text = text.replace("-", ".")
    end = 0
    while end < len(text) and (
        text[end].isdecimal() or (text[end] == "." and text[end + 1 : end + 2].isdecimal())
    ):
        end += 1
    parts = text[:end].split(".")
    if not all(part.isdecimal() and len(part) < 20 for part in parts):
        return None
    return tuple(map(int, parts)), text[end:]


def _stage(rest: str) -> tuple[tuple[int, int, str], ...] | None:
    """The stage that follows the numbers (SemVer 2.0: what follows `-`; PEP 440's `1.0rc1`, too)."""
    if not rest:
        return _RELEASE
    ids = _BREAKS.split(rest.lstrip("-._"))
    if not all(id.isalnum() for id in ids):
        return None
    return tuple((0, int(id), "") if id.isdecimal() else (1, 0, id.lower()) for id in ids)


def _is_day(text: str) -> bool:
    year, _, rest = text.partition("-")
    month, _, day = rest.partition("-")
    return [len(year), len(month), len(day)] == [4, 2, 2] and (year + month + day).isdecimal()


def version_of(call: Call) -> tuple[float, ...] | None:
    """The version as `(major, minor, patch)`, None when it is not known.

    `v4` follows the newest 4.x, so what is left open is infinite. For a commit id the comment behind it counts:
    `# v4.2.2`, `# tag=v4.2.2`, `# ratchet:owner/name@v4`.
    """
    use = call.target
    if not isinstance(use, RepositoryUse):
        return None
    text: str | None = use.ref
    if use.pinned:
        comment = comment_of(call.text)
        text = comment.ref if comment is not None else None
    parts = numbers(text) if text is not None else None
    if parts is None or len(parts) > 3:
        return None
    return (*parts, *[inf] * (3 - len(parts)))
