"""See ref_version_mismatch.md."""

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.taint.checkout_guard import guarded_since
from scanner.analysis.uses.pins import BRANCHES, Comment, comment_of, contradict, numbers
from scanner.analysis.uses.uses import RepositoryUsed, repository_uses
from scanner.engine import Context, NoOptions, rule
from scanner.knowledge.actions import ActionFacts
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted

WHY = "people who review this, and tools that update it, take the comment for true"


SHOWN: Final = 4
MAX_NAMES: Final = 20
"""Names of one commit that are compared, each with each."""


class Pinned(NamedTuple):
    used: RepositoryUsed
    comment: Comment

    @property
    def commit(self) -> str:
        return self.used.use.ref.lower()


@rule(
    "ref-version-mismatch",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"branch": Severity.LOW},
    same_as=("zizmor:ref-version-mismatch", "ghasec:mismatched-sha-tag"),
    tags=("supply-chain", "CWE-1357", "CICD-SEC-3", "SLSA:dependencies"),
)
def ref_version_mismatch(ctx: Context[NoOptions]) -> Iterator[Hit]:
    pinned = []
    for used in repository_uses(ctx.graph):
        if used.use.pinned and (comment := comment_of(used.used.call.text)) is not None:
            pinned.append(Pinned(used, comment))
    said: set[int] = set()
    for one in pinned:
        message = _alone(one, ctx.knowledge.actions)
        if message is not None:
            said.add(id(one))
            yield _hit(one, message)
    rest = [one for one in pinned if id(one) not in said and one.comment.ref is not None]
    yield from _moved(rest)
    yield from _renamed(rest)
    for one in rest:
        if (one.comment.ref or "").lower() in BRANCHES:
            message = (
                f"{quoted(one.comment.ref or '')} is a name that moves on with every push or release: nobody can tell from it "
                "which release this commit is. Write its version"
            )
            yield _hit(one, message, "branch", Confidence.LOW)


def _alone(one: Pinned, facts: ActionFacts) -> str | None:
    """What is wrong with a comment by itself."""
    comment, use = one.comment, one.used.use
    if comment.name is not None and "/".join(comment.name.split("/")[:2]) != use.slug:
        return f"the comment names {quoted(comment.name)} and the commit is one of {quoted(use.slug)}; {WHY}. Correct it"
    if comment.commit is not None and not one.commit.startswith(comment.commit):
        return f"the comment names the commit {quoted(comment.commit)}, and another one is used; {WHY}. Correct it"
    claimed = numbers(comment.ref) if comment.ref is not None else None
    if (
        claimed is not None
        and use.slug == "actions/checkout"
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
            groups.setdefault((one.used.use.slug, version), []).append(one)
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
                yield _hit(one, message, related=(Note(right.used.at, f"here it is {right.commit[:12]}"),))


def _renamed(pinned: list[Pinned]) -> Iterator[Hit]:
    """Several release names behind one commit: said at every place that has another name than most."""
    groups: dict[tuple[str, str], dict[str, list[Pinned]]] = {}
    for one in pinned:
        ref = one.comment.ref or ""
        if numbers(ref) is not None:
            groups.setdefault((one.used.use.slug, one.commit), {}).setdefault(ref, []).append(one)
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
) -> Hit:
    evidence = (one.used.use.name.lower(), one.comment.ref or "")
    return Hit(one.comment.at, one.used.subject, message, variant, confidence, evidence, related)
