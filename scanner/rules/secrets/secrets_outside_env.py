"""See secrets_outside_env.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.patterns import covered
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs
from scanner.analysis.workflows.expressions import written
from scanner.engine import Context, rule
from scanner.graph.ids import job_id
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Malformed
from scanner.parse.nodes import Node, Scalar

TOKEN = "github_token"
"""Every job has it, whatever its environment."""


class Options(NamedTuple):
    allow: tuple[str, ...] = ()


@rule(
    "secrets-outside-env",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="permissions",
    options=Options,
    same_as=("zizmor:secrets-outside-env",),
    tags=("least-privilege", "secrets", "CWE-522", "CICD-SEC-6"),
)
def secrets_outside_env(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[Options]) -> Iterator[Hit]:
    jobs = {job.id for job in live_jobs(ctx.graph) if _concerned(job)}
    for one in written(ctx.graph):
        if one.bare or "secrets" not in one.fence.text.lower():
            continue
        owner = one.owner
        match owner:
            case JobNode():
                job = owner.id
            case StepNode() if owner.job is not None:
                job = job_id(owner.owner.source, owner.job)
            case _:
                continue
        if job not in jobs or isinstance(tree := one.tree, Malformed):
            continue
        for context in occurring(tree):
            name = context.path[1] if len(context.path) > 1 else "*"
            if context.path[0] == "secrets" and name != TOKEN and not covered(name, ctx.options.allow):
                at = one.fence.span(context.start, context.end).first_line()
                yield Hit(
                    at,
                    owner.id,
                    f"{quoted(at.text)} is read in a job without `environment`, so any branch that may run the workflow gets "
                    "it; keep it in an environment with rules of its own, and name that in the job",
                    evidence=(name,),
                )


def _concerned(job: JobNode) -> bool:
    """Called workflows get secrets from their callers, which environments do not go well with."""
    return (
        job.job.call is None
        and _is_empty(job.job.at.get("environment"))
        and "workflow_call" not in job.workflow.events
    )


def _is_empty(environment: Node | None) -> bool:
    """Whether there is none: a key with nothing behind it names no environment."""
    return environment is None or (
        isinstance(environment, Scalar) and (environment.is_null or not environment.value.strip())
    )
