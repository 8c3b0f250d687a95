"""See stale_input.md."""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from scanner.analysis.locks.advice import update
from scanner.analysis.locks.ages import (
    Age,
    Undated,
    age_of,
    date_place,
    day_of,
    days_text,
    has_no_date,
    limit_of,
    listed,
    unknown_age,
)
from scanner.analysis.locks.inputs import Input, inputs_of
from scanner.analysis.locks.moving import stays
from scanner.analysis.locks.references import is_nixpkgs
from scanner.analysis.locks.releases import branch_of, is_kept_by_name
from scanner.engine import Context, rule
from scanner.graph.nodes.nix import LockfileNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted

SHOWN = 10
OF_RELEASES = ("nixos-", "nixpkgs-", "release-", "nix-darwin-")


class Options(NamedTuple):
    days: int = 365
    nixpkgs_days: int = 60
    flake_days: int = 0
    source_days: int = 0
    transitive: bool = False
    transitive_days: int = 0
    limits: Mapping[str, int] = MappingProxyType({})
    after_end: bool = False


class Dated(NamedTuple):
    input: Input
    age: Age


class OfLock:
    """What the inputs of one lock have in common: said once for all of them."""

    __slots__ = ("nixpkgs", "others", "own", "said", "undated")

    def __init__(self, nixpkgs: date | None) -> None:
        self.nixpkgs = nixpkgs
        """The day of the newest nixpkgs that the flake uses itself and keeps up with: that one has an answer of its own."""
        self.own: list[Dated] = []
        """What the lock follows for its own flake."""
        self.others: list[Dated] = []
        """Inputs without a limit of their own."""
        self.undated: list[Input] = []
        self.said = False


@rule(
    "stale-input",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="freshness",
    options=Options,
    variants={"lock": Severity.LOW, "pinned": Severity.LOW, "transitive": Severity.LOW},
    same_as=("flake-checker:outdated",),
    tags=("nix", "supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3"),
)
def stale_input(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    for node in ctx.graph.of(LockfileNode):
        all_inputs = tuple(inputs_of(ctx.graph, node.lock))
        found = OfLock(_newest_nixpkgs(all_inputs))
        for input in all_inputs:
            yield from _input(ctx, input, found)
        if found.undated:
            yield unknown_age(found.undated)
        if found.others and ctx.options.days > 0:
            yield from _old_others(found, node.id, ctx.options.days)


def _input(ctx: Context[Options], input: Input, found: OfLock) -> Iterator[Hit]:
    """The answer for an input that has a limit of its own; what it tells of its lock goes to `found`."""
    limit = _limit(input, ctx.options)
    if limit == 0 or input.relative or (limit is None and not input.direct):
        return
    pinned = stays(input.node.input.original)
    if pinned and not input.direct and limit_of(input, ctx.options.limits) is None:
        return  # no update of yours raises it
    age = age_of(input.node.input.locked, ctx.now)
    if isinstance(age, Undated):
        # Where somebody else than the tool left the date out, undated-input says so.
        if limit is not None and age.kind == "missing" and has_no_date(input):
            found.undated.append(input)
        return
    follows = input.direct and not pinned
    if follows:
        found.own.append(Dated(input, age))
    if not ctx.options.after_end and _has_ended(ctx, input):
        found.said = (
            found.said or follows
        )  # an update brings nothing: `unsupported-nixpkgs-branch` says what does
    elif limit is None:
        found.others.append(Dated(input, age))
    elif age.days > limit:
        kept = input.direct and (pinned or is_kept_by_name(input)) and is_nixpkgs(input.node.input)
        newer = found.nixpkgs is not None and found.nixpkgs > age.since
        yield _old(input, age, limit, kept=kept and newer and not limit_of(input, ctx.options.limits))
        found.said = found.said or input.direct


def _limit(input: Input, options: Options) -> int | None:
    """The limit for one input: set for a pattern that covers it, or for its kind. 0 means that its age does not matter,
    None that it counts only with the rest of the lock."""
    set_for_it = limit_of(input, options.limits)
    if set_for_it is not None:
        return set_for_it
    if not input.direct and not (options.transitive or options.transitive_days):
        return None
    node = input.node.input
    if is_nixpkgs(node):
        days: int | None = options.nixpkgs_days
    elif input.node.lock.is_pins:
        days = None  # they say nothing of themselves, and mostly have no date
    elif not node.flake:
        days = options.source_days or None
    else:
        days = options.flake_days or None
    return options.transitive_days or days if days and not input.direct else days


def _has_ended(ctx: Context[Options], input: Input) -> bool:
    """Whether an input follows the branch of a release of NixOS that gets no more updates."""
    branch = branch_of(input.node.input)
    if branch is None or branch.release is None:
        return False
    if not (is_nixpkgs(input.node.input) or branch.name.startswith(OF_RELEASES)):
        return False
    release = ctx.knowledge.nixos_release(branch.release)
    return release is not None and release.end < ctx.now


def _newest_nixpkgs(all_inputs: tuple[Input, ...]) -> date | None:
    days = (
        day_of(one.node.input.locked)
        for one in all_inputs
        if one.direct
        and is_nixpkgs(one.node.input)
        and not stays(one.node.input.original)
        and not is_kept_by_name(one)
    )
    return max((day for day in days if day is not None), default=None)


def _old(input: Input, age: Age, limit: int, *, kept: bool) -> Hit:
    advice = f"run {input.update()}"
    if stays(input.node.input.original):
        advice = (
            f"{input.declared_in} pins it, so raise it there"
            if input.own
            else f"{quoted(input.above or '?')} pins it, so only its owner can raise it"
        )
    if kept:
        advice = f"it seems to be kept on purpose: {'drop it' if input.own else 'do without it'} as soon as nothing needs it"
    return Hit(
        date_place(input),
        input.node.id,
        f"{quoted(input.name)} is from {age.since}, {days_text(age.days)} old (limit {days_text(limit)}): "
        f"what was fixed since then is missing; {advice}",
        ("pinned" if kept else None) if input.direct else "transitive",
    )


def _old_others(found: OfLock, lock: str, limit: int) -> Iterator[Hit | Unknown]:
    """Inputs that may be finished: an old one says something only when nothing in its lock is newer."""
    newest = min(found.own, key=lambda one: one.age.days, default=None)
    if newest is None or newest.age.days <= limit:
        old = [one for one in found.others if one.age.days > limit]
        pinned = [one for one in old if stays(one.input.node.input.original)]
        followed = [one for one in old if not stays(one.input.node.input.original)]
        if pinned:
            yield _maybe_old(pinned, limit, f"{pinned[0].input.declared_in} pins it, so no update changes it")
        if followed:
            yield _maybe_old(
                followed, limit, "the lock was updated since then, so there may be nothing newer"
            )
    elif not found.said:
        yield Hit(
            date_place(newest.input),
            lock,
            f"nothing that this lock follows is newer than {newest.age.since}, {days_text(newest.age.days)} ago "
            f"(limit {days_text(limit)}): fixes of all inputs are missing; run {update(newest.input.node.lock)}",
            "lock",
            inputs=tuple(input.name for input, _ in found.own),
            related=tuple(
                Note(date_place(input), f"{quoted(input.name)} is from {age.since}")
                for input, age in found.own[: SHOWN + 1]
                if input is not newest.input
            ),
        )


def _maybe_old(old: list[Dated], limit: int, why: str) -> Unknown:
    input, age = old[0]
    more = f", like {listed([one.input for one in old[1:]])}" if len(old) > 1 else ""
    return Unknown(
        date_place(input),
        input.node.id,
        f"{quoted(input.name)} is from {age.since}, more than {days_text(limit)} old{more}: {why}",
    )
