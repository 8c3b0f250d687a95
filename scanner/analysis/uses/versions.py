"""Versions of actions: their order, which of them a name means, and which one a step uses as far as its ref or the comment behind it says."""

from math import inf
from typing import Final, NamedTuple

from scanner.analysis.uses.pins import comment_of, numbers
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

_RELEASE: Final = ((2, 0, ""),)
_LONGEST: Final = 100
"""Characters of a name that may be a version."""


class Version(NamedTuple):
    """A version; versions are compared as tuples. `numbers` are without zeros at the end, so that `4` is `4.0.0`; an infinite one behind
    them stands for the newest version of a line: `v4` leads to the newest 4.x. `stage` sorts pre-releases before their release."""

    numbers: tuple[float, ...]
    stage: tuple[tuple[int, int, str], ...] = _RELEASE

    @property
    def major(self) -> float:
        return self.numbers[0] if self.numbers else 0

    @property
    def is_line(self) -> bool:
        """Whether it is the newest version of a line, whichever that is."""
        return bool(self.numbers) and self.numbers[-1] == inf

    @property
    def first(self) -> "Version":
        """The first version of a line; of another one, itself."""
        return Version(_stripped(self.numbers[:-1])) if self.is_line else self


def exact(text: str) -> Version | None:
    """The version that a text is, as advisories write them: `41` is `41.0.0`; None for what is none."""
    found = _read(text)
    return Version(_stripped(found[0]), found[1]) if found is not None else None


def meant_by(ref: str) -> Version | None:
    """The version that a tag leads to: `v4` and `v4.1` to the newest of their lines, one of three numbers or more to itself. None for names of
    another kind (`main`, `release/v1`, `name-v1.2`)."""
    found = _read(ref)
    if found is None:
        return None
    parts, stage = found
    if len(parts) < 3 and stage == _RELEASE:
        return Version((*parts, inf))
    return Version(_stripped(parts), stage)


def _stripped(parts: tuple[float, ...]) -> tuple[float, ...]:
    while parts and parts[-1] == 0:
        parts = parts[:-1]
    return parts


def _read(text: str) -> tuple[tuple[float, ...], tuple[tuple[int, int, str], ...]] | None:
    """The numbers and the stage (SemVer 2.0: what follows `-`; PEP 440's `1.0rc1`, too) of a version."""
    text = text.strip()
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
    rest = text[end:]
    if not rest:
        return tuple(map(int, parts)), _RELEASE
    ids = rest.lstrip("-._").replace("-", ".").replace("_", ".").split(".")
    if not all(id.isalnum() for id in ids):
        return None
    stage = tuple((0, int(id), "") if id.isdecimal() else (1, 0, id.lower()) for id in ids)
    return tuple(map(int, parts)), stage


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
