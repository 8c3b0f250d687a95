"""See unpinned_flake_reference.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.evaluation.runs import Around, around
from scanner.analysis.evaluation.sources import Found, Sources
from scanner.analysis.patterns import covered
from scanner.analysis.settings.own_repository import own_repository
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.steps import parent_of
from scanner.engine import Context, rule
from scanner.graph.ids import file_id
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted

SHOWN = 20


class Options(NamedTuple):
    trusted: tuple[str, ...] = ()


@rule(
    "unpinned-flake-reference",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="pinning",
    options=Options,
    variants={
        "privileged": Severity.HIGH,
        "nixpkgs": Severity.LOW,
        "unused": Severity.INFO,
        "own": Severity.INFO,
    },
    tags=("nix", "supply-chain", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def unpinned_flake_reference(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    # One finding for what a job runs in several places, and for a search path that several jobs of a file set.
    near = around(ctx.graph, ctx.knowledge)
    sources = Sources(near)
    groups: dict[tuple[str, str], list[tuple[StepNode, Found]]] = {}
    for node in live_steps(ctx.graph):
        for found in sources.of(node):
            repository = found.loose.repository
            if repository is None or not covered(repository.path, ctx.options.trusted):
                where = node.path if found.searched else parent_of(node)
                groups.setdefault((where, found.text), []).append((node, found))
    yield from once(_hit(near, sources, group) for group in groups.values())


def _hit(near: Around, sources: Sources, group: list[tuple[StepNode, Found]]) -> Hit:
    node, found = group[0]
    loose = found.loose
    variant: str | None
    confidence = None
    if found.searched and not any(sources.searches(one) for one, _ in group):
        variant, confidence = "unused", Confidence.LOW
        harm = "nothing that is seen here looks it up: flakes do not"
        fix = "remove it"
    elif loose.is_nixpkgs:
        variant, fix = "nixpkgs", loose.fix
        harm = "the same commit of this repository runs other code tomorrow"
    elif (
        loose.repository is not None
        and loose.repository.path.lower() in own_repository(near.graph).repositories
    ):
        variant, confidence = "own", Confidence.LOW
        harm = "it is this repository at another state than the one that is checked out"
        fix = "evaluate the checkout (`.`) if that is what you mean"
    else:
        holds = near.held(node)
        variant, fix = "privileged" if holds else None, loose.fix
        harm = "whoever can change that runs code of their choice here"
        harm += f", in a job that holds {holds}" if holds else ""
        if (
            loose.repository is not None
            and loose.repository.path.partition("/")[0].lower() in own_repository(near.graph).owners
        ):
            confidence = Confidence.MEDIUM  # by the same people, perhaps this very repository
    places = dict.fromkeys(one.at for _, one in group[1:] if one.at != found.at)
    return Hit(
        found.at,
        node.id,
        f"{quoted(found.text)} is {loose.what}, and {harm}; {fix}",
        variant,
        confidence,
        evidence=(found.text,),
        related=tuple(Note(at, "the same again") for at in list(places)[:SHOWN]),
        about=file_id(node.path) if found.searched else parent_of(node),
    )
