"""See dirty_input.md."""

from collections.abc import Iterator

from scanner.analysis.locks.advice import refused
from scanner.analysis.locks.inputs import inputs
from scanner.analysis.locks.locking import is_dirty
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted


@rule(
    "dirty-input",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    tags=("nix", "supply-chain", "CWE-494", "CWE-1104", "CICD-SEC-3", "SLSA:dependencies"),
)
def dirty_input(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for input in inputs(ctx.graph):
        locked = input.node.input.locked
        if not is_dirty(locked):
            continue
        if locked.nar_hash is None:
            harm, todo = "Nix refuses the lock", refused(input)
        else:
            harm, todo = "nobody else can fetch that state again", f"run {input.update()}"
        attribute = next((name for name in ("dirtyRev", "dirtyShortRev") if name in locked.attributes), "rev")
        yield Hit(
            input.value("locked", attribute),
            input.node.id,
            f"{quoted(input.name)} was locked from a working tree with uncommitted changes: {harm}; commit and push "
            f"them, and {todo}",
        )
