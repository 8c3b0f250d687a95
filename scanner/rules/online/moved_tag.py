"""See moved_tag.md."""

from collections.abc import Iterator

from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.tags import Tags
from scanner.analysis.uses.locked_actions import the_lock
from scanner.engine import Context, NoOptions, rule
from scanner.model.commit import is_commit
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import NotKnown, Remote
from scanner.model.quoting import quoted

ADVICE = "look at both commits before you write the lock anew with `gh actions-lock`"


@rule(
    "moved-tag",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"short": Severity.MEDIUM, "gone": Severity.MEDIUM},
    tags=("supply-chain", "integrity", "tampering", "CWE-345", "CICD-SEC-9", "SLSA:dependencies"),
    asks=("refs",),
)
def moved_tag(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    node = the_lock(ctx.graph)
    if node is None or ctx.online is None:
        return
    asking = Asking(ctx.online)
    for pin in node.lock.pins.values():
        ref, commit = pin.ref, pin.commit
        # A commit as a name cannot be moved; what is wrong with an entry itself is said by other rules.
        if ref is None or commit is None or len(commit) != 40 or pin.defect is not None or is_commit(ref):
            continue
        remote = Remote(pin.hostname.lower(), pin.target.slug)
        tags = asking.tags(remote)
        at = pin.key.content.first_line()
        if isinstance(tags, NotKnown):
            what = f"whether {quoted(str(remote), 100)} has moved the tags that `actions.lock` holds"
            yield from asking.unknown_at(at, node.id, remote, what, tags)
            continue
        found = _judged(ref.removeprefix("refs/tags/"), commit.lower(), remote, tags)
        if found is not None:
            message, variant, confidence = found
            evidence = (pin.target.slug, ref, variant or "")
            yield Hit(at, node.id, f"{message}; {ADVICE}", variant, confidence, evidence)


def _judged(
    ref: str, commit: str, remote: Remote, tags: Tags
) -> tuple[str, str | None, Confidence | None] | None:
    """The message, the variant and the confidence."""
    name, now = f"{quoted(ref)} of {quoted(str(remote), 100)}", tags.refs.tags.get(ref)
    if now == commit:
        return None
    if now is None:
        if ref in tags.refs.branches or ref.startswith("refs/"):
            return None
        others = tags.at(commit)
        there = f", where {quoted(others[0])} leads now" if others else ""
        return (
            f"there is no {name} any more, and the lock holds it at {commit[:12]}{there}: it was deleted or renamed, and whoever "
            "makes the name anew says what it leads to",
            "gone",
            None,
        )
    if tags.is_full(ref):
        return (
            f"the tag {name} leads to {now[:12]} now, and the lock holds it at {commit[:12]}: a release that is moved is an attack "
            "or a bad habit",
            None,
            None,
        )
    if not tags.moves(ref) and not tags.at(commit):
        return (
            f"the tag {name} leads to {now[:12]} now, and the lock holds it at {commit[:12]}, at which no tag is left: no longer "
            "version tells whether this name is meant to move",
            "short",
            Confidence.LOW,
        )
    return None  # `v4` moves with every release, and the lock is there to hold it
