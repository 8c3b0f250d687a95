"""See lookalike_owner.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.locks.advice import instead
from scanner.analysis.locks.asked import asked
from scanner.analysis.locks.inputs import inputs
from scanner.analysis.locks.lookalike_sources import LookalikeSource, lookalike_source
from scanner.analysis.locks.lookalikes import Lookalikes
from scanner.engine import Context, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted


class Options(NamedTuple):
    trusted: tuple[str, ...] = ()


@rule(
    "lookalike-owner",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="nix-trust",
    options=Options,
    variants={"transitive": Severity.MEDIUM},
    tags=("nix", "supply-chain", "CWE-1007", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def lookalike_owner(ctx: Context[Options]) -> Iterator[Hit]:
    lookalikes = Lookalikes(ctx.knowledge)
    trusted = ctx.options.trusted
    for input in inputs(ctx.graph):
        node = input.node.input
        for part, reference in (("original", node.original), ("locked", node.locked)):
            found = lookalike_source(reference, lookalikes, trusted)
            if found is not None:
                yield Hit(
                    input.value(part, found.attribute),
                    input.node.id,
                    f"{_message(input.name, found)} {instead(input, f'write {quoted(found.lookalike.meant)}')}",
                    None if input.own else "transitive",
                    None if found.lookalike.sure else Confidence.MEDIUM,
                    evidence=(found.name,),
                )
                break
    for wish in asked(ctx.graph):
        found = lookalike_source(wish.reference, lookalikes, trusted)
        if found is None:
            continue
        if wish.before is not None and lookalike_source(wish.before.original, lookalikes, trusted) == found:
            continue
        yield Hit(
            wish.at,
            wish.subject,
            f"{_message(wish.name, found)} write {quoted(found.lookalike.meant)}",
            confidence=None if found.lookalike.sure else Confidence.MEDIUM,
            evidence=(wish.name, found.name),
            inputs=(wish.name,),
        )


def _message(name: str, found: LookalikeSource) -> str:
    return (
        f"{quoted(name)} comes from {quoted(found.source)}, whose {found.what} {found.lookalike.how} "
        f"{quoted(found.lookalike.meant)}: if that is a mistake, whoever took the wrong name decides what is built here;"
    )
