"""The repositories that inputs are taken from, and the branches that they follow."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.remotes.branches import followed
from scanner.analysis.remotes.taken import Taken, taken_of
from scanner.analysis.remotes.taken_inputs import remote_of
from scanner.model.online import GITHUB, Refs, Remote
from scanner.parse.nix.reference import Reference
from tests.memory import repository

REV = "0123456789abcdef0123456789abcdef01234567"
REFS = Refs(
    {"main": REV, "next": REV, "nixos-unstable": REV, "both": REV}, {"v1": REV, "both": REV}, "main", None
)


def taken(original: dict[str, Any], locked: dict[str, Any]) -> list[Taken]:
    nodes = {
        "root": {"inputs": {"a": "a"}},
        "a": {"original": original, "locked": locked},
        "orphan": {"original": original, "locked": locked},
    }
    text = json.dumps({"nodes": nodes, "root": "root", "version": 7})
    graph, _ = repository({"flake.lock": text})
    return list(taken_of(graph, GITHUB))


@pytest.mark.parametrize(
    ("reference", "remote"),
    [
        ({"type": "github", "owner": "NixOS", "repo": "Nixpkgs"}, Remote("github.com", "nixos/nixpkgs")),
        (
            {"type": "github", "owner": "a", "repo": "b", "host": "ghe.example.org"},
            Remote("ghe.example.org", "a/b"),
        ),
        ({"type": "gitlab", "owner": "a%2Fb", "repo": "C"}, Remote("gitlab.com", "a/b/c")),
        ({"type": "sourcehut", "owner": "~a", "repo": "B"}, Remote("git.sr.ht", "~a/B")),
        ({"type": "git", "url": "ssh://git@github.com/A/b.git"}, Remote("github.com", "a/b")),
        ({"type": "git", "url": "https://git.example.org/A/b.git"}, Remote("git.example.org", "A/b")),
        ({"type": "git", "url": "https://git.example.org:8443/A/b"}, Remote("git.example.org:8443", "A/b")),
        (
            {"type": "tarball", "url": f"https://github.com/A/b/archive/{REV}.tar.gz"},
            Remote("github.com", "a/b"),
        ),
        ({"type": "git", "url": "file:///home/me/a"}, None),
        ({"type": "hg", "url": "https://hg.example.org/a"}, None),
        ({"type": "path", "path": "./a"}, None),
        ({"type": "indirect", "id": "nixpkgs"}, None),
        ({"type": "tarball", "url": "https://example.org/a-1.2.tar.gz"}, None),
    ],
)
def test_remotes(reference: dict[str, Any], remote: Remote | None) -> None:
    assert remote_of(Reference(reference)) == remote


def test_only_what_the_root_reaches_and_the_commit_of_archives() -> None:
    archive = {
        "type": "tarball",
        "url": f"https://github.com/a/b/archive/{REV}.tar.gz",
        "lastModified": 1790000000,
    }
    (one,) = taken({"type": "tarball", "url": "https://github.com/a/b/archive/main.tar.gz"}, archive)
    assert (one.commit, one.made is not None and one.made.isoformat()[:10]) == (REV, "2026-09-21")
    (other,) = taken(
        {"type": "github", "owner": "a", "repo": "b", "ref": "refs/heads/next"},
        {"type": "github", "owner": "a", "repo": "b", "narHash": "sha256-AAAA"},
    )
    assert (other.ref, other.commit, other.made) == ("next", None, None)


@pytest.mark.parametrize(
    ("asked", "branch"),
    [
        ({}, "main"),
        ({"ref": "next"}, "next"),
        ({"ref": "refs/heads/next"}, "next"),
        ({"ref": "gone"}, "gone"),
        ({"ref": "both"}, "both"),
        ({"ref": "HEAD"}, "main"),
        ({"ref": "v1"}, None),
        ({"ref": "refs/tags/v9"}, None),
        ({"ref": "refs/pull/7/head"}, None),
        ({"ref": "abcdef0123"}, None),
        ({"rev": REV}, None),
    ],
)
def test_the_branch_that_is_followed(asked: dict[str, str], branch: str | None) -> None:
    base = {"type": "github", "owner": "a", "repo": "b"}
    (one,) = taken({**base, **asked}, {**base, "rev": REV})
    assert one.input is not None
    assert followed(one.input, REFS) == branch


def test_the_branch_of_a_clone_a_registry_and_a_channel() -> None:
    url = {"type": "git", "url": "https://github.com/a/b"}
    (one,) = taken(url, {**url, "rev": REV, "ref": "refs/heads/next"})
    assert one.input is not None
    assert followed(one.input, REFS) == "next"
    (one,) = taken(url, {**url, "rev": REV, "ref": "refs/heads/gone"})
    assert one.input is not None
    assert followed(one.input, REFS) == "main"
    nixpkgs = {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "rev": REV}
    (one,) = taken({"type": "indirect", "id": "nixpkgs"}, nixpkgs)
    assert one.input is not None
    assert followed(one.input, REFS) is None
    (one,) = taken({"type": "indirect", "id": "nixpkgs", "ref": "nixos-unstable"}, nixpkgs)
    assert one.input is not None
    assert followed(one.input, REFS) == "nixos-unstable"


def test_pins_of_npins_follow_a_branch_or_releases() -> None:
    pin = {
        "repository": {"type": "GitHub", "owner": "a", "repo": "b"},
        "revision": REV,
        "url": None,
        "hash": "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY=",
        "submodules": False,
    }
    pins = {
        "branch": {"type": "Git", "branch": "next", **pin},
        "release": {"type": "GitRelease", "version": "v1", "version_upper_bound": None, **pin},
    }
    graph, problems = repository({"npins/sources.json": json.dumps({"pins": pins, "version": 5})})
    assert not problems
    found = [followed(one.input, REFS) for one in taken_of(graph, GITHUB) if one.input is not None]
    assert found == ["next", None]


TEXT = st.text("aB.-_~/%2F:@?#[]\\ é", max_size=20)


@given(
    st.sampled_from(["github", "gitlab", "sourcehut", "git", "hg", "tarball", "file", "path", "x"]),
    st.dictionaries(st.sampled_from(["owner", "repo", "host", "url", "ref", "rev"]), TEXT),
    st.sampled_from(["", "https://", "ssh://git@", "git@", "file://"]),
)
def test_whatever_a_lock_says(type: str, attributes: dict[str, str], scheme: str) -> None:
    if "url" in attributes:
        attributes["url"] = f"{scheme}{attributes['url']}"
    found = remote_of(Reference({"type": type, **attributes}))
    assert found is None or found.host
