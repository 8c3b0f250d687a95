"""See unreachable_revision.md."""

from collections.abc import Iterator

from scanner.analysis.locks.advice import instead
from scanner.analysis.locks.inputs import Input
from scanner.analysis.locks.references import NIXPKGS, repository_of
from scanner.analysis.locks.releases import ROLLING, branch_of
from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.branches import followed, is_proposed
from scanner.analysis.remotes.locked import Locked, locked_of, prepare_history
from scanner.analysis.remotes.reach import Reach, reach_of
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import NotKnown
from scanner.model.quoting import quoted
from scanner.parse.nix.reference import plain_ref


@rule(
    "unreachable-revision",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    area="nix-trust",
    variants={"gone": Severity.LOW},
    tags=("nix", "supply-chain", "tampering", "CWE-345", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
    instead_of=("not-on-branch",),
    asks=("refs",),
)
def unreachable_revision(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    if ctx.online is None:
        return
    prepare_history(ctx.online, ctx.graph)
    asking = Asking(ctx.online)
    for one in locked_of(ctx.graph, ctx.online.home):
        node = one.input.node.input
        if is_proposed(node.original):
            continue
        found: Reach | NotKnown
        refs = one.refs(ctx.online)
        if isinstance(refs, NotKnown):
            found = refs
        else:
            likely = (followed(one.input, refs), plain_ref(node.locked.ref or ""))
            found = reach_of(ctx.online, one.remote, one.commit, likely)
        match found:
            case NotKnown() as why:
                what = f"whether {quoted(str(one.remote))} has the locked commit in a branch or tag"
                yield from asking.unknown_at(one.at, one.input.node.id, one.remote, what, why)
            case "foreign":
                yield _foreign(one)
            case "gone":
                yield _gone(one)
            case "held":
                pass


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
        evidence=("gone",),
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
