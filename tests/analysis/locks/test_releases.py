"""Branches and releases of nixpkgs."""

import json
from datetime import date
from typing import Any

import pytest

from scanner.analysis.locks.inputs import inputs
from scanner.analysis.locks.releases import branch_of, is_out, move_to, release_in, supported
from scanner.parse.nix.lock import LockedInput
from scanner.parse.nix.reference import Reference
from tests.memory import KNOWLEDGE, repository


def node(original: dict[str, Any], locked: dict[str, Any] | None = None) -> LockedInput:
    return LockedInput("a", {}, Reference(original), Reference(locked or {}), True, None)


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("nixos-25.11", "25.11"),
        ("nixos-25.11-small", "25.11"),
        ("nixos-20.09-aarch64", "20.09"),
        ("nixpkgs-25.11-darwin", "25.11"),
        ("nix-darwin-25.11", "25.11"),
        ("release-25.11", "25.11"),
        ("25.11", "25.11"),
        ("nixos-unstable", None),
        ("nixos-25.11pre1058091", None),
        ("future-25.11", None),
        ("v25.11", None),
        ("v1.25.11", None),
        ("release-2.18", None),
        ("modules-with-keys-25.11", None),
        ("nixos-٢٥.١١", None),
        ("", None),
    ],
)
def test_releases_in_names(name: str, release: str | None) -> None:
    assert release_in(name) == release


def tarball(url: str) -> dict[str, Any]:
    return {"type": "tarball", "url": url}


@pytest.mark.parametrize(
    ("original", "locked", "branch"),
    [
        ({"type": "github", "ref": "nixos-25.11"}, {}, ("nixos-25.11", "original", "ref")),
        ({"type": "git", "ref": "refs/heads/nixos-25.11"}, {}, ("nixos-25.11", "original", "ref")),
        ({"type": "git"}, {"type": "git", "ref": "refs/heads/master"}, ("master", "locked", "ref")),
        ({"type": "github", "rev": "a" * 40}, {"type": "git", "ref": "main"}, None),
        ({"type": "github", "ref": "0" * 40}, {}, None),
        ({"type": "github", "ref": "57d0d4a8f302"}, {}, None),
        ({"type": "github", "ref": "deadbeef"}, {}, ("deadbeef", "original", "ref")),
        ({"type": "github"}, {"type": "github"}, None),
        (
            tarball("https://channels.nixos.org/nixos-25.11/nixexprs.tar.xz"),
            {},
            ("nixos-25.11", "original", "url"),
        ),
        (
            tarball("https://nixos.org/channels/nixos-25.11/nixexprs.tar.xz"),
            {},
            ("nixos-25.11", "original", "url"),
        ),
        (
            tarball("https://releases.nixos.org/nixos/25.11-small/x/n.tar.xz"),
            {},
            ("nixos-25.11-small", "original", "url"),
        ),
        (
            tarball("https://releases.nixos.org/nixos/unstable/x/n.tar.xz"),
            {},
            ("nixos-unstable", "original", "url"),
        ),
        (
            tarball("https://releases.nixos.org/nixpkgs/nixpkgs-26.11pre1/n.tar.xz"),
            {},
            ("nixpkgs-unstable", "original", "url"),
        ),
        (
            tarball("https://flakehub.com/f/NixOS/nixpkgs/0.2505.%2A.tar.gz"),
            {},
            ("nixos-25.05", "original", "url"),
        ),
        (tarball("https://flakehub.com/f/NixOS/nixpkgs/0.2505"), {}, ("nixos-25.05", "original", "url")),
        (tarball("https://flakehub.com/f/NixOS/nixpkgs/%3D0.2505.3"), {}, ("nixos-25.05", "original", "url")),
        (tarball("https://flakehub.com/f/NixOS/nixpkgs/0.1"), {}, ("nixos-unstable", "original", "url")),
        (
            tarball("https://flakehub.com/f/NixOS/nixpkgs/0"),
            tarball("https://api.flakehub.com/f/pinned/NixOS/nixpkgs/0.2505.1%2Brev-a/b/source.tar.gz"),
            ("nixos-25.05", "locked", "url"),
        ),
        (tarball("https://flakehub.com/f/NixOS/nixpkgs/%3E%3D0.2405"), {}, None),
        (tarball("https://flakehub.com/f/NixOS/nixpkgs/%2A"), {}, None),
        (tarball("https://flakehub.com/f/a/b/0.2505"), {}, None),
        (tarball("https://example.org/nixos-25.11/nixexprs.tar.xz"), {}, None),
        (tarball("https://channels.nixos.org"), {}, None),
        ({"type": "indirect", "id": "nixpkgs", "ref": "nixos-25.11"}, {}, ("nixos-25.11", "original", "ref")),
        (
            {"type": "indirect", "id": "nixpkgs"},
            tarball("https://releases.nixos.org/nixos/25.11/x/n.tar.xz"),
            ("nixos-25.11", "locked", "url"),
        ),
    ],
)
def test_branches(
    original: dict[str, Any], locked: dict[str, Any], branch: tuple[str, str, str] | None
) -> None:
    assert branch_of(node(original, locked)) == branch


@pytest.mark.parametrize(
    ("now", "names"),
    [
        (date(2026, 11, 22), ["26.05"]),
        (date(2026, 12, 5), ["26.11", "26.05"]),
        (date(2026, 12, 31), ["26.11", "26.05"]),
        (date(2027, 1, 1), ["26.11"]),
        (date(2026, 6, 15), ["26.05", "25.11"]),
        (date(2026, 7, 1), ["26.05"]),
        (date(2040, 6, 30), ["40.05", "39.11"]),
    ],
)
def test_supported_releases(now: date, names: list[str]) -> None:
    assert [release.name for release in supported(KNOWLEDGE, now)] == names


@pytest.mark.parametrize(
    ("name", "now", "out"),
    [
        ("26.05", date(2026, 4, 30), False),
        ("26.05", date(2026, 5, 1), True),
        ("26.11", date(2026, 11, 22), True),
        ("27.05", date(2026, 11, 22), False),
        ("13.10", date(2026, 11, 22), True),
    ],
)
def test_a_release_has_a_branch_from_its_month_on(name: str, now: date, out: bool) -> None:
    release = KNOWLEDGE.nixos_release(name)
    assert release is not None
    assert is_out(release, now) is out


@pytest.mark.parametrize(
    ("path", "shown"),
    [("flake.lock", "flake.nix"), ("sub/flake.lock", "sub/flake.nix"), ("devenv.lock", "devenv.yaml")],
)
def test_what_to_do_names_the_file_and_the_command_of_the_tool(path: str, shown: str) -> None:
    node = {"locked": {"type": "github"}, "original": {"type": "github"}}
    text = json.dumps({"nodes": {"a": node, "root": {"inputs": {"a": "a"}}}, "root": "root", "version": 7})
    graph, _ = repository({path: text})
    (one,) = inputs(graph)
    assert move_to(one, "`b`") == f"move to `b` in {shown}"
