"""See re_registered_owner.md."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.names import on_github, pin_remote
from scanner.analysis.remotes.reach import Reach, reach_of
from scanner.analysis.remotes.taken import Taken, taken_of
from scanner.analysis.uses.locked_actions import the_lock
from scanner.engine import Context, rule
from scanner.graph.ids import REPOSITORY
from scanner.graph.nodes.workflows import ActionsLockNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.online import About, Account, NotKnown, Online, Question, Remote
from scanner.model.quoting import quoted
from scanner.parse.actions_lock import Pin

SLACK: Final = timedelta(days=7)
"""A commit may be made some days before its repository is put on a forge."""

SHOWN: Final = 10

MOST_ASKED: Final = 5
"""Commits of one repository that are looked for in it."""


class Options(NamedTuple):
    transitive: bool = False


class Dated(NamedTuple):
    """A use of a commit, and when that was made."""

    taken: Taken
    commit: str
    made: datetime


@rule(
    "re-registered-owner",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    area="pinning",
    options=Options,
    variants={"replaced": Severity.CRITICAL, "recreated": Severity.MEDIUM},
    tags=("supply-chain", "tampering", "CWE-672", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def re_registered_owner(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    if ctx.online is None:
        return
    asking = Asking(ctx.online)
    known: set[tuple[Remote, str]] = set()
    node = the_lock(ctx.graph)
    if node is not None:
        yield from _of_lock(asking, node, known)
    uses: dict[Remote, list[Taken]] = {}
    for taken in taken_of(ctx.graph, ctx.online.home):
        if taken.commit is None or (taken.remote, taken.commit) in known:
            continue
        if taken.input is not None and not (taken.input.direct or ctx.options.transitive):
            continue
        if on_github(taken.remote, ctx.online.home):
            uses.setdefault(taken.remote, []).append(taken)
    asking.prepare(Question("about", remote) for remote in uses)
    asking.prepare(
        Question("commits", remote, commit=commit)
        for remote, group in uses.items()
        if not isinstance(asking.online.about(remote), NotKnown)
        for commit in _undated(group)
    )
    for remote, group in uses.items():
        yield from _by_dates(asking, remote, group)


# ---------------------------------------------------------------- by the ids in GitHub's lock of actions


def _of_lock(
    asking: Asking, node: ActionsLockNode, known: set[tuple[Remote, str]]
) -> Iterator[Hit | Unknown]:
    """What the ids say; the commits of which they say all that there is to say are put to `known`. Entries of one repository may hold
    several ids, each of its time: one that is right says nothing of the others."""
    pins: dict[tuple[Remote, int, int | None], list[Pin]] = {}
    for pin in node.lock.pins.values():
        remote = pin_remote(pin, asking.online.home)
        if pin.repo_id is not None and pin.defect is None and on_github(remote, asking.online.home):
            pins.setdefault((remote, pin.repo_id, pin.owner_id), []).append(pin)
    asking.prepare(Question("about", remote) for remote, _, _ in pins)
    for (remote, id, _), group in pins.items():
        about = asking.online.about(remote)
        if isinstance(about, NotKnown):
            at = group[0].key.content.first_line()
            yield from asking.unknown(at, node.id, remote, _question(remote), about)
            continue
        known.update((remote, pin.commit) for pin in group if pin.commit is not None)
        if about.id != id:
            yield _replaced(group, node.id, about)


def _replaced(pins: list[Pin], subject: str, about: About) -> Hit:
    pin, *others = pins
    same = pin.owner_id is None or pin.owner_id == about.owner_id
    who = "its owner has deleted it and made it anew" if same else "somebody else has made it"
    todo = "ask the owner why" if same else "use another action, or find out where the old one is now,"
    return Hit(
        pin.key.content.first_line(),
        subject,
        f"{quoted(pin.key.value, 100)} is locked as the repository {pin.repo_id}, and under this name there is another one now, {about.id}: "
        f"{who}, so what was reviewed says nothing of what comes next; {todo} before the lock is written anew",
        "recreated" if same else "replaced",
        Confidence.HIGH,
        evidence=(pin.target.slug, str(pin.repo_id), str(pin.owner_id), str(about.id), str(about.owner_id)),
        related=tuple(
            Note(other.key.content.first_line(), f"{quoted(other.key.value, 100)} is locked as that one, too")
            for other in others[:SHOWN]
        ),
    )


# ---------------------------------------------------------------- by dates


def _by_dates(asking: Asking, remote: Remote, group: list[Taken]) -> Iterator[Hit | Unknown]:
    about = asking.online.about(remote)
    if isinstance(about, NotKnown):
        yield from _open(asking, remote, group, about)
        return
    dated = _dated(asking.online, remote, group)
    if isinstance(dated, NotKnown):
        yield from _open(asking, remote, group, dated)
        return
    # A repository keeps the day on which it was made when it goes to another owner.
    older = [one for one in dated if about.created - one.made > SLACK]
    if not older:
        return
    account = asking.online.account(remote)
    if isinstance(account, NotKnown):
        yield from _open(asking, remote, group, account)
        return
    older = [one for one in older if account.created - one.made > SLACK]
    if older:
        yield _younger(asking.online, remote, older, about, account)


def _open(asking: Asking, remote: Remote, group: list[Taken], why: NotKnown) -> Iterator[Unknown]:
    for one in group:
        yield from asking.unknown(one.at, one.subject, remote, _question(remote), why)


def _undated(group: list[Taken]) -> list[str]:
    """The commits of which only the server can tell when they were made."""
    return sorted({one.commit for one in group if one.made is None and one.commit is not None})


def _dated(online: Online, remote: Remote, group: list[Taken]) -> list[Dated] | NotKnown:
    """The uses of commits with their days: those of locks, and of others what the server has."""
    ids = _undated(group)
    commits = online.commits(remote, ids) if ids else {}
    if isinstance(commits, NotKnown):
        return commits
    found = []
    for one in group:
        if one.commit is None:
            continue
        commit = commits.get(one.commit)
        made = one.made or (commit.made if commit is not None else None)
        if made is not None:
            found.append(Dated(one, one.commit, made))
    return found


def _younger(online: Online, remote: Remote, older: list[Dated], about: About, account: Account) -> Hit:
    first, reach = _telling(online, older)
    has = "which has that commit" if reach == "held" else "which does not have that commit"
    lacks = reach in ("foreign", "gone")
    return Hit(
        first.taken.at,
        first.taken.subject,
        f"the commit of {quoted(first.taken.text)} is of {first.made.date()}, and the account {quoted(account.name)} was only registered on "
        f"{account.created.date()}, its repository{f', {has},' if not isinstance(reach, NotKnown) else ''} made on {about.created.date()}: "
        "somebody may have taken a name that was given up; find out whose it is before you update",
        confidence=None if lacks else Confidence.LOW,
        evidence=(str(remote), str(account.id)),
        about=REPOSITORY,
        related=tuple(
            Note(one.taken.at, f"{quoted(one.taken.text)} is of the same repository")
            for one in older[: SHOWN + 1]
            if one is not first
        ),
    )


def _telling(online: Online, older: list[Dated]) -> tuple[Dated, Reach | NotKnown]:
    """The use that tells most, and where its commit is: one that the repository does not have, or the oldest."""
    by_age = sorted(older, key=lambda one: one.made)
    found = [
        (one, reach_of(online, one.taken.remote, one.commit, (one.taken.ref,))) for one in by_age[:MOST_ASKED]
    ]
    return next((one for one in found if one[1] in ("foreign", "gone")), found[0])


def _question(remote: Remote) -> str:
    return f"whether {quoted(str(remote))} is still whose it was"
