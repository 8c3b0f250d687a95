"""See deploy_without_concurrency.md."""

from collections.abc import Iterator

from scanner.analysis.releases.deploys import deployments, holds_rights
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping, Scalar, is_set


@rule(
    "deploy-without-concurrency",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    area="hygiene",
    variants={"cancelled": Severity.LOW},
    tags=("resources", "CWE-362", "CICD-SEC-1"),
)
def deploy_without_concurrency(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for node in live_jobs(ctx.graph):
        if node.job.call is not None:
            continue
        found = [one for one in deployments(ctx.graph, ctx.knowledge, node.id) if not one.package]
        if all(one.local for one in found) and not (found and holds_rights(ctx.graph, ctx.knowledge, node)):
            continue
        what = f"the job {quoted(node.label)} deploys ({quoted(found[0].what)})"
        related = (Note(found[0].at, "it deploys here"),)
        settings = [one for one in (node.job.concurrency, node.workflow.concurrency) if is_set(one)]
        if not settings and not _limited_by_callers(ctx.graph, node):
            yield Hit(
                node.job.id.content,
                node.id,
                f"{what}, and two runs can do so at once, the older one last; give it a `concurrency:` with a `group:` and "
                "`cancel-in-progress: false`",
                related=related,
            )
        for setting in settings if not all(one.at_once for one in found) else ():
            cancel = setting.get("cancel-in-progress") if isinstance(setting, Mapping) else None
            if isinstance(cancel, Scalar) and cancel.boolean is True:
                yield Hit(
                    cancel.content,
                    node.id,
                    f"{what}, and a newer run stops it halfway; write `cancel-in-progress: false` for it",
                    "cancelled",
                    related=related,
                )


def _limited_by_callers(graph: Graph, node: JobNode) -> bool:
    """Whether every job that calls the workflow has a limit of its own, and nothing else starts it."""
    if node.workflow.events != {"workflow_call"}:
        return False
    callers = [graph.nodes[edge.source] for edge in graph.into(workflow_id(node.workflow.source), "calls")]
    return all(
        isinstance(caller, JobNode)
        and (is_set(caller.job.concurrency) or is_set(caller.workflow.concurrency))
        for caller in callers
    )
