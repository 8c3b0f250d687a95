"""See lock_out_of_sync.md."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from scanner.analysis.locks.advice import relock, update
from scanner.analysis.locks.divergence import divergence
from scanner.analysis.locks.sync import Difference, differences, pairs
from scanner.engine import Context, NoOptions, rule
from scanner.graph.ids import flake_id, lock_id
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nix import remedies
from scanner.parse.nix.flake import DeclaredInput, Flake
from scanner.parse.nix.flake_lock import VERSIONS
from scanner.parse.nix.lock import NIX, Lock

SHOWN = 60

SHOWN_URL = 300
"""A commit at the end of a reference is what tells it from another one."""

HARM = (
    "Nix resolves it anew wherever the flake is built, so nothing pins what is used, and a build that may not change "
    "the lock fails"
)

MANY = 5
"""More differences than this of one kind are one lock that nobody wrote anew, which is one finding and not many."""

SHOWN_PLACES = 20


@rule(
    "lock-out-of-sync",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={
        "left-over": Severity.LOW,
        "no-lock": Severity.LOW,
        "flake": Severity.LOW,
        "older": Severity.LOW,
        "edited": Severity.HIGH,
    },
    same_as=("nix:out-of-sync",),
    tags=("nix", "supply-chain", "CWE-494", "CICD-SEC-3", "CICD-SEC-9", "SLSA:dependencies"),
)
def lock_out_of_sync(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for flake, lock in pairs(ctx.graph):
        if lock is None:
            yield from _without_lock(ctx, flake)
        elif lock.version in VERSIONS:
            found = [one for one in differences(flake, lock) if not _cannot_be_locked(ctx, one)]
            yield from _differences(lock, found, ctx.knowledge)


def _cannot_be_locked(ctx: Context[NoOptions], found: Difference) -> bool:
    """Whether an input has no URL and a name that the registry does not know: `indirect-input` says what to do."""
    declared = found.declared
    if found.kind != "missing" or declared is None or declared.reference is None or declared.implicit:
        return False
    id = declared.reference.text("id") if declared.reference.type == "indirect" else None
    return id is not None and ctx.knowledge.registry_target(id) is None


def _without_lock(ctx: Context[NoOptions], flake: Flake) -> Iterator[Hit]:
    unread = any(problem.at.path == "flake.lock" for problem in ctx.problems)
    # Below the root, templates and examples have none on purpose.
    if flake.source.path != "flake.nix" or not flake.inputs or unread:
        return
    yield Hit(
        flake.at.first_line(),
        flake_id(flake.source),
        f"there is no flake.lock, so each build takes whatever the {len(flake.inputs)} inputs are at that moment; "
        f"run {remedies.relock(NIX, flake.source.path)} and commit the lock",
        "no-lock",
        inputs=tuple(one.name for one in flake.inputs),
    )


def _differences(lock: Lock, found: list[Difference], knowledge: Knowledge) -> Iterator[Hit]:
    """Each by itself, so that each can be accepted; where one command mends very many, all of a severity together."""
    by_variant: dict[str | None, list[tuple[Difference, _Said]]] = {}
    for one in found:
        said = (
            _only_locked(lock, one) if one.declared is None else _declared(lock, one, one.declared, knowledge)
        )
        by_variant.setdefault(said.variant, []).append((one, said))
    for variant, ones in by_variant.items():
        if len(ones) > MANY and variant not in ("flake", "edited"):  # which `nix flake lock` does not mend
            yield _all(lock, variant, ones)
        else:
            for difference, said in ones:
                yield _hit(lock, difference, said)


def _all(lock: Lock, variant: str | None, ones: list[tuple["Difference", "_Said"]]) -> Hit:
    names = [("/".join(one.path), said.at) for one, said in ones]
    what = {
        None: f"are not locked as flake.nix asks for them: {HARM.replace(' it ', ' them ', 1)}",
        "left-over": "are in the lock, but flake.nix does not declare them any more",
        "older": "are locked as older versions of Nix wrote it, and later ones lock them anew",
    }[variant]
    return Hit(
        names[0][1].first_line(),
        lock_id(lock.source),
        f"{quoted(names[0][0], SHOWN)} and {len(names) - 1} other inputs {what}; run {relock(lock)} and commit the result",
        variant,
        evidence=("all", *sorted(f"{one.kind} {'/'.join(one.path)}" for one, _ in ones)),
        inputs=tuple(name for name, _ in names),
        related=tuple(
            Note(at.first_line(), f"also {quoted(name, SHOWN)}")
            for name, at in islice(names, 1, SHOWN_PLACES)
        ),
    )


def _hit(lock: Lock, found: Difference, said: "_Said") -> Hit:
    return Hit(
        said.at.first_line(),
        lock_id(lock.source),
        said.message,
        said.variant,
        evidence=(found.kind, "/".join(found.path)),
        inputs=("/".join(found.path),),
        related=(Note(said.locked_at.first_line(), "locked like this"),)
        if said.locked_at is not None
        else (),
    )


class _Said(NamedTuple):
    at: Span
    message: str
    variant: str | None = None
    locked_at: Span | None = None


def _only_locked(lock: Lock, found: Difference) -> _Said:
    name = quoted("/".join(found.path), SHOWN)
    if found.kind == "removed":
        message = f"{name} is in the lock, but flake.nix does not declare it any more: run {relock(lock)} and commit the result"
        return _Said(lock.key(found.label, "inputs", found.name), message, "left-over")
    node = lock.nodes.get(found.target) if isinstance(found.target, str) else None
    if found.kind == "parent" and node is not None and node.parent is not None:
        # Only what this flake overrides is relative to this flake; any other name is nobody's but an editor's.
        of, why = (
            (quoted("/".join(node.parent)), "no Nix writes this; find out who did")
            if node.parent
            else (
                "this flake",
                "an override that is gone has left it, or somebody has edited the lock; find out which",
            )
        )
        return _Said(
            lock.value(found.label, "inputs", found.name),
            f"{name} is a folder of the input that names it, and the lock says that it is one of {of}, so that other code is used: "
            f"{why}, then run {relock(lock)}",
            "edited" if node.parent else None,
        )
    if found.kind == "shared" and lock.version == max(VERSIONS):
        return _Said(
            lock.value(found.label, "inputs", found.name),
            f"{name} shares its node in the lock with another input, which no Nix writes in version {lock.version}, and Nix takes "
            f"what is there for both: find out who did it, then delete the lock's entry and run {relock(lock)}",
            "edited",
        )
    if found.kind == "parent":
        return _Said(
            lock.value(found.label, "inputs", found.name),
            f"{name} is a folder of the input that names it, and the lock does not say so, as older versions of Nix wrote it: "
            f"Nix 2.26 and later lock it anew; run {relock(lock)} and commit the result",
            "older",
        )
    if found.kind == "shared":
        return _Said(
            lock.value(found.label, "inputs", found.name),
            f"{name} shares its node in the lock with another input, as older versions of Nix wrote it: later ones write a node "
            f"for each; run {relock(lock)} and commit the result",
            "older",
        )
    return _Said(
        lock.value(found.label, "inputs", found.name),
        f"{name} follows another input in the lock, but flake.nix does not say so: at the next build its owner decides what "
        f"it is; run {relock(lock)} and commit the result, or write the follows again",
    )


def _is_overridden(lock: Lock, found: Difference, declared: DeclaredInput, knowledge: Knowledge) -> bool:
    """Whether an input of an input is locked to what flake.nix overrides it with."""
    if len(found.path) == 1 or declared.reference is None or not isinstance(found.target, str):
        return False
    return divergence(declared.reference, lock.nodes[found.target].locked, knowledge) is None


def _declared(lock: Lock, found: Difference, declared: DeclaredInput, knowledge: Knowledge) -> _Said:
    name, file = quoted("/".join(found.path), SHOWN), quoted(lock.source.path, 120)
    entry = lock.value(found.label, "inputs", found.name)
    url_at = declared.reference_at or declared.at
    asked = (
        quoted(str(declared.reference), SHOWN_URL)
        if declared.reference is not None
        else "a name of the registry"
    )
    match found.kind:
        case "missing":
            return _Said(
                declared.at, f"{name} is not in {file}: {HARM}; run {relock(lock)} and commit the result"
            )
        case "follows":
            path = "/".join(declared.follows or ()) or "the flake itself"
            return _Said(
                declared.follows_at or declared.at,
                f"{name} follows {quoted(path)} in flake.nix and not in {file}: {HARM}; run {relock(lock)} and commit the result",
                None,
                entry,
            )
        case "unfollowed":
            return _Said(
                url_at,
                f"{name} is {asked} in flake.nix and follows another input in {file}: {HARM}; run {relock(lock)} and commit the result",
                None,
                entry,
            )
        case "parent":
            return _Said(
                url_at,
                f"{name} is a folder relative to a flake, and {file} does not say which, as older versions of Nix wrote it: "
                f"Nix 2.26 and later lock it anew; run {relock(lock)} and commit the result",
                "older",
                entry,
            )
        case "flake":
            said, locked = ("a flake", "none") if declared.flake else ("no flake", "one")
            return _Said(
                declared.at,
                f"{name} is {said} in flake.nix and locked as {locked}, which Nix does not notice: it goes on using it the old "
                f"way; run {update(lock, found.path[0])}",
                "flake",
                entry,
            )
        case "changed" if _is_overridden(lock, found, declared, knowledge):
            return _Said(
                url_at,
                f"{name} is locked as flake.nix asks, but under what its own flake asked for, as Nix before 2.30 wrote it: later "
                f"ones lock it anew; run {relock(lock)} and commit the result",
                "older",
                entry,
            )
        case _:
            original = lock.key(found.target, "original") if isinstance(found.target, str) else entry
            return _Said(
                url_at,
                f"{name} is {asked} in flake.nix and was locked for something else in {file}: {HARM}; run {relock(lock)} and commit the result",
                None,
                original,
            )
