"""See stale_input.md."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from scanner.analysis.ages import Age, age_of
from scanner.analysis.inputs import Input, inputs
from scanner.analysis.references import is_nixpkgs, is_pinned, quoted
from scanner.analysis.releases import branch_of
from scanner.engine import Context, rule
from scanner.graph.nodes import lock_id
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.source import Span

SHOWN = 10


class Options(NamedTuple):
    days: int = 365
    nixpkgs_days: int = 60
    inputs: Mapping[str, int] = MappingProxyType({})
    transitive: bool = False


class Dated(NamedTuple):
    input: Input
    age: Age


@rule(
    "stale-input",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    options=Options,
    variants={"lock": Severity.LOW, "transitive": Severity.LOW},
    same_as=("flake-checker:outdated",),
    tags=("supply-chain", "CWE-1104", "maintenance"),
)
def stale_input(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    for _, of_lock in groupby(inputs(ctx.graph), key=lambda input: input.node.lock.source.path):
        own: list[Dated] = []
        others: list[Dated] = []
        said = False
        for input in of_lock:
            limit = _limit(input, ctx.options)
            if limit == 0 or input.relative:
                continue
            if not input.direct and limit is None:
                continue
            age = age_of(input.node.input.locked, ctx.now)
            if isinstance(age, str):
                reason = f"the age of {quoted(input.name)} is not known: {age}"
                yield Unknown(_place(input), input.node.id, reason)
                continue
            if input.direct and not is_pinned(input.node.input.original):
                own.append(Dated(input, age))
            if limit is None:
                others.append(Dated(input, age))
            elif (_last_update(ctx, input) - age.since).days > limit:
                yield _old(input, age, limit)
                said = said or (input.direct and not is_pinned(input.node.input.original))
        if others and ctx.options.days > 0:
            yield from _old_others(own, others, ctx.options.days, said)


def _limit(input: Input, options: Options) -> int | None:
    """The limit for one input: set for a name of it, or because it is nixpkgs. 0 means that its age does not
    matter, None that it counts only with the rest of the lock."""
    locked = input.node.input.locked
    names = {*input.names, input.name, input.node.label, f"{locked.owner}/{locked.repo}".lower()}
    for name, days in options.inputs.items():
        if name in names or name.lower() in names:
            return days
    if is_nixpkgs(input.node.input) and (input.direct or options.transitive):
        return options.nixpkgs_days
    return None


def _last_update(ctx: Context[Options], input: Input) -> date:
    """The last day on which an update could bring something: a release that ended gets nothing more."""
    branch = branch_of(input.node.input)
    release = branch and branch.release and ctx.knowledge.nixos_release(branch.release)
    return min(ctx.now, release.end) if release else ctx.now


def _old(input: Input, age: Age, limit: int) -> Hit:
    advice = (
        "flake.nix pins it, so raise it there"
        if is_pinned(input.node.input.original) and input.own
        else f"run {quoted(input.update(input.name))}"
    )
    return Hit(
        _place(input),
        input.node.id,
        f"{quoted(input.name)} is from {age.since}, {_days(age)} old (limit {limit}): "
        f"what was fixed since then is missing; {advice}",
        None if input.direct else "transitive",
    )


def _old_others(own: list[Dated], others: list[Dated], limit: int, said: bool) -> Iterator[Hit | Unknown]:
    """Inputs that may be finished: an old one says something only when nothing in its lock is newer."""
    newest = min(own, key=lambda one: one.age.days, default=None)
    if newest is None or newest.age.days <= limit:
        for input, age in others:
            if age.days > limit:
                why = (
                    "flake.nix pins it, so an update does not change it"
                    if is_pinned(input.node.input.original)
                    else "the lock was updated since then, so there may be nothing newer"
                )
                reason = f"{quoted(input.name)} is from {age.since}, {_days(age)} old: {why}"
                yield Unknown(_place(input), input.node.id, reason)
        return
    if said:
        return
    rest = [one for one in own if one is not newest]
    yield Hit(
        _place(newest.input),
        lock_id(newest.input.node.lock.source),
        f"nothing that this lock follows is newer than {newest.age.since}, {_days(newest.age)} ago (limit {limit}): "
        f"fixes of all inputs are missing; run {quoted(newest.input.update())}",
        "lock",
        related=tuple(
            Note(_place(input), f"{quoted(input.name)} is from {age.since}") for input, age in rest[:SHOWN]
        ),
    )


def _place(input: Input) -> Span:
    return input.value("locked", "lastModified")


def _days(age: Age) -> str:
    return "1 day" if age.days == 1 else f"{age.days} days"
