"""See actions_lock_stale.md."""

from collections.abc import Iterator, Mapping
from typing import Final

from scanner.analysis.uses.interfaces import unread
from scanner.analysis.uses.locked_actions import Need, Needs, needs, reachable, the_lock
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.actions_lock import ActionsLock, Covered

MAX_WORK: Final = 5_000_000
"""Entries of the lock that are looked at for all workflows together."""

ADVICE = "run `gh actions-lock` to drop it"


@rule(
    "actions-lock-stale",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    tags=("maintenance",),
)
def actions_lock_stale(ctx: Context[NoOptions]) -> Iterator[Hit]:
    node = the_lock(ctx.graph)
    if node is None:
        return
    lock, needed = node.lock, needs(ctx.graph)
    unreadable = unread(ctx.problems)
    walks = MAX_WORK // (len(lock.pins) + 1)
    for path, covered in lock.workflows.items():
        found = needed.get(path)
        at = covered.path.content.first_line()
        if found is not None:
            if found.open or walks <= 0 or covered.keys.keys() <= _all(found).keys():
                continue
            walks -= 1
            for key in _unused(lock, covered, _all(found)):
                yield Hit(
                    covered.keys[key].content.first_line(),
                    node.id,
                    f"{quoted(path, 100)} does not use {quoted(key, 100)} any more; {ADVICE}",
                    evidence=(path, key),
                )
        elif path not in unreadable:
            yield Hit(
                at,
                node.id,
                f"there is no workflow {quoted(path, 100)} any more; {ADVICE}",
                evidence=(path,),
            )
    yield from _orphans(node.id, lock, [needed[path] for path in lock.workflows if path in needed])


def _orphans(subject: str, lock: ActionsLock, needs: list[Needs]) -> Iterator[Hit]:
    """Entries that nothing leads to. One that a workflow uses without listing it lacks in that list instead."""
    if any(one.open for one in needs):
        return
    roots = {key for covered in lock.workflows.values() for key in covered.keys}
    for one in needs:
        roots |= one.own.keys() | one.called.keys() | one.nested.keys()
    known = reachable(lock, roots)
    for key, pin in lock.pins.items():
        if key not in known:
            yield Hit(
                pin.key.content.first_line(),
                subject,
                f"no workflow in the lock needs {quoted(pin.key.value, 100)}; {ADVICE}",
                evidence=("orphan", key),
            )


def _all(needs: Needs) -> dict[str, Need]:
    return {**needs.nested, **needs.called, **needs.own}


def _unused(lock: ActionsLock, covered: Covered, used: Mapping[str, Need]) -> Iterator[str]:
    """The listed keys that nothing in the workflow leads to."""
    slugs = {need.use.slug for key, need in used.items() if key not in covered.keys}
    commits = {(need.use.slug, need.use.ref.lower()) for need in used.values() if need.use.pinned}
    roots = set(used)
    for key in covered.keys:
        pin = lock.pins.get(key)
        # Another ref of an action in use: that the lock lacks the right one is said elsewhere.
        if key.rpartition("@")[0] in slugs or (pin is not None and (pin.target.slug, pin.commit) in commits):
            roots.add(key)
    known = reachable(lock, roots)
    yield from (key for key in covered.keys if key not in known)
