"""See actions_lock_missing_pin.md."""

from collections.abc import Iterator, Mapping

from scanner.analysis.uses.locked_actions import Need, by_commit, needs, the_lock
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.parse.actions_lock import ActionsLock, Covered

ADVICE = "run `gh actions-lock`"


@rule(
    "actions-lock-missing-pin",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"commit": Severity.MEDIUM},
    tags=("supply-chain", "integrity", "reliability", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def actions_lock_missing_pin(ctx: Context[NoOptions]) -> Iterator[Hit]:
    node = the_lock(ctx.graph)
    if node is None:
        return
    lock, needed = node.lock, needs(ctx.graph)
    for path, covered in lock.workflows.items():
        found = needed.get(path)
        if found is None:
            continue
        commits = by_commit(lock, covered.keys)
        held = {key.rpartition("@")[0]: key for key in reversed(covered.keys)}
        for key, need in found.own.items():
            if key in covered.keys and key in lock.pins:
                continue
            if need.use.pinned and (need.use.slug, need.use.ref.lower()) in commits:
                continue
            yield _hit(node.id, lock, covered, held, key, need)
        for key, need in found.called.items():
            # Locks of gh-actions-lock before 0.2 have none of them, and not everybody is refused.
            if key not in covered.keys and key not in lock.pins:
                yield _hit(node.id, lock, covered, held, key, need, Confidence.LOW)
        for key, need in found.nested.items():
            if key not in lock.pins and key not in found.own:
                yield _hit(node.id, lock, covered, held, key, need)
    yield from _transitive(node.id, lock)


def _hit(
    subject: str,
    lock: ActionsLock,
    covered: Covered,
    held: Mapping[str, str],
    key: str,
    need: Need,
    confidence: Confidence | None = None,
) -> Hit:
    """`held`: a key that the workflow has, by its repository."""
    path = quoted(covered.path.value, 100)
    if key in covered.keys:
        reason = "is listed for this workflow, but `dependencies` has no entry for it"
    elif key in lock.pins:
        reason = "is in the lock, but not in the list of this workflow, which uses it"
    else:
        other = held.get(need.use.slug)
        instead = f" (only {quoted(other, 100)})" if other is not None else ""
        reason = f"is used by this workflow and is not in the lock{instead}"
    commit = need.use.pinned
    return Hit(
        covered.path.content.first_line(),
        subject,
        f"{quoted(key, 100)} {reason}: GitHub refuses to run {path} until it is locked; {ADVICE}",
        "commit" if commit else None,
        confidence,
        evidence=(covered.path.value, key),
        related=(Note(need.at, "used here"),),
    )


def _transitive(subject: str, lock: ActionsLock) -> Iterator[Hit]:
    said = set()
    for pin in lock.pins.values():
        for listed in pin.uses_at:
            if listed.key in lock.pins or listed.key in said or "@" not in listed.key:
                continue
            said.add(listed.key)
            yield Hit(
                listed.at.content.first_line(),
                subject,
                f"{quoted(pin.key.value, 100)} uses {quoted(listed.key, 100)}, for which the lock has no entry, so that what "
                f"runs there is not pinned; {ADVICE}",
                evidence=(listed.key,),
            )
