"""flake.nix as Nix 2.34 reads it: inputs, overrides, follows, formals and settings, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nix.flake import DeclaredInput, Flake, read_flake
from scanner.parse.nix.flake_reader import MAX_SIZE
from scanner.parse.nix.reference import Reference
from tests.support import SHARED

ORACLE = SHARED / "oracles" / "nix"


def read(text: str, path: str = "flake.nix") -> tuple[Flake | None, list[Problem]]:
    problems: list[Problem] = []
    return read_flake(Source(path, "flake-nix", text), problems), problems


def flake_of(text: str, path: str = "flake.nix") -> Flake:
    flake, problems = read(text, path)
    assert not problems
    assert flake is not None
    return flake


def only(text: str) -> DeclaredInput:
    (found,) = flake_of(text).inputs
    return found


# ---------------------------------------------------------------- what is read

FULL = """
{
  description = "all of it";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  inputs = {
    "dep" = {
      url = "git+https://example.org/dep?ref=main";
      inputs.nixpkgs.follows = "nixpkgs";
      inputs.other = { url = "github:o/r"; inputs.deep.follows = ""; };
    };
    src = { type = "github"; owner = "o"; repo = "r"; flake = false; };
    named = { };
  };
  inputs.nixpkgs.flake = true;
  inputs.same.follows = "dep/nixpkgs";
  inputs.self.submodules = true;
  nixConfig = {
    extra-substituters = [ "https://a.example" "https://b.example" ];
    extra-trusted-public-keys = "one:AAA=\\n  two:BBB=";
    sandbox = false;
    max-jobs = 4;
  };
  outputs = { self, nixpkgs, extra ? null, ... }@inputs: { };
}
"""


def test_everything_that_a_flake_says() -> None:
    flake = flake_of(FULL)
    inputs = {declared.name: declared for declared in flake.inputs}
    assert list(inputs) == ["nixpkgs", "dep", "src", "named", "same", "extra"]
    assert flake.formals == ("self", "nixpkgs", "extra")
    assert flake.at.text == "inputs"

    nixpkgs = inputs["nixpkgs"]
    assert nixpkgs.at.begin == (4, 10)
    assert nixpkgs.reference is not None
    assert (nixpkgs.reference.type, nixpkgs.reference.ref) == ("github", "nixos-26.05")
    assert nixpkgs.reference_at is not None
    assert nixpkgs.reference_at.text == "github:NixOS/nixpkgs/nixos-26.05"
    assert nixpkgs.flake
    assert not nixpkgs.implicit

    dep = inputs["dep"]
    assert dep.at.text == '"dep"'
    override, other = dep.inputs
    assert (override.name, override.follows, override.reference) == ("nixpkgs", ("nixpkgs",), None)
    assert override.follows_at is not None
    assert override.follows_at.begin == (8, 33)
    assert other.reference is not None
    assert other.inputs[0].follows == ()

    src = inputs["src"]
    assert src.reference is not None
    assert src.reference.attributes == {"type": "github", "owner": "o", "repo": "r"}
    assert src.reference_at == src.at
    assert not src.flake

    assert inputs["same"].follows == ("dep", "nixpkgs")
    assert inputs["same"].reference is None
    for name, implicit in (("named", False), ("extra", True)):
        assert inputs[name].reference == Reference({"type": "indirect", "id": name})
        assert inputs[name].implicit is implicit
    assert inputs["extra"].at.begin.line == 23


def test_settings_and_their_words() -> None:
    flake = flake_of(FULL)
    assert [
        (setting.name, setting.at.text, [word.text for word in setting.words]) for setting in flake.config
    ] == [
        ("extra-substituters", "extra-substituters", ["https://a.example", "https://b.example"]),
        ("extra-trusted-public-keys", "extra-trusted-public-keys", ["one:AAA=", "two:BBB="]),
        ("sandbox", "sandbox", ["false"]),
        ("max-jobs", "max-jobs", ["4"]),
    ]
    assert all(word.at.text == word.text for setting in flake.config for word in setting.words)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('"a b"', ["a", "b"]),
        ('" "', []),
        ("''\n  a\n  b\n''", ["a", "b"]),
        ('[ "a b" x:y ]', ["a b", "x:y"]),
        ("[ ]", []),
        ("true", ["true"]),
        ("7", ["7"]),
        ("./netrc", ["./netrc"]),
        ('("a")', ["a"]),
    ],
)
def test_values_of_settings(value: str, words: list[str]) -> None:
    (setting,) = flake_of(f"{{ nixConfig.x = {value}; outputs = _: 1; }}").config
    assert [word.text for word in setting.words] == words
    assert [word.at.text for word in setting.words] == words


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ('url = "github:a/b";', "github:a/b"),
        ("url = github:a/b;", "github:a/b"),
        ("url = ''github:a/b'';", "github:a/b"),
        ('url = ("github:a/b");', "github:a/b"),
        ('${"url"} = "github:a/b";', "github:a/b"),
        ("url = ./sub/../dep;", "path:dep"),
        ("url = ../dep;", "path:../dep"),
        ("url = ./.; flake = false;", "path:."),
    ],
)
def test_ways_to_write_a_url(body: str, url: str) -> None:
    (one,) = flake_of(f"{{ inputs.a = {{ {body} }}; outputs = _: 1; }}", "sub/flake.nix").inputs
    (other,) = flake_of(f'{{ inputs.a = {{ url = "{url}"; flake = false; }}; outputs = _: 1; }}').inputs
    assert one.reference == other.reference


def test_names_of_a_recursive_set_have_a_value_once_they_are_defined() -> None:
    config = flake_of(
        '{ nixConfig = rec { a = [ "x" ]; b = a; c = [ d ]; d = "y"; }; outputs = _: 1; }'
    ).config
    assert {setting.name: [word.text for word in setting.words] for setting in config} == {
        "a": ["x"],
        "b": ["x"],
        "c": ["y"],
        "d": ["y"],
    }
    declared = only('{ inputs.a = rec { type = "github"; owner = "nix"; repo = owner; }; outputs = _: 1; }')
    assert declared.reference is not None
    assert declared.reference.repo == "nix"
    assert read("{ nixConfig = rec { b = a; a = 1; }; outputs = _: 1; }")[0] is None


def test_a_function_in_a_folder_is_a_module_of_this_name() -> None:
    assert read("{ lib, ... }: { }", "modules/flake.nix") == (None, [])
    assert len(read("{ lib, ... }: { }")[1]) == 1


# ---------------------------------------------------------------- what is refused

# Each was refused by `nix flake metadata` of Nix 2.34.8: attributes beside `outputs`, where the problem stands, what is said.
REFUSED = [
    ("x = 1;", "x", "no attribute of a flake"),
    ("description = 1;", "1", "must be a text, not a number"),
    ('description = "a" + "b";', '"a" + "b"', "not as an operation"),
    ("inputs = [ ];", "[ ]", "must be a set, not a list"),
    ("inputs = import ./x;", "import ./x", "not as a call"),
    ("inputs = { } // { };", "{ } // { }", "not as an operation"),
    ("inputs = let in { };", "let", "not as `let`"),
    ("inputs = with { }; { };", "with", "not as `with`"),
    ("inputs.a.url = if true then x else y;", "if", "not as `if`"),
    ('inputs.a.url = "github:a/${b}";', '"github:a/${b}"', "not as an interpolation"),
    ("inputs.a.url = x;", "x", "the variable `x`"),
    ("inputs.a.url = null;", "null", "not `null`"),
    ("inputs.a.url = <x>;", "<x>", "not as a search path"),
    ("inputs.a.url = /x;", "/x", "outside of the flake"),
    ("inputs.a.url = ~/x;", "~/x", "outside of the flake"),
    ("inputs.a.url = ../x;", "../x", "leads out of the repository"),
    ('inputs.a.url = "path:./x/../../y";', "path:./x/../../y", "leads out of the repository"),
    ("inputs.a.url = ./.;", "./.", "is this flake itself"),
    ('inputs.a.url = "github:a/b#c";', "github:a/b#c", "no flake reference"),
    ('inputs.a = "github:a/b";', '"github:a/b"', "must be a set, not a text"),
    ('inputs.${"a" + "b"}.url = "github:a/b";', '${"a" + "b"}', "must be written out"),
    ("inputs = { inherit (x) a; };", "a", "not as `inherit`"),
    ("inputs.a.flake = null;", "null", "must be `true` or `false`"),
    ("inputs.a.inputs = null;", "null", "must be a set"),
    ('inputs.a.inputs.self.follows = "b";', "self", "no input that can be overridden"),
    ("inputs.a.follows = 1;", "1", "must be a text"),
    ('inputs.a.follows = "b.c";', "b.c", "no name of an input"),
    ('inputs.a = { url = "github:a/b"; follows = "c"; };', "c", "takes only one"),
    ('inputs.a = { url = "github:a/b"; ref = "c"; };', "ref", "Write it into the URL"),
    ('inputs.a = { ref = "c"; };', "ref", "Give a `type`"),
    ('inputs.a = { type = "github"; owner = "a"; };', "a", "`repo`"),
    ('inputs.a = { type = "github"; owner = "a"; repo = "b"; x = "c"; };', "x", "`x`"),
    ('inputs.a = { type = "odd"; url = "b"; };', "type", "Nix does not know"),
    ('inputs.a = { type = "path"; path = ./x; };', "./x", "not a path"),
    ('inputs.a = { type = "git"; url = "https://a"; revCount = -1; };', "-1", "not as an operation"),
    ('inputs."a b" = { };', '"a b"', "registry"),
    ("inputs.self.shallow = true;", "shallow", "only `submodules` and `lfs`"),
    ("inputs.self.submodules = null;", "null", "not `null`"),
    ("nixConfig = 1;", "1", "must be a set"),
    ("nixConfig.a.b = 1;", "a", "not a set"),
    ("nixConfig.a = 1.5;", "1.5", "not a number"),
    ("nixConfig.a = [ 1 ];", "1", "an item of the setting `a`"),
    ('nixConfig.a = [ "b" ] ++ [ "c" ];', '[ "b" ] ++ [ "c" ]', "not as an operation"),
    ("nixConfig.a = x: x;", "x:", "not a function"),
]


@pytest.mark.parametrize(("attributes", "at", "said"), REFUSED)
def test_what_nix_refuses(attributes: str, at: str, said: str) -> None:
    flake, problems = read(f"{{ {attributes} outputs = _: {{ }}; }}")
    assert flake is None
    (problem,) = problems
    assert said in problem.message
    assert problem.at.text == at


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("{ }", "{", "no `outputs`"),
        ("{ outputs = { }; }", "{ }", "must be a function, not a set"),
        ("{ outputs = import ./x; }", "import ./x", "not as a call"),
        ("{ outputs = { _x }: 1; }", "_x", "registry"),
        ("{ outputs = { x, x }: 1; }", "x", "already takes"),
        ("let in { outputs = _: 1; }", "let", "not `let`"),
        ("{ outputs = _: { a = 1; a = 2; }; }", "a", "already defined"),
        ("{ outputs = _: { a = 1 }; }", "}", "`;`"),
        ("\ufeff{ outputs = _: 1; }", "\ufeff", "byte order mark"),
    ],
)
def test_whole_files_that_nix_refuses(text: str, at: str, said: str) -> None:
    flake, problems = read(text)
    assert flake is None
    (problem,) = problems
    assert (problem.at.text, said in problem.message) == (at, True)


def test_all_that_is_wrong_is_said() -> None:
    _, problems = read("{ inputs.a.url = 1; inputs.b.flake = 2; nixConfig.c = null; d = 3; outputs = 4; }")
    assert [problem.at.text for problem in problems] == ["1", "2", "null", "d", "4"]


def test_a_path_may_lead_to_another_folder_of_the_repository() -> None:
    text = '{ inputs.a.url = "path:../b"; outputs = _: 1; }'
    assert flake_of(text, "a/flake.nix").inputs
    assert flake_of(text.replace("path:", ""), "a/flake.nix").inputs
    assert read(text)[0] is None


def test_size_and_levels_are_bounded() -> None:
    _, (problem,) = read("{ outputs = _: 1; }" + " " * MAX_SIZE)
    assert "characters" in problem.message
    _, (problem,) = read("{ inputs." + "a.inputs." * 5_000 + 'b.follows = ""; outputs = _: 1; }')
    assert "levels of overrides" in problem.message


def test_a_long_chain_of_names_is_not_followed_to_its_end() -> None:
    names = "".join(f"a{at + 1} = a{at}; " for at in range(5_000))
    flake, problems = read(f"{{ nixConfig = rec {{ a0 = 1; {names} }}; outputs = _: 1; }}")
    assert flake is None
    assert len(problems) > 4_000


@given(st.data())
def test_nothing_raises_on_a_damaged_flake(data: st.DataObject) -> None:
    text = FULL
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(at, min(at + 12, len(text))))
        text = (
            text[:at]
            + data.draw(
                st.sampled_from(["", " ", '"', "''", "{", "}", ";", "=", "x", "[", "${", "null", "."])
            )
            + text[end:]
        )
    flake, problems = read(text)
    assert flake is not None or problems
    assert all(0 <= problem.at.start <= problem.at.end <= len(text) for problem in problems)


# ---------------------------------------------------------------- real flakes

REAL = sorted(ORACLE.glob("real/*/*/inputs.json"))
DIALECT = ORACLE / "flakenix" / "index.json"


@pytest.mark.skipif(not DIALECT.is_file(), reason="the oracles are not beside the checkout")
def test_the_dialect_of_nix() -> None:
    cases = json.loads(DIALECT.read_text("utf-8"))
    assert len(cases) > 30
    for name, case in cases.items():
        flake, _ = read((DIALECT.parent / case["dir"] / "flake.nix").read_text("utf-8"))
        assert (flake is not None) == case["reads_inputs"], name


@pytest.mark.skipif(not REAL, reason="the oracles are not beside the checkout")
def test_real_flakes_say_what_nix_read() -> None:
    paths = {
        entry["id"].partition("/")[2]: entry["path"]
        for entry in json.loads((ORACLE / "real" / "index.json").read_text("utf-8"))
    }
    assert len(REAL) >= 300
    for file in REAL:
        wanted = json.loads(file.read_text("utf-8"))
        path = str(Path(paths[file.parent.name]).with_name("flake.nix"))
        flake = flake_of((file.parent / "flake.nix").read_text("utf-8"), path)
        assert _as_written(flake.inputs, wanted["inputs"]) == _wanted(wanted["inputs"]), file
        assert set(flake.formals) == set(wanted["outputArgs"]), file
        config = {setting.name: [word.text for word in setting.words] for setting in flake.config}
        assert config == {name: _words(value) for name, value in wanted["nixConfig"].items()}, file


def _words(value: Any) -> list[str]:
    if isinstance(value, list):
        return value
    return value.split() if isinstance(value, str) else [json.dumps(value)]


def _wanted(inputs: dict[str, Any]) -> dict[str, Any]:
    """The oracle's raw attributes, with follows as paths and without what is the default."""
    made: dict[str, Any] = {}
    for name, raw in inputs.items():
        if name == "self":
            continue
        made[name] = {key: value for key, value in raw.items() if key not in ("follows", "inputs", "flake")}
        if isinstance(raw.get("url"), dict):
            made[name]["url"] = raw["url"]["__path"]  # a path literal
        made[name]["flake"] = raw.get("flake", True)
        made[name]["follows"] = tuple(p for p in raw["follows"].split("/") if p) if "follows" in raw else None
        made[name]["inputs"] = _wanted(raw.get("inputs", {}))
    return made


def _as_written(inputs: tuple[DeclaredInput, ...], raw: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for declared in inputs:
        if declared.implicit:
            continue
        written: dict[str, Any] = {}
        of = raw.get(declared.name, {})
        if "type" in of:
            assert declared.reference is not None
            written |= declared.reference.attributes
        elif "url" in of:
            assert declared.reference_at is not None
            written["url"] = declared.reference_at.text
        written |= {
            "flake": declared.flake,
            "follows": declared.follows,
            "inputs": _as_written(declared.inputs, of.get("inputs", {})),
        }
        made[declared.name] = written
    return made
