"""Mistakes below `rules:`."""

from typing import Final

from tests.policy.wrong.case import Wrong, rules

RULES: Final = (
    Wrong("rules as a list", "snowfence: 1\nrules: [artipacked]\n", "2:8", "`rules` must be a mapping of rule ids to settings, not a list"),
    rules("a misspelt rule", "unpined-uses: off", "3:3", "there is no rule `unpined-uses`; did you mean `unpinned-uses`?", blind=True),
    rules("a rule with capitals", "Artipacked: off", "3:3", "there is no rule `Artipacked`; did you mean `artipacked`?"),
    rules("no such change", "diff-source: off", "3:3", "there is no rule `diff-source`; did you mean `diff-source-changed`?", blind=True),
    rules("no such tag", '"tag:CICD-SEC-44": off', "3:3", "no rule has the tag `tag:CICD-SEC-44`; did you mean", blind=True),
    rules("an empty tag", '"tag:": off', "3:3", "no rule has the tag `tag:`"),
    rules("neither on nor off", "artipacked: maybe", "3:15", "`artipacked` must be `on`, `off` or a mapping with `severity`, `confidence`"),
    rules("a severity alone", "artipacked: low", "3:15", "`artipacked` must be `on`, `off` or a mapping with `severity`, `confidence`"),
    rules("left open", "artipacked:", "3:14", "`artipacked` must be `on`, `off` or a mapping with"),
    rules("unknown key of a rule", "artipacked: {sevrity: low}", "3:16", "has no key `sevrity`; did you mean `severity`?"),
    rules("unknown severity", "artipacked: {severity: fatal}", "3:26", "`severity` must be one of info, low, medium, high, critical, not `fatal`"),
    rules("a severity in capitals", "artipacked: {severity: High}", "3:26", "not `High`; did you mean `high`?"),
    rules("confidence as a number", "artipacked: {confidence: 1}", "3:28", "`confidence` must be one of low, medium, high, not `1`"),
    rules("unknown as a flag", "stale-input: {unknown: true}", "3:26", "`unknown` must be one of info, low, medium, high, critical, not `true`"),
    rules("a misspelt option", "stale-input: {options: {day: 1}}", "3:27", "the rule `stale-input` has no option `day`; did you mean `days`?"),
    rules("a word for a number", "stale-input: {options: {days: soon}}", "3:33", "the option `days` of `stale-input` must be a whole number, not `soon`"),
    rules("a fraction of a day", "stale-input: {options: {days: 1.5}}", "3:33", "must be a whole number, not `1.5`"),
    rules("a negative number", "stale-input: {options: {days: -1}}", "3:33", "must be between 0 and"),
    rules("a huge number", "stale-input: {options: {days: 99999999999999999999}}", "3:33", "must be a whole number"),
    rules("a list for a number", "stale-input: {options: {days: [1]}}", "3:33", "must be a whole number, not a list"),
    rules("a word for a flag", "stale-input: {options: {transitive: maybe}}", "3:39", "must be true or false, not `maybe`"),
    rules("a text for a list", "unpinned-uses: {options: {trusted: actions}}", "3:38", "must be a list, not `actions`"),
    rules("a list within a list", "unpinned-uses: {options: {trusted: [[a]]}}", "3:39", "must be a text, not a list"),
    rules("a list for a mapping", "stale-input: {options: {limits: [1]}}", "3:35", "must be a mapping, not a list"),
    rules("an option twice", "stale-input: {options: {nixpkgs_days: 1, nixpkgs-days: 2}}", "3:44", "the option `nixpkgs_days` is given twice", blind=True),
    rules("options as a list", "stale-input: {options: [days]}", "3:26", "`options` of `stale-input` must be a mapping of option names to values, not a list"),
    rules("options of a rule without any", "artipacked: {options: {x: 1}}", "3:26", "the rule `artipacked` has no options"),
    rules("options of a change", "diff-added: {options: {x: 1}}", "3:26", "the rule `diff-added` has no options"),
    rules("options of all rules", '"*": {options: {days: 1}}', "3:9", "options belong to one rule, not to `*`"),
    rules("options of a tag", '"tag:CICD-SEC-4": {options: {days: 1}}', "3:22", "options belong to one rule, not to `tag:CICD-SEC-4`"),
    rules("paths of a rule as a list", "artipacked: {paths: [vendor/]}", "3:23", "`paths` must be a mapping of patterns to settings, not a list"),
    rules("a bad pattern", "artipacked: {paths: {a**b: off}}", "3:24", "`**` stands alone between slashes", blind=True),
    rules("a bad setting for files", "artipacked: {paths: {a/: maybe}}", "3:28", "`a/` must be `on`, `off` or a mapping with `severity`, `confidence`, `unknown`, `options`, not `maybe`"),
    rules("paths within paths", "artipacked: {paths: {a/: {paths: {}}}}", "3:29", "the setting for files has no key `paths`"),
    rules("a bad option for files", "stale-input: {paths: {a/: {options: {days: x}}}}", "3:46", "must be a whole number, not `x`"),
    rules("options of all rules for files", '"*": {paths: {a/: {options: {days: 1}}}}', "3:22", "options belong to one rule, not to `*`"),
)  # fmt: skip
