"""See actions_lock_conflict.md."""

from collections.abc import Callable, Iterator

from scanner.analysis.uses.locked_actions import the_lock
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.online import GITHUB
from scanner.model.quoting import quoted
from scanner.parse.actions_lock import ActionsLock, Pin

ADVICE = "find out which is true, then write the lock anew with `gh actions-lock`"


@rule(
    "actions-lock-conflict",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"identity": Severity.MEDIUM, "version": Severity.MEDIUM},
    tags=("supply-chain", "integrity", "tampering", "CWE-345", "CICD-SEC-9", "SLSA:dependencies"),
)
def actions_lock_conflict(ctx: Context[NoOptions]) -> Iterator[Hit]:
    node = the_lock(ctx.graph)
    if node is None:
        return
    lock = node.lock
    yield from _with_itself(node.id, lock)
    yield from _repeated(node.id, lock)
    yield from _identities(node.id, lock)
    yield from _versions(node.id, lock)


def _with_itself(subject: str, lock: ActionsLock) -> Iterator[Hit]:
    for pin in (*lock.pins.values(), *lock.repeated):
        if pin.contradicts and pin.defect is not None:
            yield Hit(
                pin.at,
                subject,
                f"the entry of {quoted(pin.key.value, 100)} contradicts itself: {pin.defect}, so the code that was reviewed "
                f"may not be the code that runs; {ADVICE}",
                evidence=(pin.key.value,),
            )


def _repeated(subject: str, lock: ActionsLock) -> Iterator[Hit]:
    for pin in lock.repeated:
        first = lock.pins[f"{pin.target.slug}@{pin.target.ref}"]
        # The same text twice is an error of YAML, and said as one.
        if first.key.value != pin.key.value and first.content != pin.content:
            yield Hit(
                pin.key.content.first_line(),
                subject,
                f"{quoted(pin.key.value, 100)} is pinned twice, and differently: GitHub compares names without case, so one "
                f"of them is never used; {ADVICE}",
                evidence=(pin.key.value,),
                related=(Note(first.key.content.first_line(), "pinned here first"),),
            )


def _identities(subject: str, lock: ActionsLock) -> Iterator[Hit]:
    """GitHub's numbers belong to one account and one repository each, whatever they are called."""
    moved: set[str] = set()
    for what, number, other in (
        ("owner", _owner_id, _owner),
        ("repository", _repo_id, _slug),
    ):
        for one, first in _differing(lock, other, number):
            moved.add(one.key.value)
            yield _identity(
                subject,
                one,
                first,
                f"the lock gives the {what} of {quoted(one.key.value, 100)} another number than in "
                f"{quoted(first.key.value, 100)}: one of them belongs to somebody else who has or had that name",
            )
        for one, first in _differing(lock, number, other):
            if one.key.value in moved:
                continue
            moved.add(one.key.value)
            yield _identity(
                subject,
                one,
                first,
                f"{quoted(one.key.value, 100)} has the {what} number of {quoted(first.key.value, 100)}: it was renamed, or the "
                "entry is made up",
            )


def _identity(subject: str, pin: Pin, first: Pin, message: str) -> Hit:
    return Hit(
        pin.key.content.first_line(),
        subject,
        f"{message}; {ADVICE}",
        "identity",
        evidence=(pin.key.value, first.target.slug),
        related=(Note(first.key.content.first_line(), "the other entry"),),
    )


def _owner(pin: Pin) -> str:
    return pin.target.owner.lower()


def _slug(pin: Pin) -> str:
    return pin.target.slug


def _owner_id(pin: Pin) -> int | None:
    return pin.owner_id


def _repo_id(pin: Pin) -> int | None:
    return pin.repo_id


def _differing(
    lock: ActionsLock, by: Callable[[Pin], object], value: Callable[[Pin], object]
) -> Iterator[tuple[Pin, Pin]]:
    """Entries that are equal in one thing and differ in another from the first such, each difference once."""
    first: dict[object, Pin] = {}
    seen: set[object] = set()
    for pin in lock.pins.values():
        name, content = by(pin), value(pin)
        if name is None or content is None:
            continue
        host = pin.hostname or GITHUB
        earlier = first.setdefault((host, name), pin)
        if value(earlier) != content and (host, name, content) not in seen:
            seen.add((host, name, content))
            yield pin, earlier


def _versions(subject: str, lock: ActionsLock) -> Iterator[Hit]:
    """A full version is not moved by those who make it; branches and `v4` are."""
    first: dict[tuple[str, str], Pin] = {}
    for pin in lock.pins.values():
        if pin.defect is not None or pin.ref is None or not _is_full(pin.ref):
            continue
        earlier = first.setdefault((pin.target.slug, pin.ref), pin)
        if earlier.commit != pin.commit:
            yield Hit(
                pin.key.content.first_line(),
                subject,
                f"the lock has two commits for {quoted(pin.ref)} of {quoted(pin.target.slug)}: the tag was moved between them, "
                f"or one entry is made up; {ADVICE}",
                "version",
                Confidence.MEDIUM,
                evidence=(pin.key.value,),
                related=(Note(earlier.key.content.first_line(), "the other entry"),),
            )


def _is_full(ref: str) -> bool:
    parts = ref.removeprefix("v").split(".")
    return len(parts) == 3 and all(part.isascii() and part.isdecimal() for part in parts)
