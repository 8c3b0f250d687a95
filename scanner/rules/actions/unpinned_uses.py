"""See unpinned_uses.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.patterns import covered
from scanner.analysis.uses.locked_actions import lock_of
from scanner.analysis.uses.pins import BRANCHES
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.engine import Context, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.actions_lock import ActionsLock
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

GITHUB = ("actions/*", "github/*", "advanced-security/*")


class Options(NamedTuple):
    trusted: tuple[str, ...] = ()


@rule(
    "unpinned-uses",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    options=Options,
    variants={"github": Severity.MEDIUM},
    same_as=("zizmor:unpinned-uses", "codeql:actions/unpinned-tag", "scorecard:Pinned-Dependencies"),
    tags=("supply-chain", "CWE-829", "CICD-SEC-3"),
)
def unpinned_uses(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    lock = lock_of(ctx.graph)
    yield from once(
        answer
        for subject, call, path in _calls(ctx.graph)
        for answer in _judge(subject, call, ctx.options.trusted, lock, path)
    )


def _calls(graph: Graph) -> Iterator[tuple[str, Call, str | None]]:
    """Every `uses:` with its node and the workflow whose entry in actions.lock covers it. The lock pins actions that
    the steps of workflows use: no called workflows, and no steps of composite actions, which others may use too."""
    for step in live_steps(graph):
        if step.step.call is not None:
            yield step.id, step.step.call, step.path if step.job is not None else None
    for job in live_jobs(graph):
        if job.job.call is not None:
            yield job.id, job.job.call, None


def _judge(
    subject: str, call: Call, trusted: tuple[str, ...], lock: ActionsLock | None, path: str | None
) -> Iterator[Hit | Unknown]:
    at, use, text = call.text.content.first_line(), call.target, quoted(call.text.value.strip())
    if not isinstance(use, RepositoryUse) or use.pinned or covered(use.slug, trusted):
        return
    advice = f"pin the commit and keep the name behind it: {quoted(f'{use.name}@<commit> # {use.ref}', 100)}"
    if lock is not None and path in lock.workflows:
        if lock.pin_for(path, use) is not None:
            if not lock.known_version:
                yield Unknown(at, subject, f"{text} is pinned by an `actions.lock` of an unknown version")
            return
        written, refused = lock.written_pin(path, use), lock.workflows[path].refused
        if written is None:
            advice = "`actions.lock` covers this workflow but not this use: run `gh actions-lock`"
        elif lock.flaws:
            advice = (
                f"`actions.lock` pins nothing: {lock.flaws[0].reason}. Write it anew with `gh actions-lock`"
            )
        elif written.defect is not None:
            advice = f"the pin in `actions.lock` does not hold: {written.defect}. Run `gh actions-lock`"
        elif refused is not None:
            advice = (
                f"`actions.lock` pins nothing in this workflow, for the entry of {quoted(refused.key.value, 100)}: "
                f"{refused.defect}. Run `gh actions-lock`"
            )
    yield Hit(
        at,
        subject,
        f"{text} follows {_name(use.ref)}, which can be moved to other code at any time; {advice}",
        "github" if covered(use.slug, GITHUB) else None,
        evidence=(use.name.lower(),),
    )


def _name(ref: str) -> str:
    if ref.lower() in BRANCHES:
        return "a branch"
    if len(ref) >= 7 and all(char in "0123456789abcdef" for char in ref.lower()):
        return "what looks like a commit but is no full id (40 digits)"
    return "a tag or branch"
