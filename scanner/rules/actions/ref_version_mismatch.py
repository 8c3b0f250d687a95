"""See ref_version_mismatch.md."""

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.code import Code, used_code
from scanner.analysis.remotes.names import home_of
from scanner.analysis.remotes.tags import Tags
from scanner.analysis.taint.checkout_guard import guarded_since
from scanner.analysis.uses.pins import BRANCHES, Comment, contradict, is_version, numbers
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.knowledge.actions import ActionFacts
from scanner.model.finding import Confidence, Edit, Fix, Hit, Note, Severity, Unknown
from scanner.model.online import NotKnown, Remote
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.edits import fix

WHY = "people who review this, and tools that update it, take the comment for true"


SHOWN: Final = 4
MAX_NAMES: Final = 20
"""Names of one commit that are compared, each with each."""


class Pinned(NamedTuple):
    """A commit with a comment behind it; `slug` is the repository in lower case."""

    code: Code
    commit: str
    comment: Comment
    slug: str


@rule(
    "ref-version-mismatch",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"branch": Severity.LOW, "moved": Severity.LOW},
    same_as=("zizmor:ref-version-mismatch", "ghasec:mismatched-sha-tag"),
    tags=("supply-chain", "CWE-1357", "CICD-SEC-3", "SLSA:dependencies"),
    yields_to=("impostor-commit",),
    more_online=True,
)
def ref_version_mismatch(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    rest = []
    for one in _pinned(ctx.graph, home_of(ctx.online)):
        message = _alone(one, ctx.knowledge.actions)
        if message is not None:
            yield _hit(one, message)
        elif one.comment.ref is not None:
            rest.append(one)
    if ctx.online is None:
        yield from _offline(rest)
        return
    asking = Asking(ctx.online)
    asking.prepare_tags(one.code.remote for one in rest)
    asking.prepare_peeled(
        (one.code.remote, one.commit)
        for one in rest
        if isinstance(tags := asking.tags(one.code.remote), Tags) and _is_open(one, tags)
    )
    open = []
    for one in rest:
        tags = asking.tags(one.code.remote)
        if isinstance(tags, NotKnown):
            open.append(one)
            remote = one.code.remote
            what = f"whether the comments behind commits of {quoted(str(remote), 100)} are true"
            yield from asking.unknown(one.code.at, one.code.subject, remote, what, tags)
        else:
            yield from _looked_up(one, one.comment.ref or "", tags, asking)
    yield from _offline(open)


def _pinned(graph: Graph, home: str) -> Iterator[Pinned]:
    for one in used_code(graph, home):
        if one.pinned and one.commit is not None and one.comment is not None:
            yield Pinned(one, one.commit, one.comment, one.remote.path)


def _looked_up(one: Pinned, ref: str, tags: Tags, asking: Asking) -> Iterator[Hit]:
    """What the repository says of a comment."""
    remote = one.code.remote
    if not _is_open(one, tags):
        if (
            _claims(ref, tags)
            and ref in tags.refs.branches
            and ref not in tags.refs.tags
            and not is_version(ref)
        ):
            yield _branch(one)
        return
    # Who pins the id of an annotated tag, pins its commit.
    commit = one.commit if tags.at(one.commit) else asking.peeled(remote, one.commit)
    if commit != one.commit and tags.fits(commit, ref):
        return
    here, leads = tags.at(commit), tags.leads_to(ref)
    repository = quoted(str(remote), 100)
    if ref in tags.refs.branches and ref not in tags.refs.tags and not is_version(ref):
        yield _branch(one)
    elif leads is not None and _has_moved_on(asking, remote, tags, ref, commit):
        yield _hit(
            one,
            f"{quoted(ref)} of {repository} has moved on to {leads[:12]} since this commit, to which no version leads: nobody can tell from "
            "the comment which release it is. Pin the commit of a release",
            "moved",
            Confidence.LOW,
        )
    elif here:
        shown = " and ".join(quoted(name) for name in here[:2])
        other = f"{quoted(ref)} leads to {leads[:12]}" if leads is not None else f"there is no {quoted(ref)}"
        yield _hit(
            one,
            f"this commit of {repository} is {shown}, and {other}; {WHY}. Write {quoted(here[0])} or pin the other commit",
            repaired=_fix(one, ref, here[0]),
        )
    elif leads is None:
        yield _hit(
            one,
            f"{repository} has no tag and no branch {quoted(ref)}, and no tag leads to this commit; {WHY}. Pin the commit of a release",
        )
    else:
        yield _hit(
            one,
            f"{quoted(ref)} of {repository} leads to {leads[:12]}, and no tag to the commit that is used: the comment is wrong, or the tag was "
            f"moved; {WHY}. Find out which, and pin the commit of a release",
        )


def _claims(ref: str, tags: Tags) -> bool:
    """Whether a comment names what the repository has, or may have had."""
    return is_version(ref) or tags.leads_to(ref) is not None


def _is_open(one: Pinned, tags: Tags) -> bool:
    """Whether a comment names something else than the tags at its commit."""
    ref = one.comment.ref or ""
    return _claims(ref, tags) and not tags.fits(one.commit, ref)


def _has_moved_on(asking: Asking, remote: Remote, tags: Tags, ref: str, commit: str) -> bool:
    """Whether a name that may move has a commit in its history, which may have been its tip once. Of one that is another release this
    would say nothing: a later one has it in its history, too."""
    if tags.is_full(ref) or tags.release_at(commit) is not None:
        return False
    name = tags.whole_name(ref)
    return name is not None and asking.online.holds(remote, name, commit) is True


def _offline(rest: list[Pinned]) -> Iterator[Hit]:
    """What comments say against each other."""
    yield from _moved(rest)
    yield from _renamed(rest)
    for one in rest:
        if (one.comment.ref or "").lower() in BRANCHES:
            yield _branch(one)


def _branch(one: Pinned) -> Hit:
    message = (
        f"{quoted(one.comment.ref or '')} is a name that moves on with every push or release: nobody can tell from it "
        "which release this commit is. Write its version"
    )
    return _hit(one, message, "branch", Confidence.LOW)


def _alone(one: Pinned, facts: ActionFacts) -> str | None:
    """What is wrong with a comment by itself."""
    comment, slug = one.comment, one.slug
    if comment.name is not None and "/".join(comment.name.split("/")[:2]) != slug:
        return f"the comment names {quoted(comment.name)} and the commit is one of {quoted(slug)}; {WHY}. Correct it"
    if comment.commit is not None and not one.commit.startswith(comment.commit):
        return f"the comment names the commit {quoted(comment.commit)}, and another one is used; {WHY}. Correct it"
    claimed = numbers(comment.ref) if comment.ref is not None else None
    if (
        claimed is not None
        and slug == "actions/checkout"
        and guarded_since((*claimed, 0, 0)[:3]) is None
        and facts.unguarded_checkout(one.commit)
    ):
        return (
            f"this commit of actions/checkout is older than {quoted(comment.ref or '')}, and lacks the guard against the code "
            f"of forks that this version has; {WHY}. Look the commit up"
        )
    return None


def _moved(pinned: list[Pinned]) -> Iterator[Hit]:
    """One release name behind several commits. A name like `v4` moves by design, a full one does not."""
    groups: dict[tuple[str, tuple[int, ...]], list[Pinned]] = {}
    for one in pinned:
        version = numbers(one.comment.ref or "")
        if version is not None and len(version) > 2:
            groups.setdefault((one.slug, version), []).append(one)
    for (slug, _), group in groups.items():
        counts = Counter(one.commit for one in group)
        if len(counts) < 2:
            continue
        usual = counts.most_common(1)[0][0]
        right = next(one for one in group if one.commit == usual)
        for one in group:
            if one.commit != usual:
                message = (
                    f"{quoted(one.comment.ref or '')} of {quoted(slug)} is another commit elsewhere in this repository, so one "
                    f"of the two comments is wrong; {WHY}. Look both up"
                )
                yield _hit(one, message, related=(Note(right.code.at, f"here it is {right.commit[:12]}"),))


def _renamed(pinned: list[Pinned]) -> Iterator[Hit]:
    """Several release names behind one commit: said at every place that has another name than most."""
    groups: dict[tuple[str, str], dict[str, list[Pinned]]] = {}
    for one in pinned:
        ref = one.comment.ref or ""
        if numbers(ref) is not None:
            groups.setdefault((one.slug, one.commit), {}).setdefault(ref, []).append(one)
    for (slug, _), places in groups.items():
        names = list(places)[:MAX_NAMES]
        apart = [name for name in names if any(contradict(name, other) for other in names)]
        if not apart:
            continue
        right: list[str] = []
        for name in sorted(
            apart, key=lambda name: -len(places[name])
        ):  # of those as frequent the first is taken for right
            if not any(contradict(name, other) for other in right):
                right.append(name)
        shown = ", ".join(quoted(name) for name in apart[:SHOWN]) + (", …" if len(apart) > SHOWN else "")
        message = (
            f"one commit of {quoted(slug)} is called {shown} in this repository, and not all of these can be true; {WHY}. Look "
            "it up, and write its version at all places"
        )
        related = tuple(
            Note(places[name][0].comment.at, f"called {quoted(name)} here") for name in apart[:SHOWN]
        )
        for name in apart:
            for one in places[name] if name not in right else ():
                notes = tuple(note for note in related if note.at != one.comment.at)
                yield _hit(one, message, None, Confidence.MEDIUM, notes)


def _hit(
    one: Pinned,
    message: str,
    variant: str | None = None,
    confidence: Confidence | None = None,
    related: tuple[Note, ...] = (),
    repaired: Fix | None = None,
) -> Hit:
    # That a commit is not what the comment names is about that commit; that the comment names no release is not.
    about = (one.commit,) if variant is None else ()
    return Hit(
        one.comment.at,
        one.code.subject,
        message,
        variant,
        confidence,
        (one.code.name.lower(), one.comment.ref or "", *about),
        related,
        remark_on=one.code.at,
        fix=repaired,
    )


def _fix(one: Pinned, said: str, true: str) -> Fix | None:
    """The version of the commit that runs, in a comment that says the other one once."""
    at = one.comment.at
    if at.text.count(said) != 1 or not is_version(true):
        return None
    # In brackets, what looks like a comment may stand in a text, or be about several uses.
    if at.source.text[one.code.at.end : at.start].strip(" \t'\"#"):
        return None
    start = at.start + at.text.index(said)
    return fix(f"write `{true}`, which this commit is", Edit(Span(at.source, start, start + len(said)), true))
