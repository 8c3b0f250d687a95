"""Where sources are downloaded, and which reference an archive's URL means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.parse.nix.reference import Attribute, Reference
from scanner.parse.nix.urls import archive_url, of_archive, public

REV = "0123456789abcdef0123456789abcdef01234567"

FORGES: list[tuple[dict[str, Attribute], str]] = [
    ({"type": "github", "owner": "o", "repo": "r"}, f"https://github.com/o/r/archive/{REV}.tar.gz"),
    (
        {"type": "github", "owner": "o", "repo": "r", "host": "git.corp.example"},
        f"https://git.corp.example/api/v3/repos/o/r/tarball/{REV}",
    ),
    (
        {"type": "gitlab", "owner": "g%2Fs", "repo": "r"},
        f"https://gitlab.com/api/v4/projects/g%2Fs%2Fr/repository/archive.tar.gz?sha={REV}",
    ),
    (
        {"type": "gitlab", "owner": "o", "repo": "r", "host": "git.corp.example"},
        f"https://git.corp.example/api/v4/projects/o%2Fr/repository/archive.tar.gz?sha={REV}",
    ),
    (
        {"type": "sourcehut", "owner": "~o", "repo": "r"},
        f"https://git.sr.ht/~o/r/archive/{REV}.tar.gz",
    ),
]


@pytest.mark.parametrize(("attributes", "url"), FORGES)
def test_where_nix_downloads_from(attributes: dict[str, Attribute], url: str) -> None:
    assert archive_url(Reference({**attributes, "rev": REV})) == url
    assert of_archive(url) == {**attributes, "rev": REV}


def test_the_url_that_another_tool_locked_counts() -> None:
    url = "https://api.github.com/repos/o/r/tarball/refs/tags/v1"
    locked: dict[str, Attribute] = {"type": "github", "owner": "o", "repo": "r", "rev": REV, "url": url}
    assert archive_url(Reference(locked)) == url


@pytest.mark.parametrize(
    ("url", "version"),
    [
        (f"https://github.com/o/r/tarball/{REV}", {"rev": REV}),
        (f"https://codeload.github.com/o/r/tar.gz/{REV}", {"rev": REV}),
        ("https://github.com/o/r/archive/refs/heads/main.zip", {"ref": "refs/heads/main"}),
        ("https://github.com/o/r/archive/refs/tags/a/b-1.2.tar.gz", {"ref": "refs/tags/a/b-1.2"}),
        ("https://github.com/o/r/archive/v1.0.tar.gz", {"ref": "v1.0"}),
        ("https://api.github.com/repos/o/r/tarball/v1.0", {"ref": "v1.0"}),
        ("https://api.github.com/repos/o/r/tarball", {}),
        ("https://GitHub.com/o/r/archive/v1.tar.gz#x", {"ref": "v1"}),
    ],
)
def test_archives_of_github(url: str, version: dict[str, Attribute]) -> None:
    assert of_archive(url) == {"type": "github", "owner": "o", "repo": "r", **version}


def test_archives_of_gitlab_pages() -> None:
    assert of_archive("https://git.example.org/g/s/r/-/archive/v2/r-v2.tar.gz") == {
        "type": "gitlab",
        "host": "git.example.org",
        "owner": "g%2Fs",
        "repo": "r",
        "ref": "v2",
    }


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://",
        "http://github.com/o/r/archive/v1.tar.gz",
        "https://user@github.com/o/r/archive/v1.tar.gz",
        "https://github.com/o/r/releases/download/v1/r.tar.gz",
        "https://github.com/o/r/archive",
        "https://github.com//r/archive/v1.tar.gz",
        "https://gitlab.com/api/v4/projects/12/repository/archive.tar.gz?sha=x",
        "https://example.org/o/r/archive/v1.tar.gz",
        "git+https://github.com/o/r",
    ],
)
def test_what_is_no_archive_of_a_forge(url: str) -> None:
    assert of_archive(url) is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:secret@h/x.tar.gz", "https://h/x.tar.gz"),
        ("https://h/a?private_token=s3&sha=1", "https://h/a?sha=1"),
        ("https://h/a?ACCESS_TOKEN=s3", "https://h/a"),
        ("https://h/a?sha=1&x=2", "https://h/a?sha=1&x=2"),
    ],
)
def test_no_credentials_are_published(url: str, shown: str) -> None:
    assert public(url) == shown


@given(
    st.text()
    | st.from_regex(r"https://(github\.com|gitlab\.com|git\.sr\.ht|h)(/[a-z~%2F-]{0,9}){0,8}", fullmatch=True)
)
def test_any_text_is_read(url: str) -> None:
    found = of_archive(url)
    assert found is None or {"type", "owner", "repo"} <= found.keys()
