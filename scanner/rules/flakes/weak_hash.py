"""See weak_hash.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.locks.inputs import inputs
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.nix.store_path import nar_digest

WEAK: Final = frozenset({"md5", "sha1"})
EMPTY: Final = bytes(32)


@rule(
    "weak-hash",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="nix-trust",
    variants={"unusable": Severity.MEDIUM},
    tags=("nix", "supply-chain", "CWE-328", "CWE-354", "CICD-SEC-9", "SLSA:dependencies"),
)
def weak_hash(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for input in inputs(ctx.graph):
        given = input.node.input.locked.attributes.get("narHash")
        if given is None:
            continue
        text = str(given)
        digest = nar_digest(text) if isinstance(given, str) else None
        if digest is not None and digest != EMPTY:
            continue
        algorithm = text.replace(":", "-").partition("-")[0].lower()
        update = input.update()
        if algorithm in WEAK:
            yield Hit(
                input.value("locked", "narHash"),
                input.node.id,
                f"{quoted(input.name)} is checked with {algorithm.upper()}, for which other content with the same hash can be "
                f"made, and Nix refuses it where it fetches; run {update}",
                evidence=(text,),
            )
        else:
            what = (
                "is the one of all zeros, which stands for a hash that nobody knew yet"
                if digest == EMPTY
                else "is no SHA-256 in the form `sha256-…` that Nix writes"
            )
            yield Hit(
                input.value("locked", "narHash"),
                input.node.id,
                f"the hash {quoted(text)} of {quoted(input.name)} {what}: nothing can be checked against it, and what fetches "
                f"the input fails; run {update}",
                "unusable",
                evidence=(text,),
            )
