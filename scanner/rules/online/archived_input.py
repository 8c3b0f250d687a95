"""See archived_input.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.locks.inputs import Input
from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.names import on_github
from scanner.analysis.remotes.taken import Taken, taken_of
from scanner.engine import Context, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.online import NotKnown, Question, Remote
from scanner.model.quoting import quoted

SHOWN = 10


class Options(NamedTuple):
    transitive: bool = False


class Use(NamedTuple):
    """Inputs of one lock that are one repository; where the flake uses it itself, those that it uses."""

    taken: Taken
    input: Input
    others: tuple[Taken, ...]


@rule(
    "archived-input",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="freshness",
    options=Options,
    variants={"source": Severity.LOW, "transitive": Severity.LOW},
    tags=("nix", "supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3", "SLSA:dependencies"),
)
def archived_input(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    if ctx.online is None:
        return
    uses = [use for use in _uses(ctx.graph, ctx.online.home) if use.input.direct or ctx.options.transitive]
    asking = Asking(ctx.online)
    asking.prepare(Question("about", use.taken.remote) for use in uses)
    for use in uses:
        taken = use.taken
        about = ctx.online.about(taken.remote)
        if isinstance(about, NotKnown):
            what = f"whether {quoted(str(taken.remote))} is archived"
            yield from asking.unknown(taken.at, taken.subject, taken.remote, what, about)
        elif about.archived:
            yield _hit(use)


def _uses(graph: Graph, home: str) -> Iterator[Use]:
    found: dict[tuple[str, Remote], list[Taken]] = {}
    for taken in taken_of(graph, home):
        if taken.input is not None and on_github(taken.remote, home):
            found.setdefault((taken.input.node.lock.source.path, taken.remote), []).append(taken)
    for group in found.values():
        own = [one for one in group if one.input is not None and one.input.direct]
        first, *others = own or group
        if first.input is not None:
            yield Use(first, first.input, tuple(others))


def _hit(use: Use) -> Hit:
    taken, input, others = use
    what = f"{quoted(str(taken.remote))} is archived, so nobody repairs {quoted(input.name)} when a hole is found"
    todo = "look for a successor, which its page often names"
    if not input.direct:
        todo = (
            f"ask the owner of {quoted(input.above or '?')} to replace it, or let it follow an input of yours"
        )
    return Hit(
        taken.at,
        taken.subject,
        f"{what}; {todo}",
        _variant(input),
        evidence=(str(taken.remote),),
        related=tuple(Note(one.at, f"{quoted(one.text)} is the same repository") for one in others[:SHOWN]),
    )


def _variant(input: Input) -> str | None:
    if not input.direct:
        return "transitive"
    # Pins never say whether they are flakes.
    return "source" if not input.node.input.flake and not input.node.lock.is_pins else None
