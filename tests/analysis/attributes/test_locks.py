"""What locks, inputs, flakes and settings of Nix answer."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from scanner.analysis.attributes.attribute import Missing, Value, untold
from tests.analysis.attributes.asking import Small

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HASH = "sha256-0000000000000000000000000000000000000000000="
CI = ".github/workflows/ci.yml"


def lock(nodes: dict[str, dict[str, Any]], inputs: dict[str, Any] | None = None) -> Small:
    given = {name: name for name in nodes} if inputs is None else inputs
    text = json.dumps({"nodes": {"root": {"inputs": given}, **nodes}, "root": "root", "version": 7})
    return Small({"flake.lock": text})


def one(locked: dict[str, Any], original: dict[str, Any] | None = None) -> Small:
    """A lock with the one input `x`."""
    return lock({"x": {"locked": locked, "original": original or locked}})


def github(owner: str, repo: str, **more: Any) -> dict[str, Any]:
    return {"type": "github", "owner": owner, "repo": repo, "rev": COMMIT, "narHash": HASH} | more


X = "flake-input:flake.lock#x"


@pytest.mark.parametrize(
    ("locked", "repository", "owner", "repo", "scheme"),
    [
        (github("NixOS", "Nixpkgs"), "github.com/nixos/nixpkgs", "nixos", "nixpkgs", "https"),
        (
            {"type": "git", "url": "git+ssh://git@github.com/NixOS/nixpkgs.git", "rev": COMMIT},
            "github.com/nixos/nixpkgs",
            "nixos",
            "nixpkgs",
            "ssh",
        ),
        (
            {"type": "gitlab", "owner": "a%2Fb", "repo": "c", "rev": COMMIT},
            "gitlab.com/a/b/c",
            "a/b",
            "c",
            "https",
        ),
        (
            {"type": "tarball", "url": f"https://github.com/o/r/archive/{COMMIT}.tar.gz"},
            "github.com/o/r",
            "o",
            "r",
            "https",
        ),
    ],
)
def test_whose_an_input_is(
    locked: dict[str, Any], repository: str, owner: str, repo: str, scheme: str
) -> None:
    """A URL of GitHub is of the owner that it names: a list of owners cannot be got around by another way to write it."""
    small = one(locked)
    assert small.ask(X, "repository", "owner", "repo", "scheme") == (repository, owner, repo, scheme)
    assert f"{small.ask(X, 'namespace')}/{repo}" == repository


@pytest.mark.parametrize(
    ("locked", "reason"),
    [
        ({"type": "path", "path": "./here", "narHash": HASH}, "it is a folder"),
        (
            {"type": "tarball", "url": "https://example.org/nixos/nixpkgs.tar.gz", "narHash": HASH},
            "its URL is of a file, and of no repository that is known",
        ),
        (
            {"type": "file", "url": "https://example.org/nixos/x.txt", "narHash": HASH},
            "its URL is of a file, and of no repository that is known",
        ),
    ],
)
def test_what_is_nobodys_has_no_owner(locked: dict[str, Any], reason: str) -> None:
    assert one(locked).ask(X, "owner", "repo", "repository", "known-owner") == (Missing(reason),) * 4


def test_names() -> None:
    nodes: dict[str, dict[str, Any]] = {
        "a": {
            "inputs": {"nixpkgs": "n2", "lib": ["nixpkgs"]},
            "locked": github("o", "a"),
            "original": github("o", "a"),
        },
        "n": {"locked": github("NixOS", "nixpkgs"), "original": github("NixOS", "nixpkgs")},
        "n2": {
            "locked": github("NixOS", "nixpkgs", rev="f" * 40),
            "original": {"type": "indirect", "id": "nixpkgs"},
        },
        "lost": {"locked": github("o", "lost"), "original": github("o", "lost")},
    }
    small = lock(nodes, {"a": "a", "nixpkgs": "n"})
    asked = ("name", "names", "direct", "declared", "depth", "followed", "reachable")
    prefix = "flake-input:flake.lock#"
    assert small.ask(f"{prefix}n", *asked) == ("nixpkgs", ("nixpkgs",), True, True, 1, True, True)
    assert small.ask(f"{prefix}n2", *asked) == ("a/nixpkgs", (), False, False, 2, False, True)
    nowhere = Missing("nothing in the lock leads to it")
    assert small.ask(f"{prefix}lost", *asked) == (nowhere, (), False, False, nowhere, False, False)
    assert small.ask(f"{prefix}a", "inputs", "follows") == (("nixpkgs", "lib"), ("lib",))
    assert small.ask(f"{prefix}n2", "asked-type", "known-owner") == ("indirect", True)
    assert small.ask("lock:flake.lock", "size", "direct-inputs", "nixpkgs-versions", "tool", "version") == (
        3,
        ("a", "nixpkgs"),
        2,
        "nix",
        "7",
    )
    assert small.ask_edge(f"{prefix}a", f"{prefix}n", "follows") is True
    assert small.ask_edge("lock:flake.lock", f"{prefix}a", "follows") is False
    assert small.ask_edge(f"{prefix}a", f"{prefix}n2", "name") == "nixpkgs"


def seconds(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 86_400


def test_ages() -> None:
    small = one(github("o", "r", lastModified=seconds(date(2026, 10, 1))))
    assert small.ask(X, "last-modified", "age") == (date(2026, 10, 1), timedelta(52))
    assert small.ask("lock:flake.lock", "oldest") == timedelta(52)


@pytest.mark.parametrize(
    ("modified", "reason"),
    [
        (None, "it has no `lastModified`"),
        (True, "its `lastModified` is not a number"),
        ("1", "its `lastModified` is not a number"),
        (0, "its `lastModified` is a placeholder, as files of the Nix store and of archives have it"),
        (seconds(date(2030, 1, 1)), "its `lastModified` lies in the future"),
        (1e300, "its `lastModified` lies in the future"),
    ],
)
def test_an_age_that_nobody_knows_is_missing(modified: Any, reason: str) -> None:
    small = one(github("o", "r") | ({} if modified is None else {"lastModified": modified}))
    assert small.ask(X, "age") == untold(reason)
    assert small.ask("lock:flake.lock", "oldest") == untold("none of its inputs has a date")


@pytest.mark.parametrize(
    ("locked", "by_commit", "fixed", "rev"),
    [
        (github("o", "r"), True, True, COMMIT),
        (
            {"type": "tarball", "url": "https://e.org/x.tar.gz", "narHash": HASH},
            False,
            True,
            Missing("it is locked to no commit"),
        ),
        ({"type": "git", "url": "https://e.org/x", "rev": "0" * 40, "narHash": HASH}, False, False, "0" * 40),
    ],
)
def test_what_fixes_an_input(
    locked: dict[str, Any], by_commit: bool, fixed: bool, rev: str | Missing
) -> None:
    assert one(locked).ask(X, "by-commit", "locked", "rev") == (by_commit, fixed, rev)


@pytest.mark.parametrize(
    ("ref", "release", "end", "supported"),
    [
        ("nixos-25.05", "25.05", date(2025, 12, 31), False),
        ("nixos-26.05", "26.05", date(2026, 12, 31), True),
        ("nixos-unstable", *(Missing("its branch belongs to no release"),) * 2, True),
        (
            "mine",
            *(Missing("its branch belongs to no release"),) * 2,
            untold("nothing tells whether its branch gets updates"),
        ),
    ],
)
def test_branches_of_nixpkgs(ref: str, release: Value, end: Value, supported: Value) -> None:
    small = one(
        github("NixOS", "nixpkgs"), {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "ref": ref}
    )
    assert small.ask(X, "nixpkgs", "branch", "release", "end-of-life", "supported") == (
        True,
        ref,
        release,
        end,
        supported,
    )
    assert one(github("o", "r")).ask(X, "nixpkgs", "branch", "supported") == (
        False,
        *(Missing("it is not nixpkgs"),) * 2,
    )


def test_secrets_in_urls_are_not_told() -> None:
    locked = {"type": "git", "url": "https://me:hunter2hunter2@e.org/x", "rev": COMMIT}
    found = one(locked).ask(X, "url", "reference", "asked")
    assert "hunter2" not in str(found)


def test_a_pin() -> None:
    pins = {
        "version": 5,
        "pins": {
            "nixpkgs": {
                "type": "Git",
                "repository": {"type": "GitHub", "owner": "NixOS", "repo": "nixpkgs"},
                "branch": "nixos-unstable",
                "submodules": False,
                "revision": COMMIT,
                "url": f"https://github.com/NixOS/nixpkgs/archive/{COMMIT}.tar.gz",
                "hash": HASH,
            }
        },
    }
    small = Small({"npins/sources.json": json.dumps(pins)})
    asked = ("tool", "owner", "branch", "flake", "locked", "direct", "age")
    assert small.ask("pin:npins/sources.json#nixpkgs", *asked) == (
        "npins",
        "nixos",
        "nixos-unstable",
        False,
        True,
        True,
        untold("it has no `lastModified`"),
    )
    assert small.ask("lock:npins/sources.json", "in-sync") == Missing(
        "it is written by npins, from no flake.nix"
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.github.com/repos/O/r/tarball/refs/tags/v1.0", "github.com"),
        ("https://github.com/o/r/archive/v1.0.tar.gz", "github.com"),
        # What the lock says that it is of proves nothing.
        ("https://api.github.com/repos/evil/r/tarball/refs/tags/v1.0", "api.github.com"),
        ("https://evil.example/o/r/v1.0.tar.gz", "evil.example"),
    ],
)
def test_the_host_of_a_release_that_is_pinned(url: str, host: str) -> None:
    pin = {
        "type": "GitRelease",
        "repository": {"type": "GitHub", "owner": "o", "repo": "r"},
        "pre_releases": False,
        "version_upper_bound": None,
        "release_prefix": None,
        "submodules": False,
        "version": "v1.0",
        "revision": COMMIT,
        "url": url,
        "hash": HASH,
    }
    small = Small({"npins/sources.json": json.dumps({"version": 5, "pins": {"r": pin}})})
    assert small.ask("pin:npins/sources.json#r", "host") == host


FLAKE = """\
{
  inputs.x.url = "github:o/r";
  nixConfig.extra-substituters = [ "https://A.cachix.org/" ];
  nixConfig.sandbox = false;
  outputs = { self, x, nixpkgs }: { };
}
"""


def test_a_flake() -> None:
    small = Small({"flake.nix": FLAKE})
    asked = ("inputs", "implicit-inputs", "asks-for", "locked")
    assert small.ask("flake:flake.nix", *asked) == (
        ("x", "nixpkgs"),
        ("nixpkgs",),
        ("github:o/r", "flake:nixpkgs"),
        False,
    )
    assert small.ask(
        "flake:flake.nix", "settings", "setting-names", "substituters", "trusted-public-keys"
    ) == (
        ("substituters += https://A.cachix.org/", "sandbox = false"),
        ("substituters", "sandbox"),
        ("https://a.cachix.org",),
        (),
    )


def test_settings_of_a_workflow() -> None:
    text = (
        "on: push\nenv: { NIX_CONFIG: 'substituters = https://one.example' }\njobs:\n  a:\n    runs-on: x\n    steps:\n"
        "      - { run: make, env: { NIX_CONFIG: 'sandbox = false' } }\n"
        "      - { run: make, env: { NIX_CONFIG: 'substituters = ${{ vars.CACHE }}' } }\n"
        "      - { run: make, env: { NIX_CONFIG: '${{ vars.ALL }}' } }\n"
    )
    small = Small({CI: text})
    assert small.ask(f"workflow:{CI}", "substituters", "settings") == (
        ("https://one.example",),
        ("substituters = https://one.example",),
    )
    assert small.ask(f"step:{CI}#a/0", "settings", "substituters") == (("sandbox = false",), ())
    assert small.ask(f"step:{CI}#a/1", "substituters") == untold(
        "only a run can tell a part of `substituters`"
    )
    assert small.ask(f"step:{CI}#a/1", "trusted-public-keys") == ()
    assert (
        small.ask(f"step:{CI}#a/2", "settings", "substituters")
        == (untold("only a run can tell a text that it gives to Nix as configuration"),) * 2
    )


def test_a_lock_that_leads_elsewhere() -> None:
    asked = {"type": "github", "owner": "o", "repo": "r"}
    assert one(github("o", "r"), asked).ask(X, "diverges") is False
    assert one(github("evil", "r"), asked).ask(X, "diverges", "owner", "asked-repository") == (
        True,
        "evil",
        "github.com/o/r",
    )


def test_reasons_show_no_control_characters() -> None:
    found = one({"type": "\x1b[31m", "narHash": HASH}).ask(X, "url", "host", "scheme", "repository")
    assert isinstance(found, tuple)
    assert all(isinstance(answer, Missing) and answer.reason.isprintable() for answer in found)
