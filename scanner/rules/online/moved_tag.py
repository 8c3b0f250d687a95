"""See moved_tag.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.held_tags import HeldTag, held_tags
from scanner.analysis.remotes.tags import Tags, is_full, tag_of
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import BRANCH, NotKnown, Online
from scanner.model.quoting import quoted


class Verdict(NamedTuple):
    """What is wrong with a name: `found` is "" (it leads elsewhere) or a variant. `now` is the commit to which it leads."""

    message: str
    found: str = ""
    now: str = ""
    confidence: Confidence | None = None


@rule(
    "moved-tag",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"short": Severity.MEDIUM, "gone": Severity.MEDIUM, "transitive": Severity.MEDIUM},
    tags=("supply-chain", "integrity", "tampering", "CWE-345", "CICD-SEC-9", "SLSA:dependencies"),
)
def moved_tag(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    if ctx.online is None:
        return
    asking = Asking(ctx.online)
    held = tuple(held_tags(ctx.graph, ctx.online.home))
    asking.prepare_tags(one.remote for one in held)
    for one in held:
        tags = asking.tags(one.remote)
        found = tags if isinstance(tags, NotKnown) else _judged(ctx.online, one, tags)
        if one.by_git and isinstance(found, Verdict) and not isinstance(tags, NotKnown):
            meant = asking.peeled(one.remote, one.commit)
            found = found if meant == one.commit else _judged(ctx.online, one._replace(commit=meant), tags)
        if isinstance(found, NotKnown):
            what = f"whether {quoted(str(one.remote), 100)} has moved the tags that are locked here"
            yield from asking.unknown(one.at, one.subject, one.remote, what, found)
        elif found is not None and not (one.transitive and found.found == "short"):
            yield Hit(
                one.at,
                one.subject,
                f"{found.message}; look at both commits before you {one.renewal}",
                "transitive" if one.transitive else found.found or None,
                found.confidence,
                # Both commits are what it says: the lock may be the one that was changed.
                evidence=(str(one.remote), one.ref, found.found, one.commit, found.now),
            )


def _judged(online: Online, held: HeldTag, tags: Tags) -> Verdict | NotKnown | None:
    ref, now = held.ref, tags.refs.tags.get(held.ref)
    if now == held.commit:
        return None
    branch = None if held.is_tag else tags.refs.branches.get(ref)
    if branch is not None and held.branch_first:
        return None
    if now is None:
        return _only_branch(online, held, branch) if branch is not None else _gone(held, tags)
    moved = f"the tag {_name(held)} leads to {now[:12]} now, and the lock holds it at {held.commit[:12]}"
    if tags.is_full(ref):
        why = "the release was moved, which is an attack or a bad habit, or the lock was edited by hand"
        return Verdict(f"{moved}: {why}", now=now)
    if tags.moves(ref) or tags.has_of(ref, held.commit):
        return None  # `v4` moves with every release, and the lock is there to hold it
    return Verdict(
        f"{moved}, at which no tag of this version is left: no longer version tells whether this name is meant to move",
        "short",
        now,
        Confidence.LOW,
    )


def _gone(held: HeldTag, tags: Tags) -> Verdict | None:
    """Of a name that is neither a tag nor a branch."""
    if held.of_input and not (held.is_tag or is_full(held.ref)):
        return None  # for all that is known, a branch
    others = tags.at(held.commit)
    there = f", where {quoted(others[0])} leads now" if others else ""
    return Verdict(
        f"there is no {_name(held)} any more, and the lock holds it at {held.commit[:12]}{there}: it was deleted or renamed, and whoever "
        "makes the name anew says what it leads to",
        "gone",
    )


def _only_branch(online: Online, held: HeldTag, branch: str) -> Verdict | NotKnown | None:
    """Of a name that only a branch has."""
    if branch == held.commit or tag_of(held.ref) is None:
        return None
    said = f"{_name(held)} is a branch and no tag now, which leads to {branch[:12]}, and the lock holds it at {held.commit[:12]}"
    if is_full(held.ref):
        return Verdict(
            f"{said}: releases are tags, and whoever may push the branch says what it leads to",
            "gone",
            BRANCH,
            Confidence.MEDIUM,
        )
    # `v1` may always have been a branch, which `not-on-branch` looks at for inputs.
    has = held.of_input or online.holds(held.remote, f"{BRANCH}{held.ref}", held.commit)
    if isinstance(has, NotKnown):
        return has
    lacks = f"{said}, which that branch does not have: the name was made anew, or the branch rewritten"
    return None if has else Verdict(lacks, "gone", BRANCH, Confidence.LOW)


def _name(held: HeldTag) -> str:
    return f"{quoted(held.ref)} of {quoted(str(held.remote), 100)}"
