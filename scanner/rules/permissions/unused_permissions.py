"""See unused_permissions.md."""

from collections.abc import Iterator, Set

from scanner.analysis.outsiders.privilege import granted, workflow_jobs
from scanner.analysis.permissions.needed_permissions import Needs, needs_of
from scanner.analysis.permissions.shared import shares
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import never
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.model.finding import Confidence, Fix, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.edits import emptied, fix, last_value, removed, value
from scanner.parse.nodes import Mapping
from scanner.parse.reader import Entry
from scanner.parse.workflow import Permissions


@rule(
    "unused-permissions",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    area="permissions",
    variants={"minor": Severity.LOW},
    tags=("least-privilege", "CWE-250", "CWE-732", "CICD-SEC-5", "SLSA:source-L3"),
)
def unused_permissions(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for node in ctx.graph.of(WorkflowNode):
        jobs = [job for job in workflow_jobs(ctx.graph, node) if not never(job.job.condition)]
        heirs = [job for job in jobs if job.job.permissions is None]
        block = node.workflow.permissions
        if block is not None and heirs and not shares(node, jobs):
            yield from _judge(ctx, node.id, block, heirs, node.workflow.root)
        for job in jobs:
            if job.job.permissions is not None:
                yield from _judge(ctx, job.id, job.job.permissions, [job], job.job.at)


def _judge(
    ctx: Context[NoOptions],
    subject: str,
    block: Permissions,
    jobs: list[JobNode],
    around: Mapping,
) -> Iterator[Hit]:
    """Write access that none of the jobs with the block can use; `around` is the mapping that has the block."""
    known = ctx.knowledge.github.permission_scopes
    writes = [entry for entry in block.entries if entry.value.value == "write" and entry.key.value in known]
    if not writes:
        return
    needs: list[Needs] = []
    for job in jobs:
        needs.append(needs_of(ctx.graph, job.id, ctx.knowledge))
        if needs[-1].open is not None:
            return
    least = needs[0].block(granted(block, ctx.knowledge)) if len(needs) == 1 else None
    unneeded = [entry for entry in writes if all(one.unneeded(entry.key.value) for one in needs)]
    # What is to be read stays, as everything does that this rule says nothing of.
    gone = {
        entry.key.value
        for entry in unneeded
        if all(one.needs.get(entry.key.value) != "read" for one in needs)
    }
    for entry in unneeded:
        scope = entry.key.value
        reads = any(one.needs.get(scope) == "read" for one in needs)
        who = (
            f"nothing in the job {quoted(jobs[0].label)}"
            if len(jobs) == 1
            else f"none of the {len(jobs)} jobs with it"
        )
        advice = f"write {quoted(f'{scope}: read')} instead" if reads else "remove it"
        advice += f"; all that is needed is {quoted(least, 200)}" if least is not None else ""
        yield Hit(
            entry.line,
            subject,
            f"{who} uses the token for what {quoted(f'{scope}: write')} allows, so it serves only those who take the job over; "
            f"{advice}",
            "minor" if known[scope] == "low" else None,
            evidence=(scope,),
            fix=_fix(around, entry, gone),
        )


def _fix(around: Mapping, entry: Entry, gone: Set[str]) -> Fix | None:
    """What is not needed goes, with what its line says of it. Where nothing is left of the block, it is empty; of several scopes that are
    all `gone` each is denied by name, which is the same, so that each can be repaired alone."""
    scope = entry.key.value
    if scope not in gone:
        return fix(f"write {quoted(f'{scope}: read')}", value(entry.value, "read"))
    scopes = around.get("permissions")
    if isinstance(scopes, Mapping):
        if len(scopes.pairs) == 1:
            return fix("write `permissions: {}`", emptied(around, "permissions"))
        if any(key.value not in gone for key, _ in scopes.pairs):
            line = removed(scopes, scope)
            if line is not None:
                return fix("remove the line", line)
    return fix(
        f"write {quoted(f'{scope}: none')}", last_value(entry.value, "none") or value(entry.value, "none")
    )
