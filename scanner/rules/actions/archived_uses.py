"""See archived_uses.md."""

from collections.abc import Iterator

from scanner.analysis.remotes.asking import Asking, asking_of
from scanner.analysis.remotes.names import home_of, on_github
from scanner.analysis.remotes.taken import Taken, taken_code
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import NotKnown, Question, Remote
from scanner.model.quoting import quoted


@rule(
    "archived-uses",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="freshness",
    variants={"transitive": Severity.LOW},
    same_as=("zizmor:archived-uses", "ghasec:archived-action"),
    tags=("supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3", "SLSA:dependencies"),
    more_online=True,
)
def archived_uses(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    facts, asking, home = ctx.knowledge.actions, asking_of(ctx.online), home_of(ctx.online)
    uses = [(one, one.use) for one in taken_code(ctx.graph, home) if one.use is not None]
    if asking is not None:
        remotes = (one.remote for one, _ in uses)
        asking.prepare(Question("about", remote) for remote in remotes if on_github(remote, home))
    said = set()
    for one, use in uses:
        # GitHub's lock also lists what actions use themselves.
        if one.kind == "locked" and use.slug in said:
            continue
        archived = _archived(asking, one.remote, facts.archived(use.slug))
        if isinstance(archived, NotKnown):
            yield from _open(asking, one, archived)
        elif archived and one.kind != "locked":
            said.add(use.slug)
            yield Hit(
                one.at,
                one.subject,
                f"the repository of {quoted(one.text)} is archived, so nobody repairs it when a hole is found; "
                "move to one that is maintained",
                evidence=(use.name.lower(),),
            )
        elif archived:
            yield Hit(
                one.at,
                one.subject,
                f"{quoted(one.by)} uses {quoted(one.text)}, whose repository is archived, so nobody repairs it when a "
                "hole is found; ask its owner to replace it, or move to another action",
                "transitive",
                evidence=(use.slug,),
            )


def _open(asking: Asking | None, one: Taken, why: NotKnown) -> Iterator[Unknown]:
    if asking is not None:
        what = f"whether {quoted(str(one.remote), 100)} is archived"
        yield from asking.unknown(one.at, one.subject, one.remote, what, why)


def _archived(asking: Asking | None, remote: Remote, listed: bool) -> bool | NotKnown:
    """Whether it is archived: as the forge says, and else as the list has it."""
    if asking is None or not on_github(remote, asking.online.home):
        return listed
    about = asking.online.about(remote)
    if isinstance(about, NotKnown):
        return listed or about
    return about.archived
