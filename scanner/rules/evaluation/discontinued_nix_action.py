"""See discontinued_nix_action.md."""

from collections.abc import Iterator

from scanner.analysis.uses.versions import version_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.uses import RepositoryUse


@rule(
    "discontinued-nix-action",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    area="freshness",
    tags=("nix", "maintenance", "CWE-1104", "CICD-SEC-3"),
)
def discontinued_nix_action(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(answer for node in live_steps(ctx.graph) for answer in _judge(ctx, node))


def _judge(ctx: Context[NoOptions], node: StepNode) -> Iterator[Hit | Unknown]:
    call = node.step.call
    if call is None or not isinstance(call.target, RepositoryUse):
        return
    action = ctx.knowledge.nix_action(call.target.name)
    known = action.discontinued if action is not None else None
    if known is None:
        return
    at, text = call.text.content.first_line(), quoted(call.text.value, 100)
    if known.before is not None:
        version = version_of(call)
        if version is None:
            # A branch is up to date; of a commit nobody knows the version who has only the file.
            if call.target.pinned:
                reason = (
                    f"{quoted(call.target.name)} before version {known.before} does not work any more, and no comment "
                    "says which version this commit is"
                )
                yield Unknown(at, node.id, reason)
            return
        if version[0] >= known.before:
            return
    yield Hit(at, node.id, f"{text} was given up: {known.why}; {known.instead}", evidence=(call.target.slug,))
