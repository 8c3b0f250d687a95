"""Rules about where inputs come from: pins of other tools, flake.nix beside its lock, and one voice for one thing."""

import json
from typing import Any

import pytest

from scanner.engine import Context, load, places
from scanner.model.finding import Hit
from tests.memory import KNOWLEDGE, NOW, options_of, repository

REV = "0123456789abcdef0123456789abcdef01234567"
HASH = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="
RULES = {
    id: load(places()[id])
    for id in (
        "credentials-in-url",
        "forked-nixpkgs",
        "implicit-input",
        "indirect-input",
        "insecure-transport",
        "local-path-input",
        "lookalike-owner",
        "mutable-tarball",
    )
}


def hits(files: dict[str, str], *only: str, **options: Any) -> list[Hit]:
    """What the rules say, by file and place."""
    graph, problems = repository(files)
    assert not problems
    found = [
        answer
        for id, rule in RULES.items()
        if not only or id in only
        for answer in rule.check(Context(graph, problems, KNOWLEDGE, NOW, options_of(rule, options)))
        if isinstance(answer, Hit)
    ]
    return sorted(found, key=lambda hit: (hit.at.path, hit.at.start))


def lock(original: dict[str, Any], locked: dict[str, Any] | None = None, **more: Any) -> str:
    """A lock with one input `a`."""
    node = {"original": original, "locked": {"narHash": HASH, **(locked or original)}, **more}
    nodes = {"root": {"inputs": {"a": "a"}}, "a": node}
    return json.dumps({"nodes": nodes, "root": "root", "version": 7}, indent=2)


def flake(inputs: str, formals: str = "a") -> str:
    return f"{{ {inputs} outputs = {{ self, {formals} }}: {{ }}; }}\n"


OPEN = {"type": "git", "url": "git://git.example.org/a.git"}
FORK = {"type": "github", "owner": "Example", "repo": "nixpkgs"}


def test_flake_nix_repeats_nothing_that_its_lock_says() -> None:
    for original, url in (
        (OPEN, "git://git.example.org/a.git"),
        (FORK, "github:Example/nixpkgs"),
        ({"type": "indirect", "id": "a"}, "flake:a"),
        ({"type": "path", "path": "/home/me/a"}, "path:/home/me/a"),
        ({"type": "github", "owner": "numtied", "repo": "flake-utils"}, "github:numtied/flake-utils"),
        ({"type": "git", "url": "https://u:hunter2@example.org/a"}, "git+https://u:hunter2@example.org/a"),
        (
            {"type": "tarball", "url": "https://github.com/a/b/archive/main.tar.gz"},
            "https://github.com/a/b/archive/main.tar.gz",
        ),
    ):
        locked = {"type": "github", "owner": "e", "repo": "a", "rev": REV} if "id" in original else None
        files = {"flake.lock": lock(original, locked), "flake.nix": flake(f'inputs.a.url = "{url}";')}
        (hit,) = hits(files)
        assert hit.at.path == "flake.lock"
        (hit,) = hits({"flake.nix": files["flake.nix"]})
        assert (hit.at.path, hit.at.text) == ("flake.nix", url)


def test_an_override_is_an_input() -> None:
    text = flake('inputs.a.url = "github:e/a"; inputs.a.inputs.b.url = "http://example.org/b.tar.gz";')
    (hit,) = hits({"flake.nix": text})
    assert "`inputs.a.inputs.b.url`" in hit.message
    assert hit.at.text == "http://example.org/b.tar.gz"


def test_an_implicit_input_is_said_once() -> None:
    locked = {"type": "github", "owner": "e", "repo": "a", "rev": REV}
    files = {"flake.lock": lock({"type": "indirect", "id": "a"}, locked), "flake.nix": flake("")}
    (hit,) = hits(files, "implicit-input", "indirect-input")
    assert (hit.at.path, hit.at.text) == ("flake.nix", "a")
    assert 'a.url = "github:e/a";' in hit.message
    files["flake.nix"] = flake("inputs.a = { };")
    (hit,) = hits(files, "implicit-input", "indirect-input")
    assert hit.at.path == "flake.lock"


def test_a_secret_is_in_no_message() -> None:
    secret = "hunter2hunter2"
    original = {"type": "git", "url": f"http://ci:{secret}@githib.com/example/nixpkgs?token={secret}"}
    found = hits({"flake.lock": lock(original)})
    assert len(found) >= 4
    for hit in found:
        assert secret not in hit.message
        assert not any(secret in text for text in hit.evidence)


@pytest.mark.parametrize(
    ("path", "text", "file"),
    [
        (
            "npins/sources.json",
            {
                "version": 5,
                "pins": {"a": {"type": "Tarball", "url": "http://example.org/a.tar.gz", "hash": HASH}},
            },
            "npins/sources.json",
        ),
        (
            "sub/nix/sources.json",
            {"a": {"type": "tarball", "url": "http://example.org/a.tar.gz", "sha256": HASH, "rev": REV}},
            "sub/nix/sources.json",
        ),
        (
            "lon.lock",
            {
                "version": "1",
                "sources": {
                    "a": {
                        "type": "Git",
                        "fetchType": "git",
                        "url": "http://example.org/a.git",
                        "branch": "main",
                        "revision": REV,
                        "hash": HASH,
                    }
                },
            },
            "lon.lock",
        ),
    ],
)
def test_pins_are_spoken_of_as_pins(path: str, text: Any, file: str) -> None:
    (hit,) = hits({path: json.dumps(text, indent=2)}, "insecure-transport")
    assert hit.variant == "hashed"
    assert f"the pin `a` in {file}" in hit.message
    assert "flake.nix" not in hit.message


def test_devenv_has_its_own_file() -> None:
    (hit,) = hits({"devenv.lock": lock(OPEN)}, "insecure-transport")
    assert "`inputs.a.url` in devenv.yaml" in hit.message


@pytest.mark.parametrize(
    ("path", "parent", "folder", "wrong"),
    [
        ("./b", [], "", False),
        ("..", [], "", True),
        ("..", [], "sub/", False),
        ("../..", [], "sub/", True),
        ("b/../..", [], "", True),
        ("../b", None, "sub/", False),
    ],
)
def test_relative_paths(path: str, parent: list[str] | None, folder: str, wrong: bool) -> None:
    more = {} if parent is None else {"parent": parent}
    text = lock({"type": "path", "path": path}, {"type": "path", "path": path}, **more)
    found = hits({f"{folder}flake.lock": text}, "local-path-input")
    assert [hit.at.text for hit in found] == ([path] if wrong else [])


def test_a_relative_path_below_an_input_is_relative_to_that() -> None:
    def node(path: str, parent: list[str], inputs: dict[str, str]) -> dict[str, Any]:
        asked = {"type": "path", "path": path}
        return {"original": asked, "locked": asked, "parent": parent, "inputs": inputs}

    forge = {"type": "github", "owner": "e", "repo": "a", "rev": REV, "dir": "one/two"}
    nodes = {
        "root": {"inputs": {"a": "a", "b": "b"}},
        "a": {"original": forge, "locked": forge, "inputs": {"c": "c", "d": "d"}},
        "b": node("./deep/er", [], {"e": "e"}),
        "c": node("../..", ["a"], {}),
        "d": node("../../..", ["a"], {}),
        "e": node("../../f", ["b"], {}),
    }
    text = json.dumps({"nodes": nodes, "root": "root", "version": 7}, indent=2)
    (hit,) = hits({"flake.lock": text}, "local-path-input")
    assert hit.subject.endswith("#d")


def test_what_the_registry_of_a_machine_gave_is_a_fork_by_what_is_locked() -> None:
    text = lock({"type": "indirect", "id": "nixpkgs"}, {**FORK, "rev": REV})
    (hit,) = hits({"flake.lock": text}, "forked-nixpkgs")
    assert hit.at.text == "Example"
    assert "`github.com/Example/nixpkgs`" in hit.message
    assert not hits({"flake.lock": text}, "forked-nixpkgs", trusted=["example"])
