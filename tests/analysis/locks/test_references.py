"""What references name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.locks.references import Url, repository_of, revision_of, url_of
from scanner.model.commit import is_commit
from scanner.model.quoting import quoted
from scanner.parse.nix.reference import Reference

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "scheme", "host", "path"),
    [
        ("https://Example.org/a/b", "https", "example.org", "/a/b"),
        ("http://user:word@example.org:8080/a?b=c#d", "http", "example.org", "/a"),
        ("git+http://example.org", "http", "example.org", ""),
        ("tarball+HTTPS://example.org/a", "https", "example.org", "/a"),
        ("git://example.org/a.git", "git", "example.org", "/a.git"),
        ("ssh://git@example.org:2222/a", "ssh", "example.org", "/a"),
        ("git@example.org:a/b.git", "ssh", "example.org", "a/b.git"),
        ("https://[::1]:80/a", "https", "[::1]", "/a"),
        ("file:///home/a", "file", "", "/home/a"),
        ("file:/home/a", "file", "", "/home/a"),
        ("/home/a", "", "", "/home/a"),
        ("", "", "", ""),
    ],
)
def test_urls(text: str, scheme: str, host: str, path: str) -> None:
    assert url_of(text)[:3] == Url(scheme, host, path)[:3]


@pytest.mark.parametrize(
    ("text", "server", "path"),
    [
        ("https://example.org:443/a", "example.org", "/a"),
        ("https://example.org:8443/a", "example.org:8443", "/a"),
        ("https://example.org./a", "example.org", "/a"),
        ("https://codeload.github.com/a", "github.com", "/a"),
        ("https://github.com@example.org/a", "example.org", "/a"),
        ("https://example.org?@github.com/a", "example.org", ""),
        ("https://example.org#@github.com/a", "example.org", ""),
        ("https://example.org/a/../b/./c", "example.org", "/b/c"),
        ("https://example.org/a/%2e%2E/b", "example.org", "/b"),
        ("https://example.org/../../b", "example.org", "/b"),
        ("https://example.org/.well-known/a", "example.org", "/.well-known/a"),
    ],
)
def test_urls_are_those_that_a_client_asks_for(text: str, server: str, path: str) -> None:
    assert (url_of(text).server, url_of(text).path) == (server, path)


NIXPKGS = "github.com/nixos/nixpkgs"


@pytest.mark.parametrize(
    ("attributes", "repository"),
    [
        ({"type": "github", "owner": "NixOS", "repo": "Nixpkgs"}, NIXPKGS),
        ({"type": "github", "owner": "o", "repo": "r", "host": "GHE.example.org"}, "ghe.example.org/o/r"),
        ({"type": "gitlab", "owner": "a%2Fb", "repo": "c"}, "gitlab.com/a/b/c"),
        ({"type": "sourcehut", "owner": "~a", "repo": "c"}, "git.sr.ht/~a/c"),
        ({"type": "git", "url": "https://github.com/NixOS/nixpkgs.git"}, NIXPKGS),
        ({"type": "git", "url": "ssh://git@github.com/NixOS/nixpkgs"}, NIXPKGS),
        ({"type": "git", "url": "git@github.com:NixOS/nixpkgs.git"}, NIXPKGS),
        ({"type": "tarball", "url": "https://channels.nixos.org/nixos-26.05/nixexprs.tar.xz"}, NIXPKGS),
        ({"type": "tarball", "url": "https://releases.nixos.org/nixpkgs/x/nixexprs.tar.xz"}, NIXPKGS),
        ({"type": "tarball", "url": f"https://github.com/NixOS/nixpkgs/archive/{COMMIT}.tar.gz"}, NIXPKGS),
        ({"type": "tarball", "url": "https://flakehub.com/f/NixOS/nixpkgs/0"}, NIXPKGS),
        (
            {
                "type": "tarball",
                "url": "https://api.flakehub.com/f/pinned/DeterminateSystems/nixpkgs-weekly/0.1/x/s.tar.gz",
            },
            NIXPKGS,
        ),
        (
            {"type": "tarball", "url": "https://api.flakehub.com/f/pinned/a/nixpkgs/0.1/x/s.tar.gz"},
            "github.com/a/nixpkgs",
        ),
        (
            {"type": "tarball", "url": "https://releases.nixos.org/nix/nix-2.34.8/nix-2.34.8.tar.xz"},
            "releases.nixos.org/nix/nix-2.34.8/nix-2.34.8.tar.xz",
        ),
        ({"type": "tarball", "url": "https://nixos.org/channels/nixos-26.05/nixexprs.tar.xz"}, NIXPKGS),
        ({"type": "tarball", "url": "https://codeload.github.com/NixOS/nixpkgs/tar.gz/main"}, NIXPKGS),
        ({"type": "tarball", "url": "https://api.github.com/repos/NixOS/nixpkgs/tarball/main"}, NIXPKGS),
        (
            {"type": "tarball", "url": "https://gitlab.com/a/b/c/-/archive/main/c-main.tar.gz"},
            "gitlab.com/a/b/c",
        ),
        (
            {
                "type": "tarball",
                "url": f"https://gitlab.com/api/v4/projects/a%2Fb/repository/archive.tar.gz?sha={COMMIT}",
            },
            "gitlab.com/a/b",
        ),
        ({"type": "git", "url": "ssh://git@ssh.github.com:443/NixOS/nixpkgs.git"}, NIXPKGS),
        (
            {"type": "tarball", "url": "https://flakehub.com/f/Edolstra/flake-compat/1"},
            "github.com/edolstra/flake-compat",
        ),
        ({"type": "tarball", "url": "https://codeberg.org/a/b/archive/main.tar.gz"}, "codeberg.org/a/b"),
        (
            {"type": "tarball", "url": f"https://git.lix.systems/api/v1/repos/a/b/archive/{COMMIT}.tar.gz"},
            "git.lix.systems/a/b",
        ),
        (
            {"type": "tarball", "url": "https://github.com/a/b/releases/download/v1/x.zip"},
            "github.com/a/b/releases/download/v1/x.zip",
        ),
        ({"type": "file", "url": "https://example.org/a.png?b"}, "example.org/a.png"),
        ({"type": "github", "owner": "o"}, None),
        ({"type": "path", "path": "/nix/store/x"}, None),
        ({"type": "indirect", "id": "nixpkgs"}, None),
        ({"type": "git"}, None),
        ({}, None),
    ],
)
def test_repositories(attributes: dict[str, Any], repository: str | None) -> None:
    found = repository_of(Reference(attributes))
    assert (found and str(found)) == repository


@pytest.mark.parametrize(
    ("attributes", "revision"),
    [
        ({"rev": COMMIT.upper(), "narHash": "sha256-x"}, COMMIT),
        ({"url": f"https://github.com/a/b/archive/{COMMIT}.tar.gz", "narHash": "sha256-x"}, COMMIT),
        ({"url": f"https://api.flakehub.com/f/pinned/a/b/0.1.2%2Brev-{COMMIT}/x/source.tar.gz"}, COMMIT),
        ({"url": "https://example.org/a.tar.gz", "narHash": "sha256-x"}, "sha256-x"),
        ({}, None),
    ],
)
def test_revisions(attributes: dict[str, Any], revision: str | None) -> None:
    assert revision_of(Reference(attributes)) == revision


def test_commits() -> None:
    assert is_commit(COMMIT)
    assert is_commit(COMMIT.upper())
    assert is_commit("a" * 64)
    assert not is_commit(COMMIT[1:])
    assert not is_commit("g" * 40)


def test_text_of_the_input_stays_in_its_backticks_and_on_its_line() -> None:
    assert quoted("main") == "`main`"
    assert quoted("a`b\nc\x1b\u202e\ud800") == "`a?b?c???`"
    assert quoted("x" * 61) == "`" + "x" * 59 + "…`"


@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    url_of(text)
    shown = quoted(text)
    assert len(shown) <= 62
    assert shown.isprintable()
    for type in ("git", "tarball", "github"):
        repository_of(Reference({"type": type, "url": text, "owner": text, "repo": text}))


def test_quoted_hides_secrets() -> None:
    assert quoted("git+https://ci:hunter2@example.org/a") == "`git+https://ci:*******@example.org/a`"
    assert "hunter2" not in quoted(f"https://ci:hunter2{'x' * 80}@example.org/a")
