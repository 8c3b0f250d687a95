"""Our resolution of follows is Nix's: real Nix locks a set of flakes and evaluates them, we read the lock.

Nix itself writes the lock and hands every flake its inputs. Each directory holds a file `id`, so an evaluated
input says which directory it is; each node of the lock is a directory of its own, so the lock says it too.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.nix.installed import Nix, needs_nix
from tests.support import snowfence

pytestmark = pytest.mark.registry

# The cases on which wrong readers fail: labels that differ from names (`lib` is three nodes), paths of several
# names, a path that ends in a follows, a follows written in a dependency, the root itself (`""`).
INPUTS = {
    "root": """
        a.url = "path:@/a";
        alias.follows = "b/theirs";
        b.url = "path:@/b";
        b.inputs.lib.follows = "a/own";
        b.inputs.theirs.follows = "home/lib";
        data = { url = "path:@/data"; flake = false; };
        home.url = "path:@/home";
        home.inputs.configuration.follows = "";
        home.inputs.deep.follows = "a/deep";
        home.inputs.lib.follows = "lib";
        lib.url = "path:@/lib-of-root";
    """,
    "a": """
        deep.url = "path:@/deep";
        lib.url = "path:@/lib-of-a";
        own.follows = "deep/lib";
    """,
    "b": """
        lib.url = "path:@/unused";
        theirs.url = "path:@/unused";
    """,
    "deep": """
        lib.url = "path:@/lib-of-deep";
    """,
    "home": """
        configuration.url = "path:@/unused";
        deep.url = "path:@/unused";
        lib.url = "path:@/unused";
    """,
    **dict.fromkeys(("data", "lib-of-a", "lib-of-deep", "lib-of-root", "unused"), ""),
}

# [source, name, target] of every input of every flake that the root reaches
EDGES = """
    let
      id = flake: builtins.readFile (flake.outPath + "/id");
      node = flake: { key = id flake; inputs = flake.inputs or { }; };
      reached = builtins.genericClosure {
        startSet = [ (node self) ];
        operator = n: map node (builtins.attrValues n.inputs);
      };
      edges = n: map (name: [ n.key name (id n.inputs.${name}) ]) (builtins.attrNames n.inputs);
    in builtins.concatMap edges reached
"""


@needs_nix
def test_follows_resolve_as_nix_resolves_them(tmp_path: Path) -> None:
    flakes = (tmp_path / "flakes").resolve()
    for name, inputs in INPUTS.items():
        directory = flakes / name
        directory.mkdir(parents=True)
        (directory / "id").write_text(name, encoding="utf-8")
        outputs = f"{{ self, ... }}: {{ edges = {EDGES}; }}"
        text = f"{{ inputs = {{ {inputs.replace('@', str(flakes))} }}; outputs = {outputs}; }}\n"
        (directory / "flake.nix").write_text(text, encoding="utf-8")

    evaluated = json.loads(
        Nix(tmp_path / "nix").run("nix", "eval", "--json", f"path:{flakes / 'root'}#edges").stdout
    )
    by_nix = {(source, name, target) for source, name, target in evaluated}
    # the cases are what they claim to be, by Nix's own word
    assert {
        ("root", "alias", "lib-of-root"),
        ("b", "lib", "lib-of-deep"),
        ("home", "lib", "lib-of-root"),
        ("home", "configuration", "root"),
        ("root", "data", "data"),
    } <= by_nix

    locked = json.loads((flakes / "root" / "flake.lock").read_text(encoding="utf-8"))["nodes"]
    graph = json.loads(snowfence("graph", flakes / "root", "--format", "json").stdout)
    directory_of = {
        node["id"]: Path(locked[node["label"]]["locked"]["path"]).name
        if node["kind"] == "flake-input"
        else "root"
        for node in graph["nodes"]
    }
    by_us = {
        (directory_of[edge["source"]], edge["name"], directory_of[edge["target"]])
        for edge in graph["edges"]
        if edge["kind"] == "input"
    }
    assert by_us == by_nix
