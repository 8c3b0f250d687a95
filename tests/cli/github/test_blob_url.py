"""Links of a report lead to the commit that was scanned, or there are none."""

from pathlib import Path

import pytest

from scanner.adapters.git import Git
from scanner.cli.github.blob_url import blob_url
from tests.cli.test_scan import run
from tests.support import NOW, git_environment
from tests.support import run as start


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    for arguments in (("init", "-q"), ("commit", "-q", "--allow-empty", "-m", "x")):
        start(["git", *arguments], cwd=tmp_path, env=git_environment())
    commit = start(["git", "rev-parse", "HEAD"], cwd=tmp_path, env=git_environment()).stdout.strip()
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "octo-org/a.b_c",
        "GITHUB_SHA": commit,
    }


def test_the_commit_of_the_run(environment: dict[str, str], tmp_path: Path) -> None:
    found = blob_url(environment, tmp_path, Git())
    assert found == f"https://github.com/octo-org/a.b_c/blob/{environment['GITHUB_SHA']}/"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_ACTIONS", ""),
        ("GITHUB_SERVER_URL", "http://github.com"),
        ("GITHUB_SERVER_URL", "https://a/b) [x](https://evil.example"),
        ("GITHUB_REPOSITORY", "a/b/c"),
        ("GITHUB_REPOSITORY", "a/b)c"),
        ("GITHUB_REPOSITORY", ""),
        ("GITHUB_SHA", "main"),
        ("GITHUB_SHA", "0" * 40),  # another commit than that of the folder
    ],
)
def test_none_where_it_would_lead_elsewhere(
    environment: dict[str, str], tmp_path: Path, name: str, value: str
) -> None:
    assert blob_url(environment | {name: value}, tmp_path, Git()) is None


def test_none_outside_of_a_checkout(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert blob_url(environment, tmp_path_factory.mktemp("plain"), Git()) is None


def test_in_the_document(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "flake.lock").write_text("{", "utf-8")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    _, out, _ = run("scan", str(tmp_path), "--format", "markdown", "--now", NOW)
    assert (
        f"[`flake.lock:1`](https://github.com/octo-org/a.b_c/blob/{environment['GITHUB_SHA']}/flake.lock#L1)"
        in out
    )
