"""See dangling_follows.md."""

from collections.abc import Iterator

from scanner.analysis.locks.advice import declared_in
from scanner.analysis.locks.follows import dead_ends
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.nix import LockfileNode
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted


@rule(
    "dangling-follows",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("nix:out-of-sync",),
    tags=("nix", "supply-chain", "CWE-1357", "CICD-SEC-3", "SLSA:dependencies"),
)
def dangling_follows(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for node in ctx.graph.of(LockfileNode):
        for end in dead_ends(node.lock, node.lock.depths):
            if end.missing is None:
                continue
            name = node.lock.named(end.label, end.name)
            path = quoted("/".join(end.path), 120)
            yield Hit(
                node.lock.key(end.label, "inputs", end.name).first_line(),
                node.id,
                f"{quoted(name, 120)} follows {path}, but there is no {quoted('/'.join(end.missing), 120)}: Nix reads the "
                f"lock and fails where the input is used; correct the follows in {declared_in(node.lock)}",
                evidence=(name,),
                inputs=(name,),
            )
