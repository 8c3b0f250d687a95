"""The section `rules`: which rules run, how severe their findings are, with which options, and where that differs."""

from collections.abc import Collection, Iterator
from typing import Final

from scanner.engine import AnyRule, load, places
from scanner.model.finding import Confidence, Severity
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping, Node, Scalar
from scanner.policy.options import read_options
from scanner.policy.paths import GlobText
from scanner.policy.policy import CHANGE, EVERY_RULE, PathSetting, Said, Setting
from scanner.policy.shapes import Choice, Fields, Key, Raw, Record, Schema, first, refuse

TAG: Final = "tag:"
"""Before a tag that stands for every rule that carries it."""

SEVERITY: Final = Choice({str(one): one for one in Severity})
_SWITCHES: Final = {"on": True, "true": True, "off": False, "false": False}

_SEVERITY: Final = Key("severity", SEVERITY, "overrides the rule's own severity, in all of its variants")
_CONFIDENCE: Final = Key(
    "confidence", Choice({str(one): one for one in Confidence}), "findings below this confidence are left out"
)
_UNKNOWN: Final = Key(
    "unknown", SEVERITY, "questions that the rule cannot decide are findings of this severity"
)
_OPTIONS: Final = Key("options", Raw(lambda: {"type": "object"}), "the rule's options; its page lists them")
_PATHS: Final = Key("paths", Raw(), "settings for files only, by patterns; later ones are stronger")
_HERE: Final = Record("the setting for files", (_SEVERITY, _CONFIDENCE, _UNKNOWN, _OPTIONS))
_WHOLE: Final = Record("the setting of a rule", (_SEVERITY, _CONFIDENCE, _UNKNOWN, _OPTIONS, _PATHS))


class _Rules:
    """The whole section, as it stands; `settings` reads it, since it has to know which checks there are."""

    def read(self, node: Node, what: str) -> Mapping | None:
        if isinstance(node, Scalar) and node.is_null:
            return None
        if not isinstance(node, Mapping):
            raise refuse(first(node), "`rules` must be a mapping of rule ids to settings")
        return node

    def schema(self) -> Schema:
        from scanner.policy.schema import rules_schema

        return rules_schema()


RULES: Final[Key[Mapping | None]] = Key(
    "rules", _Rules(), "which rules run, and how: ids, `tag:…` for all rules with a tag, or `*` for all"
)


def settings(node: Mapping, policy: str, own: Collection[str], *, checked: bool) -> list[Said]:
    """What the section says, the stronger later: of all rules, of those with a tag, of one. `own` are the ids of checks, `checked`
    is whether options are read, for which the rules have to be loaded."""
    known = [*places(), *own]
    every: list[Said] = []
    tagged: list[Said] = []
    single: list[Said] = []
    for key, value in node.pairs:
        name = key.value
        if name == EVERY_RULE:
            every.append(Said(name, policy, key.span, name, _setting(key, value, None, checked)))
        elif name.startswith(TAG):
            ids = _tagged(name.removeprefix(TAG))
            if not ids:
                raise refuse(key.span, f"no rule has the tag {quoted(name)}{nearest(name, _tags())}")
            setting = _setting(key, value, None, checked)
            tagged += (Said(id, policy, key.span, name, setting) for id in ids)
        elif name in known or _change(name) is not None:
            rule = None if name in own else name
            single.append(Said(name, policy, key.span, name, _setting(key, value, rule, checked)))
        else:
            raise refuse(key.span, f"there is no rule {quoted(name)}{nearest(name, [*known, *_changes()])}")
    return [*every, *tagged, *single]


def _setting(key: Scalar, node: Node, rule: str | None, checked: bool) -> Setting:
    if (switch := _switch(node)) is not None:
        return Setting(enabled=switch)
    if not isinstance(node, Mapping):
        raise refuse(
            first(node),
            f"{quoted(key.value)} must be `on`, `off` or a mapping with {', '.join(_names(_WHOLE))}",
        )
    fields = _WHOLE.read(node, quoted(key.value))
    found = _of(fields, rule, checked, key)
    paths = fields.get(_PATHS)
    # A rule that is mentioned is wanted; what is said of all of them, or of a tag, by a mapping does not switch any on.
    enabled = None if key.value == EVERY_RULE or key.value.startswith(TAG) else True
    return found._replace(
        enabled=enabled, paths=tuple(_for_paths(paths, rule, checked, key)) if paths is not None else ()
    )


def _of(fields: Fields, rule: str | None, checked: bool, key: Scalar) -> Setting:
    options = fields.get(_OPTIONS)
    if options is not None:
        if rule is None:
            raise refuse(fields.at(_OPTIONS), f"options belong to one rule, not to {quoted(key.value)}")
        if checked:
            read_options(_change(rule) or load(places()[rule]), options)
    return Setting(
        severity=fields.get(_SEVERITY),
        confidence=fields.get(_CONFIDENCE),
        options=(options,) if options is not None else (),
        unknown=fields.get(_UNKNOWN),
    )


def _for_paths(node: Node, rule: str | None, checked: bool, key: Scalar) -> Iterator[PathSetting]:
    if not isinstance(node, Mapping):
        raise refuse(first(node), "`paths` must be a mapping of patterns to settings")
    for pattern, value in node.pairs:
        glob = GlobText().read(pattern, "a pattern of `paths`")
        switch = _switch(value)
        if switch is not None:
            yield PathSetting(glob, Setting(enabled=switch))
            continue
        if not isinstance(value, Mapping):
            raise refuse(
                first(value),
                f"{quoted(pattern.value)} must be `on`, `off` or a mapping with {', '.join(_names(_HERE))}",
            )
        yield PathSetting(glob, _of(_HERE.read(value, quoted(pattern.value)), rule, checked, key))


def _switch(node: Node) -> bool | None:
    return _SWITCHES.get(node.value.lower()) if isinstance(node, Scalar) else None


def _names(record: Record) -> list[str]:
    return [quoted(name) for name in record.keys]


def _tagged(tag: str) -> list[str]:
    """The ids of the rules with a tag; all rules are loaded for it."""
    return [id for id, place in places().items() if tag in load(place).tags]


def _tags() -> list[str]:
    return sorted({f"{TAG}{tag}" for place in places().values() for tag in load(place).tags})


def _change(id: str) -> AnyRule | None:
    """The kind of change of this id that `snowfence diff` judges; None for a rule of the scan and for no rule."""
    return _changes().get(id) if id.startswith(CHANGE) else None


def _changes() -> dict[str, AnyRule]:
    from scanner.rules.changes import KINDS  # few policies name one

    return {id: kind.rule for id, kind in KINDS.items()}
