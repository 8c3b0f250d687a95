"""How bad it is that others decide a text at a step: who they are, what the run holds, and what stands in their way."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from scanner.analysis.scripts.left_over import is_harmless_field
from scanner.analysis.taint.deciders import Decider, Verdict
from scanner.analysis.taint.lines import commands_at
from scanner.analysis.taint.origin import Origin
from scanner.analysis.taint.printed import Said
from scanner.analysis.taint.taint import Taint
from scanner.analysis.taint.told import COMMENT, ISSUE, PULL_REQUEST
from scanner.analysis.taint.trees import Tree
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence

Weight = Literal["anybody", "others", "fork", "stopped"]
"""`anybody` in a run that holds something; others in a run that they do not start, or that somebody lets through (`others`);
in a run that has no more than their fork (`fork`); nobody today, because what brings the text is refused or cannot be
theirs (`stopped`)."""

_ORDER: Final[dict[Weight, int]] = {"anybody": 3, "others": 2, "fork": 1, "stopped": 0}
_WEIGHTS: Final[dict[Decider, Weight]] = {
    Decider.ANYBODY: "anybody",
    Decider.OTHERS: "others",
    Decider.CHECKED: "others",
    Decider.FORK: "fork",
}


_OBJECTS: Final = frozenset((PULL_REQUEST, ISSUE, COMMENT))
"""Whole objects, of which some field is taken that is not known here."""


class Weighed(NamedTuple):
    """`why` is a clause for people."""

    weight: Weight
    verdict: Verdict
    why: str
    confidence: Confidence


def weigh(taint: Taint, node: StepNode, origin: Origin, tree: Tree | None = None) -> Weighed | None:
    """How bad it is that a text decides something at a step; None where nobody outside of the repository does."""
    verdict = taint.deciders.of(node, origin)
    if verdict is None or (origin.kind == "fetched" and (origin.path in _OBJECTS or _is_picked(origin))):
        return None
    if tree is not None and (tree.own or tree.latent) and verdict.decider in _WEIGHTS:
        why = (
            "who can push to the repository decides it, since the checkout takes a branch of its own"
            if tree.own
            else "no event of this workflow brings along what is checked out"
        )
        return Weighed("stopped", verdict, why, verdict.confidence)
    if verdict.decider in (Decider.NOBODY_TODAY, Decider.LIMITED) and origin.guarded:
        return Weighed("stopped", verdict, verdict.why, verdict.confidence)
    weight = _WEIGHTS.get(verdict.decider)
    if weight is None:
        return None
    # In the run of their own fork they decide everything anyway.
    sure = verdict.confidence if weight != "fork" else Confidence.LOW
    return Weighed(weight, verdict, verdict.why, sure)


def _is_picked(origin: Origin) -> bool:
    """Whether of what was fetched only numbers, digests and the like are taken."""
    for hop in origin.hops:
        text = commands_at(hop.at)
        if "jq" in text and is_harmless_field(text[text.find("jq") :]):
            return True
    return False


def weigh_all(taint: Taint, node: StepNode, said: Iterable[Said]) -> "tuple[Weighed, Said] | None":
    """The worst of some texts."""
    found: tuple[Weighed, Said] | None = None
    for one in said:
        weighed = weigh(taint, node, one.origin, one.tree)
        if weighed is not None and (found is None or rank(weighed) > rank(found[0])):
            found = weighed, one
    return found


def rank(weighed: Weighed) -> tuple[int, int]:
    return _ORDER[weighed.weight], weighed.confidence
