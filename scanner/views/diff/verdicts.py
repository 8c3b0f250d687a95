"""What has changed at one input between two locks, each change with its place in the new lock and what to do about it."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.locks.ages import Undated, day_of, modified_at
from scanner.analysis.locks.locking import BY_COMMIT
from scanner.analysis.locks.references import revision_of, url_of
from scanner.analysis.locks.releases import branch_of
from scanner.model.counting import counted
from scanner.model.quoting import quoted
from scanner.parse.nix.flakeref import same_request
from scanner.parse.nix.hashes import same_hash
from scanner.parse.nix.lock import DEVENV
from scanner.parse.nix.reference import Reference
from scanner.parse.nix.schemes import ARCHIVES, is_relative, is_unlocked
from scanner.rules import changes
from scanner.views.diff.both import Both, Verdict
from scanner.views.diff.sources import source
from scanner.views.facts import short

# Parts of a reference, besides where it comes from and its version, that decide what is taken of it.
_TAKEN: Final = (
    "dir",
    "submodules",
    "lfs",
    "exportIgnore",
    "unpack",
    "verifyCommit",
    "keytype",
    "publicKey",
    "publicKeys",
)
_IN_HASH: Final = ("type", "submodules", "lfs", "exportIgnore", "unpack", "flat")
"""What else than the commit decides the hash."""


def verdicts(both: Both) -> Iterator[Verdict]:
    """Everything that has changed at an input that is locked on both sides."""
    if both.old == both.new:
        return
    moved = list(source(both))
    yield from moved
    yield from _lost(both)
    if not moved or moved[0].variant == "same-repository":
        yield from _revision(both)
    yield from _taken(both)
    asked = list(_branch(both)) if not moved else []
    yield from asked
    if not moved and not asked:
        yield from _request(both)


# ---------------------------------------------------------------- which revision


def commit_of(reference: Reference) -> str | None:
    """The commit of a reference, None where only a hash of the content tells its version."""
    revision = revision_of(reference)
    if revision is None or revision == reference.nar_hash or not revision.strip("0"):
        return None
    return revision


def _lost(both: Both) -> Iterator[Verdict]:
    """What held the input to one state and does so no longer."""
    old, new = both.old.locked, both.new.locked
    if is_unlocked(old.attributes):
        return
    at = both.value("locked", "dirtyRev", "rev", "ref", "url", "path", "repo")
    if is_unlocked(new.attributes):
        yield Verdict(
            changes.UNLOCKED,
            None,
            at,
            f"{quoted(both.name)} was locked and nothing in the lock holds its content now, so every build may get "
            "something else; update it from a source that others can reach",
        )
    elif commit_of(old) is not None and commit_of(new) is None and new.type in BY_COMMIT:
        yield Verdict(
            changes.UNLOCKED,
            "no-commit",
            at,
            f"{quoted(both.name)} was locked to a commit and has only a hash now, so nobody can tell what changed in it; "
            "commit and push its source and update it again",
        )
    elif old.nar_hash is not None and new.nar_hash is None and not is_relative(new.attributes):
        yield Verdict(
            changes.HASH_REMOVED,
            "devenv" if both.lock.tool is DEVENV else None,
            both.value("locked", "rev", "url"),
            f"{quoted(both.name)} has lost its hash, so nothing checks any more what is fetched for it; update it again "
            "with a tool that writes hashes",
        )


def _revision(both: Both) -> Iterator[Verdict]:
    old, new = both.old.locked, both.new.locked
    before, after = revision_of(old), revision_of(new)
    if after is None:
        return
    if before is None:
        yield _moved(both, f"was not locked and is at {quoted(short(after) or after)} now", after)
    elif commit_of(old) is not None and before == after:
        yield from _same_commit(both, after)
    elif before == after or (commit_of(old) is None and commit_of(new) is None and same_hash(before, after)):
        yield from _date(both)
    elif _answers_differently(both):
        yield Verdict(
            changes.HASH_CHANGED,
            "versioned-url" if _names_version(new.url or "") else "same-url",
            both.value("locked", "narHash"),
            f"the content behind the URL of {quoted(both.name)} has changed: {_hashes(both)}. Find out who replaced it, or use "
            "a URL that names a version",
            (before, after),
        )
    else:
        yield _forward_or_back(both, before, after)


def _same_commit(both: Both, commit: str) -> Iterator[Verdict]:
    """Changes under a revision that has stayed the same."""
    old, new = both.old.locked, both.new.locked
    if old.nar_hash is None and new.nar_hash is not None:
        yield Verdict(
            changes.ATTRIBUTES_CHANGED,
            "hash-added",
            both.value("locked", "narHash"),
            f"{quoted(both.name)} has a hash now, so what is fetched for it is checked",
        )
    elif old.nar_hash is None or new.nar_hash is None:
        return
    elif same_hash(old.nar_hash, new.nar_hash):
        yield from _date(both)
    elif same_request(both.old.original, both.new.original) or all(
        (old.attributes.get(name) or None) == (new.attributes.get(name) or None) for name in _IN_HASH
    ):
        yield Verdict(
            changes.HASH_CHANGED,
            None,
            both.value("locked", "narHash"),
            f"the hash of {quoted(both.name)} has changed although it is still at {quoted(short(commit) or commit)}: "
            f"{_hashes(both)}. A commit has one hash, so one of them is wrong: do not merge before you know which",
            (commit, old.nar_hash, new.nar_hash),
        )


def _hashes(both: Both) -> str:
    return f"{quoted(both.old.locked.nar_hash or '')} became {quoted(both.new.locked.nar_hash or '')}"


def _date(both: Both) -> Iterator[Verdict]:
    old, new = both.old.locked, both.new.locked
    before, after = old.last_modified, new.last_modified
    if before is None or after is None or before == after or new.nar_hash is None:
        return
    days = f"from {day_of(old) or int(before)} to {day_of(new) or int(after)}" if _both_days(both) else ""
    yield Verdict(
        changes.DATE_CHANGED,
        None,
        both.value("locked", "lastModified"),
        f"the date of {quoted(both.name)} has changed {days}{' ' if days else ''}although its content has not: a wrong "
        "date makes an old input look new. Update the input again and see which date Nix writes",
        (str(before), str(after)),
    )


def _both_days(both: Both) -> bool:
    days = day_of(both.old.locked), day_of(both.new.locked)
    return None not in days and days[0] != days[1]


def _answers_differently(both: Both) -> bool:
    """Whether one URL that names a file, and not the newest state of something, has another content than before."""
    old, new = both.old.locked, both.new.locked
    if new.type not in ARCHIVES or new.type != old.type or new.url != old.url:
        return False
    return commit_of(old) is None and commit_of(new) is None


def _names_version(url: str) -> bool:
    """Whether a URL holds a number like `1.2`, after which its content should never change."""
    path = url_of(url).path
    return any(
        before.isdigit() and after.isdigit()
        for before, dot, after in zip(path, path[1:], path[2:], strict=False)
        if dot == "."
    )


def _forward_or_back(both: Both, before: str, after: str) -> Verdict:
    old, new = both.old.locked, both.new.locked
    one, other = modified_at(old), modified_at(new)
    span = f"{quoted(short(before) or before)} to {quoted(short(after) or after)}"
    if isinstance(one, Undated) or isinstance(other, Undated):
        return _moved(both, f"moved from {span}; the lock does not say when they are from", before, after)
    first, last = day_of(old), day_of(new)
    days = abs((last - first).days) if first is not None and last is not None else 0
    how_far = counted(days, "day")
    when = f"from {first} to {last}" if days else f"on {last}"
    if other >= one:
        forward = "moved forward within a day" if not days else f"moved {how_far} forward"
        return _moved(both, f"{forward}, from {span} ({when})", before, after)
    at = both.value("locked", "lastModified")
    branches = branch_of(both.old), branch_of(both.new)
    names = [branch.name if branch is not None else None for branch in branches]
    back = "moved back within a day" if not days else f"moved back by {how_far}"
    if names[0] != names[1] or both.old.original.rev != both.new.original.rev:
        return Verdict(
            changes.MOVED_BACKWARDS,
            "other-branch",
            at,
            f"{quoted(both.name)} {back} ({when}) because another state is asked for, from {span}",
            (before, after),
        )
    who = (
        "the input that declares it went back"
        if both.inherited
        else "what was fixed in between is missing again. Find out who went back, and why"
    )
    return Verdict(
        changes.MOVED_BACKWARDS,
        "inherited" if both.inherited else None,
        at,
        f"{quoted(both.name)} {back} ({when}), from {span}: {who}",
        (before, after),
    )


def _moved(both: Both, how: str, *evidence: str) -> Verdict:
    at = both.value("locked", "rev", "narHash", "url")
    return Verdict(changes.UPDATED, None, at, f"{quoted(both.name)} {how}", evidence)


# ---------------------------------------------------------------- what is taken, and what is asked for


def _taken(both: Both) -> Iterator[Verdict]:
    inherited = "inherited" if both.inherited else None
    old, new = both.old.locked.attributes, both.new.locked.attributes
    for name in _TAKEN:
        before, after = old.get(name), new.get(name)
        if before != after and (before or after):
            yield Verdict(
                changes.ATTRIBUTES_CHANGED,
                inherited,
                both.value("locked", name),
                f"{quoted(name)} of {quoted(both.name)} {_became(before, after)}, so something else is taken of the same "
                "place; check that it was meant",
                (name, str(before), str(after)),
            )
    if both.old.flake != both.new.flake:
        yield Verdict(
            changes.FLAKE_CHANGED,
            inherited,
            both.lock.value(both.new.label, "flake").first_line(),
            f"{quoted(both.name)} "
            + (
                "is evaluated as a flake now and was only fetched before"
                if both.new.flake
                else "is only fetched now and was evaluated as a flake before"
            )
            + "; Nix does not notice when only the lock says so: check flake.nix",
            (str(both.new.flake),),
        )


def _became(before: object, after: object) -> str:
    if before is None:
        return f"is {_written(after)} now and was not set"
    if after is None:
        return f"is not set any more and was {_written(before)}"
    return f"was {_written(before)} and is {_written(after)} now"


def _written(value: object) -> str:
    """A value as the lock writes it."""
    return quoted(str(value).lower() if isinstance(value, bool) else str(value))


def _branch(both: Both) -> Iterator[Verdict]:
    before, after = branch_of(both.old), branch_of(both.new)
    one = before.name if before is not None else None
    other = after.name if after is not None else None
    if one == other or both.old.original.rev is not None or both.new.original.rev is not None:
        return
    at = both.value("locked", "repo", "url")
    if after is not None:
        at = both.value(after.part, after.attribute)
    elif both.new.original.attributes:
        at = both.value("original", "repo", "url", "id")
    yield Verdict(
        changes.BRANCH_CHANGED,
        "inherited" if both.inherited else None,
        at,
        f"{quoted(both.name)} follows {_named(other)} and no longer {_named(one)}, so every update takes from there; check "
        "that it was meant and gets fixes",
        (one or "", other or ""),
    )


def _named(branch: str | None) -> str:
    return quoted(branch) if branch is not None else "the default branch"


def _request(both: Both) -> Iterator[Verdict]:
    old, new = both.old.original, both.new.original
    if str(old) == str(new):
        return
    yield Verdict(
        changes.REQUEST_CHANGED,
        None,
        both.value("original", "rev", "ref", "url", "repo", "id", "path"),
        f"{quoted(str(new))} is asked for as {quoted(both.name)} and no longer {quoted(str(old))}",
        (str(old), str(new)),
    )
