"""See stale_action_refs.md."""

from collections.abc import Iterator

from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.code import used_code
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import NotKnown
from scanner.model.quoting import quoted


@rule(
    "stale-action-refs",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="freshness",
    same_as=("zizmor:stale-action-refs",),
    tags=("supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3"),
    yields_to=("impostor-commit",),
)
def stale_action_refs(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    if ctx.online is None:
        return
    asking = Asking(ctx.online)
    pinned = [
        (one, one.commit)
        for one in used_code(ctx.graph, ctx.online.home)
        if one.commit is not None and one.pinned
    ]
    asking.prepare_tags(one.remote for one, _ in pinned)
    asking.prepare_peeled((one.remote, commit) for one, commit in pinned)
    for one, commit in pinned:
        tags = asking.tags(one.remote)
        if isinstance(tags, NotKnown):
            what = f"whether tags of {quoted(str(one.remote), 100)} lead to the pinned commits"
            yield from asking.unknown(one.at, one.subject, one.remote, what, tags)
        elif not tags.at(commit) and not tags.at(asking.peeled(one.remote, commit)):
            yield Hit(
                one.at,
                one.subject,
                f"no tag of {quoted(str(one.remote), 100)} leads to the commit {commit[:12]}, so it is no release: tools that update "
                "pins and tell of advisories do not know it. Pin the commit of a release",
                evidence=(one.name.lower(),),
            )
