"""The JSON Schema of a policy (2020-12), from the same shapes that read it: what editors complete and check by."""

from collections.abc import Iterator
from typing import Any, Final

from scanner.engine import AnyRule, load, places
from scanner.policy.checks.schema import definitions
from scanner.policy.checks.section import ID_PATTERN
from scanner.policy.options import fields_of, options_schema
from scanner.policy.policy import EVERY_RULE
from scanner.policy.settings import HERE, OPTIONS, PATH_SETTINGS, TAG, WHOLE
from scanner.policy.shapes import Key, Record, Schema
from scanner.rules.changes import KINDS
from scanner.rules.pages import options_about, read_page

ID: Final = "https://raw.githubusercontent.com/snowfence/snowfence/main/docs/policy.schema.json"
_SWITCH: Final = "switch"
_OF_NO_RULE: Final = "setting"


def policy_schema() -> Schema:
    """The whole format. Every rule is loaded for it, for its options."""
    from scanner.policy.format import POLICY  # it reads this module's part of the schema

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "snowfence policy",
        "description": "Which rules of snowfence run and how, which findings are accepted, and checks of your own.",
        **POLICY.schema(),
        "$defs": {
            **_definitions(),
            **definitions(),
        },
    }


def rules_schema() -> Schema:
    """The section `rules`: every rule by its id, with its own options."""
    tags = sorted({tag for place in places().values() for tag in load(place).tags})
    about_all = "Every rule of a scan. A mapping changes those that are on, and switches none on."
    return {
        "type": "object",
        "properties": {
            EVERY_RULE: {"description": about_all, **_ref(_OF_NO_RULE)},
            **{
                f"{TAG}{tag}": {"description": f"Every rule with the tag {tag}.", **_ref(_OF_NO_RULE)}
                for tag in tags
            },
            **{
                id: {"description": title, **_ref(_of(id) if fields_of(rule) else _OF_NO_RULE)}
                for id, rule, title in _rules()
            },
        },
        # Checks of one's own, and their tags.
        "patternProperties": {f"^{TAG}.": _ref(_OF_NO_RULE), ID_PATTERN: _either_way()},
        "additionalProperties": False,
    }


def _of(id: str) -> str:
    """The name of the setting of a rule with options."""
    return f"{_OF_NO_RULE}-of-{id}"


def _rules() -> Iterator[tuple[str, AnyRule, str]]:
    """Every rule and every kind of change: id, rule, title."""
    for id, place in places().items():
        yield id, load(place), read_page(place).title
    for kind in KINDS.values():
        yield kind.id, kind.rule, kind.title


def _definitions() -> Schema:
    """What the settings of rules refer to: what can be said of every rule, and the options of each that has any."""
    found: Schema = {
        _SWITCH: {
            "description": "Whether the rule runs. YAML 1.1 makes true and false of the words.",
            "enum": ["on", "off", True, False],
        },
        **{_key(key): key.schema() for key in HERE.keys.values() if key.name != OPTIONS.name},
        **_settings(_OF_NO_RULE, None),
    }
    for id, rule, _ in _rules():
        if fields_of(rule):
            options = f"options-of-{id}"
            found[options] = {"description": OPTIONS.about, **options_schema(rule)}
            for name, about in _about_options(id).items():
                found[options]["properties"][name]["description"] = about
            found |= _settings(_of(id), options)
    return found


def _about_options(id: str) -> dict[str, str]:
    """What the page of a rule says of its options; kinds of change have no such section."""
    place = places().get(id)
    return options_about(read_page(place).markdown) if place is not None else {}


def _settings(name: str, options: str | None) -> Schema:
    """What can be said of a rule, and of it for some files; `options` is the name of the schema of its options."""
    for_files = f"{name}-for-files"
    paths: Schema = {
        "description": PATH_SETTINGS.about,
        "type": "object",
        "propertyNames": {"minLength": 1},
        "additionalProperties": _ref(for_files),
    }
    return {
        for_files: {"anyOf": [_ref(_SWITCH), _record(HERE, options)]},
        name: {"anyOf": [_ref(_SWITCH), _record(WHOLE, options, {PATH_SETTINGS.name: paths})]},
    }


def _record(record: Record, options: str | None, paths: Schema | None = None) -> Schema:
    found = record.schema()
    found["properties"] = {
        key.name: _ref(_key(key)) for key in record.keys.values() if key.name in HERE.keys
    } | (paths or {})
    del found["properties"][OPTIONS.name]
    if options is not None:
        found["properties"][OPTIONS.name] = _ref(options)
    return found


def _key(key: Key[Any]) -> str:
    """The name of what every rule has in common."""
    return f"{_OF_NO_RULE}-{key.name}"


def _either_way() -> Schema:
    """A key that is a rule matches here as well, and has been looked at there."""
    return {"anyOf": [_ref(_SWITCH), {"type": "object"}]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}
