"""See unreachable_revision.md."""

from collections.abc import Iterator

from scanner.analysis.locks.advice import instead
from scanner.analysis.locks.inputs import Input
from scanner.analysis.locks.references import NIXPKGS, repository_of
from scanner.analysis.locks.releases import ROLLING, branch_of
from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.branches import followed, is_proposed
from scanner.analysis.remotes.locked import Locked, locked_of, prepare_history
from scanner.analysis.remotes.reach import Reach, is_tip, reach_of
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import BRANCH, NotKnown, Online, Question
from scanner.model.quoting import quoted
from scanner.parse.nix.reference import plain_ref


@rule(
    "unreachable-revision",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    area="nix-trust",
    variants={"gone": Severity.LOW},
    tags=("nix", "supply-chain", "tampering", "CWE-345", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def unreachable_revision(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    if ctx.online is None:
        return
    asking = Asking(ctx.online)
    prepare_history(asking, ctx.graph)
    locked = [
        one
        for one in locked_of(ctx.graph, ctx.online.home)
        if not is_proposed(one.input.node.input.original) and not _is_on_its_branch(ctx.online, one)
    ]
    asking.prepare(
        Question("held", one.remote, commit=one.commit)
        for one in locked
        if not isinstance(refs := one.refs(ctx.online), NotKnown) and not is_tip(refs, one.commit)
    )
    for one in locked:
        match _reach(ctx.online, one):
            case NotKnown() as why:
                what = f"whether {quoted(str(one.remote))} has the locked commits in a branch or tag"
                yield from asking.unknown(one.at, one.input.node.id, one.remote, what, why)
            case "foreign":
                yield _foreign(one)
            case "gone":
                yield _gone(one)
            case "held":
                pass


def _is_on_its_branch(online: Online, locked: Locked) -> bool:
    """Whether the branch that an input follows has the commit: that is asked about most of them, and nearly always true."""
    refs = locked.refs(online)
    if isinstance(refs, NotKnown):
        return False
    branch = followed(locked.input, refs)
    if branch is None or branch not in refs.branches:
        return False
    return online.holds(locked.remote, f"{BRANCH}{branch}", locked.commit) is True


def _reach(online: Online, locked: Locked) -> Reach | NotKnown:
    refs = locked.refs(online)
    if isinstance(refs, NotKnown):
        return refs
    likely = (followed(locked.input, refs), plain_ref(locked.input.node.input.locked.ref or ""))
    return reach_of(online, locked.remote, locked.commit, likely)


def _foreign(locked: Locked) -> Hit:
    input = locked.input
    return Hit(
        locked.at,
        input.node.id,
        f"{quoted(input.name)} is locked to a commit that no branch or tag of {quoted(str(locked.remote))} has: forges serve the commits of "
        f"all forks under this name, so anybody can have written it; find out whose it is, and {_update(input)}",
        confidence=Confidence.HIGH if _is_never_rewritten(input) else None,
        evidence=(locked.commit,),
    )


def _gone(locked: Locked) -> Hit:
    input = locked.input
    return Hit(
        locked.at,
        input.node.id,
        f"{quoted(input.name)} is locked to a commit that {quoted(str(locked.remote))} does not have any more: who has no copy of it cannot "
        f"build this, and nobody can look at it; {_update(input)}",
        "gone",
        Confidence.HIGH,
        evidence=("gone", locked.commit),
    )


def _update(input: Input) -> str:
    if input.node.input.original.rev is None:
        return f"run {input.update()}"
    return instead(input, "write a commit of the repository, or the fork that is meant,")


def _is_never_rewritten(input: Input) -> bool:
    """Whether the commit cannot be what a branch has left behind: channels of nixpkgs only grow."""
    node = input.node.input
    if repository_of(node.locked) != NIXPKGS:
        return False
    branch = branch_of(node)
    return branch is not None and (branch.name in ROLLING or branch.release is not None)
