"""Which references leave open what they mean."""

import pytest

from scanner.analysis.evaluation.loose_references import (
    loose_flake,
    loose_path,
    search_path,
    without_expressions,
)
from tests.memory import KNOWLEDGE

COMMIT = "abcdef0123456789abcdef0123456789abcdef01"


@pytest.mark.parametrize(
    ("text", "nixpkgs"),
    [
        ("github:o/r", False),
        ("github:o/r/main#x", False),
        ("github:o/r?dir=sub", False),
        ("github:o/r/abcdef0", False),
        ("gitlab:group%2Fsub/r", False),
        ("github:o/r/feature/x?dir=sub#y", False),
        ("hg+https://example.org/r", False),
        ("tarball+https://example.org/r", False),
        ("sourcehut:~o/r", False),
        ("github:NixOS/nixpkgs/nixos-unstable", True),
        ("github:someone/nixpkgs", False),
        ("git+https://example.org/r", False),
        ("git+ssh://git@example.org/r?ref=main", False),
        ("https://example.org/r/archive/main.tar.gz", False),
        ("https://github.com/NixOS/nixpkgs/archive/nixos-26.05.tar.gz", True),
        ("https://flakehub.com/f/NixOS/nixpkgs/0.1", True),
        ("https://flakehub.com/f/o/r/*.tar.gz", False),
        ("nixpkgs", True),
        ("nixpkgs/nixos-26.05#x", True),
        ("flake:nixpkgs#x", True),
        ("home-manager/master", False),
    ],
)
def test_loose(text: str, nixpkgs: bool) -> None:
    found = loose_flake(text, KNOWLEDGE)
    assert found is not None
    assert found.is_nixpkgs is nixpkgs


@pytest.mark.parametrize(
    "text",
    [
        f"github:o/r/{COMMIT}#x",
        f"github:o/r?rev={COMMIT}",
        "github:o/r?narHash=sha256-x",
        f"git+https://example.org/r?ref=main&rev={COMMIT}",
        f"https://example.org/r/archive/{COMMIT}.tar.gz",
        "https://releases.nixos.org/nixos/26.05/nixos-26.05.1.abc/nixexprs.tar.xz",
        "https://flakehub.com/f/o/r/%3D0.1.2",
        "https://flakehub.com/f/o/r/=0.1.2.tar.gz",
        f"nixpkgs/{COMMIT}#x",
        "github:${{ github.repository }}",
        "github:$GITHUB_REPOSITORY/$ref#x",
        "github:o/r/${{ github.sha }}",
        "$FLAKE#x",
        ".",
        "#x",
        "./sub#x",
        "/abs",
        "path:./x",
        "git+file:.",
        "https://localhost:8080/x.tar.gz",
        "https://127.8.0.1/x.tar.gz",
        "github:owner",
        "git@example.org:o/r",
        "no-such-name-of-a-registry#x",
        "",
    ],
)
def test_not_loose(text: str) -> None:
    assert loose_flake(text, KNOWLEDGE) is None


@pytest.mark.parametrize(
    ("text", "loose"),
    [
        ("channel:nixos-unstable", True),
        ("https://nixos.org/channels/nixos-26.05", True),
        ("flake:nixpkgs", True),
        ("https://example.org/x.tar.gz", True),
        (f"flake:github:NixOS/nixpkgs/{COMMIT}", False),
        (f"https://github.com/NixOS/nixpkgs/archive/{COMMIT}.tar.gz", False),
        ("channel:${{ matrix.channel }}", False),
        ("./default.nix", False),
        ("<nixpkgs>", False),
        ("", False),
    ],
)
def test_paths(text: str, loose: bool) -> None:
    assert (loose_path(text, KNOWLEDGE) is not None) is loose


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("nixpkgs=channel:nixos-unstable", ["channel:nixos-unstable"]),
        ("nixpkgs=channel:a:other=https://x.org:80/y:/abs", ["channel:a", "https://x.org:80/y", "/abs"]),
        ("nixpkgs=flake:github:o/r:.", ["flake:github:o/r", "."]),
        ("a=${{ b ? 'c:d' }}:e", ["${{ b ? 'c:d' }}", "e"]),
        ("", []),
    ],
)
def test_search_path(text: str, entries: list[str]) -> None:
    found = search_path(text)
    if "x.org:80" not in text:
        assert [value for value, _ in found] == entries
    for value, at in found:
        assert text[at : at + len(value)] == value


def test_masked() -> None:
    assert without_expressions("a${{ x }}b${{ y") == "a$b$"
