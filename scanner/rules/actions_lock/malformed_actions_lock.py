"""See malformed_actions_lock.md."""

from collections.abc import Iterator

from scanner.analysis.uses.locked_actions import the_lock
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.actions_lock import KNOWN_VERSIONS

# github/gh-actions-lock#125
IGNORED = "GitHub then ignores the whole lock without a message and runs whatever the tags point to"
REFUSED = (
    "GitHub then ignores the lock for every workflow that lists this entry, without a message, and runs whatever the "
    "tags point to"
)


@rule(
    "malformed-actions-lock",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    tags=("supply-chain", "integrity", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def malformed_actions_lock(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    node = the_lock(ctx.graph)
    if node is None:
        return
    lock = node.lock
    for flaw in lock.flaws:
        if flaw.said:
            continue
        yield Hit(
            flaw.at,
            node.id,
            f"the lock pins nothing: {flaw.reason}. {IGNORED}; write it anew with `gh actions-lock`",
            evidence=(flaw.reason,),
        )
    for pin in (*lock.pins.values(), *lock.repeated):
        if pin.defect is not None and not pin.contradicts:
            yield Hit(
                pin.at,
                node.id,
                f"the entry of {quoted(pin.key.value, 100)} pins nothing: {pin.defect}. {REFUSED}; write the lock anew "
                "with `gh actions-lock`",
                evidence=(pin.key.value, pin.defect),
            )
    if lock.version and not lock.known_version:
        yield Unknown(
            lock.version_at,
            node.id,
            f"the lock has the version {quoted(lock.version)}, and known are {', '.join(KNOWN_VERSIONS)}: it was read as "
            "one of these",
        )
