"""See impostor_commit.md."""

from collections.abc import Iterator

from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.code import Code, used_code
from scanner.analysis.remotes.reach import Reach, is_tip, reach_of
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import NotKnown, Question, Remote
from scanner.model.quoting import quoted


@rule(
    "impostor-commit",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"gone": Severity.MEDIUM},
    same_as=("zizmor:impostor-commit",),
    tags=("supply-chain", "tampering", "CWE-345", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def impostor_commit(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    if ctx.online is None:
        return
    asking = Asking(ctx.online)
    pinned = [(one, one.commit) for one in used_code(ctx.graph, ctx.online.home) if one.commit is not None]
    asking.prepare_tags(one.remote for one, _ in pinned)
    wanted = tuple(_wanted(asking, pinned))
    asking.prepare(wanted)
    asking.prepare(
        Question("commits", remote, commit=commit)
        for _, remote, _, commit in wanted
        if ctx.online.held(remote, commit) is False
    )
    known: dict[tuple[Remote, str], Reach | NotKnown] = {}
    for one, commit in pinned:
        key = (one.remote, commit)
        if key not in known:
            known[key] = _reach(asking, one, commit)
        match known[key]:
            case NotKnown() as why:
                what = f"whether the pinned commits of {quoted(str(one.remote), 100)} are its own"
                yield from asking.unknown(one.at, one.subject, one.remote, what, why)
            case "foreign":
                yield _hit(
                    one,
                    f"no branch and no tag of {quoted(str(one.remote), 100)} has the commit {commit[:12]}: it may be of a fork, whose "
                    "commits are served under this name too, so anybody may have written it; pin the commit of a release",
                )
            case "gone":
                yield _hit(
                    one,
                    f"{quoted(str(one.remote), 100)} does not have the commit {commit[:12]} (any more): what uses it fails, and commits "
                    "are taken away after attacks, too; find out why, and pin the commit of a release",
                    "gone",
                )
            case "held":
                pass


def _wanted(asking: Asking, pinned: list[tuple[Code, str]]) -> Iterator[Question]:
    """The questions beyond branches and tags."""
    for one, commit in pinned:
        tags = asking.tags(one.remote)
        if not isinstance(tags, NotKnown) and not is_tip(tags.refs, commit):
            yield Question("held", one.remote, commit=commit)


def _reach(asking: Asking, one: Code, commit: str) -> Reach | NotKnown:
    likely = (one.said, *_branches(one.said)) if one.said is not None else ()
    found = reach_of(asking.online, one.remote, commit, likely)
    if found == "foreign":
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
