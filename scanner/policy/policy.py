"""What a policy is once it is read."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from scanner.analysis.waivers import Waiver
from scanner.engine import AnyRule, Described
from scanner.model.finding import Confidence, Severity
from scanner.model.globs import Glob
from scanner.model.source import Span
from scanner.parse.nodes import Node
from scanner.policy.options import read_options
from scanner.policy.weights import DEFAULT_WEIGHTS, Weights

EVERY_RULE: Final = "*"
CHANGE: Final = "diff-"
"""With it begin the ids of the kinds of change that `snowfence diff` judges, and of no rule."""


class Setting(NamedTuple):
    """What the policies in force say of one rule; None where they are silent.

    `confidence` is a floor: findings below it are left out. `unknown` is the severity at which questions that the rule cannot
    decide are findings as well. `options` are the `options:` mappings that apply, the later ones over the earlier ones;
    they are read when the rule is loaded. `paths` are settings for some files only, the later ones over the earlier ones.
    """

    enabled: bool | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None
    options: tuple[Node, ...] = ()
    unknown: Severity | None = None
    paths: "tuple[PathSetting, ...]" = ()

    def over(self, base: "Setting") -> "Setting":
        """This setting on top of an earlier one."""
        return Setting(
            base.enabled if self.enabled is None else self.enabled,
            base.severity if self.severity is None else self.severity,
            base.confidence if self.confidence is None else self.confidence,
            base.options + self.options,
            base.unknown if self.unknown is None else self.unknown,
            base.paths + self.paths,
        )

    def at(self, path: str) -> "Setting":
        """What holds in a file, by its path from the root of the repository."""
        found = self._replace(paths=())
        for one in self.paths:
            if one.glob.matches(path):
                found = one.setting.over(found)
        return found

    def options_of(self, rule: AnyRule) -> object:
        values: dict[str, object] = {}
        for node in self.options:
            values |= read_options(rule, node)
        return rule.options(**values)


class PathSetting(NamedTuple):
    """A setting for the files that a pattern covers."""

    glob: Glob
    setting: Setting


class Said(NamedTuple):
    """What one policy says of a rule (`*`: of all): the policy's name, the place, the key under which it says so (`*`, `tag:…`, an
    id)."""

    rule: str
    policy: str
    at: Span
    key: str
    setting: Setting


class Paths(NamedTuple):
    """Which files count: those that one of `include` covers (empty: all) and none of `exclude` does."""

    include: tuple[Glob, ...] = ()
    exclude: tuple[Glob, ...] = ()

    def __contains__(self, path: object) -> bool:
        return (
            isinstance(path, str)
            and (not self.include or any(one.matches(path) for one in self.include))
            and not any(one.matches(path) for one in self.exclude)
        )


class OwnRule(NamedTuple):
    """A check of the policy, compiled: a rule like others, its page, and the place where it is declared."""

    rule: AnyRule
    page: Described
    at: Span


class Policy(NamedTuple):
    """`names` are the packs and files in force, the weakest first. `fail_on` is the policy's own gate. `said` is where the settings
    come from, the strongest last. `own` are the checks that the policies declare, by id."""

    names: tuple[str, ...]
    rules: Mapping[str, Setting]
    fail_on: Severity | None
    said: tuple[Said, ...] = ()
    exceptions: tuple[Waiver, ...] = ()
    own: Mapping[str, OwnRule] = {}
    paths: Paths = Paths()
    weights: Weights = DEFAULT_WEIGHTS

    def setting(self, rule: str) -> Setting:
        """What holds for a rule: what is said of `*`, under what is said of the rule itself. `*` means the rules of a scan: checks
        of one's own and the kinds of change that `snowfence diff` judges are on, unless they are named themselves, so
        that who switches the rules off does not lose those as well."""
        own = self.rules.get(rule, Setting())
        if rule in self.own or rule.startswith(CHANGE):
            return own.over(Setting(enabled=True))
        return own.over(self.rules.get(EVERY_RULE, Setting()))
