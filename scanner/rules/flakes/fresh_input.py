"""See fresh_input.md."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from scanner.analysis.locks.ages import (
    Age,
    Undated,
    age_of,
    date_place,
    days_text,
    has_no_date,
    limit_of,
    unknown_age,
)
from scanner.analysis.locks.inputs import Input, inputs_of
from scanner.engine import Context, rule
from scanner.graph.nodes.nix import LockfileNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted


class Options(NamedTuple):
    days: int = 0
    limits: Mapping[str, int] = MappingProxyType({})
    transitive: bool = False


@rule(
    "fresh-input",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="freshness",
    options=Options,
    variants={"transitive": Severity.LOW},
    tags=("nix", "supply-chain", "CWE-1357", "CICD-SEC-3", "SLSA:dependencies"),
)
def fresh_input(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    if ctx.options.days <= 0 and not ctx.options.limits:
        return
    for node in ctx.graph.of(LockfileNode):
        undated: list[Input] = []
        for input in inputs_of(ctx.graph, node.lock):
            days = _limit(input, ctx.options)
            if days <= 0 or input.relative:
                continue
            age = age_of(input.node.input.locked, ctx.now)
            if isinstance(age, Age) and age.days < days:
                yield _fresh(input, age, days)
            # Where somebody else than the tool left the date out, undated-input says so.
            elif isinstance(age, Undated) and age.kind == "missing" and has_no_date(input):
                undated.append(input)
        if undated:
            yield unknown_age(undated)


def _limit(input: Input, options: Options) -> int:
    days = limit_of(input, options.limits)
    if days is not None:
        return days
    return options.days if input.direct or options.transitive else 0


def _fresh(input: Input, age: Age, days: int) -> Hit:
    return Hit(
        date_place(input),
        input.node.id,
        f"{quoted(input.name)} is from {age.since}, {days_text(age.days)} old and younger than the {days_text(days)} of the "
        f"policy: what is wrong with it may not be known yet; {_advice(input)}",
        None if input.direct else "transitive",
        evidence=(input.node.input.locked.rev or str(age.since),),
    )


def _advice(input: Input) -> str:
    if input.own:
        return "go back to its last state in the git history of the lock and update later"
    return "update later what brings it"
