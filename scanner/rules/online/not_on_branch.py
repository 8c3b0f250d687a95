"""See not_on_branch.md."""

from collections.abc import Iterator

from scanner.analysis.locks.inputs import Input
from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.branches import followed
from scanner.analysis.remotes.locked import Locked, locked_of, prepare_history
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import BRANCH, NotKnown
from scanner.model.quoting import quoted


@rule(
    "not-on-branch",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="nix-trust",
    variants={"transitive": Severity.LOW, "no-branch": Severity.LOW},
    tags=("nix", "supply-chain", "tampering", "CWE-345", "CICD-SEC-3", "SLSA:dependencies"),
    yields_to=("unreachable-revision",),
)
def not_on_branch(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    if ctx.online is None:
        return
    asking = Asking(ctx.online)
    prepare_history(asking, ctx.graph)
    for one in locked_of(ctx.graph, ctx.online.home):
        what = f"whether the branches of {quoted(str(one.remote))} have the locked commits"
        refs = one.refs(ctx.online)
        if isinstance(refs, NotKnown):
            yield from asking.unknown(one.at, one.input.node.id, one.remote, what, refs)
            continue
        branch = followed(one.input, refs)
        if branch is None:
            continue
        if branch not in refs.branches:
            yield _no_branch(one.input, branch)
            continue
        found = ctx.online.holds(one.remote, f"{BRANCH}{branch}", one.commit)
        if isinstance(found, NotKnown):
            yield from asking.unknown(one.at, one.input.node.id, one.remote, what, found)
        elif not found:
            yield _not_on(one, branch)


def _not_on(locked: Locked, branch: str) -> Hit:
    input = locked.input
    named = input.node.input.original.ref is not None
    which = "the branch that is asked for" if named else "the default branch"
    return Hit(
        locked.at,
        input.node.id,
        f"{quoted(input.name)} is locked to a commit that is not in the history of {quoted(branch)}, {which}: the lock was edited by hand, or "
        f"the branch was {'rewritten' if named else 'rewritten or replaced'} since; look at the commit, and run {input.update()}",
        None if input.direct else "transitive",
        None if named else Confidence.MEDIUM,
        evidence=(branch, locked.commit),
    )


def _no_branch(input: Input, branch: str) -> Hit:
    todo = f"name another one in {input.declared_in}"
    if not input.own:
        todo = f"ask the owner of {quoted(input.above or '?')} to name another one"
    return Hit(
        input.value("original", "ref" if input.node.input.original.ref is not None else "url"),
        input.node.id,
        f"{quoted(input.name)} follows the branch {quoted(branch)}, which the repository does not have any more: no update brings anything; "
        f"{todo}",
        "no-branch",
        evidence=(branch,),
    )
