"""See deploy_without_environment.md."""

from collections.abc import Iterator

from scanner.analysis.releases.deploys import deployments, holds_rights
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted


@rule(
    "deploy-without-environment",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    area="permissions",
    tags=("secrets", "least-privilege", "CWE-284", "CICD-SEC-1", "SLSA:publication"),
)
def deploy_without_environment(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for node in live_jobs(ctx.graph):
        if node.job.environment is not None or node.job.call is not None:
            continue
        found = deployments(ctx.graph, ctx.knowledge, node.id)
        if found and holds_rights(ctx.graph, ctx.knowledge, node):
            does = "publishes" if found[0].package else "deploys"
            yield Hit(
                node.job.id.content,
                node.id,
                f"the job {quoted(node.label)} {does} ({quoted(found[0].what)}) with rights that every workflow on every "
                "branch can have; give it an `environment:`, and keep the secrets and the branches that may do so there",
                related=(Note(found[0].at, f"it {does} here"),),
            )
