"""Which files are inputs, and everything that can be wrong with a file before it is parsed."""

import os
import subprocess
from pathlib import Path

import pytest

from scanner.adapters.git import Git
from scanner.discover import KINDS, MAX_BYTES, Discovered, discover, kind_of
from scanner.parse import document


class NoGit:
    """A folder that is no checkout."""

    def toplevel(self, folder: Path) -> Path | None:
        return None

    def visible_files(self, root: Path) -> list[str] | None:
        return None


def found(root: Path) -> Discovered:
    return discover(root, NoGit())


def put(root: Path, path: str, data: bytes = b"{}\n") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("flake.lock", "flake-lock"),
        ("a/b/flake.lock", "flake-lock"),
        ("devenv.lock", "flake-lock"),
        ("a/my-flake.lock", None),
        (".github/workflows/ci.yml", "workflow"),
        (".github/workflows/ci.yaml", "workflow"),
        (".github/workflows/sub/ci.yml", None),
        ("sub/.github/workflows/ci.yml", None),
        (".github/workflows/actions.lock", "actions-lock"),
        ("actions.lock", None),
        ("action.yml", "action"),
        (".github/actions/x/action.yaml", "action"),
        (".github/workflows/action.yml", "workflow"),
        (".github/dependabot.yml", "dependabot"),
        ("dependabot.yml", None),
        ("flake.nix", "flake-nix"),
        ("CODEOWNERS", "code-owners"),
        (".github/CODEOWNERS", "code-owners"),
        ("docs/CODEOWNERS", "code-owners"),
        ("src/CODEOWNERS", None),
        (".pre-commit-config.yaml", "pre-commit"),
        ("src/.pre-commit-config.yaml", None),
        ("renovate.json5", "renovate"),
        (".github/renovate.json", "renovate"),
        (".renovaterc", "renovate"),
        ("src/renovate.json", None),
    ],
)
def test_kinds(path: str, kind: str | None) -> None:
    assert kind_of(path) == kind


def test_every_kind_has_a_reader_and_every_reader_a_kind() -> None:
    assert {kind.name for kind in KINDS} == document.KINDS


def test_inputs_come_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for path in (
        "z/flake.lock",
        "flake.lock",
        ".github/workflows/b.yml",
        ".github/workflows/a.yml",
        "README.md",
    ):
        put(tmp_path, path)
    sources = found(tmp_path).sources
    assert [source.path for source in sources] == [
        ".github/workflows/a.yml",
        ".github/workflows/b.yml",
        "flake.lock",
        "z/flake.lock",
    ]


def test_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    put(tmp_path, "flake.lock", b"\xef\xbb\xbf{}")
    assert found(tmp_path).sources[0].text == "{}"


def test_bytes_that_are_not_utf8_are_a_problem_at_their_place(tmp_path: Path) -> None:
    put(tmp_path, ".github/workflows/a.yml", b"\xef\xbb\xbfa: 1\nb: caf\xe9\n")
    (problem,) = found(tmp_path).problems
    assert problem.at.begin == (2, 7)
    assert "0xe9" in problem.message


def test_a_file_over_the_bound_is_a_problem(tmp_path: Path) -> None:
    put(tmp_path, "flake.lock", b" " * (MAX_BYTES + 1))
    put(tmp_path, "a/flake.lock", b" " * MAX_BYTES)
    result = found(tmp_path)
    assert [source.path for source in result.sources] == ["a/flake.lock"]
    assert [(problem.at.path, "larger" in problem.message) for problem in result.problems] == [
        ("flake.lock", True)
    ]


def test_links(tmp_path: Path) -> None:
    """A link inside is read and reported at its target; one that leaves, dangles or loops is a problem."""
    outside = put(tmp_path, "outside/flake.lock")
    root = tmp_path / "root"
    put(root, "real/lock.json")
    for path, target in {
        "flake.lock": "real/lock.json",
        "out/flake.lock": os.fspath(outside),
        "up/flake.lock": "../../outside/flake.lock",
        "gone/flake.lock": "nowhere",
        "loop/flake.lock": "flake.lock",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).symlink_to(target)
    (root / "folder").symlink_to(tmp_path / "outside", target_is_directory=True)
    result = found(root)
    assert [(source.path, source.shown, source.kind) for source in result.sources] == [
        ("flake.lock", "real/lock.json", "flake-lock")
    ]
    said = {problem.at.path: problem.message for problem in result.problems}
    assert set(said) == {"out/flake.lock", "up/flake.lock", "gone/flake.lock", "loop/flake.lock"}
    assert "leaves the repository" in said["out/flake.lock"]
    assert "leaves the repository" in said["up/flake.lock"]
    assert "does not exist" in said["gone/flake.lock"]


def test_a_link_does_not_hide_what_it_leads_to(tmp_path: Path) -> None:
    put(tmp_path, "flake.lock")
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/a.yml").symlink_to("../../flake.lock")
    assert [(source.path, source.kind) for source in found(tmp_path).sources] == [
        (".github/workflows/a.yml", "workflow"),
        ("flake.lock", "flake-lock"),
    ]


def test_what_is_no_regular_file_is_a_problem_and_does_not_hang(tmp_path: Path) -> None:
    (tmp_path / ".github/workflows").mkdir(parents=True)
    os.mkfifo(tmp_path / ".github/workflows/pipe.yml")
    (tmp_path / "flake.lock").mkdir()
    result = found(tmp_path)
    assert not result.sources
    assert [problem.at.path for problem in result.problems] == [".github/workflows/pipe.yml"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_a_problem(tmp_path: Path) -> None:
    put(tmp_path, "flake.lock").chmod(0)
    (problem,) = found(tmp_path).problems
    assert "Permission denied" in problem.message


def test_a_name_that_is_not_utf8_is_read(tmp_path: Path) -> None:
    put(tmp_path, os.fsdecode(b"caf\xe9/flake.lock"))
    assert [source.path for source in found(tmp_path).sources] == ["caf\udce9/flake.lock"]


# ---------------------------------------------------------------- git


def test_ignored_files_are_skipped_but_tracked_ones_never(tmp_path: Path) -> None:
    git(tmp_path, "init")
    put(tmp_path, ".gitignore", b"build/\n.github/\n")
    put(tmp_path, "build/flake.lock")
    put(tmp_path, "new/flake.lock")
    put(tmp_path, ".github/workflows/tracked.yml")
    put(tmp_path, ".github/workflows/ignored.yml")
    git(tmp_path, "add", "-f", ".github/workflows/tracked.yml")
    paths = [source.path for source in discover(tmp_path, Git()).sources]
    assert paths == [".github/workflows/tracked.yml", "new/flake.lock"]
    named = discover(tmp_path, Git(), also=("build/flake.lock",)).sources
    assert "build/flake.lock" in [source.path for source in named]


def test_a_tracked_file_that_is_gone_is_no_problem(tmp_path: Path) -> None:
    git(tmp_path, "init")
    file = put(tmp_path, "flake.lock")
    git(tmp_path, "add", ".")
    file.unlink()
    assert discover(tmp_path, Git()) == Discovered((), ())


def test_a_checkout_inside_a_checkout_is_looked_into(tmp_path: Path) -> None:
    git(tmp_path, "init")
    put(tmp_path, "inner/flake.lock")
    git(tmp_path / "inner", "init")
    assert [source.path for source in discover(tmp_path, Git()).sources] == ["inner/flake.lock"]


def test_an_ignored_folder_that_is_named_is_looked_into(tmp_path: Path) -> None:
    git(tmp_path, "init")
    put(tmp_path, ".gitignore", b"build/\n")
    put(tmp_path, "build/flake.lock")
    (tmp_path / "empty").mkdir()
    assert [source.path for source in discover(tmp_path / "build", Git()).sources] == ["flake.lock"]
    assert discover(tmp_path / "empty", Git()) == Discovered((), ())


def test_a_folder_of_a_checkout_is_a_root_of_its_own(tmp_path: Path) -> None:
    git(tmp_path, "init")
    put(tmp_path, "sub/flake.lock")
    put(tmp_path, "flake.lock")
    assert [source.path for source in discover(tmp_path / "sub", Git()).sources] == ["flake.lock"]


def test_a_repository_cannot_make_git_run_its_programs(tmp_path: Path) -> None:
    git(tmp_path, "init")
    proof = tmp_path / "ran"
    program = put(tmp_path, "evil.sh", f"#!/bin/sh\ntouch '{proof}'\n".encode())
    program.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "core.editor"):
        git(tmp_path, "config", key, os.fspath(program))
    git(tmp_path, "config", "core.hooksPath", os.fspath(tmp_path))
    put(tmp_path, "flake.lock")
    assert [source.path for source in discover(tmp_path, Git()).sources] == ["flake.lock"]
    assert not proof.exists()


def test_git_that_fails_is_said_and_everything_is_scanned(tmp_path: Path) -> None:
    put(tmp_path, ".git", b"gitdir: nowhere\n")
    put(tmp_path, "flake.lock")
    adapter = Git()
    assert [source.path for source in discover(tmp_path, adapter).sources] == ["flake.lock"]
    assert len(adapter.notes) == 1
    assert "ignored files are scanned as well" in adapter.notes[0]


def test_git_variables_of_the_caller_do_not_lead_astray(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook of git runs with GIT_DIR and GIT_INDEX_FILE set."""
    git(tmp_path, "init")
    put(tmp_path, "flake.lock")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert [source.path for source in discover(tmp_path, Git()).sources] == ["flake.lock"]
