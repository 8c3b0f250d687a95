"""Renovate's configuration in a repository: which of its managers are at work (https://docs.renovatebot.com/configuration-options/).

Presets are not fetched: what one of another repository switches on is not known.
"""

import json
from typing import Final, NamedTuple

from scanner.model.finding import Problem
from scanner.model.json import Json
from scanner.model.source import Source

FILES: Final = (
    "renovate.json",
    "renovate.json5",
    ".github/renovate.json",
    ".github/renovate.json5",
    ".renovaterc",
    ".renovaterc.json",
    ".renovaterc.json5",
)
"""In the order in which Renovate looks for them; it reads the first alone."""

_OFF_BY_DEFAULT: Final = frozenset(("nix", "pre-commit"))
_OWN_PRESETS: Final = ("config:", ":", "default:", "docker:", "group:", "helpers:", "schedule:", "security:", "workarounds:",
    "replacements:", "monorepo:", "packages:", "preview:", "abandonments:", "mergeConfidence:", "npm:", "customManagers:",
    "regexManagers:", "compatibility:", "global:")  # fmt: skip


class Renovate(NamedTuple):
    """`settings` is None for a file that cannot be read."""

    source: Source
    settings: dict[str, Json] | None

    def runs(self, manager: str) -> bool | None:
        """Whether a manager (`nix`, `github-actions`, `pre-commit`) is at work; None when a preset or a file that cannot
        be read decides."""
        settings = self.settings
        if settings is None:
            return None
        if settings.get("enabled") is False:
            return False
        chosen = settings.get("enabledManagers")
        if isinstance(chosen, list) and manager not in chosen:
            return False
        if self._ruled_out(manager):
            return False
        own = settings.get(manager)
        said = own.get("enabled") if isinstance(own, dict) else None
        if isinstance(said, bool):
            return said
        presets = settings.get("extends")
        names = [name for name in presets if isinstance(name, str)] if isinstance(presets, list) else []
        if f":enable{manager.title().replace('-', '')}" in names:
            return True
        if f":disable{manager.title().replace('-', '')}" in names:
            return False
        if manager not in _OFF_BY_DEFAULT:
            return True
        return False if all(name.startswith(_OWN_PRESETS) for name in names) else None

    def _ruled_out(self, manager: str) -> bool:
        """Whether a rule for packages switches all of a manager off. They are applied after the manager's own settings, in
        their order; what a later one switches on again, for all packages or some, is at work."""
        out = False
        rules = self.settings.get("packageRules") if self.settings is not None else None
        for rule in rules if isinstance(rules, list) else ():
            if not isinstance(rule, dict) or not isinstance(rule.get("enabled"), bool):
                continue
            managers = rule.get("matchManagers")
            if isinstance(managers, list) and manager in managers:
                others = any(key.startswith(("match", "exclude")) for key in rule if key != "matchManagers")
                if rule["enabled"] is True:
                    out = False
                elif not others:
                    out = True
        return out


def read_renovate(source: Source, problems: list[Problem]) -> Renovate:
    """Never a problem: Renovate tells its users itself when it cannot read its configuration."""
    value = _value(source.text)
    return Renovate(source, value if isinstance(value, dict) else None)


def _value(text: str) -> Json:
    """Renovate reads its files as JSON, and as JSON5 when they are none."""
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        from scanner.parse.json5 import NotJson5, read_json5  # most files are JSON

        try:
            value = read_json5(text)
        except NotJson5:
            return None
    return value
