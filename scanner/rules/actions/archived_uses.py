"""See archived_uses.md."""

from collections.abc import Iterator

from scanner.analysis.remotes.names import named_remote
from scanner.analysis.uses.uses import named_repositories
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.workflows import ActionsLockNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import NotKnown, Online, Remote
from scanner.model.quoting import quoted


@rule(
    "archived-uses",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="freshness",
    variants={"transitive": Severity.LOW},
    same_as=("zizmor:archived-uses", "ghasec:archived-action"),
    tags=("supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3", "SLSA:dependencies"),
    asks=("about",),
)
def archived_uses(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    facts = ctx.knowledge.actions
    said = set()
    open: set[Remote] = set()
    for named in named_repositories(ctx.graph):
        slug = named.use.slug
        remote = named_remote(named, ctx.online.home) if ctx.online is not None else None
        archived = _archived(ctx.online, remote, facts.archived(slug))
        if isinstance(archived, NotKnown):
            if remote is not None and remote not in open:
                open.add(remote)
                reason = f"nobody can tell whether {quoted(str(remote), 100)} is archived, because {archived.reason}"
                yield Unknown(named.at, named.subject, reason)
        elif archived:
            said.add(slug)
            yield Hit(
                named.at,
                named.subject,
                f"the repository of {quoted(named.text.strip())} is archived, so nobody repairs it when a hole is found; "
                "move to one that is maintained",
                evidence=(named.use.name.lower(),),
            )
    # GitHub's lock also lists what actions use themselves.
    for node in ctx.graph.of(ActionsLockNode):
        users = _users(node)
        for key, pin in node.lock.pins.items():
            slug = pin.target.slug
            if slug in said or key not in users:
                continue
            if _archived(ctx.online, Remote(pin.hostname.lower(), slug), facts.archived(slug)) is True:
                yield Hit(
                    pin.key.content.first_line(),
                    node.id,
                    f"{quoted(users[key])} uses {quoted(pin.key.value)}, whose repository is archived, so nobody repairs it when a "
                    "hole is found; ask its owner to replace it, or move to another action",
                    "transitive",
                    evidence=(slug,),
                )


def _archived(online: Online | None, remote: Remote | None, listed: bool) -> bool | NotKnown:
    """Whether it is archived: as the forge says, and else as the list has it."""
    if online is None or remote is None:
        return listed
    about = online.about(remote)
    if isinstance(about, NotKnown):
        return listed or about
    return about.archived


def _users(node: ActionsLockNode) -> dict[str, str]:
    """By the key of a pin: the first action that uses it."""
    found: dict[str, str] = {}
    for pin in node.lock.pins.values():
        for key in pin.uses:
            found.setdefault(key, pin.key.value)
    return found
