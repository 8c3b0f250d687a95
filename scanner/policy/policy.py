"""What a policy is once it is read."""

from typing import NamedTuple

from scanner.engine import AnyRule
from scanner.model.finding import Confidence, Severity
from scanner.parse.nodes import Node
from scanner.policy.options import read_options

EVERY_RULE = "*"


class Setting(NamedTuple):
    """What the policies in force say of one rule; None where they are silent.

    `confidence` is a floor: findings below it are left out. `options` are the `options:` mappings that apply, the
    later ones over the earlier ones; they are read when the rule is loaded.
    """

    enabled: bool | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None
    options: tuple[Node, ...] = ()

    def over(self, base: "Setting") -> "Setting":
        """This setting on top of an earlier one."""
        return Setting(
            base.enabled if self.enabled is None else self.enabled,
            base.severity if self.severity is None else self.severity,
            base.confidence if self.confidence is None else self.confidence,
            base.options + self.options,
        )

    def options_of(self, rule: AnyRule) -> object:
        values: dict[str, object] = {}
        for node in self.options:
            values |= read_options(rule, node)
        return rule.options(**values)


class Policy(NamedTuple):
    """`names` are the packs and files in force, the weakest first. `fail_on` is the policy's own gate."""

    names: tuple[str, ...]
    rules: dict[str, Setting]
    fail_on: Severity | None

    def setting(self, rule: str) -> Setting:
        """What holds for a rule: what is said of `*`, under what is said of the rule itself."""
        return self.rules.get(rule, Setting()).over(self.rules.get(EVERY_RULE, Setting()))

    def change(self, kind: str) -> Setting:
        """What holds for a kind of change that `snowfence diff` judges: on, unless it is named itself. `*` means the rules
        of a scan, so that who switches those off does not lose the gate on updates as well."""
        return self.rules.get(kind, Setting()).over(Setting(enabled=True))
