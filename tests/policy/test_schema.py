"""The JSON Schema says what the reader says: all that is valid validates, and what a schema can see of mistakes it refuses."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from scanner.cli.main import main
from scanner.engine import load, places
from scanner.model.areas import AREAS
from scanner.model.errors import PolicyError
from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.parse.yaml import compose
from scanner.policy.load import load_policy
from scanner.policy.options import defaults_of
from scanner.policy.packs import pack_names, packs_folder
from scanner.policy.schema import policy_schema
from scanner.rules.changes import KINDS
from tests.policy.wrong.case import Wrong
from tests.policy.wrong.table import EVERY
from tests.support import ROOT
from tests.test_policy_guide import blocks


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(policy_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def data(text: str) -> Any:
    """A YAML text as editors see it, by YAML 1.2's core schema."""
    problems: list[Problem] = []
    root = compose(Source("policy.yaml", "policy", text), problems)
    assert not problems
    return None if root is None else _plain(root)


def _plain(node: Node) -> Any:
    match node:
        case Scalar() if node.is_null:
            return None
        case Scalar() if node.boolean is not None:
            return node.boolean
        case Scalar() if node.plain:
            for number in (int, float):
                try:
                    return number(node.value)
                except ValueError:
                    continue
            return node.value
        case Scalar():
            return node.value
        case Sequence():
            return [_plain(item) for item in node.items]
        case Mapping():
            return {key.value: _plain(value) for key, value in node.pairs}


def complaint(text: str) -> str:
    """What the schema has against a policy, nothing when it is valid."""
    error = next(iter(validator().iter_errors(data(text))), None)
    return "" if error is None else f"{error.json_path}: {error.message[:300]}"


def test_it_is_a_schema() -> None:
    schema = policy_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(schema)) == schema


def test_every_reference_leads_somewhere() -> None:
    def references(part: Any) -> set[str]:
        match part:
            case dict():
                found = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
                return found.union(*map(references, part.values()))
            case list():
                return set().union(*map(references, part))
        return set()

    schema = policy_schema()
    assert {one.removeprefix("#/$defs/") for one in references(schema)} == set(schema["$defs"])


def test_it_lists_every_rule_with_its_options() -> None:
    schema = policy_schema()
    [rules] = (one for one in schema["properties"]["rules"]["anyOf"] if "properties" in one)
    assert {*places(), *KINDS, "*"} <= set(rules["properties"])
    for id, place in places().items():
        said = rules["properties"][id]
        assert said["description"]
        setting = schema["$defs"][said["$ref"].removeprefix("#/$defs/")]["anyOf"][1]["properties"]
        options = (
            schema["$defs"][setting["options"]["$ref"].removeprefix("#/$defs/")]["properties"]
            if "options" in setting
            else {}
        )
        defaults = json.loads(json.dumps(defaults_of(load(place))))
        assert {name: one["default"] for name, one in options.items()} == defaults


def test_every_key_has_words_for_editors() -> None:
    def undescribed(part: Any, where: str) -> set[str]:
        match part:
            case dict():
                found: set[str] = set()
                for name, one in part.get("properties", {}).items() if "type" in part else ():
                    if isinstance(one, dict) and "description" not in one and "options" not in where:
                        found.add(f"{where}.{name}")
                return found.union(*(undescribed(one, f"{where}.{key}") for key, one in part.items()))
            case list():
                return set().union(*(undescribed(one, where) for one in part))
        return set()

    assert not {one for one in undescribed(policy_schema()["properties"], "") if "$defs" not in one}


@pytest.mark.parametrize("name", pack_names())
def test_packs_are_valid(name: str) -> None:
    assert not complaint((packs_folder() / f"{name}.yaml").read_text("utf-8"))


@pytest.mark.parametrize("file", sorted((ROOT / "fixtures").glob("**/snowfence.yaml")), ids=str)
def test_policies_of_fixtures_are_valid(file: Path) -> None:
    assert not complaint(file.read_text("utf-8"))


def test_policies_of_the_guide_are_valid() -> None:
    policies = [
        one.text
        for one in blocks()
        if one.language == "yaml" and not {"wrong", "workflow"}.intersection(one.words)
    ]
    assert len(policies) >= 5
    for text in policies:
        assert not complaint(text), text


@pytest.mark.parametrize("wrong", [one for one in EVERY if not one.blind], ids=lambda wrong: wrong.name)
def test_mistakes_that_a_schema_can_see(wrong: Wrong) -> None:
    assert complaint(wrong.text)


@pytest.mark.parametrize(
    "text",
    [
        "snowfence: 1\nrules:\nexceptions:\nchecks:\nvalues:\npaths:\nscore:\n",
        "snowfence: 1\nrules: {artipacked: true, stale-input: false}\n",
        'snowfence: "1"\nextends: [strict, ./team.yaml, ../other.yml, a/b]\n',
        'snowfence: 1\nrules: {stale-input: {options: {nixpkgs-days: 3, limits: {"nixos/*": 4}}}}\n',
        'snowfence: 1\nrules: {"tag:CICD-SEC-4": off, "*": {unknown: low}, diff-added: off}\n',
        "snowfence: 1\nrules: {artipacked: {paths: {a/: off, b/**: {severity: low}}}}\n",
        'snowfence: 1\nrules: {forked-nixpkgs: {options: {trusted: [1, "", true]}}}\n',
        "snowfence: 1\nexceptions:\n- {rule: artipacked, reason: 5, path: [a, b], expires: 2026-01-31}\n",
        "snowfence: 1\nexceptions: &all [{rule: artipacked, reason: so}]\n",
        "snowfence: 1\nscore: {areas: {pinning: 1.5}, points: {high: 2}, unknown: 1}\n",
    ],
)
def test_what_is_valid_for_both(tmp_path: Path, text: str) -> None:
    (tmp_path / "snowfence.yaml").write_text(text)
    for name in ("team.yaml", "../other.yml", "a/b"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("snowfence: 1\n")
    load_policy(tmp_path / "snowfence.yaml", "snowfence.yaml")
    assert not complaint(text)


# ---------------------------------------------------------------- what is generated

_SCALE = st.sampled_from(["info", "low", "medium", "high", "critical"])
_PATTERN = st.sampled_from(["a/", "**", "src/*.nix", ".github/workflows/[!r]*.yml"])
_SETTING = st.fixed_dictionaries(
    {},
    optional={
        "severity": _SCALE,
        "confidence": st.sampled_from(["low", "medium", "high"]),
        "unknown": _SCALE,
    },
)
_SWITCH = st.sampled_from(["on", "off", True, False])
_ANYTHING = st.sampled_from(
    ["on", "high", 1, -1, True, None, [], {}, "2026-01-01", "a/**", 1.5, ["x"], {"x": 1}]
)


def _value(default: Any) -> st.SearchStrategy[Any]:
    match default:
        case bool():
            return st.booleans()
        case int():
            return st.integers(0, 10_000)
        case str():
            return st.sampled_from(["a", "b c"])
        case dict():
            return st.dictionaries(st.sampled_from(["a/*", "b"]), _ANYTHING, max_size=2)
    return st.lists(st.sampled_from(["a", "b/*"]), max_size=2)


@st.composite
def _rule(draw: st.DrawFn) -> tuple[str, Any]:
    id = draw(st.sampled_from([*places(), *KINDS, "*", "tag:CICD-SEC-4", "mine"]))
    setting = draw(_SWITCH | _SETTING)
    if isinstance(setting, dict):
        if draw(st.booleans()):
            setting["paths"] = draw(st.dictionaries(_PATTERN, _SWITCH | _SETTING, max_size=2))
        if id in places() and draw(st.booleans()):
            defaults = defaults_of(load(places()[id]))
            setting["options"] = {
                name: draw(_value(value)) for name, value in defaults.items() if draw(st.booleans())
            }
        if draw(st.integers(0, 9)) == 0:
            setting[draw(st.sampled_from(["severity", "paths", "options", "other"]))] = draw(_ANYTHING)
    return id, setting


_EXCEPTION = st.fixed_dictionaries(
    {
        "rule": st.sampled_from(["artipacked", ["stale-input", "*"], []]),
        "reason": st.sampled_from(["so", 5, " "]),
    },
    optional={
        "expires": st.sampled_from(["2026-01-31", "2026-02-30", "soon"]),
        "path": _PATTERN | st.lists(_PATTERN),
        "target": st.sampled_from(["actions/*", "/a"]),
        "fingerprint": st.sampled_from(["abc:1", ["a", "b"]]),
    },
)
_POLICY = st.fixed_dictionaries(
    {"snowfence": st.sampled_from([1, "1", 2])},
    optional={
        "extends": st.sampled_from(["strict", [], ["minimal", "nix"], "nobody", None]),
        "fail-on": _SCALE,
        "rules": st.lists(_rule(), max_size=4).map(dict),
        "exceptions": st.lists(_EXCEPTION, max_size=2) | _ANYTHING,
        "paths": st.fixed_dictionaries({}, optional={"include": _PATTERN, "exclude": st.lists(_PATTERN)})
        | _ANYTHING,
        "score": st.fixed_dictionaries(
            {},
            optional={"areas": st.dictionaries(st.sampled_from(list(AREAS)), st.floats(0, 200), max_size=2)},
        ),
        "checks": st.just(
            {"mine": {"title": "t", "severity": "low", "select": "action", "require": {"pinned": True}}}
        ),
    },
)


@given(_POLICY)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_the_reader_takes_the_schema_takes(tmp_path: Path, policy: dict[str, Any]) -> None:
    text = json.dumps(policy)  # YAML holds JSON
    (tmp_path / "snowfence.yaml").write_text(text)
    try:
        load_policy(tmp_path / "snowfence.yaml", "snowfence.yaml")
    except PolicyError:
        return
    assert not complaint(text)
    assert main(["policy", "show", ".", "--policy", str(tmp_path / "snowfence.yaml")]) == 0
