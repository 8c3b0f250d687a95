"""`lock-out-of-sync` is silent exactly where Nix has nothing to change in the lock (`--no-update-lock-file` succeeds)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.engine import Context, load, places
from scanner.model.finding import Hit
from tests.memory import KNOWLEDGE, NOW, options_of, repository
from tests.nix.installed import Nix, lock_of, needs_nix, write_flake

pytestmark = [pytest.mark.registry, needs_nix]

HASH = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="
REV = "abcdef0123456789abcdef0123456789abcdef01"


def node(repo: str, inputs: dict[str, Any] | None = None, **asked: Any) -> dict[str, Any]:
    base = {"type": "github", "owner": "example", "repo": repo}
    made: dict[str, Any] = {"original": {**base, **asked}, "locked": {**base, "rev": REV, "narHash": HASH}}
    return made if inputs is None else {**made, "inputs": inputs}


# home -> tools, app -> (home of the root, tools of the root, its own data)
LOCK = lock_of(
    {
        "app": node("app", {"data": "data", "home": ["home"], "tools": ["tools"]}),
        "data": node("data"),
        "home": node("home", {"tools": "tools_2"}, ref="v1"),
        "tools": node("tools"),
        "tools_2": node("tools"),
    },
    {"app": "app", "home": "home", "tools": "tools"},
)
APP = 'app = { url = "github:example/app"; inputs.home.follows = "home"; inputs.tools.follows = "tools"; };'
HOME = 'home.url = "github:example/home/v1";'
TOOLS = 'tools.url = "github:example/tools";'


def flake(*inputs: str, formals: str = "_") -> str:
    return f"{{ inputs = {{ {' '.join(inputs)} }}; outputs = {formals}: {{ }}; }}\n"


IN_SYNC = {
    "the same": flake(APP, HOME, TOOLS),
    "in another order": flake(TOOLS, APP, HOME),
    "with dots": flake(
        'app.url = "github:example/app"; app.inputs.home.follows = "home"; app.inputs.tools.follows = "tools";',
        HOME,
        TOOLS,
    ),
    "branch as a parameter": flake(APP, 'home.url = "github:example/home?ref=v1";', TOOLS),
    "as attributes": flake(APP, HOME, 'tools = { type = "github"; owner = "example"; repo = "tools"; };'),
    "attributes with a branch": flake(
        APP, 'home = { type = "github"; owner = "example"; repo = "home"; ref = "v1"; };', TOOLS
    ),
    "follows with a slash": flake(APP.replace('"home"', '"/home"'), HOME, TOOLS),
    "in two places": '{ inputs.tools.url = "github:example/tools"; inputs = { '
    + APP
    + HOME
    + " }; outputs = _: { }; }",
    "quoted names": flake(APP, HOME, '"tools".url = "github:example/tools";'),
    "indented text": flake(APP, HOME, "tools.url = ''github:example/tools'';"),
    "no flake, which Nix does not notice": flake(
        APP, HOME, 'tools = { url = "github:example/tools"; flake = true; };'
    ),
    "with formals": flake(APP, HOME, TOOLS, formals="{ self, app, home, tools }"),
}

OUT_OF_SYNC = {
    "input added": flake(APP, HOME, TOOLS, 'new.url = "github:example/new";'),
    "input of the formals added": flake(APP, HOME, TOOLS, formals="{ self, app, home, tools, new }"),
    "input that follows added": flake(APP, HOME, TOOLS, 'alias.follows = "tools";'),
    "another branch": flake(APP, 'home.url = "github:example/home/v2";', TOOLS),
    "no branch": flake(APP, 'home.url = "github:example/home";', TOOLS),
    "a branch": flake(APP, HOME, 'tools.url = "github:example/tools/main";'),
    "another owner": flake(APP, HOME, 'tools.url = "github:other/tools";'),
    "another repository": flake(APP, HOME, 'tools.url = "github:example/tool";'),
    "capitals": flake(APP, HOME, 'tools.url = "github:Example/tools";'),
    "another type": flake(APP, HOME, 'tools.url = "gitlab:example/tools";'),
    "another host": flake(APP, HOME, 'tools.url = "github:example/tools?host=git.example.org";'),
    "another folder": flake(APP, HOME, 'tools.url = "github:example/tools?dir=nix";'),
    "a commit": flake(APP, HOME, f'tools.url = "github:example/tools/{REV}";'),
    "git": flake(APP, HOME, 'tools.url = "git+https://github.com/example/tools";'),
    "registry": flake(APP, HOME, 'tools.url = "tools";'),
    "follows added": flake(APP, 'home = { url = "github:example/home/v1"; inputs.tools.follows = "tools"; };', TOOLS),
    "follows taken away": flake(APP.replace('inputs.tools.follows = "tools";', ""), HOME, TOOLS),
    "another follows": flake(APP.replace('tools.follows = "tools"', 'tools.follows = "home"'), HOME, TOOLS),
    "a deeper follows": flake(
        APP.replace('tools.follows = "tools"', 'tools.follows = "home/tools"'), HOME, TOOLS
    ),
    "follows of the root": flake(APP.replace('tools.follows = "tools"', 'tools.follows = ""'), HOME, TOOLS),
    "input that follows now": flake(APP, HOME, 'tools.follows = "home/tools";'),
    "override of another": flake(
        APP, 'home = { url = "github:example/home/v1"; inputs.tools.url = "github:example/other"; };', TOOLS
    ),
    "override instead of a follows": flake(
        APP.replace('tools.follows = "tools"', 'tools.url = "github:example/tools"'), HOME, TOOLS
    ),
    "another name": flake(APP, HOME, TOOLS.replace("tools.url", "tool.url")),
}  # fmt: skip


def reported(text: str, lock: dict[str, Any]) -> set[str | None]:
    """The variants of what the rule says."""
    graph, problems = repository({"flake.nix": text, "flake.lock": json.dumps(lock)})
    assert not problems
    rule = load(places()["lock-out-of-sync"])
    found = rule.check(Context(graph, problems, KNOWLEDGE, NOW, options_of(rule, {})))
    return {one.variant for one in found if isinstance(one, Hit)}


def accepted(tmp_path: Path, text: str, lock: dict[str, Any]) -> bool:
    folder = write_flake(tmp_path / "flake", text, lock)
    return Nix(tmp_path / "nix").metadata(folder, "--no-update-lock-file").returncode == 0


@pytest.mark.parametrize("case", IN_SYNC)
def test_in_sync(tmp_path: Path, case: str) -> None:
    assert accepted(tmp_path, IN_SYNC[case], LOCK)
    assert reported(IN_SYNC[case], LOCK) == set()


@pytest.mark.parametrize("case", OUT_OF_SYNC)
def test_out_of_sync(tmp_path: Path, case: str) -> None:
    assert not accepted(tmp_path, OUT_OF_SYNC[case], LOCK)
    assert reported(OUT_OF_SYNC[case], LOCK) != set()


@pytest.mark.parametrize("gone", ["home", "tools"])
def test_an_input_that_flake_nix_does_not_have_any_more(tmp_path: Path, gone: str) -> None:
    inputs = {"home": HOME, "tools": TOOLS}
    lock = lock_of({name: node(name, ref="v1") if name == "home" else node(name) for name in inputs},
                   {name: name for name in inputs})  # fmt: skip
    text = flake(*(said for name, said in inputs.items() if name != gone))
    assert not accepted(tmp_path, text, lock)
    assert reported(text, lock) == {"left-over"}


def test_what_nix_does_not_notice_is_a_finding_of_its_own(tmp_path: Path) -> None:
    text = flake(APP, HOME, 'tools = { url = "github:example/tools"; flake = false; };')
    assert accepted(tmp_path, text, LOCK)
    assert reported(text, LOCK) == {"flake"}


@pytest.mark.parametrize("version", [5, 6, 7])
def test_old_versions_are_in_sync(tmp_path: Path, version: int) -> None:
    lock = lock_of({"tools": node("tools")}, {"tools": "tools"}, version)
    assert accepted(tmp_path, flake(TOOLS), lock)
    assert reported(flake(TOOLS), lock) == set()


def test_names_of_nodes_do_not_count(tmp_path: Path) -> None:
    lock = lock_of({"x": node("tools"), "tools": node("home", ref="v1")}, {"tools": "x", "home": "tools"})
    assert accepted(tmp_path, flake(HOME, TOOLS), lock)
    assert reported(flake(HOME, TOOLS), lock) == set()


TAMPERED: dict[str, dict[str, Any]] = {
    "owner": {"owner": "mallory"},
    "repo": {"repo": "malware"},
    "host": {"host": "git.mallory.example"},
}


@pytest.mark.parametrize("case", TAMPERED)
def test_what_nix_never_compares_is_tampering(tmp_path: Path, case: str) -> None:
    """The reason for `lock-tampered`: Nix accepts it, and only we say so."""
    tampered = node("tools")
    tampered["locked"] |= TAMPERED[case]
    lock = lock_of({"tools": tampered}, {"tools": "tools"})
    text = flake(TOOLS)
    assert accepted(tmp_path, text, lock)
    assert reported(text, lock) == set()
    graph, problems = repository({"flake.nix": text, "flake.lock": json.dumps(lock)})
    rule = load(places()["lock-tampered"])
    (hit,) = rule.check(Context(graph, problems, KNOWLEDGE, NOW, options_of(rule, {})))
    assert hit.at.text == TAMPERED[case][case]
