"""See excessive_permissions.md."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from scanner.analysis.outsiders.privilege import granted, token_of, workflow_jobs
from scanner.analysis.permissions.needed_permissions import needs_of
from scanner.analysis.permissions.shared import shares, sharing
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import never
from scanner.engine import Context, rule
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.model.finding import Confidence, Edit, Fix, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.edits import added, fix, is_fixable
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Permissions

DEFAULT = "the default token, which may write to the whole repository unless a setting of it forbids that"
ADVICE = "put `permissions: {}` at the top and give each job only what it needs"


SHOWN = 3


class Options(NamedTuple):
    each_job: bool = False
    pedantic: bool = False


@rule(
    "excessive-permissions",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    area="permissions",
    options=Options,
    variants={"write": Severity.HIGH, "minor": Severity.LOW},
    same_as=(
        "zizmor:excessive-permissions",
        "codeql:actions/missing-workflow-permissions",
        "scorecard:Token-Permissions",
    ),
    tags=(
        "least-privilege",
        "CWE-275",
        "CWE-732",
        "CICD-SEC-5",
        "SLSA:source-L3",
        "scorecard:Token-Permissions",
    ),
)
def excessive_permissions(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[Options]) -> Iterator[Hit]:
    pedantic = ctx.options.pedantic
    for node in ctx.graph.of(WorkflowNode):
        jobs = [job for job in workflow_jobs(ctx.graph, node) if not never(job.job.condition)]
        heirs = [job for job in jobs if job.job.permissions is None]
        only_called = node.workflow.events == {"workflow_call"}
        if node.workflow.permissions is None:
            if pedantic or (heirs and not only_called):
                yield from _missing(ctx, node, jobs, heirs, only_called)
        else:
            if pedantic or heirs:
                yield from _whole(ctx, node.id, node.workflow.permissions, heirs)
            if pedantic or shares(node, jobs):
                yield from _shared(ctx, node, node.workflow.permissions, heirs)
        for job in jobs:
            if job.job.permissions is not None:
                yield from _whole(ctx, job.id, job.job.permissions, [job])


def _missing(
    ctx: Context[Options], node: WorkflowNode, jobs: list[JobNode], heirs: list[JobNode], only_called: bool
) -> Iterator[Hit]:
    if not jobs:
        return
    if not heirs:
        message = (
            f"every job has its own `permissions`, but the next one without would get {DEFAULT}; {ADVICE}"
        )
        top = fix("write `permissions: {}` at the top", _at_top(node, "{}"))
        yield Hit(node.place(), node.id, message, fix=top)
        return
    if only_called:
        callers = (ctx.graph.nodes[edge.source] for edge in ctx.graph.into(node.id, "calls"))
        tokens = [
            token_of(one.workflow, one.job, ctx.knowledge) for one in callers if isinstance(one, JobNode)
        ]
        if tokens and not any(token.default for token in tokens):
            return  # it holds no more than its callers say
    whose = "the callers' token, whatever it may do" if only_called else DEFAULT
    if ctx.options.each_job:
        for job in heirs:
            message = (
                f"the job {quoted(job.label)} has no `permissions`, so it gets {whose}; {_advice(ctx, job)}"
            )
            at = _head(job)
            name = job.place().first_line()  # a comment there is about the job, too
            same = (Note(name, "this job"),) if name != at else ()
            yield Hit(at, job.id, message, related=same, fix=_block(ctx, node, job, heirs))
        return
    count = "its job gets" if len(jobs) == 1 else f"{len(heirs)} of its {len(jobs)} jobs get"
    count = count if len(heirs) > 1 or len(jobs) == 1 else f"one of its {len(jobs)} jobs gets"
    related = tuple(Note(job.place(), f"has no `permissions`{_least(ctx, job)}") for job in heirs)
    advice = _advice(ctx, *heirs)
    message = f"this workflow says no `permissions`, so {count} {whose}; {advice}"
    alone = len(jobs) == 1
    made = _block(ctx, node, jobs[0], heirs) if alone else None
    yield Hit(node.place(), node.id, message, related=related, fix=made)


def _block(ctx: Context[Options], node: WorkflowNode, job: JobNode, heirs: list[JobNode]) -> Fix | None:
    """The block that a job needs, where that is known. With it the last of the `heirs` leaves the top of the workflow free, and the jobs that
    are added later get nothing; one that needs nothing gets that from there."""
    least = needs_of(ctx.graph, job.id, ctx.knowledge).block(None)
    if least is None:
        return None
    key, _, scopes = least.partition(": ")
    last = len(heirs) == 1
    if last and scopes == "{}":
        return fix("write `permissions: {}` at the top", _at_top(node, scopes))
    own = added(job.job.at, key, scopes, after=_head(job).text)
    if not last:
        return fix(f"write {quoted(least, 200)}", own)
    what = f"write {quoted(least, 200)} in the job and `permissions: {{}}` at the top"
    return fix(what, own, _at_top(node, "{}"))


def _at_top(node: WorkflowNode, scopes: str) -> Edit | None:
    """`permissions` in front of the jobs of a workflow."""
    return added(node.workflow.root, "permissions", scopes, before="jobs")


def _instead_of_all(ctx: Context[Options], block: Permissions, all: Scalar, job: JobNode) -> Fix | None:
    least = needs_of(ctx.graph, job.id, ctx.knowledge).block(granted(block, ctx.knowledge))
    if least is None or not all.plain or not is_fixable(all.source):
        return None
    return fix(f"write {quoted(least, 200)}", Edit(all.span, least.partition(": ")[2]))


def _advice(ctx: Context[Options], *jobs: JobNode) -> str:
    """What to write, as text to paste where it is about one job and what that needs is known."""
    return (_least(ctx, jobs[0]).removeprefix("; ") if len(jobs) == 1 else "") or ADVICE + _for_most(*jobs)


def _for_most(*jobs: JobNode) -> str:
    """What is enough for a checkout of the repository, and so for most jobs that have one."""
    for job in jobs:
        uses = (step.call.target for step in job.job.steps if step.call is not None)
        if any(isinstance(use, RepositoryUse) and use.slug == "actions/checkout" for use in uses):
            return ": most jobs need `contents: read`, for the checkout"
    return ""


def _least(ctx: Context[Options], job: JobNode, has: Mapping[str, str] | None = None) -> str:
    """What a job needs at least, where that is known; `has` is what it is given now, None for the default."""
    block = needs_of(ctx.graph, job.id, ctx.knowledge).block(has)
    return f"; all that its steps need is {quoted(block, 200)}" if block is not None else ""


def _head(job: JobNode) -> Span:
    """The line of a job beside which `permissions` belongs."""
    at = job.job.at
    key = at.key("runs-on") or at.key("uses") or (at.pairs[0][0] if at.pairs else None)
    return (key.span if key is not None else job.place()).first_line()


def _whole(ctx: Context[Options], subject: str, block: Permissions, jobs: list[JobNode]) -> Iterator[Hit]:
    if block.everything is None or block.everything.value not in ("read-all", "write-all"):
        return
    all = block.everything.value
    gives = "read and change" if all == "write-all" else "read"
    least = _least(ctx, jobs[0], granted(block, ctx.knowledge)) if len(jobs) == 1 else ""
    advice = least.removeprefix("; ") or "name the scopes that are needed instead" + _for_most(*jobs)
    yield Hit(
        block.everything.content,
        subject,
        f"`{all}` lets the token {gives} everything in the repository; {advice}",
        "write" if all == "write-all" else None,
        Confidence.HIGH,
        evidence=(all,),
        fix=_instead_of_all(ctx, block, block.everything, jobs[0]) if len(jobs) == 1 else None,
    )


def _shared(
    ctx: Context[Options], node: WorkflowNode, block: Permissions, heirs: list[JobNode]
) -> Iterator[Hit]:
    """Write access for a whole workflow."""
    variants = {"high": "write", "low": "minor"}
    for entry in block.entries:
        if entry.value.value != "write":
            continue
        scope = entry.key.value
        level = ctx.knowledge.github.permission_scopes.get(scope) or "medium"
        yield Hit(
            entry.line,
            node.id,
            f"{quoted(f'{scope}: write')} is given to the whole workflow; {_instead(ctx, heirs, scope)}",
            variants.get(level),
            Confidence.HIGH,
            evidence=(scope,),
        )


def _instead(ctx: Context[Options], heirs: list[JobNode], scope: str) -> str:
    """What to do with write access that a whole workflow has."""
    if not heirs:
        return "every job has its own `permissions`, so remove it: only a job added later would hold it"
    found = sharing(ctx.graph, heirs, scope, ctx.knowledge)
    if found is None:
        return "give it to the jobs that need it, so that no other code and no job added later holds it"
    if not found.writers:
        advice = f"write {quoted(f'{scope}: read')} instead" if found.reads else "remove it"
        return f"{advice}: nothing in the workflow uses it, so it serves only those who take a job over"
    if len(found.writers) < len(heirs):
        names = ", ".join(quoted(job.label) for job in found.writers[:SHOWN])
        more = f" and {len(found.writers) - SHOWN} more" if len(found.writers) > SHOWN else ""
        whom = "the job that needs it" if len(found.writers) == 1 else "the jobs that need it"
        return f"give it to {whom}, {names}{more}, so that no other code and no job added later holds it"
    who = "its job needs it" if len(heirs) == 1 else "each of its jobs needs it"
    return f"{who} today, so writing it there changes nothing now, but keeps it from a job added later"
