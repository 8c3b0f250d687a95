"""See missing_timeout.md."""

from collections.abc import Iterator

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted


@rule(
    "missing-timeout",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("ghasec:job-timeout-minutes",),
    tags=("resources", "CWE-770", "CICD-SEC-7"),
)
def missing_timeout(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for node in live_jobs(graph):
        job = node.job
        if job.call is not None or not job.steps or job.at.key("timeout-minutes") is not None:
            continue
        # Steps that all have a limit are a limit for the job.
        if all(step.at.key("timeout-minutes") is not None for step in job.steps):
            continue
        yield Hit(
            job.id.content,
            node.id,
            f"the job {quoted(node.label)} has no `timeout-minutes`, so a step that hangs holds the machine for six "
            "hours; set a little more than the job needs",
        )
