"""See excessive_permissions.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.workflows.conditions import never
from scanner.analysis.workflows.privilege import token_of, workflow_jobs
from scanner.analysis.workflows.token_use import hands_out_token, useless_scopes
from scanner.engine import Context, rule
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.reader import Entry
from scanner.parse.workflow import Permissions

DEFAULT = "the default token, which may write to the whole repository unless a setting of it forbids that"
ADVICE = "put `permissions: {}` at the top and give each job only what it needs"


class Options(NamedTuple):
    each_job: bool = False
    pedantic: bool = False


@rule(
    "excessive-permissions",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    options=Options,
    variants={"write": Severity.HIGH, "minor": Severity.LOW, "narrow": Severity.INFO},
    same_as=(
        "zizmor:excessive-permissions",
        "codeql:actions/missing-workflow-permissions",
        "scorecard:Token-Permissions",
    ),
    tags=("least-privilege", "CWE-275", "CWE-732", "CICD-SEC-5"),
)
def excessive_permissions(ctx: Context[Options]) -> Iterator[Hit]:
    return (hit for hit in _hits(ctx) if ctx.options.pedantic or hit.variant != "narrow")


def _hits(ctx: Context[Options]) -> Iterator[Hit]:
    for node in ctx.graph.of(WorkflowNode):
        jobs = [job for job in workflow_jobs(ctx.graph, node) if not never(job.job.condition)]
        heirs = [job for job in jobs if job.job.permissions is None]
        only_called = node.workflow.events == {"workflow_call"}
        if node.workflow.permissions is None:
            yield from _missing(ctx, node, jobs, heirs, only_called)
        else:
            narrow = only_called or len(heirs) < 2
            yield from _whole(node.id, node.workflow.permissions, "narrow" if not heirs else None)
            yield from _shared(ctx, node, node.workflow.permissions, narrow)
        everywhere = hands_out_token(node.workflow.env)
        for job in jobs:
            if job.job.permissions is not None:
                yield from _whole(job.id, job.job.permissions, None)
                if not everywhere:
                    yield from _unused(job, job.job.permissions)


def _missing(
    ctx: Context[Options], node: WorkflowNode, jobs: list[JobNode], heirs: list[JobNode], only_called: bool
) -> Iterator[Hit]:
    if not jobs:
        return
    if not heirs:
        message = (
            f"every job has its own `permissions`, but the next one without would get {DEFAULT}; {ADVICE}"
        )
        yield Hit(node.place(), node.id, message, "narrow")
        return
    variant = None
    if only_called:
        callers = (ctx.graph.nodes[edge.source] for edge in ctx.graph.into(node.id, "calls"))
        tokens = [
            token_of(one.workflow, one.job, ctx.knowledge) for one in callers if isinstance(one, JobNode)
        ]
        if tokens and not any(token.default for token in tokens):
            return  # it holds no more than its callers say
        variant = "narrow"
    whose = "the callers' token, whatever it may do" if only_called else DEFAULT
    if ctx.options.each_job:
        for job in heirs:
            message = f"the job {quoted(job.label)} has no `permissions`, so it gets {whose}; {ADVICE}"
            yield Hit(_head(job), job.id, message, variant)
        return
    count = "its job gets" if len(jobs) == 1 else f"{len(heirs)} of its {len(jobs)} jobs get"
    count = count if len(heirs) > 1 or len(jobs) == 1 else f"one of its {len(jobs)} jobs gets"
    related = tuple(Note(job.place(), "has no `permissions`") for job in heirs)
    message = f"this workflow says no `permissions`, so {count} {whose}; {ADVICE}"
    yield Hit(node.place(), node.id, message, variant, related=related)


def _head(job: JobNode) -> Span:
    """The line of a job beside which `permissions` belongs."""
    at = job.job.at
    return (at.key("runs-on") or at.key("uses") or at.pairs[0][0]).span


def _whole(subject: str, block: Permissions, variant: str | None) -> Iterator[Hit]:
    if block.everything is None or block.everything.value not in ("read-all", "write-all"):
        return
    all = block.everything.value
    gives = "read and change" if all == "write-all" else "read"
    yield Hit(
        block.everything.content,
        subject,
        f"`{all}` lets the token {gives} everything in the repository; name the scopes that are needed instead",
        variant or ("write" if all == "write-all" else "minor"),
        Confidence.HIGH,
        evidence=(all,),
    )


def _shared(ctx: Context[Options], node: WorkflowNode, block: Permissions, narrow: bool) -> Iterator[Hit]:
    """Write access for a whole workflow."""
    variants = {"high": "write", "low": "minor"}
    for entry in block.entries:
        if entry.value.value != "write":
            continue
        scope = entry.key.value
        level = ctx.knowledge.github.permission_scopes.get(scope) or "medium"
        yield Hit(
            _line(entry),
            node.id,
            f"`{scope}: write` is given to the whole workflow; give it to the jobs that need it, so that no other code "
            "and no job added later holds it",
            "narrow" if narrow else variants.get(level),
            Confidence.HIGH,
            evidence=(scope,),
        )


def _unused(job: JobNode, block: Permissions) -> Iterator[Hit]:
    """Write access of a job in which nothing gets hold of the token."""
    writes = [entry for entry in block.entries if entry.value.value == "write"]
    useless = useless_scopes(job.job, (entry.key.value for entry in writes)) if writes else ()
    for entry in writes:
        scope = entry.key.value
        if scope in useless:
            message = f"no step of {quoted(job.label)} gets a token with which `{scope}: write` could be used; remove it"
            yield Hit(_line(entry), job.id, message, evidence=(scope,))


def _line(entry: Entry) -> Span:
    return Span(entry.key.source, entry.key.start, entry.value.end).first_line()
