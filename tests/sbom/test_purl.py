"""Package URLs, and the URLs beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from scanner.parse.image import image_of
from scanner.parse.nix.reference import Attribute, Reference
from scanner.parse.nix.urls import archive_url, public, repository_url
from scanner.parse.uses import RepositoryUse, use_of
from scanner.sbom.purl import github_actions, of_action, of_image, of_input

REV = "e73de5be04e0eff4190a1432b946d469c794e7b4"


def reference(type: str, **attributes: Attribute) -> Reference:
    return Reference({"type": type, **attributes})


def shown(purl: PackageURL | None) -> str | None:
    return purl.to_string() if purl is not None else None


@pytest.mark.parametrize(
    ("locked", "expected"),
    [
        (reference("github", owner="NixOS", repo="Nixpkgs", rev=REV), f"pkg:github/nixos/nixpkgs@{REV}"),
        (reference("github", owner="o", repo="r", rev=REV, dir="nix/dev"), f"pkg:github/o/r@{REV}#nix/dev"),
        (
            reference("github", owner="o", repo="r", rev=REV, host="ghe.example.com"),
            f"pkg:github/o/r@{REV}?repository_url=https://ghe.example.com",
        ),
        (reference("github", owner="o", repo="r", rev=REV, host="GitHub.com"), f"pkg:github/o/r@{REV}"),
        (
            reference("gitlab", owner="Group%2FSub", repo="R", rev=REV),
            f"pkg:git/gitlab.com/Group/Sub/R@{REV}",
        ),
        (
            reference("gitlab", owner="o", repo="r", rev=REV, host="gitlab.gnome.org"),
            f"pkg:git/gitlab.gnome.org/o/r@{REV}",
        ),
        (
            reference("sourcehut", owner="~misterio", repo="r", rev=REV),
            f"pkg:git/git.sr.ht/~misterio/r@{REV}",
        ),
        (
            reference("git", url="https://codeberg.org/Forgejo/forgejo?ref=main", rev=REV),
            f"pkg:git/codeberg.org/Forgejo/forgejo@{REV}",
        ),
        (
            reference("git", url="ssh://git@git.example.org:2222/a/b.git", rev=REV),
            f"pkg:git/git.example.org/a/b.git@{REV}",
        ),
        (reference("git", url="git@example.org:a/b", rev=REV), f"pkg:git/example.org/a/b@{REV}"),
        (
            reference("git", url="ssh://git@github.com/Owner/Repo.git", rev=REV),
            f"pkg:github/owner/repo@{REV}",
        ),
        (
            reference("tarball", url="https://user:secret@example.org/a b.tar.gz?x=1", rev=REV),
            f"pkg:generic/name@{REV}?download_url=https://example.org/a%2520b.tar.gz%3Fx%3D1",
        ),
        (
            reference("file", url="https://example.org/x.json"),
            "pkg:generic/name?download_url=https://example.org/x.json",
        ),
        (reference("path", path="/home/me/flake"), None),
        (reference("git", url="file:///home/me/flake", rev=REV), None),
        (reference("git", url="../flake"), None),
        (reference("tarball", url="file:///tmp/x.tar.gz"), None),
        (reference("indirect", id="nixpkgs"), None),
        (reference("github", owner="o/p", repo="r", rev=REV), None),
        (reference("github", owner="o", rev=REV), None),
        (reference("github", owner="o", repo="\ud800", rev=REV), None),
        (reference("unheard-of"), None),
    ],
)
def test_inputs(locked: Reference, expected: str | None) -> None:
    purl = of_input(locked, "name")
    assert shown(purl) == expected
    if purl is not None:
        assert PackageURL.from_string(purl.to_string()).to_string() == expected


@pytest.mark.parametrize(
    ("text", "expected", "of_github"),
    [
        ("actions/Checkout@v4", "pkg:github/actions/checkout@v4", "pkg:githubactions/actions/checkout@v4"),
        (
            f"GitHub/codeql-action/Analyze@{REV}",
            f"pkg:github/github/codeql-action@{REV}#Analyze",
            f"pkg:githubactions/github/codeql-action/Analyze@{REV}",
        ),
        (
            "o/r/.github/workflows/build.yml@main",
            "pkg:github/o/r@main#.github/workflows/build.yml",
            "pkg:githubactions/o/r/.github/workflows/build.yml@main",
        ),
        ("o/r@releases/v1", "pkg:github/o/r@releases/v1", "pkg:githubactions/o/r@releases/v1"),
    ],
)
def test_actions(text: str, expected: str, of_github: str) -> None:
    use = use_of(text)
    assert isinstance(use, RepositoryUse)
    assert shown(of_action(use, use.ref)) == expected
    assert PackageURL.from_string(expected).version == use.ref
    assert github_actions(use) == of_github


DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgres:16", "pkg:docker/postgres@16"),
        ("library/postgres", "pkg:docker/postgres"),
        ("nixos/nix:2.34", "pkg:docker/nixos/nix@2.34"),
        ("ghcr.io/Owner/tool:v1", "pkg:docker/Owner/tool@v1?repository_url=ghcr.io"),
        (f"debian:12@{DIGEST}", f"pkg:oci/debian@{DIGEST}?repository_url=docker.io/library/debian&tag=12"),
        (f"ghcr.io/o/n@{DIGEST}", f"pkg:oci/n@{DIGEST}?repository_url=ghcr.io/o/n"),
        (
            f"localhost:5000/n@{DIGEST}",
            f"pkg:oci/n@{DIGEST}?repository_url=localhost:5000/n",
        ),
        ("alpine@sha256:short", "pkg:docker/alpine"),
        ("${{ matrix.image }}", None),
        ("alpine:${{ matrix.tag }}", None),
        ("", None),
    ],
)
def test_images(text: str, expected: str | None) -> None:
    found = shown(of_image(image_of(text)))
    assert (found.replace("%2F", "/") if found is not None else None) == expected


@pytest.mark.parametrize(
    ("locked", "repository", "archive"),
    [
        (
            reference("github", owner="NixOS", repo="nixpkgs", rev=REV),
            "https://github.com/NixOS/nixpkgs",
            f"https://github.com/NixOS/nixpkgs/archive/{REV}.tar.gz",
        ),
        (
            reference("github", owner="o", repo="r", rev=REV, host="ghe.example.com"),
            "https://ghe.example.com/o/r",
            f"https://ghe.example.com/api/v3/repos/o/r/tarball/{REV}",
        ),
        (
            reference("gitlab", owner="g%2Fs", repo="r", rev=REV),
            "https://gitlab.com/g/s/r",
            f"https://gitlab.com/api/v4/projects/g%2Fs%2Fr/repository/archive.tar.gz?sha={REV}",
        ),
        (
            reference("sourcehut", owner="~o", repo="r", rev=REV),
            "https://git.sr.ht/~o/r",
            f"https://git.sr.ht/~o/r/archive/{REV}.tar.gz",
        ),
        (reference("github", owner="o", repo="r", rev="main"), "https://github.com/o/r", None),
        (reference("git", url="ssh://git@x.org/a?ref=b", rev=REV), "ssh://git@x.org/a", None),
        (reference("tarball", url="https://x.org/a.tar.gz"), None, "https://x.org/a.tar.gz"),
        (reference("path", path="./x"), None, None),
    ],
)
def test_urls_of_inputs(locked: Reference, repository: str | None, archive: str | None) -> None:
    assert repository_url(locked) == repository
    assert archive_url(locked) == archive


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://token@example.org/a", "https://example.org/a"),
        ("https://a:b@c@example.org:8080/a#b", "https://example.org:8080/a"),
        ("git+https://example.org/a", "https://example.org/a"),
        ("ssh://me@example.org/a", "ssh://example.org/a"),
        ("https://example.org/100%/[x]\ud800", "https://example.org/100%25/%5Bx%5D%ED%A0%80"),
        ("https://example.org?x=a b", "https://example.org?x=a%20b"),
        ("https://example.org:port/", None),
        ("https://[::1]/", None),
        ("https:///etc/passwd", None),
        ("file:///etc/passwd", None),
        ("javascript://example.org/%0aalert(1)", None),
        ("../x", None),
    ],
)
def test_public_urls(url: str, expected: str | None) -> None:
    assert public(url) == expected


@given(st.text(max_size=30))
def test_any_text_is_a_url_or_none(text: str) -> None:
    found = public(f"https://example.org/{text}")
    assert found is not None
    assert found.isascii()
    assert found.isprintable()
    assert public(found) == found
    of_input(reference("tarball", url=text), text)
    of_input(reference("github", owner=text, repo=text, rev=text, host=text, dir=text), text)
    of_image(image_of(text))
