"""See moved_repository.md."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.locks.inputs import Input
from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.taken import Taken, taken_of
from scanner.engine import Context, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.online import NotKnown, Online, Question, Remote
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.edits import fix, rewritten

LONGEST: Final = 300
"""Characters of a line that is there to be copied."""


class Options(NamedTuple):
    transitive: bool = False


@rule(
    "moved-repository",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="pinning",
    options=Options,
    variants={"renamed": Severity.INFO, "transitive": Severity.INFO},
    tags=("supply-chain", "maintenance", "CWE-829", "CWE-1104", "CICD-SEC-3", "SLSA:dependencies"),
)
def moved_repository(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    if ctx.online is None:
        return
    asking = Asking(ctx.online)
    uses = tuple(_uses(ctx.graph, ctx.online.home, ctx.options.transitive))
    asking.prepare_tags(taken.remote for taken in uses)
    asking.prepare(
        Question("about", taken.remote) for taken in uses if not _is_called_so(ctx.online, taken.remote)
    )
    for taken in uses:
        input = taken.input
        now = _name_now(ctx.online, taken.remote)
        if isinstance(now, NotKnown):
            what = f"whether {quoted(str(taken.remote))} is still called so"
            yield from asking.unknown(taken.at, taken.subject, taken.remote, what, now)
        elif now is not None:
            hit = _of_input(taken, input, now) if input is not None else _of_code(taken, now)
            if hit is not None:
                yield hit


def _uses(graph: Graph, home: str, transitive: bool) -> Iterator[Taken]:
    """What counts: of inputs of inputs each repository once in a lock."""
    said: set[tuple[str, Remote]] = set()
    for taken in taken_of(graph, home):
        if taken.kind == "locked":
            continue  # whoever uses that action writes its name
        if taken.input is not None and not taken.input.own:
            key = taken.input.node.lock.source.path, taken.remote
            if not transitive or key in said:
                continue
            said.add(key)
        yield taken


def _is_called_so(online: Online, remote: Remote) -> bool:
    """Whether git's own protocol says that a repository has not moved."""
    refs = online.refs(remote)
    return not isinstance(refs, NotKnown) and (refs.moved is None or _is_same(refs.moved, remote))


def _name_now(online: Online, remote: Remote) -> Remote | NotKnown | None:
    """What a repository is called now, in the case of its owner; None where it is called so."""
    if _is_called_so(online, remote):
        return None
    refs, about = online.refs(remote), online.about(remote)
    if isinstance(refs, NotKnown):
        if isinstance(about, NotKnown):
            return refs
        now = Remote(remote.host, about.name)
        return None if _is_same(now, remote) else now
    moved = refs.moved
    if (
        moved is not None
        and not isinstance(about, NotKnown)
        and _is_same(moved, Remote(moved.host, about.name))
    ):
        return Remote(moved.host, about.name)
    return moved


def _is_same(one: Remote, other: Remote) -> bool:
    return one.host == other.host and one.path.lower() == other.path.lower()


def _hit(taken: Taken, now: Remote, advice: str, *, own: bool = True) -> Hit:
    owner = taken.remote.path.rpartition("/")[0]
    # With the same owner nobody else can make a repository under the old name, as long as the account stays.
    same = now.host == taken.remote.host and now.path.rpartition("/")[0].lower() == owner.lower()
    who = (
        "a new repository under the old name would take its place"
        if same
        else "whoever makes a repository under the old name gets everybody who still uses it"
    )
    return Hit(
        taken.at,
        taken.subject,
        f"{quoted(str(taken.remote))} is called {quoted(str(now))} now: {who}; {advice}",
        "transitive" if not own else "renamed" if same else None,
        evidence=(str(taken.remote), str(now).lower()),
    )


def _of_code(taken: Taken, now: Remote) -> Hit:
    text, old = taken.text, taken.remote.path
    at = text.lower().find(old) if text.isascii() else -1
    new = f"{text[:at]}{now.path}{text[at + len(old) :]}" if at >= 0 else str(now)
    hit = _hit(taken, now, f"write {quoted(new, LONGEST)}")
    if at < 0 or now.host != taken.remote.host or taken.at.text != text:
        return hit
    return hit._replace(
        fix=fix(
            f"write {quoted(new, LONGEST)}",
            rewritten(
                Span(taken.at.source, taken.at.start + at, taken.at.start + at + len(old)),
                text[at : at + len(old)],
                now.path,
            ),
        )
    )


def _of_input(taken: Taken, input: Input, now: Remote) -> Hit | None:
    from scanner.analysis.remotes.new_names import advice_for  # reads references, which no workflow needs

    advice = advice_for(input, taken.remote, now)
    return _hit(taken, now, advice, own=input.own) if advice is not None else None
