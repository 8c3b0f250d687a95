"""See unlocked_input.md."""

from collections.abc import Iterator

from scanner.analysis.locks.advice import refused
from scanner.analysis.locks.inputs import inputs
from scanner.analysis.locks.locking import BY_COMMIT
from scanner.analysis.locks.unlocked import (
    has_no_commit,
    is_unlocked,
    place_of_version,
    source_of,
    why_unlocked,
)
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted


@rule(
    "unlocked-input",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"no-commit": Severity.MEDIUM},
    tags=("nix", "supply-chain", "CWE-494", "CWE-829", "CICD-SEC-3", "CICD-SEC-9", "SLSA:dependencies"),
)
def unlocked_input(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for input in inputs(ctx.graph):
        if not has_no_commit(input):
            continue
        locked, name = input.node.input.locked, quoted(input.name)
        if is_unlocked(input):
            yield Hit(
                place_of_version(input),
                input.node.id,
                f"{name} is not locked: it {why_unlocked(locked)}, so Nix refuses the lock, or takes whatever is there "
                f"at the moment of the build with `allow-dirty-locks`; {refused(input)}",
                evidence=(source_of(locked),),
            )
        elif locked.nar_hash is not None and locked.type in BY_COMMIT:
            yield Hit(
                place_of_version(input),
                input.node.id,
                f"{name} {why_unlocked(locked)}: its `narHash` says what it was, but nothing where to get it again; "
                f"run {input.update()}",
                "no-commit",
                evidence=(source_of(locked),),
            )
