"""See follows_cycle.md."""

from collections.abc import Iterator

from scanner.analysis.locks.advice import declared_in
from scanner.analysis.locks.follows import dead_ends
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.nix import LockfileNode
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted

SHOWN = 10


@rule(
    "follows-cycle",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("nix:out-of-sync", "flake-edit:follows-cycle"),
    tags=("nix", "supply-chain", "CWE-674", "CWE-835", "CICD-SEC-3"),
)
def follows_cycle(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for node in ctx.graph.of(LockfileNode):
        lock = node.lock
        for end in dead_ends(lock, lock.depths):
            if end.missing is not None:
                continue
            names = [lock.named(*edge) for edge in end.circle]
            way = " → ".join(quoted(name) for name in [*names[:SHOWN], names[0]])
            first = names.index(min(names))  # wherever the search began
            yield Hit(
                lock.key(end.label, "inputs", end.name).first_line(),
                node.id,
                f"the follows {way} go round in a circle, so none of them is any input: Nix 2.26 and later refuse this; "
                f"give one of them a URL in {declared_in(lock)}",
                evidence=tuple([*names[first:], *names[:first]][:SHOWN]),
                inputs=tuple(names),
                related=tuple(
                    Note(lock.key(label, "inputs", name).first_line(), "then this one")
                    for label, name in end.circle[1 : SHOWN + 1]
                ),
            )
