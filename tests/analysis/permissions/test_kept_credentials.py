"""Which uploads take the token of a checkout along."""

import pytest

from scanner.analysis.permissions.kept_credentials import kept_credentials
from tests.memory import repository

JOB = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n"


def uploaded(checkout: str, upload: str, version: str = "v3.1.0") -> bool:
    text = (
        f"{JOB}      - uses: actions/checkout@v4\n        with: {{{checkout}}}\n"
        f"      - uses: actions/upload-artifact@{version}\n        with: {{{upload}}}\n"
    )
    graph, _ = repository({".github/workflows/a.yml": text})
    (kept,) = kept_credentials(graph)
    return kept.upload is not None


@pytest.mark.parametrize(
    "path",
    (
        ". ./ .. ../ ../.. '*' '**' '**/*' .git .git/ ./.git/config '${{github.workspace}}' '${{github.workspace}}/**' "
        "~ /home/runner/work a/.. '${{github.workspace}}/..'"
    ).split(),
)
def test_paths_with_the_token(path: str) -> None:
    assert uploaded("", f"path: {path}")


@pytest.mark.parametrize(
    "path", ["a", "./a", "a/*", "'*.log'", "'**/*.log'", "/tmp/a", "'${{ runner.temp }}'", "''", ".github"]
)
def test_paths_without_it(path: str) -> None:
    assert not uploaded("", f"path: {path}")


@pytest.mark.parametrize(
    ("checkout", "upload", "takes"),
    [
        ("path: b", "path: b", True),
        ("path: b", "path: b/.git", True),
        ("path: b/c", "path: b", True),
        ("path: b", "path: c", False),
        ("path: b", "path: .git", False),
    ],
)
def test_checkouts_in_folders(checkout: str, upload: str, takes: bool) -> None:
    assert uploaded(checkout, upload) is takes


def test_lines_that_take_it_out_again() -> None:
    assert not uploaded("", 'path: ".\\n!.git"')


@pytest.mark.parametrize(
    ("version", "more", "takes"),
    [
        ("v4.3.6", "", True),
        ("v4.4.0", "", False),
        ("v4", "", False),
        ("v3", "", False),
        ("v3.1.3", "", True),
        ("main", "", False),
        ("v4", ", include-hidden-files: true", True),
        ("v3.1.3", ", include-hidden-files: false", True),
    ],
)
def test_versions_that_take_hidden_files(version: str, more: str, takes: bool) -> None:
    assert uploaded("", f"path: .{more}", version) is takes


def test_what_counts_is_the_order() -> None:
    text = (
        f"{JOB}      - uses: actions/upload-artifact@v2\n        with: {{path: .}}\n"
        "      - uses: actions/checkout@v4\n      - uses: actions/checkout@v6\n        with: {path: b}\n"
        "      - uses: actions/upload-artifact@v2\n        with: {path: b}\n      - run: git push\n"
    )
    graph, _ = repository({".github/workflows/a.yml": text})
    first, second = kept_credentials(graph)
    assert (first.upload, first.outside, first.pushes) == (None, False, True)
    assert (second.upload, second.outside) == (None, True)


def test_a_folder_checked_out_anew_is_said_twice_and_uploaded_once() -> None:
    text = f"{JOB}{'      - uses: actions/checkout@v4' + chr(10)}      - uses: actions/checkout@v4\n"
    text += "      - uses: actions/upload-artifact@v2\n        with: {path: .}\n"
    graph, _ = repository({".github/workflows/a.yml": text})
    assert [kept.upload is not None for kept in kept_credentials(graph)] == [False, True]
