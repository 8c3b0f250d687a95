"""A flake.nix that Nix reads is one that we read: its attributes must be written out, and only Nix's own are taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nix.flake import read_flake
from tests.nix.installed import Nix, lock_of, needs_nix, write_flake

pytestmark = [pytest.mark.registry, needs_nix]

LOCKED = {
    "original": {"type": "github", "owner": "e", "repo": "a"},
    "locked": {
        "type": "github",
        "owner": "e",
        "repo": "a",
        "rev": "abcdef0123456789abcdef0123456789abcdef01",
        "narHash": "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY=",
    },
}
LOCK = lock_of({"a": LOCKED}, {"a": "a"})
OUT = "outputs = _: { };"

READ = (
    f"{{ {OUT} }}",
    f'{{ description = "x"; {OUT} }}',
    f"{{ inputs = {{ }}; {OUT} }}",
    f'{{ inputs.a.url = "github:e/a"; {OUT} }}',
    f'{{ inputs = {{ a.url = "github:e/a"; }}; inputs.a.flake = true; {OUT} }}',
    f"{{ inputs.a.url = ''github:e/a''; {OUT} }}",
    f"{{ inputs.a.url = github:e/a; {OUT} }}",
    f'{{ inputs.a = {{ type = "github"; owner = "e"; repo = "a"; }}; {OUT} }}',
    f'{{ inputs.${{"a"}}.url = "github:e/a"; {OUT} }}',
    f'{{ inputs."a".url = "github:e/a"; {OUT} }}',
    f'{{ inputs.a.url = ("github:e/a"); {OUT} }}',
    f'{{ inputs.a.url = "github:e/a"; inputs.a.inputs.b.follows = "a"; {OUT} }}',
    f'{{ inputs.a.url = "github:e/a"; inputs.a.inputs.b.follows = ""; {OUT} }}',
    '{ inputs.a.url = "github:e/a"; outputs = { self, a }: { }; }',
    '{ inputs.a.url = "github:e/a"; outputs = { self, a, ... }@all: all; }',
    '{ inputs.a.url = "github:e/a"; outputs = x: y: z: { }; }',
    f'{{ nixConfig = {{ sandbox = true; extra-substituters = [ "https://a" ]; cores = 2; }}; {OUT} }}',
    f'{{ nixConfig.bash-prompt = "x"; nixConfig.cores = 1; {OUT} }}',
    f"# remark\n{{ /* remark */ {OUT} }} # remark\n",
    f"{{\r\n  {OUT}\r\n}}\r\n",
)

REFUSED = (
    "",
    "{ }",
    "1",
    "[ ]",
    "_: { outputs = _: { }; }",
    f"let a = 1; in {{ {OUT} }}",
    f"{{ {OUT} }} // {{ }}",
    f"with {{ }}; {{ {OUT} }}",
    "{ outputs = 1; }",
    "{ outputs = { }; }",
    "{ outputs = import ./x.nix; }",
    "{ outputs = let f = _: { }; in f; }",
    f"{{ output = 1; {OUT} }}",
    f"{{ version = 1; {OUT} }}",
    f"{{ description = 1; {OUT} }}",
    f'{{ description = "a" + "b"; {OUT} }}',
    f"{{ inputs = import ./x.nix; {OUT} }}",
    f"{{ inputs = [ ]; {OUT} }}",
    f"{{ inputs = let x = {{ }}; in x; {OUT} }}",
    f"{{ inputs = {{ }} // {{ }}; {OUT} }}",
    f'{{ inputs.a = "github:e/a"; {OUT} }}',
    f"{{ inputs.a.url = 1; {OUT} }}",
    f'{{ inputs.a.url = "github:" + "e/a"; {OUT} }}',
    f'{{ inputs.a.url = "github:${{"e"}}/a" + ""; {OUT} }}',
    f'{{ inputs.a.url = "github:e/a"; inputs.a.flake = "false"; {OUT} }}',
    f'{{ inputs.a.url = "github:e/a"; inputs.a.inputs = [ ]; {OUT} }}',
    f'{{ inputs.a.url = "github:e/a"; inputs.a.inputs.b.follows = 1; {OUT} }}',
    f'{{ inputs.a.url = "github:e/a"; inputs.a.inputs.b.follows = "a b"; {OUT} }}',
    f'{{ inputs.a.follows = "1a"; {OUT} }}',
    f'{{ inputs.a = {{ url = "github:e/a"; ref = "main"; }}; {OUT} }}',
    f'{{ inputs.a = {{ type = "github"; owner = "e"; }}; {OUT} }}',
    f'{{ inputs.a = {{ type = "github"; owner = "e"; repo = "a"; colour = "red"; }}; {OUT} }}',
    f"{{ nixConfig = 1; {OUT} }}",
    f"{{ nixConfig.sandbox = [ 1 ]; {OUT} }}",
    f"{{ nixConfig.sandbox = {{ }}; {OUT} }}",
    f"{{ nixConfig.sandbox = null; {OUT} }}",
    f"{{ {OUT} {OUT} }}",
    f"\ufeff{{ {OUT} }}",
)


def problems_of(text: str) -> list[Problem]:
    problems: list[Problem] = []
    read_flake(Source("flake.nix", "flake-nix", text), problems)
    return problems


def accepted(tmp_path: Path, text: str) -> bool:
    """Whether Nix gets through flake.nix; it writes no lock, and fetches nothing, as `a` is locked."""
    flake = write_flake(tmp_path / "flake", text, LOCK)
    return Nix(tmp_path / "nix").metadata(flake, "--no-write-lock-file").returncode == 0


@pytest.mark.parametrize("text", READ)
def test_what_nix_reads(tmp_path: Path, text: str) -> None:
    assert accepted(tmp_path, text)
    assert problems_of(text) == []


@pytest.mark.parametrize("text", REFUSED)
def test_what_nix_refuses(tmp_path: Path, text: str) -> None:
    assert not accepted(tmp_path, text)
    assert problems_of(text) != []
