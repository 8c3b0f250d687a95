"""See lock_out_of_sync.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.sync import Difference, differences, pairs
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes import flake_id, lock_id
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nix.flake import DeclaredInput, Flake
from scanner.parse.nix.flake_lock import VERSIONS
from scanner.parse.nix.lock import Lock

SHOWN = 60

HARM = (
    "Nix resolves it anew wherever the flake is built, so nothing pins what is used, and a build that may not change "
    "the lock fails"
)

RELOCK = "run `nix flake lock` and commit the result"


@rule(
    "lock-out-of-sync",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    variants={
        "left-over": Severity.LOW,
        "no-lock": Severity.LOW,
        "flake": Severity.LOW,
        "parent": Severity.LOW,
    },
    same_as=("nix:out-of-sync",),
    tags=("supply-chain", "CWE-494", "CICD-SEC-3"),
)
def lock_out_of_sync(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for flake, lock in pairs(ctx.graph):
        if lock is None:
            yield from _without_lock(ctx, flake)
        elif lock.version in VERSIONS:
            for difference in differences(flake, lock):
                yield _hit(flake, lock, difference)


def _without_lock(ctx: Context[NoOptions], flake: Flake) -> Iterator[Hit]:
    unread = any(problem.at.path == "flake.lock" for problem in ctx.problems)
    # Below the root, templates and examples have none on purpose.
    if flake.source.path != "flake.nix" or not flake.inputs or unread:
        return
    yield Hit(
        flake.at.first_line(),
        flake_id(flake.source),
        f"there is no flake.lock, so each build takes whatever the {len(flake.inputs)} inputs are at that moment; "
        "run `nix flake lock` and commit the lock",
        "no-lock",
    )


def _hit(flake: Flake, lock: Lock, found: Difference) -> Hit:
    said = _only_locked(lock, found) if found.declared is None else _declared(lock, found, found.declared)
    return Hit(
        said.at.first_line(),
        lock_id(lock.source),
        said.message,
        said.variant,
        evidence=(found.kind, "/".join(found.path)),
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
        message = f"{name} is in the lock, but flake.nix does not declare it any more: {RELOCK}"
        return _Said(lock.key(found.label, "inputs", found.name), message, "left-over")
    if found.kind == "parent":
        return _Said(
            lock.value(found.label, "inputs", found.name),
            f"{name} is a folder of the input that names it, and the lock does not say so, as older versions of Nix wrote it: "
            f"Nix 2.26 and later lock it anew; {RELOCK}",
            "parent",
        )
    return _Said(
        lock.value(found.label, "inputs", found.name),
        f"{name} follows another input in the lock, but flake.nix does not say so: at the next build its owner decides what "
        f"it is; {RELOCK}, or write the follows again",
    )


def _declared(lock: Lock, found: Difference, declared: DeclaredInput) -> _Said:
    name, file = quoted("/".join(found.path), SHOWN), quoted(lock.source.path, 120)
    entry = lock.value(found.label, "inputs", found.name)
    url_at = declared.reference_at or declared.at
    asked = (
        quoted(str(declared.reference), SHOWN) if declared.reference is not None else "a name of the registry"
    )
    match found.kind:
        case "missing":
            return _Said(declared.at, f"{name} is not in {file}: {HARM}; {RELOCK}")
        case "follows":
            path = "/".join(declared.follows or ()) or "the flake itself"
            return _Said(
                declared.follows_at or declared.at,
                f"{name} follows {quoted(path)} in flake.nix and not in {file}: {HARM}; {RELOCK}",
                None,
                entry,
            )
        case "unfollowed":
            return _Said(
                url_at,
                f"{name} is {asked} in flake.nix and follows another input in {file}: {HARM}; {RELOCK}",
                None,
                entry,
            )
        case "parent":
            return _Said(
                url_at,
                f"{name} is a folder relative to a flake, and {file} does not say which, as older versions of Nix wrote it: "
                f"Nix 2.26 and later lock it anew; {RELOCK}",
                "parent",
                entry,
            )
        case "flake":
            said, locked = ("a flake", "none") if declared.flake else ("no flake", "one")
            return _Said(
                declared.at,
                f"{name} is {said} in flake.nix and locked as {locked}, which Nix does not notice: it goes on using it the old "
                f"way; run `nix flake update {found.path[0]}`",
                "flake",
                entry,
            )
        case _:
            original = lock.key(found.target, "original") if isinstance(found.target, str) else entry
            return _Said(
                url_at,
                f"{name} is {asked} in flake.nix and was locked for something else in {file}: {HARM}; {RELOCK}",
                None,
                original,
            )
