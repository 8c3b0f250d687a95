"""What a policy makes milder than the packs that it extends have it: a score by it is no score by the packs."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.engine import AnyRule
from scanner.model.finding import Confidence, Severity
from scanner.policy.packs import pack_names
from scanner.policy.policy import Policy, Setting
from scanner.policy.weights import DEFAULT_WEIGHTS
from scanner.results import RuleInUse

_LEAST: Final = min(Confidence)


class Softened(NamedTuple):
    """`lowered` and `raised_floors` are the ids of the rules whose findings weigh less, and of which less sure ones are left out, at least
    for some files; `weights`: the policy counts by weights of its own."""

    lowered: tuple[str, ...]
    raised_floors: tuple[str, ...]
    weights: bool


def softened(policy: Policy, rules: tuple[RuleInUse, ...]) -> Softened:
    """`rules` are those that were asked."""
    packs = frozenset(pack_names())
    lowered: list[str] = []
    floors: list[str] = []
    for one in rules:
        id = one.rule.id
        before, after = _of_packs(policy, id, packs), policy.setting(id)
        severity = before.severity
        if any(_is_lower(here.severity, severity, one.rule) for here in _everywhere(after, before)):
            lowered.append(id)
        floor = _LEAST if before.confidence is None else before.confidence
        if any((here.confidence or _LEAST) > floor for here in _everywhere(after, before)):
            floors.append(id)
    return Softened(tuple(lowered), tuple(floors), policy.weights != DEFAULT_WEIGHTS)


def _of_packs(policy: Policy, id: str, packs: frozenset[str]) -> Setting:
    """What the packs alone say of a rule."""
    found = Setting()
    for said in policy.said_of(id):
        if said.policy in packs:
            found = said.setting.over(found)
    return found


def _everywhere(setting: Setting, before: Setting) -> Iterator[Setting]:
    """The setting, and each of those for some files that no pack has."""
    yield setting
    yield from (one.setting for one in setting.paths if one not in before.paths)


def _is_lower(here: Severity | None, before: Severity | None, rule: AnyRule) -> bool:
    """Whether a severity is below what a finding could have been."""
    return here is not None and here < (rule.severities[0] if before is None else before)
