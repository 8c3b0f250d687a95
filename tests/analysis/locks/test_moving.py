"""URLs whose content changes, and those that say which state they name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.locks.moving import moving, stays
from scanner.parse.nix.reference import Reference

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("url", "what", "instead"),
    [
        ("https://github.com/a/B/archive/main.tar.gz", "the branch `main`", "github:a/B/main"),
        ("https://github.com/a/b/archive/refs/heads/x-1.tar.gz", "the branch `x-1`", "github:a/b/x-1"),
        ("https://github.com/a/b/archive/refs/heads/x/y.zip", "the branch `x/y`", "github:a/b/x/y"),
        ("https://github.com/a/b/raw/refs/heads/main/c/d.json", "the branch `main`", "github:a/b/main"),
        ("https://raw.githubusercontent.com/a/b/master/c", "the branch `master`", "github:a/b/master"),
        ("https://codeload.github.com/a/b/tar.gz/main", "the branch `main`", "github:a/b/main"),
        ("https://codeberg.org/a/b/archive/main.tar.gz", "the branch `main`", None),
        ("https://codeberg.org/a/b/raw/branch/main/c.json", "the branch `main`", None),
        ("https://gitlab.com/a/b/c/-/archive/main/c-main.tar.gz", "the branch `main`", None),
        ("https://gitlab.com/a/b/-/raw/main/c.json", "the branch `main`", None),
        ("https://git.sr.ht/~a/b/archive/master.tar.gz", "the branch `master`", None),
        ("https://github.com/a/b/releases/latest/download/c.zip", "what is `latest` at the moment", None),
        ("https://example.org/tool-latest-linux.tar.gz", "what is `latest` at the moment", None),
        ("https://example.org/nightly/tool.tar.gz", "what is `nightly` at the moment", None),
        ("https://github.com/somebody.keys", "the keys that a user has at the moment", None),
        ("https://channels.nixos.org/nixos-26.05/nixexprs.tar.xz", "the channel `nixos-26.05`", None),
        ("https://nixos.org/channels/nixos-unstable/nixexprs.tar.xz", "the channel `nixos-unstable`", None),
        ("https://flakehub.com/f/a/b/0.1.tar.gz", "a range of versions", None),
        ("https://flakehub.com/f/a/b/%2A", "a range of versions", None),
        ("https://unpkg.com/htmx.org/dist/htmx.js", "the newest version of a package", None),
        ("https://unpkg.com/htmx.org@2/dist/htmx.js", "a range of versions", None),
        ("https://cdn.jsdelivr.net/npm/@a/b@latest", "a range of versions", None),
    ],
)
def test_what_moves(url: str, what: str, instead: str | None) -> None:
    found = moving(url)
    assert found is not None
    assert (found.what, found.instead) == (what, instead)


@pytest.mark.parametrize(
    "url",
    [
        f"https://github.com/a/b/archive/{COMMIT}.tar.gz",
        f"https://raw.githubusercontent.com/a/b/{COMMIT}/c",
        "https://github.com/a/b/archive/refs/tags/stable.tar.gz",
        "https://github.com/a/b/archive/v1.2.tar.gz",
        "https://github.com/a/b/archive/release-1.2.tar.gz",
        "https://github.com/a/b/releases/download/v1/c.zip",
        "https://codeberg.org/a/b/raw/commit/0123456789ab/c.json",
        f"https://git.example.org/api/v1/repos/a/b/archive/{COMMIT}.tar.gz",
        "https://releases.nixos.org/nixos/unstable/nixos-26.11pre1.ffb3c9b700e7/nixexprs.tar.xz",
        "https://api.flakehub.com/f/pinned/a/b/0.1.2/x/source.tar.gz",
        "https://flakehub.com/f/a/b/%3D0.1.2.tar.gz",
        "https://unpkg.com/htmx.org@2.0.4/dist/htmx.min.js",
        "https://cdn.jsdelivr.net/npm/@a/b@1.2.3-beta.1",
        "https://example.org/latest/tool-1.2.3.tar.gz",
        "https://example.org/latest/tool-20260102.tar.gz",
        "https://example.org/mainline.tar.gz",
        "https://example.org/tool.tar.gz",
        "https://example.org",
        "file:///home/a/latest.tar.gz",
        "",
    ],
)
def test_what_stays(url: str) -> None:
    assert moving(url) is None


@given(
    st.text(alphabet="ab1.-/@%?:=~", max_size=60),
    st.sampled_from(["github.com", "unpkg.com", "flakehub.com", "x"]),
)
def test_never_raises(path: str, host: str) -> None:
    moving(f"https://{host}/{path}")
    moving(path)


@pytest.mark.parametrize(
    ("attributes", "pinned"),
    [
        ({"type": "github", "rev": "a" * 40}, True),
        ({"type": "github", "ref": "v1.2.0"}, True),
        ({"type": "github", "ref": "1.2.0"}, True),
        ({"type": "git", "ref": "refs/tags/stable"}, True),
        ({"type": "github", "ref": "vanilla"}, False),
        ({"type": "github", "ref": "nixos-26.05"}, False),
        ({"type": "github"}, False),
        ({"type": "tarball", "url": "https://example.org/a-1.2.tar.gz"}, True),
        ({"type": "tarball", "url": "https://github.com/a/b/archive/main.tar.gz"}, False),
        ({"type": "tarball", "url": "https://channels.nixos.org/nixos-26.05/nixexprs.tar.xz"}, False),
        ({"type": "tarball", "url": "https://flakehub.com/f/a/b/0.1"}, False),
        ({"type": "tarball", "url": "https://flakehub.com/f/a/b/%3D0.1.3"}, True),
    ],
)
def test_what_an_update_does_not_change(attributes: dict[str, Any], pinned: bool) -> None:
    assert stays(Reference(attributes)) == pinned
