"""Facts about locks and locked inputs, in the words that `inputs` and `diff` share."""

from datetime import date
from typing import Final

from scanner.analysis.locks.ages import Age, age_of, day_of
from scanner.analysis.locks.references import repository_of, revision_of
from scanner.model.commit import is_commit
from scanner.model.json import Json
from scanner.model.secrets import masked
from scanner.parse.nix.hosts import HOSTS
from scanner.parse.nix.lock import Lock, LockedInput
from scanner.parse.nix.reference import Reference
from scanner.report.columns import columns, cut, tail

MAX_NAMES: Final = 8
"""Names of a path that are shown; a hostile lock can make paths as long as itself."""

_SHORT: Final = 7
_PLAIN: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~/")
_COMPARE: Final = {HOSTS["github"]: "compare", HOSTS["gitlab"]: "-/compare", "codeberg.org": "compare"}
"""How the page is called on which a forge compares two commits."""


def source_of(reference: Reference) -> str:
    """A reference without its version, as people write it: `github:NixOS/nixpkgs`."""
    kept = {name: value for name, value in reference.attributes.items() if name not in ("rev", "ref")}
    words = [f"{name}={value}" for name in ("host", "dir") if (value := reference.text(name)) is not None]
    return masked(str(Reference(kept)) + (f"?{'&'.join(words)}" if words else ""))


def asked_of(node: LockedInput) -> str | None:
    """What flake.nix asks for, as the lock notes it."""
    return masked(str(node.original)) if node.original.attributes else None


def cut_source(source: str, room: int) -> str:
    """A source in at most `room` columns. What lies between the owner and the last name gives way first, then the end of that
    name. Who owns it is what there is to trust, and a host is always named unless it is GitHub."""
    if columns(source) <= room:
        return source
    scheme, colon, rest = source.partition(":")
    if not colon:
        return cut(source, room)
    path, _, query = rest.partition("?")
    host = path.removeprefix("//").partition("/")[0] if path.startswith("//") else ""
    host = host.rpartition("@")[2]
    host = host or next((word[5:] for word in query.split("&") if word.startswith("host=")), "")
    if path.startswith("//"):
        path = path[2:].partition("/")[2]
    if not host:
        shorter = rest if scheme == "github" else source
    elif host in ("github.com", "www.github.com"):
        shorter = path
    else:
        shorter = f"{host}/{path}"
        owner, slash, _ = path.partition("/")
        if slash and len(host) + len(owner) + 3 > room:
            # The end of a host says whose it is.
            return tail(host, room) if columns(host) + 2 > room else f"{host}/…"
        if path.count("/") > 1 and columns(shorter) > room:
            shorter = f"{host}/{owner}/…/{path.rpartition('/')[2]}"
    return cut(shorter, room)


def short(revision: str | None) -> str | None:
    """A revision as people name it: the first characters of a commit or of a hash."""
    if revision is None:
        return None
    if is_commit(revision):
        return revision[:_SHORT]
    revision = masked(revision)
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


# ---------------------------------------------------------------- data


def lock_data(lock: Lock) -> dict[str, Json]:
    """A lock in JSON: who writes it, and how many inputs it locks, those that nothing leads to not counted."""
    depths = lock.depths.values()
    return {
        "tool": lock.tool.name,
        "version": lock.version,
        "own": sum(depth == 1 for depth in depths),
        "total": len(depths),
    }


def input_data(node: LockedInput, now: date) -> dict[str, Json]:
    """A locked input in JSON. `age` is in days, null where the date cannot be believed."""
    locked = node.locked
    day, age = day_of(locked), age_of(locked, now)
    return {
        "type": masked(locked.type),
        "source": source_of(locked),
        "asked": asked_of(node),
        "revision": revision_of(locked),
        "hash": locked.nar_hash,
        "date": None if day is None else day.isoformat(),
        "age": age.days if isinstance(age, Age) else None,
        "flake": node.flake,
    }
