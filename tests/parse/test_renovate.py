"""Renovate's configuration as JSON and JSON5, and which managers it runs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.source import Source
from scanner.parse.json5 import MAX_DEPTH, NotJson5, read_json5
from scanner.parse.renovate import Renovate, read_renovate

VALUES = st.recursive(
    st.none() | st.booleans() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def read(text: str) -> Renovate:
    return read_renovate(Source("renovate.json", "renovate", text), [])


@given(VALUES)
def test_json_is_json5(value: Any) -> None:
    assert read_json5(json.dumps(value, ensure_ascii=False)) == value
    assert read_json5(json.dumps(value, indent=2)) == json.loads(json.dumps(value))


def test_what_json5_adds() -> None:
    text = """// a comment
    {
      extends: ['config:recommended', "it's",], /* another
      one */ $schema: "a\\
b", 'nix': {enabled: true,}, days: +7, empty: [], none: {},
    }
    """
    assert read_json5(text) == {
        "extends": ["config:recommended", "it's"],
        "$schema": "ab",
        "nix": {"enabled": True},
        "days": "+7",
        "empty": [],
        "none": {},
    }


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1", "{a}", "{a:}", "{a:1 b:2}", "[,]", "{,}", "[1,,2]", "'a", '"a\nb"', "/* a", "1 2", "]", "{a:1]", "'\\u00zz'", "/"],
)  # fmt: skip
def test_what_is_no_json5(text: str) -> None:
    with pytest.raises(NotJson5):
        read_json5(text)


def test_depth_is_bounded() -> None:
    assert read_json5("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(NotJson5):
        read_json5("[" * 100_000)
    assert read("[" * 100_000).settings is None


@given(st.text(alphabet="{}[],:'\"/*\\ua1 \n"))
def test_any_text_has_an_answer(text: str) -> None:
    read(text)


@pytest.mark.parametrize(
    ("text", "nix", "actions", "hooks"),
    [
        ("{}", False, True, False),
        ('{"enabled": false, "nix": {"enabled": true}}', False, False, False),
        ('{"extends": ["config:recommended"]}', False, True, False),
        ('{"extends": ["config:best-practices", ":enablePreCommit"]}', False, True, True),
        ('{"extends": ["github>org/presets"]}', None, True, None),
        ('{"extends": ["github>org/presets"], "nix": {"enabled": false}}', False, True, None),
        ("{extends: ['local>org/presets'], nix: {enabled: true}}", True, True, None),
        ('{"enabledManagers": ["nix"], "nix": {"enabled": true}}', True, False, False),
        ('{"enabledManagers": ["github-actions"]}', False, True, False),
        ('{"github-actions": {"enabled": false}}', False, False, False),
        ('{"packageRules": [{"matchManagers": ["github-actions"], "enabled": false}]}', False, False, False),
        (
            '{"packageRules": [{"matchManagers": ["github-actions"], "matchPackageNames": ["a/b"], "enabled": false}]}',
            False,
            True,
            False,
        ),
        (
            '{"nix": {"enabled": true}, "packageRules": [{"matchManagers": ["nix"], "enabled": false}]}',
            False,
            True,
            False,
        ),
        (
            '{"nix": {"enabled": true}, "packageRules": [{"matchManagers": ["nix"], "enabled": false},'
            ' {"matchManagers": ["nix"], "enabled": true}]}',
            True,
            True,
            False,
        ),
        ("not json", None, None, None),
        ("[]", None, None, None),
        (
            '{"extends": "x", "nix": true, "packageRules": {"a": 1}, "enabledManagers": "nix"}',
            False,
            True,
            False,
        ),
    ],
)
def test_managers(text: str, nix: bool | None, actions: bool | None, hooks: bool | None) -> None:
    config = read(text)
    assert (config.runs("nix"), config.runs("github-actions"), config.runs("pre-commit")) == (
        nix,
        actions,
        hooks,
    )
