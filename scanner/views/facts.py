"""Facts about a locked input in the words of a table: where it comes from, which revision, from which day, what changed."""

from datetime import date, timedelta
from math import isfinite
from typing import Final

from scanner.analysis.references import repository_of, revision_of
from scanner.parse.nix.lock import LockedInput
from scanner.parse.nix.reference import Reference, is_commit

_EPOCH: Final = date(1970, 1, 1)
_DAY: Final = 24 * 60 * 60
_YEAR_3000: Final = 32_503_680_000
_1980: Final = 315_532_800  # the start of what archives can date: what tools write that set all dates to one
_SHORT: Final = 7
_PLAIN: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~/")
_COMPARE: Final = {"github.com": "compare", "gitlab.com": "-/compare", "codeberg.org": "compare"}


def source_of(reference: Reference) -> str:
    """A reference without its version, as people write it: `github:NixOS/nixpkgs`."""
    kept = {name: value for name, value in reference.attributes.items() if name not in ("rev", "ref")}
    words = [f"{name}={value}" for name in ("host", "dir") if (value := reference.text(name)) is not None]
    return str(Reference(kept)) + (f"?{'&'.join(words)}" if words else "")


def seconds_of(reference: Reference) -> float | None:
    """When the content was last modified, in seconds since 1970; None where the lock says no possible time. The
    Nix store writes 0 or 1, archives without dates have the first day of 1980."""
    modified = reference.last_modified
    if modified is None or not 1 < modified < _YEAR_3000 or not isfinite(modified) or modified == _1980:
        return None
    return modified


def day_of(reference: Reference) -> date | None:
    """The day on which the content was last modified."""
    modified = seconds_of(reference)
    return None if modified is None else _EPOCH + timedelta(days=int(modified // _DAY))


def short(revision: str | None) -> str | None:
    """A revision as people name it: the first characters of a commit or of a hash."""
    if revision is None:
        return None
    if is_commit(revision):
        return revision[:_SHORT]
    algorithm, dash, digest = revision.partition("-")
    return f"{algorithm}-{digest[:_SHORT]}" if dash else revision[:12]


def compare_link(old: LockedInput, new: LockedInput) -> str | None:
    """The page of the forge that shows what lies between two revisions of one repository; None where none is known."""
    before, after = repository_of(old.locked), repository_of(new.locked)
    one, other = revision_of(old.locked), revision_of(new.locked)
    if before is None or before != after or one is None or other is None or one == other:
        return None
    words = _COMPARE.get(after.host)
    if words is None or after.path.count("/") < 1 or not _PLAIN.issuperset(after.path):
        return None
    if not is_commit(one) or not is_commit(other):
        return None
    path = after.path
    if new.locked.owner is not None and new.locked.repo is not None:
        written = f"{new.locked.owner}/{new.locked.repo}"
        path = written if written.lower() == path else path  # as its owner spells it
    return f"https://{after.host}/{path}/{words}/{one}...{other}"
