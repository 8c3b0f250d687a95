"""`nix-instantiate --parse` and our parser take and refuse the same texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nix.syntax import parse
from tests.nix.installed import Nix, needs_nix

pytestmark = [pytest.mark.registry, needs_nix]

# One expression per line; names are bound, since Nix looks for that when it parses.
ACCEPTED = r"""
{ }
{ description = "x"; inputs = { }; outputs = { self }: { }; }
{ inputs.a.url = "github:e/a"; inputs.a.inputs.b.follows = ""; outputs = _: { }; }
{ inputs.a.url = "x"; inputs = { b.url = "y"; }; }
{ inputs = { b.url = "y"; }; inputs.a.url = "x"; }
{ a.b = 1; a.c = 2; a.d.e = 3; }
{ "quoted name" = 1; ${"computed"} = 2; a."b.c" = 3; }
{ a = 1; /* remark */ b = 2; } # another
{ a = ''indented ''${no} '' ; b = ''''; c = '''''''; }
{ a = https://example.org/x?y=z; b = path:./x; }
{ a = ./x; b = ../x/y.nix; c = /etc/nix; d = ~/x; e = <nixpkgs>; f = ./. ; }
{ a = -1; b = 1.5; c = .5; d = 1.0e3; e = [ 1 (-1) "x" ]; }
{ a = "$"; b = "$${x}"; c = "\${x}"; d = "\n\t\\\""; e = "${"a" + "b"}"; }
{ a ? 1, b, ... }@all: a + b
all@{ a, b ? { c = 1; } }: b.c or a
{ a, b, }: [ a b ]
x: y: x y
rec { a = 1; b = a; inherit (c) d; c = { d = 1; }; }
let a = 1; b = a; in { inherit a b; }
with { a = 1; }; a
assert true; 1
if true then 1 else 2
let a = { b.c = 1; }; in a ? b.c && a.b ? d -> !(a ? e)
[ 1 2 ] ++ [ 3 ]
{ a = 1; } // { b = 2; }
1 + 2 * 3 - 4 / 2 == 5 || 1 < 2 && 3 >= 2
let f = { x ? 1 }: x; in f { }
let s = { a = 1; }; in s.${"a"}
(((1)))
builtins.map (x: x * 2) [ 1 2 ]
null
__currentSystem
let or = 1; in { inherit or; }
"a" + ''b'' + toString ./c
{ a = b: b; c = { d }: d; e = { }: 1; }
"""

REFUSED = r"""
{ a = 1
{ a = 1; }}
{ a 1; }
{ a: 1; }
{ a = 1; a = 2; }
{ a.b = 1; a.b = 2; }
{ a = 1; a.b = 2; }
{ a = "x }
{ a = ''x }
{ a = "${x"; }
{ a = [ 1, 2 ]; }
{ a, a }: 1
{ ..., a }: 1
{ a }@a: 1
{ a b }: 1
{ a = ; }
let a = 1; { }
let in
if true then 1
with { }
assert true
1 +
* 1
1 == 2 == 3
1 < 2 < 3
{ a = @; }
{ a = 99999999999999999999; }
{ inherit 1; }
{ = 1; }
{ a.= 1; }
{ a = ./x/; }
{ /* a = 1; }
a = 1;
[ 1 2
( 1
}
"""


def expressions(table: str) -> list[str]:
    return table.strip().split("\n")


def problems_of(text: str) -> list[Problem]:
    problems: list[Problem] = []
    parse(Source("flake.nix", "flake-nix", text), problems)
    return problems


def test_what_nix_takes(tmp_path: Path) -> None:
    """All in one process: Nix stops at the first that it refuses."""
    files = []
    for at, text in enumerate(expressions(ACCEPTED)):
        assert problems_of(text) == [], text
        files.append(tmp_path / f"{at}.nix")
        files[-1].write_text(text, encoding="utf-8")
    Nix(tmp_path / "nix").run("nix-instantiate", "--parse", *files)


@pytest.mark.parametrize("text", expressions(REFUSED))
def test_what_nix_refuses(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.nix"
    file.write_text(text, encoding="utf-8")
    told = Nix(tmp_path / "nix").run("nix-instantiate", "--parse", file, expect=(1,))
    assert "error:" in told.stderr
    assert problems_of(text) != []
