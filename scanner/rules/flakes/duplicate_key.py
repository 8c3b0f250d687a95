"""See duplicate_key.md."""

from collections.abc import Iterator

from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.nix import LockfileNode
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted

MAX_HITS = 20


@rule(
    "duplicate-key",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="nix-trust",
    tags=("nix", "supply-chain", "CWE-436", "CWE-694", "CICD-SEC-3", "SLSA:dependencies"),
)
def duplicate_key(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for node in ctx.graph.of(LockfileNode):
        if not node.lock.repeats_keys:
            continue
        for count, at in enumerate(node.lock.positions.repeated()):
            if count == MAX_HITS:
                break
            key = at.text.strip('"')
            yield Hit(
                at,
                node.id,
                f"the key {quoted(key)} stands here for the second time in one object: the last one counts, so a reader who "
                "looks at the first sees something else than what is built; no tool writes this: find out who did, and "
                "take one out by hand, since Nix leaves the file as it is while nothing else changes in it",
                evidence=(key,),
            )
