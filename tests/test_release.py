"""What a tag must agree with, and what the release workflow may do."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.release import CHANGELOG, Refused, main, notes
from tests.action_runner import bash, needs_bash
from tests.support import ROOT, clean_environment, run

WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
JOBS: dict[str, Any] = WORKFLOW["jobs"]

TEXT = """# Changelog

## [Unreleased]

- later

## [1.2.3] - 2026-11-23

### Added

- something

## [1.2.2] - 2026-11-01

- older

[1.2.2]: https://example.org
"""


def test_the_notes_of_a_release() -> None:
    assert notes("v1.2.3", "1.2.3", TEXT) == "### Added\n\n- something\n"
    assert notes("v1.2.2", "1.2.2", TEXT) == "- older\n"


@pytest.mark.parametrize(
    ("tag", "version", "text", "reason"),
    [
        ("v1.2.4", "1.2.3", TEXT, "the tag of that is v1.2.3"),
        ("1.2.3", "1.2.3", TEXT, "the tag of that is v1.2.3"),
        ("v1.2.3\n", "1.2.3", TEXT, "the tag of that is v1.2.3"),
        ("v1.2.4", "1.2.4", TEXT, "no section"),
        ("v1x2.3", "1x2.3", TEXT, "no section"),
        ("v1.2.3", "1.2.3", TEXT.replace(" - 2026-11-23", ""), "needs its date"),
        ("v1.2.3", "1.2.3", TEXT.replace("2026-11-23", "2026-13-23"), "needs its date"),
        ("v1.2.3", "1.2.3", "## [1.2.3] - 2026-11-23\n\n## [1.2.2]\n- x\n", "says nothing"),
    ],
)
def test_what_does_not_agree_is_no_release(tag: str, version: str, text: str, reason: str) -> None:
    refused = notes(tag, version, text)
    assert isinstance(refused, Refused)
    assert reason in refused.reason


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["v0.0.0"]) == 1
    assert main([]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "the tag is v0.0.0" in said.err
    assert "## [Unreleased]" in CHANGELOG.read_text("utf-8")


def test_the_command_needs_no_dependency() -> None:
    """The workflow runs it with a bare Python."""
    assert (
        "the tag is v0.0.0"
        in run([sys.executable, "-S", "-m", "docs.release", "v0.0.0"], cwd=ROOT, expect=(1,)).stderr
    )


def test_only_a_tag_starts_it() -> None:
    assert WORKFLOW[True] == {"push": {"tags": ["v*"]}}
    assert WORKFLOW["permissions"] == {}


COMPARE: str = JOBS["attest"]["steps"][1]["run"]


def shell(script: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """As a runner does where the step names no shell."""
    return subprocess.run(
        [str(bash), "-e", "-c", script],
        cwd=cwd,
        env=clean_environment(**env),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def given_out(folder: Path) -> str:
    """The output `digests` of the job `build` in a folder that has `dist` and `release`, by its own scripts."""
    outputs: dict[str, str] = {}
    for step in JOBS["build"]["steps"]:
        if step.get("id") in ("built", "written"):
            output = folder.parent / step["id"]
            done = shell(step["run"], folder, GITHUB_OUTPUT=str(output))
            assert done.returncode == 0, done.stderr
            found = re.fullmatch(r"(\w+)<<(\S+)\n(.*)\n\2\n", output.read_text("utf-8"), re.DOTALL)
            assert found is not None
            outputs[f"${{{{ steps.{step['id']}.outputs.{found[1]} }}}}"] = found[3]
    digests: str = JOBS["build"]["outputs"]["digests"]
    for name, value in outputs.items():
        digests = digests.replace(name, value)
    assert "${{" not in digests
    return digests


@pytest.fixture
def handed_on(tmp_path: Path) -> Path:
    """What `build` hands on."""
    folder = tmp_path / "workspace"
    for name in (
        "dist/snowfence-1-py3-none-any.whl",
        "dist/snowfence-1.tar.gz",
        "release/snowfence-1-py3-none-any.cdx.json",
        "release/notes.md",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, "utf-8")
    return folder


def added(folder: Path) -> None:
    (folder / "dist" / "snowfence-1-cp313-none-any.whl").write_text("evil", "utf-8")


def added_deeper(folder: Path) -> None:
    (folder / "release" / "more").mkdir()
    (folder / "release" / "more" / ".x.cdx.json").write_text("evil", "utf-8")


def linked(folder: Path) -> None:
    (folder / "dist" / "other.whl").symlink_to("snowfence-1.tar.gz")


def changed(folder: Path) -> None:
    (folder / "release" / "notes.md").write_text("evil", "utf-8")


def gone(folder: Path) -> None:
    (folder / "dist" / "snowfence-1.tar.gz").unlink()


def nothing_left(folder: Path) -> None:
    for file in folder.glob("*/*"):
        file.unlink()


@needs_bash
def test_what_was_handed_on_is_let_through(handed_on: Path) -> None:
    digests = given_out(handed_on)
    assert digests.count("\n") == 4
    assert (handed_on / "release" / "SHA256SUMS").read_text("utf-8").count("\n") == 3
    done = shell(COMPARE, handed_on, DIGESTS=digests)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_bash
@pytest.mark.parametrize("spoil", [added, added_deeper, linked, changed, gone, nothing_left])
def test_what_was_not_handed_on_is_stopped(handed_on: Path, spoil: Callable[[Path], None]) -> None:
    digests = given_out(handed_on)
    spoil(handed_on)
    assert shell(COMPARE, handed_on, DIGESTS=digests).returncode != 0


@needs_bash
def test_no_digests_let_nothing_through(handed_on: Path) -> None:
    assert shell(COMPARE, handed_on, DIGESTS="").returncode != 0
    nothing_left(handed_on)
    assert shell(COMPARE, handed_on, DIGESTS="").returncode != 0


def test_nothing_but_the_pinned_tools_runs_before_the_digests() -> None:
    scripts = [(step.get("id"), step["run"]) for step in JOBS["build"]["steps"] if "run" in step]
    before = [run for _, run in scripts[: [id for id, _ in scripts].index("built")]]
    assert before == ["git merge-base --is-ancestor HEAD origin/main", "make build"]


def test_who_may_write_runs_nothing_of_the_repository() -> None:
    for name, job in JOBS.items():
        if set(job["permissions"].values()) <= {"read"}:
            continue
        uses = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
        assert "actions/checkout" not in uses, name
        first, second, *_ = job["steps"]
        assert first["uses"].startswith("actions/download-artifact@"), name
        assert second == {
            "name": "Compare the digests",
            "env": {"DIGESTS": "${{ needs.build.outputs.digests }}"},
            "run": COMPARE,
        }, name
        assert "build" in job["needs"], name


def test_only_what_was_tested_and_let_through_is_published() -> None:
    assert JOBS["publish"]["environment"]["name"] == "pypi"
    assert JOBS["publish"]["permissions"] == {"id-token": "write"}
    before = {"publish"}
    for _ in JOBS:
        before |= {needed for name in before for needed in JOBS[name].get("needs", [])}
    assert before == set(JOBS)


def test_no_cache_is_restored() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    assert "actions/cache" not in text
    assert not re.search(r"(?m)^\s+cache:", text)


def test_the_page_names_every_job() -> None:
    page = (ROOT / "docs" / "releasing.md").read_text("utf-8")
    assert re.findall(r"(?m)^\| `(\w+)` \|", page) == list(JOBS)
