"""What a policy is once it is read."""

from collections.abc import Container, Mapping
from typing import Final, NamedTuple

from scanner.analysis.waivers import ABOUT_EXCEPTIONS, Waiver
from scanner.engine import AnyRule, Described
from scanner.model.finding import Confidence, Severity
from scanner.model.globs import Glob
from scanner.model.source import Span
from scanner.parse.nodes import Node, Scalar
from scanner.policy.options import read_options
from scanner.policy.shapes import Fields
from scanner.policy.weights import DEFAULT_WEIGHTS, Weights

EVERY_RULE: Final = "*"
CHANGE: Final = "diff-"
"""With it begin the ids of the kinds of change that `snowfence diff` judges, and of no rule."""


def stands_alone(rule: str, own: Container[str]) -> bool:
    """Whether what is said of `*` is not said of a rule; `own` are the checks of the policies."""
    return rule in own or rule in ABOUT_EXCEPTIONS or rule.startswith(CHANGE)


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
        """This setting on top of an earlier one. Off is off: it also ends what the earlier one says for some files."""
        return Setting(
            base.enabled if self.enabled is None else self.enabled,
            base.severity if self.severity is None else self.severity,
            base.confidence if self.confidence is None else self.confidence,
            base.options + self.options,
            base.unknown if self.unknown is None else self.unknown,
            self.paths if self.enabled is False else base.paths + self.paths,
        )

    @property
    def on_somewhere(self) -> bool:
        """Whether the rule runs for some files at least."""
        return bool(self.enabled) or any(one.setting.enabled for one in self.paths)

    def at(self, path: str) -> "Setting":
        """What holds in a file, by its path from the root of the repository."""
        found = self._replace(paths=())
        off: Glob | None = None
        for one in self.paths:
            if one.glob.matches(path):
                found = one.setting.over(found)
                if one.setting.enabled is False:
                    off = one.glob
                elif off is not None and self.enabled and _again(one, off):
                    found = found._replace(enabled=True)
        return found

    def on_again(self, one: "PathSetting") -> bool:
        """Whether one of `paths` ends an earlier one that switches the rule off."""
        earlier = self.paths[: self.paths.index(one)]
        return bool(self.enabled) and any(
            other.setting.enabled is False and _again(one, other.glob) for other in earlier
        )

    def severity_of(self, rule: AnyRule, variant: str | None) -> Severity:
        """How severe a finding of the rule is."""
        return rule.severity_of(variant) if self.severity is None else self.severity

    def options_of(self, rule: AnyRule) -> object:
        values: dict[str, object] = {}
        for node in self.options:
            values |= read_options(rule, node)
        return rule.options(**values)


class PathSetting(NamedTuple):
    """A setting for the files that a pattern covers. `named` is whether it is a mapping below a single rule: a rule that is named is on,
    so where an earlier, wider pattern has switched it off for some files, this one switches it on again."""

    glob: Glob
    setting: Setting
    named: bool = False


def _again(one: PathSetting, off: Glob) -> bool:
    """Whether a setting ends an `off` for other files: those of a wider pattern, or the same."""
    return one.named and off.matches(one.glob.text)


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

    def __bool__(self) -> bool:
        """Whether anything is said of files."""
        return bool(self.include or self.exclude)

    def counts(self, path: str) -> bool:
        """Whether a file counts, by its path from the root of the repository."""
        return (not self.include or any(one.matches(path) for one in self.include)) and not any(
            one.matches(path) for one in self.exclude
        )


class OwnRule(NamedTuple):
    """A check of the policy, compiled: a rule like others, its page, the place where it is declared, and its examples (the section
    as it stands)."""

    rule: AnyRule
    page: Described
    at: Span
    examples: Fields | None = None


class Policy(NamedTuple):
    """`names` are the packs and files in force, the weakest first. `rules` are settings by the ids that are named, and of `*` for all
    others; what was said of `*` is in each of them. `fail_on` is the policy's own gate. `said` is where the settings
    come from, the strongest last. `own` are the checks that the policies declare, by id. `examples` are the sections of that name, as
    they stand. `replaced` are, by the ids of checks, the places of those that a later policy has put its own in place of; `idle` are the
    names of `values` that no check uses, `used` those that one does."""

    names: tuple[str, ...]
    rules: Mapping[str, Setting]
    fail_on: Severity | None
    said: tuple[Said, ...] = ()
    exceptions: tuple[Waiver, ...] = ()
    own: Mapping[str, OwnRule] = {}
    paths: Paths = Paths()
    weights: Weights = DEFAULT_WEIGHTS
    examples: tuple[Fields, ...] = ()
    replaced: Mapping[str, tuple[Span, ...]] = {}
    idle: tuple[Scalar, ...] = ()
    used: tuple[str, ...] = ()

    @property
    def gate(self) -> Severity:
        """A finding at least this severe fails the run."""
        return Severity.HIGH if self.fail_on is None else self.fail_on

    def setting(self, rule: str) -> Setting:
        """What holds for a rule: what is said of `*`, under what is said of the rule itself. `*` means the rules of a scan: checks
        of one's own, the rules that watch over exceptions and the kinds of change that `snowfence diff` judges are on, unless
        they are named themselves, so that who switches the rules off does not lose those as well."""
        if self.alone(rule):
            return self.rules.get(rule, Setting()).over(Setting(enabled=True))
        found = self.rules.get(rule)
        return self.rules.get(EVERY_RULE, Setting()) if found is None else found

    def alone(self, rule: str) -> bool:
        """Whether what is said of `*` is not said of a rule."""
        return stands_alone(rule, self.own)

    def said_of(self, rule: str) -> tuple[Said, ...]:
        """All that is said of a rule, also of `*`, the strongest last."""
        names = (rule,) if self.alone(rule) else (rule, EVERY_RULE)
        return tuple(one for one in self.said if one.rule in names)
