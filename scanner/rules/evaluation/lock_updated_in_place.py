"""See lock_updated_in_place.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.evaluation.lock_updates import updates_in_place
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.analysis.workflows.steps import steps_of
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted

REQUESTS: Final = frozenset(("pull_request", "pull_request_target"))


@rule(
    "lock-updated-in-place",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    area="pinning",
    tags=("nix", "supply-chain", "CWE-829", "CICD-SEC-1", "SLSA:source-L4"),
)
def lock_updated_in_place(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    jobs = [
        job
        for job in live_jobs(ctx.graph)
        # What is pushed in a run of a pull request alone is part of it.
        if not job.workflow.events or not job.workflow.events <= REQUESTS
        if "update" in job.workflow.source.text
    ]
    alive = {node.id for node in live_steps(ctx.graph)}
    for job in jobs:
        for update in updates_in_place(step for step in steps_of(ctx.graph, job.id) if step.id in alive):
            yield Hit(
                update.at,
                update.node.id,
                f"{quoted(update.text)} takes whatever the inputs are now, and the job pushes the new lock to the branch: code of "
                "others gets in without anybody having looked at it; open a pull request with it instead",
                confidence=Confidence.LOW if update.named else None,
                evidence=(update.text,),
                related=(Note(update.push, "pushes it"),),
            )
