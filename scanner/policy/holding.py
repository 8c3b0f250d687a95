"""What holds for a rule under a policy, and which policy says so."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from scanner.analysis.waivers import EVERY, Waiver
from scanner.engine import AnyRule, load, places
from scanner.model.finding import Severity
from scanner.policy.options import defaults_of, read_options
from scanner.policy.policy import Policy, Said, Setting
from scanner.rules.changes import KINDS
from scanner.rules.pages import read_page


class Holding(NamedTuple):
    """A rule, a check or a kind of change with what holds for it. `said` is the strongest last; `exceptions` are those that name it."""

    rule: AnyRule
    title: str
    setting: Setting
    said: tuple[Said, ...]
    exceptions: tuple[Waiver, ...]

    @property
    def severities(self) -> dict[str, Severity]:
        """The severity of a finding by its variant, the plain one under the empty text."""
        every = {"": self.rule.severity, **self.rule.variants}
        said = self.setting.severity
        return every if said is None else dict.fromkeys(every, said)

    @property
    def options(self) -> dict[str, Any]:
        """The options that are not as the rule has them of itself."""
        defaults = defaults_of(self.rule)
        return {name: one for name, one in self.options_by(self.setting).items() if one != defaults[name]}

    def options_by(self, setting: Setting) -> dict[str, Any]:
        """What a setting says of options."""
        values: dict[str, Any] = {}
        for node in setting.options:
            values |= read_options(self.rule, node)
        return values


def holding(policy: Policy, id: str) -> Holding | None:
    """What holds for a rule; None when there is none of this id."""
    if id in policy.own:
        own = policy.own[id]
        return _holding(policy, own.rule, own.page.title)
    if id in KINDS:
        return _holding(policy, KINDS[id].rule, KINDS[id].title)
    place = places().get(id)
    return None if place is None else _holding(policy, load(place), read_page(place).title)


def holdings(policy: Policy) -> Iterator[Holding]:
    """What holds for every rule, every check of the policy, and every kind of change."""
    for id in [*places(), *policy.own, *KINDS]:
        found = holding(policy, id)
        if found is not None:
            yield found


def _holding(policy: Policy, rule: AnyRule, title: str) -> Holding:
    named = tuple(one for one in policy.exceptions if rule.id in one.rules or EVERY in one.rules)
    return Holding(rule, title, policy.setting(rule.id), policy.said_of(rule.id), named)
