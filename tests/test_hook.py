"""The pre-commit hook: which files it wants, and a real pre-commit running it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanner.discover import KINDS, kind_of
from scanner.policy import accepted
from scanner.policy.load import FILE_NAMES
from tests.support import ROOT, clean_environment, git_environment, run, tarball_lock

[HOOK] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

# What is no input itself, but means something to the scan of the commit: see the hook's comment.
STANDS_FOR_INPUTS = [*FILE_NAMES, accepted.FILE_NAME]

UNWANTED = [
    "flake.lock.orig",
    "my-flake.lock",
    "flakeXlock",
    "default.nix",
    "docs/snowfence.yaml",
    "sub/.github/snowfence.yaml",
    "sub/.snowfence-accepted.json",
    "snowfence.yml",
    "reaction.yml",
    "action.yml.md",
    "actions.lock",
    "vendor/.github/workflows/ci.yml",
    "vendor/.github/dependabot.yml",
    ".github/workflows/nested/ci.yml",
    ".github/workflows/ci.yml.disabled",
    ".github/workflows/README.md",
    ".github/labeler.yml",
    "sub/.pre-commit-config.yaml",
    ".pre-commit-hooks.yaml",
    "sub/CODEOWNERS",
    "sub/renovate.json",
    "docs/renovate.json",
]


def samples() -> Iterator[str]:
    """Paths of every kind that discover knows: whoever adds a kind there is told here that the hook misses it."""
    for kind in KINDS:
        for name in (pattern.replace("*", "any") for pattern in kind.files):
            if kind.folder is not None:
                yield f"{kind.folder}/{name}".lstrip("/")
            if kind.folder is None or kind.nested:
                yield "/".join(part for part in ("hosts/laptop", kind.folder, name) if part)


@pytest.mark.parametrize("path", [*samples(), *STANDS_FOR_INPUTS])
def test_files_that_the_hook_wants(path: str) -> None:
    assert re.search(HOOK["files"], path)  # as pre-commit does: searched, not anchored


@pytest.mark.parametrize("path", UNWANTED)
def test_files_that_the_hook_leaves_alone(path: str) -> None:
    assert kind_of(path) is None
    assert not re.search(HOOK["files"], path)


def test_the_hook_filters_by_name_alone_in_one_process() -> None:
    # identify calls a flake.lock plain text: any `types` would lose it without a word
    assert not {"types", "types_or", "exclude_types"} & set(HOOK)
    assert HOOK["require_serial"] is True
    # a file name must never become an option
    assert HOOK["args"][-1] == "--"


def test_what_a_commit_of_a_flake_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hook is given the flake.nix alone when the lock was not relocked; its own findings count as well."""
    (tmp_path / "flake.nix").write_text("{ outputs = { self, nixpkgs }: { }; }\n", encoding="utf-8")
    command = [sys.executable, "-m", "scanner", *HOOK["entry"].split()[1:], *HOOK["args"], "flake.nix"]
    done = run(command, cwd=tmp_path, env=clean_environment(PYTHONPATH=str(ROOT)), expect=(0, 1))
    assert "implicit-input" in done.stdout
    assert "flake.nix:1:" in done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """This working tree as a commit of its own: `try-repo` clones, and what is not committed must count too."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    copy = tmp_path / "snowfence"
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, target = ROOT / name, copy / name
        if source.is_file() and not name.startswith("fixtures/"):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    commit(copy)
    return copy


def git(cwd: Path, *arguments: str) -> None:
    run(["git", *arguments], cwd=cwd, env=git_environment())


def commit(repository: Path) -> None:
    """Everything in `repository`, committed."""
    git(repository, "init", "--quiet")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "all of it")


def try_hook(checkout: Path, repository: Path, home: Path) -> Any:
    """Run the hook of `checkout` on `repository` with the real pre-commit."""
    return run(
        [sys.executable, "-m", "pre_commit", "try-repo", checkout, "snowfence", "--all-files", "--verbose"],
        cwd=repository,
        env=git_environment(PRE_COMMIT_HOME=str(home), NO_COLOR="1"),
        expect=(0, 1),
    )


@pytest.mark.registry
def test_a_bad_lock_stops_the_commit_until_it_is_fixed(checkout: Path, tmp_path: Path) -> None:
    pytest.importorskip("pre_commit", reason="pre-commit is not installed")
    repository = tmp_path / "configuration"
    lock = repository / "deep" / "flake.lock"
    lock.parent.mkdir(parents=True)
    yesterday = int(time.time()) - 86_400  # the hook's clock is the real one

    bad_lock = tarball_lock("http://example.org/src.tar.gz", last_modified=yesterday, hashed=False)
    lock.write_text(bad_lock, encoding="utf-8")
    commit(repository)
    bad = try_hook(checkout, repository, tmp_path / "home")
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert "insecure-transport" in bad.stdout
    assert "deep/flake.lock" in bad.stdout

    good_lock = tarball_lock("https://example.org/src.tar.gz", last_modified=yesterday, hashed=True)
    lock.write_text(good_lock, encoding="utf-8")
    git(repository, "add", "--all")
    good = try_hook(checkout, repository, tmp_path / "home")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "Passed" in good.stdout
    assert "insecure-transport" not in good.stdout
