"""See archived_uses.md."""

from collections.abc import Iterator

from scanner.analysis.uses.uses import named_repositories
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import ActionsLockNode
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted


@rule(
    "archived-uses",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="freshness",
    variants={"transitive": Severity.LOW},
    same_as=("zizmor:archived-uses", "ghasec:archived-action"),
    tags=("supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3", "SLSA:dependencies"),
)
def archived_uses(ctx: Context[NoOptions]) -> Iterator[Hit]:
    facts = ctx.knowledge.actions
    said = set()
    for named in named_repositories(ctx.graph):
        if facts.archived(named.use.slug):
            said.add(named.use.slug)
            yield Hit(
                named.at,
                named.subject,
                f"the repository of {quoted(named.text.strip())} is archived, so nobody repairs it when a hole is found; "
                "move to one that is maintained",
                evidence=(named.use.name.lower(),),
            )
    # GitHub's lock also lists what actions use themselves.
    for node in ctx.graph.of(ActionsLockNode):
        users = _users(node)
        for key, pin in node.lock.pins.items():
            if facts.archived(pin.target.slug) and pin.target.slug not in said and key in users:
                yield Hit(
                    pin.key.content.first_line(),
                    node.id,
                    f"{quoted(users[key])} uses {quoted(pin.key.value)}, whose repository is archived, so nobody repairs it when a "
                    "hole is found; ask its owner to replace it, or move to another action",
                    "transitive",
                    evidence=(pin.target.slug,),
                )


def _users(node: ActionsLockNode) -> dict[str, str]:
    """By the key of a pin: the first action that uses it."""
    found: dict[str, str] = {}
    for pin in node.lock.pins.values():
        for key in pin.uses:
            found.setdefault(key, pin.key.value)
    return found
