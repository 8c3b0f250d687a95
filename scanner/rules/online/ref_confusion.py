"""See ref_confusion.md."""

from collections.abc import Iterator

from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.code import Code, used_code
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import NotKnown, Refs
from scanner.model.quoting import quoted


@rule(
    "ref-confusion",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"locked": Severity.LOW},
    same_as=("zizmor:ref-confusion",),
    tags=("supply-chain", "CWE-1357", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def ref_confusion(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    if ctx.online is None:
        return
    asking = Asking(ctx.online)
    code = used_code(ctx.graph, ctx.online.home)
    asking.prepare_tags(one.remote for one in code)
    for one in code:
        refs = ctx.online.refs(one.remote)
        if isinstance(refs, NotKnown):
            if not one.pinned:
                what = f"whether a name that is used of {quoted(str(one.remote), 100)} is a branch and a tag there"
                yield from asking.unknown(one.at, one.subject, one.remote, what, refs)
        elif one.pinned:
            yield from _pinned(one, refs)
        elif one.ref in refs.branches and one.ref in refs.tags:
            yield _both(one, refs)


def _both(one: Code, refs: Refs) -> Hit:
    branch, tag = refs.branches[one.ref], refs.tags[one.ref]
    they = (
        "both lead to one commit now, and either can be moved"
        if branch == tag
        else f"the branch leads to {branch[:12]}, the tag to {tag[:12]}"
    )
    advice = (
        "`actions.lock` holds one of them, until it is written anew; name a tag that no branch is called like"
        if one.locked
        else "who may push a branch may choose what runs here; pin the commit"
    )
    return Hit(
        one.at,
        one.subject,
        f"{quoted(one.ref)} is a branch and a tag of {quoted(str(one.remote), 100)}: {they}. {advice[0].upper()}{advice[1:]}",
        "locked" if one.locked else None,
        evidence=(one.name.lower(), one.ref),
    )


def _pinned(one: Code, refs: Refs) -> Iterator[Hit]:
    """GitHub takes no such names any more, other servers do."""
    leads = refs.branches.get(one.ref, refs.tags.get(one.ref))
    if leads is not None and leads != one.commit:
        yield Hit(
            one.at,
            one.subject,
            f"{quoted(one.ref)} looks like a commit, and is the name of a branch or tag of {quoted(str(one.remote), 100)}, too, which leads to "
            f"{leads[:12]}: look at both, and pin the commit of a release",
            evidence=(one.name.lower(), one.ref),
        )
