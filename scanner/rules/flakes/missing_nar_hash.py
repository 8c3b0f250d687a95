"""See missing_nar_hash.md."""

from collections.abc import Iterator

from scanner.analysis.locks.inputs import inputs
from scanner.analysis.locks.locking import is_dirty, names_commit
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.nix.lock import NIX
from scanner.parse.nix.schemes import FORGES


@rule(
    "missing-nar-hash",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="nix-trust",
    tags=("nix", "supply-chain", "CWE-353", "CWE-494", "CICD-SEC-9", "SLSA:dependencies"),
)
def missing_nar_hash(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for input in inputs(ctx.graph):
        locked, tool = input.node.input.locked, input.node.lock.tool
        # devenv writes its locks without hashes, and pins without one stop where they are used; what is not locked to a
        # commit either is `unlocked-input`.
        if tool is not NIX or locked.nar_hash is not None or is_dirty(locked) or not names_commit(locked):
            continue
        checked = (
            "believes whatever the forge sends for it"
            if locked.type in FORGES
            else "has only the SHA-1 of the commit to check what it fetched"
        )
        yield Hit(
            input.value("locked", "rev"),
            input.node.id,
            f"{quoted(input.name)} is locked to a commit without a hash of its content, so Nix {checked}; "
            f"run {input.update()} without `lazy-locks`",
        )
