"""See impostor_commit.md."""

from collections.abc import Iterator

from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.code import Code, code_of
from scanner.analysis.remotes.reach import Reach, reach_of
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import NotKnown, Remote
from scanner.model.quoting import quoted


@rule(
    "impostor-commit",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"gone": Severity.MEDIUM},
    same_as=("zizmor:impostor-commit",),
    tags=("supply-chain", "tampering", "CWE-345", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
    asks=("refs",),
)
def impostor_commit(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    if ctx.online is None:
        return
    asking = Asking(ctx.online)
    known: dict[tuple[Remote, str], Reach | NotKnown] = {}
    for one in code_of(ctx.graph, ctx.online.home):
        if one.commit is None:
            continue
        key = (one.remote, one.commit)
        if key not in known:
            known[key] = _reach(asking, one, one.commit)
        match known[key]:
            case NotKnown() as why:
                what = f"whether the commit behind {quoted(one.text, 120)} is one of {quoted(str(one.remote), 100)}"
                yield from asking.unknown(one, what, why)
            case "foreign":
                yield _hit(
                    one,
                    f"no branch and no tag of {quoted(str(one.remote), 100)} has the commit {one.commit[:12]}: it may be of a fork, whose "
                    "commits are served under this name too, so anybody may have written it; pin the commit of a release",
                )
            case "gone":
                yield _hit(
                    one,
                    f"{quoted(str(one.remote), 100)} does not have the commit {one.commit[:12]} (any more): what uses it fails, and commits "
                    "are taken away after attacks, too; find out why, and pin the commit of a release",
                    "gone",
                )
            case "held":
                pass


def _reach(asking: Asking, one: Code, commit: str) -> Reach | NotKnown:
    likely = (one.said, *_branches(one.said)) if one.said is not None else ()
    found = reach_of(asking.online, one.remote, commit, likely)
    if found in ("foreign", "gone"):
        meant = asking.peeled(one.remote, commit)
        if meant != commit:
            return reach_of(asking.online, one.remote, meant, likely)
    return found


def _branches(ref: str) -> Iterator[str]:
    """Branches on which a version is likely made."""
    major = ref.partition(".")[0]
    yield from (major, f"releases/{major}", f"release/{major}")


def _hit(one: Code, message: str, variant: str | None = None) -> Hit:
    # The commit is what is said: another one is another attack.
    return Hit(
        one.at, one.subject, message, variant, evidence=(one.name.lower(), one.commit or "", variant or "")
    )
