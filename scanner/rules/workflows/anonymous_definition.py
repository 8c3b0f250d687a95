"""See anonymous_definition.md."""

from collections.abc import Iterator

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted


@rule(
    "anonymous-definition",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    variants={"job": Severity.INFO},
    same_as=("zizmor:anonymous-definition",),
    tags=("readability",),
)
def anonymous_definition(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for node in graph.of(WorkflowNode):
        if node.workflow.name is None:
            yield Hit(
                node.workflow.head,
                node.id,
                "the workflow has no name, so GitHub lists it by its path; give it a `name:`",
            )
    for job in live_jobs(graph):
        if job.job.name is None and job.job.call is None:
            yield Hit(
                job.job.id.content.first_line(),
                job.id,
                f"the job {quoted(job.label)} has no name, so GitHub lists it by its id; give it a `name:`",
                "job",
            )
