"""See concurrency_limits.md."""

from collections.abc import Iterator, Sequence
from typing import Final

from scanner.analysis.workflows.conditions import live_jobs
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.parse.nodes import Scalar, is_set

SHOWN: Final = 10
NO_CANCEL: Final = "does not say `cancel-in-progress`, so a new run waits for an old one; write `group:` and `cancel-in-progress:`"


@rule(
    "concurrency-limits",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("zizmor:concurrency-limits",),
    tags=("resources", "CWE-770", "CICD-SEC-7"),
)
def concurrency_limits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    jobs: dict[str, dict[int, JobNode]] = {}
    for job in live_jobs(ctx.graph):
        if job.job.call is None:
            # What YAML aliases repeat is said once.
            jobs.setdefault(job.path, {}).setdefault(job.job.at.start, job)
    for node in ctx.graph.of(WorkflowNode):
        workflow = node.workflow
        if workflow.events == {"workflow_call"}:
            continue  # its callers decide
        if is_set(workflow.concurrency):
            if isinstance(workflow.concurrency, Scalar):
                at = workflow.concurrency.content.first_line()
                yield Hit(at, node.id, f"the workflow's `concurrency` {NO_CANCEL}", evidence=("workflow",))
            continue
        own = list(jobs.get(node.path, {}).values())
        without = [job for job in own if not is_set(job.job.concurrency)]
        bare = [job for job in own if is_set(job.job.concurrency) and isinstance(job.job.concurrency, Scalar)]
        if bare:
            notes = [
                Note(job.job.concurrency.span.first_line(), NO_CANCEL)
                for job in bare[:SHOWN]
                if job.job.concurrency is not None
            ]
            yield Hit(
                workflow.head,
                node.id,
                f"the `concurrency` of {_named(bare)} {NO_CANCEL}",
                evidence=("bare",),
                related=tuple(notes),
            )
        if without:
            yield Hit(
                workflow.head,
                node.id,
                f"nothing limits how many runs of {_named(without)} go on at once; give the workflow a "
                "`concurrency:` with `group:` and `cancel-in-progress:`",
                evidence=("missing",),
                related=tuple(Note(job.job.id.span, "runs without a limit") for job in without[:SHOWN]),
            )


def _named(jobs: Sequence[JobNode]) -> str:
    more = f" and {len(jobs) - 1} more" if len(jobs) > 1 else ""
    return f"the job {quoted(jobs[0].label)}{more}"
