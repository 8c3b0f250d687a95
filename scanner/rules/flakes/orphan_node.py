"""See orphan_node.md."""

from collections.abc import Iterator

from scanner.engine import Context, NoOptions, rule
from scanner.graph.ids import input_id
from scanner.graph.nodes.nix import LockfileNode
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.nix.lock import Lock


@rule(
    "orphan-node",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    tags=("nix", "supply-chain", "CWE-1164", "CICD-SEC-3", "SLSA:dependencies"),
)
def orphan_node(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for node in ctx.graph.of(LockfileNode):
        lock = node.lock
        for label in _tops(lock):
            yield Hit(
                lock.key(label),
                input_id(lock, label),
                f"nothing in the lock leads to {quoted(label)}, so Nix neither reads nor uses it: Nix never writes such a node, "
                "and tools that list every node report what is not there; find out who wrote it, and take it "
                "out of the file by hand: Nix leaves it there until it has something else to change in the lock",
            )


def _tops(lock: Lock) -> Iterator[str]:
    """The nodes that the root does not reach, without those below another such node."""
    used = lock.depths
    left = [label for label in lock.nodes if label not in used]
    below = {
        target for label in left for target in lock.nodes[label].inputs.values() if isinstance(target, str)
    }
    tops = [label for label in left if label not in below]
    yield from tops or left[:1]  # nodes in a circle: any of them stands for all
