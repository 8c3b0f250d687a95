"""See actions_lock_partial.md."""

from collections.abc import Iterator

from scanner.analysis.uses.locked_actions import needs, the_lock
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.model.counting import counted
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted


@rule(
    "actions-lock-partial",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    area="pinning",
    tags=("supply-chain", "hardening", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def actions_lock_partial(ctx: Context[NoOptions]) -> Iterator[Hit]:
    node = the_lock(ctx.graph)
    if node is None or not node.lock.workflows:
        return
    needed = needs(ctx.graph)
    for workflow in ctx.graph.of(WorkflowNode):
        found = needed[workflow.path]
        count = len(found.own.keys() | found.called.keys() | found.nested.keys())
        if count and workflow.path not in node.lock.workflows:
            yield Hit(
                workflow.place(),
                workflow.id,
                f"`actions.lock` covers other workflows and not this one, which uses {counted(count, 'action')} of other "
                f"repositories; run {quoted(f'gh actions-lock {workflow.path}', 100)}",
            )
