"""See stale_action_pin.md."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from typing import Final, NamedTuple

from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.code import Code, used_code
from scanner.analysis.remotes.tags import Tag, Tags, tag_of
from scanner.engine import Context, rule
from scanner.graph.graph import Graph
from scanner.graph.ids import REPOSITORY
from scanner.model.counting import counted
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.online import Commit, NotKnown, Question, Remote
from scanner.model.quoting import quoted

SHOWN: Final = 20
"""Further places of a finding that are listed."""


class Options(NamedTuple):
    days: int = 180
    releases: int = 0


class Pin(NamedTuple):
    """Code whose files or whose tag fix the `commit`; `tag` is the release that it is, None where no tag says so. `behind` is the number of
    newer releases, from the `first` to the `newest`; where `tag` is None only the newest of all is known."""

    code: Code
    commit: str
    tag: Tag | None
    behind: int
    first: Tag
    newest: Tag


class Stale(NamedTuple):
    """`since` is the day of the first release behind the pin that is known, `days` how much younger the newest is."""

    pin: Pin
    since: date
    days: int


@rule(
    "stale-action-pin",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="freshness",
    options=Options,
    variants={"major": Severity.INFO},
    tags=("supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3"),
    yields_to=("impostor-commit",),
)
def stale_action_pin(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    if ctx.online is None:
        return
    asking = Asking(ctx.online)
    by_remote = _by_remote(ctx.graph, ctx.online.home)
    asking.prepare_tags(by_remote)
    asking.prepare_peeled((one.remote, one.commit) for one in chain(*by_remote.values()) if one.commit)
    pins_of = {remote: tuple(_pins(used, asking)) for remote, used in by_remote.items()}
    asking.prepare(
        Question("commits", remote, commit=commit)
        for remote, pins in pins_of.items()
        for commit in _asked(asking, remote, pins)
    )
    for remote, used in by_remote.items():
        what = f"whether {quoted(str(remote), 100)} is used at an old release"
        tags = asking.tags(remote)
        if isinstance(tags, NotKnown):
            for one in used:
                if one.commit is not None or _is_exact(one.ref):
                    yield from asking.unknown(one.at, one.subject, remote, what, tags)
            continue
        pins = pins_of[remote]
        if not pins:
            continue
        commits = ctx.online.commits(remote, _asked(asking, remote, pins))
        if isinstance(commits, NotKnown):
            for pin in pins:
                yield from asking.unknown(pin.code.at, pin.code.subject, remote, what, commits)
            continue
        stale = [
            found
            for pin in pins
            if (found := _stale(pin, tags, commits)) is not None and _too_old(found, ctx.options, ctx.now)
        ]
        if stale:
            yield _hit(remote, tags, stale)


def _by_remote(graph: Graph, home: str) -> dict[Remote, list[Code]]:
    found: dict[Remote, list[Code]] = {}
    for one in used_code(graph, home):
        found.setdefault(one.remote, []).append(one)
    return found


def _pins(used: list[Code], asking: Asking) -> Iterator[Pin]:
    for one in used:
        tags = asking.tags(one.remote)
        pin = _pin(one, tags, asking) if isinstance(tags, Tags) else None
        if pin is not None:
            yield pin


def _pin(one: Code, tags: Tags, asking: Asking) -> Pin | None:
    """None for what follows a branch or a name that moves, and for the newest release."""
    if one.commit is not None:
        commit = one.commit if tags.at(one.commit) else asking.peeled(one.remote, one.commit)
    elif one.ref in tags.refs.tags and one.ref not in tags.refs.branches and not tags.moves(one.ref):
        commit = tags.refs.tags[one.ref]
    else:
        return None
    tag = tags.release_at(commit, one.said)
    if tag is None:
        newest = tags.newest()
        return Pin(one, commit, None, 1, newest, newest) if newest is not None else None
    newer = tags.newer(tag)
    return Pin(one, commit, tag, len(newer), newer[0], newer[-1]) if newer else None


def _is_exact(ref: str) -> bool:
    """Whether a name is the version of one release, as far as it tells itself."""
    tag = tag_of(ref)
    return tag is not None and len(tag.written) > 2


def _asked(asking: Asking, remote: Remote, pins: Iterable[Pin]) -> tuple[str, ...]:
    """The commits of a repository whose dates decide."""
    tags = asking.tags(remote)
    if isinstance(tags, NotKnown):
        return ()
    named = [tags.refs.tags[tag.name] for pin in pins for tag in (pin.first, pin.newest)]
    return tuple(dict.fromkeys((*(pin.commit for pin in pins), *named)))


def _stale(pin: Pin, tags: Tags, commits: Mapping[str, Commit | None]) -> Stale | None:
    used = commits.get(pin.commit)
    first = commits.get(tags.refs.tags[pin.first.name])
    newest = commits.get(tags.refs.tags[pin.newest.name])
    if used is None or first is None or newest is None:
        return None
    if newest.made <= used.made:
        return None  # of a branch, of an old line that is kept, or of versions that are counted in another way now
    return Stale(pin, max(first.made, used.made).date(), (newest.made - used.made).days)


def _too_old(stale: Stale, options: Options, now: date) -> bool:
    many = 0 < options.releases < stale.pin.behind
    return many or (options.days > 0 and (now - stale.since).days > options.days)


def _hit(remote: Remote, tags: Tags, stale: list[Stale]) -> Hit:
    """One finding for a repository, at the oldest pin: one update brings all of them to date."""
    # Releases first: a commit that is none may be nobody's, which another rule says at its place.
    worst = max(stale, key=lambda one: (one.pin.tag is not None, one.pin.behind, one.days))
    pin, tag = worst.pin, worst.pin.tag
    name, newest = quoted(str(remote), 100), quoted(pin.newest.name)
    variant, update = None, "update it, or let Dependabot or Renovate do so"
    if pin.code.locked:
        update = "write `actions.lock` anew with `gh actions-lock`"
    if tag is None:
        what = f"the commit {pin.commit[:12]} of {name} is no release, and {counted(worst.days, 'day')} older than the newest, {newest}"
    else:
        own = tags.newest(tag.family, tag.version.major)
        behind = f"{counted(pin.behind, 'release')} and {counted(worst.days, 'day')} behind {newest}"
        what = f"{quoted(tag.name)} of {name} has been out of date since {worst.since}: it is {behind}"
        if pin.newest.version.major == tag.version.major:
            pass
        elif own is not None and own.version > tag.version:
            what += f"; {quoted(own.name)} is the newest of its own major version"
        else:
            variant, update = (
                "major",
                "a new major version may need changes of yours, so read what is new, and update",
            )
    related = tuple(
        Note(
            one.pin.code.at,
            f"{quoted(one.pin.tag.name) if one.pin.tag is not None else one.pin.commit[:12]} here",
        )
        for one in stale
        if one is not worst
    )
    return Hit(
        pin.code.at,
        pin.code.subject,
        f"{what}; {update}",
        variant,
        evidence=(str(remote),),
        related=related[:SHOWN],
        about=REPOSITORY,
    )
