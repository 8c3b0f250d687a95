"""See unsupported_lock_version.md."""

from collections.abc import Iterator

from scanner.analysis.locks.advice import relock
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.nix import LockfileNode
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nix.flake_lock import VERSIONS


@rule(
    "unsupported-lock-version",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="hygiene",
    tags=("nix", "supply-chain", "CWE-477", "CICD-SEC-3", "SLSA:dependencies"),
)
def unsupported_lock_version(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for node in ctx.graph.of(LockfileNode):
        lock = node.lock
        if lock.is_pins or lock.version in VERSIONS:
            continue
        if lock.version < min(VERSIONS):
            why = (
                f"Nix 2.4 and later refuse it, so nothing is locked; delete it, run {relock(lock)} and compare what it "
                "locks now"
            )
        else:
            why = (
                f"no Nix reads more than {max(VERSIONS)}, and nothing of it was checked; update snowfence, or delete "
                f"the lock and run {relock(lock)} with a released Nix"
            )
        at = lock.positions.value("version")
        if at.start == at.end:  # there is no `version`
            at = Span(lock.source, 0, 1)
        yield Hit(
            at.first_line(),
            node.id,
            f"{quoted(lock.source.path)} has version {lock.version}: {why}",
        )
