"""What the action does with what was found: what it compares with, where reports go, and what a token may not do."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.action_runner import ACTION, STEPS, Nested, Runner, installed, needs_bash, step, would_run
from tests.server import Server, json_of
from tests.support import ROOT, clean_environment, git_environment, run, tarball_lock

REPOSITORY = "octo/hello"


def of(event: str, head: str | None = REPOSITORY) -> Nested:
    """The context `github` of a run."""
    pull_request: Nested = {"head": {"repo": {"full_name": head}}}
    about: Nested = {"pull_request": pull_request} if event.startswith("pull_request") else {}
    return {"event_name": event, "repository": REPOSITORY, "actor": "octocat", "event": about}


# --- what it compares with ------------------------------------------------------------------------


def git(folder: Path, *arguments: str) -> str:
    return run(["git", *arguments], cwd=folder, env=git_environment()).stdout.strip()


def merged(folder: Path) -> str:
    """A repository whose HEAD is what GitHub checks out for a pull request: a merge into the base."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    for name in ("base", "side"):
        if name == "side":
            git(folder, "checkout", "--quiet", "-b", "side")
        (folder / name).write_text(name, "utf-8")
        git(folder, "add", "--all" if name == "side" else name)
        git(folder, "commit", "--quiet", "--message", name)
    git(folder, "checkout", "--quiet", "main")
    git(folder, "merge", "--quiet", "--no-ff", "--message", "merged", "side")
    return git(folder, "rev-parse", "HEAD")


def told(runner: Runner) -> list[str]:
    """What `scan` was told of a base."""
    [call] = runner.calls()
    return [word for word in call[: call.index("--")] if word.startswith(("--base", "--only-new"))]


@needs_bash
@pytest.mark.parametrize(
    ("inputs", "options"),
    [
        ({}, ["--base=HEAD^1"]),
        ({"only-new": "true"}, ["--base=HEAD^1", "--only-new"]),
        ({"base": "none"}, []),
        ({"base": "none", "only-new": "true"}, []),
        ({"base": "origin/main"}, ["--base=origin/main"]),
        ({"base": "--help; $(id)"}, ["--base=--help; $(id)"]),
    ],
)
def test_a_pull_request_is_compared_with_its_base(
    tmp_path: Path, inputs: dict[str, str], options: list[str]
) -> None:
    runner = installed(tmp_path, inputs, GITHUB_EVENT_NAME="pull_request")
    runner.env["GITHUB_SHA"] = merged(runner.workspace)
    assert runner.run("scan").returncode == 0
    assert told(runner) == options


@needs_bash
def test_a_checkout_of_something_else_has_other_parents(tmp_path: Path) -> None:
    """The head of a pull request may be a merge too, whose first parent is no base."""
    runner = installed(tmp_path, {}, GITHUB_EVENT_NAME="pull_request", GITHUB_SHA="0" * 40)
    merged(runner.workspace)
    assert runner.run("scan").returncode == 0
    assert told(runner) == []


@needs_bash
@pytest.mark.parametrize("event", ["pull_request", "merge_group", "push", "schedule", "workflow_dispatch"])
def test_without_a_base_every_finding_counts(tmp_path: Path, event: str) -> None:
    """As in a checkout with `fetch-depth: 1`, or of no repository at all."""
    runner = installed(tmp_path, {"only-new": "true"}, GITHUB_EVENT_NAME=event)
    git(runner.workspace, "init", "--quiet")
    git(runner.workspace, "commit", "--quiet", "--allow-empty", "--message", "all there is")
    runner.env["GITHUB_SHA"] = git(runner.workspace, "rev-parse", "HEAD")
    result = runner.run("scan")
    assert result.returncode == 0
    assert told(runner) == []
    assert ("fetch-depth: 2" in result.stdout) == (event in ("pull_request", "merge_group"))


def of_this_run(runner: Runner, event: str) -> str:
    """The merge that a runner has checked out, whose base it knows."""
    commit = merged(runner.workspace)
    runner.env |= {"GITHUB_EVENT_NAME": event, "GITHUB_SHA": commit}
    runner.contexts["github.event.merge_group.base_sha"] = git(runner.workspace, "rev-parse", "HEAD^1")
    return commit


NOTHING_TO_COMPARE = "::notice title=snowfence::every finding counts, since what is scanned"


@needs_bash
@pytest.mark.parametrize("event", ["pull_request", "merge_group"])
@pytest.mark.parametrize("paths", ["other", "other/base", "base\nother", ".\nother/side"])
def test_another_repository_has_another_base(tmp_path: Path, event: str, paths: str) -> None:
    """A second checkout has a first parent too, which says nothing of what the pull request changes."""
    runner = installed(tmp_path, {"paths": paths})
    of_this_run(runner, event)
    other = runner.workspace / "other"
    other.mkdir()
    merged(other)
    git(other, "commit", "--quiet", "--allow-empty", "--message", "another")
    result = runner.run("scan")
    assert result.returncode == 0
    assert told(runner) == []
    assert result.stdout.startswith(NOTHING_TO_COMPARE)
    assert result.stdout.count("::") == 2


@needs_bash
@pytest.mark.parametrize("event", ["pull_request", "merge_group"])
def test_what_is_in_no_repository_has_no_base(tmp_path: Path, event: str) -> None:
    runner = installed(tmp_path, {"paths": "../else"})
    of_this_run(runner, event)
    (tmp_path / "else").mkdir()
    result = runner.run("scan")
    assert (result.returncode, told(runner)) == (0, [])
    assert result.stdout.startswith(NOTHING_TO_COMPARE)


@needs_bash
@pytest.mark.parametrize("paths", ["copy", "copy/base\nbase", "-C", "folder/../base"])
def test_wherever_this_commit_is_checked_out_it_has_its_base(tmp_path: Path, paths: str) -> None:
    runner = installed(tmp_path, {"paths": paths})
    of_this_run(runner, "pull_request")
    git(runner.workspace, "clone", "--quiet", ".", "copy")
    for name in ("folder", "-C"):
        (runner.workspace / name).mkdir()
    result = runner.run("scan")
    assert (result.returncode, result.stdout) == (0, "")
    assert told(runner) == ["--base=HEAD^1"]


@needs_bash
def test_a_base_that_one_checkout_lacks_is_none(tmp_path: Path) -> None:
    runner = installed(tmp_path, {"paths": "shallow\n.", "only-new": "true"})
    of_this_run(runner, "pull_request")
    git(runner.workspace, "clone", "--quiet", "--depth=1", f"file://{runner.workspace}", "shallow")
    result = runner.run("scan")
    assert (result.returncode, told(runner)) == (0, [])
    assert "fetch-depth: 2" in result.stdout


@needs_bash
def test_a_merge_queue_is_compared_with_what_it_grows_from(tmp_path: Path) -> None:
    runner = installed(tmp_path, {"only-new": "true"})
    of_this_run(runner, "merge_group")
    base = git(runner.workspace, "rev-parse", "HEAD^1")
    assert runner.run("scan").returncode == 0
    assert told(runner) == [f"--base={base}", "--only-new"]


@needs_bash
@pytest.mark.parametrize("depth", ["2", "0"])
def test_the_base_of_a_group_is_before_all_of_its_commits(tmp_path: Path, depth: str) -> None:
    """As where a queue rebases, or a group is of several pull requests: the guide checks out all of the history then."""
    origin = tmp_path / "origin"
    origin.mkdir()
    git(origin, "init", "--quiet", "--initial-branch=main")
    for number in range(5):
        git(origin, "commit", "--quiet", "--allow-empty", "--message", str(number))
    runner = installed(tmp_path, {"only-new": "true"}, GITHUB_EVENT_NAME="merge_group")
    history = [] if depth == "0" else [f"--depth={depth}"]
    git(tmp_path, "clone", "--quiet", *history, f"file://{origin}", str(runner.workspace))
    runner.env["GITHUB_SHA"] = git(origin, "rev-parse", "HEAD")
    base = runner.contexts["github.event.merge_group.base_sha"] = git(origin, "rev-parse", "HEAD~3")
    result = runner.run("scan")
    assert result.returncode == 0
    if depth == "0":
        assert (told(runner), result.stdout) == ([f"--base={base}", "--only-new"], "")
    else:
        assert told(runner) == []
        assert "every finding counts" in result.stdout
        assert "0 in a merge queue" in result.stdout


# --- reports --------------------------------------------------------------------------------------


@needs_bash
def test_an_artifact_holds_every_report(tmp_path: Path) -> None:
    runner = installed(tmp_path, {"artifact": "reports", "html": "my page.html", "sbom": "my sbom.json"})
    assert runner.run("scan").returncode == 0
    assert runner.run("sbom").returncode == 0
    reports = tmp_path / "installed" / "reports"
    scan, sbom = runner.calls()
    assert [word for word in scan if word.startswith("--output=")] == [
        f"--output=sarif={reports}/snowfence.sarif",
        f"--output=markdown={reports}/snowfence.md",
        "--output=html=my page.html",
        f"--output=html={reports}/snowfence.html",
    ]
    files = [f"--output=cyclonedx-json={file}" for file in (f"{reports}/snowfence.cdx.json", "my sbom.json")]
    assert sbom == ["snowfence", "sbom", *files, "--", "."]
    assert (runner.output("html"), runner.output("sbom")) == ("my page.html", "my sbom.json")
    assert runner.output("markdown") == f"{reports}/snowfence.md"
    kept = step("Keep the reports")["with"]
    assert kept == {"name": "${{ inputs.artifact }}", "path": "${{ steps.scan.outputs.reports }}"}
    assert runner.contexts["steps.scan.outputs.reports"] == str(reports)


@needs_bash
def test_reports_of_an_artifact_need_no_names(tmp_path: Path) -> None:
    runner = installed(tmp_path, {"artifact": "reports"})
    assert runner.run("scan").returncode == runner.run("sbom").returncode == 0
    reports = tmp_path / "installed" / "reports"
    assert runner.output("html") == f"{reports}/snowfence.html"
    assert runner.output("sbom") == f"{reports}/snowfence.cdx.json"


@needs_bash
def test_the_summary_is_appended(tmp_path: Path) -> None:
    runner = installed(tmp_path, {})
    markdown = tmp_path / "-n"
    markdown.write_text("## 2 findings", "utf-8")
    (tmp_path / "summary").write_text("of a step before\n", "utf-8")
    runner.contexts["steps.scan.outputs.markdown"] = str(markdown)
    assert runner.run("Write the summary").returncode == 0
    assert (tmp_path / "summary").read_text("utf-8") == "of a step before\n## 2 findings\n"


def commented(tmp_path: Path, event: str, head: str, code: int = 0, **inputs: str) -> tuple[Runner, str]:
    """The runner after the step that comments, and what the step said; it never fails."""
    runner = installed(tmp_path, {"token": "a token"} | inputs, STUB_CODE=str(code), GITHUB_EVENT_NAME=event)
    runner.env["GITHUB_REPOSITORY"] = REPOSITORY
    runner.contexts["steps.scan.outputs.markdown"] = "/reports/snowfence.md"
    runner.contexts["github.event.pull_request.head.repo.full_name"] = head
    result = runner.run("Comment on the pull request")
    assert result.returncode == 0, result.stderr
    return runner, result.stdout


@needs_bash
@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_a_comment(tmp_path: Path, event: str) -> None:
    runner, _ = commented(tmp_path, event, REPOSITORY)
    assert runner.calls() == [["snowfence", "comment", "--", "/reports/snowfence.md"]]
    assert runner.tokens() == ["a token", ""]


@needs_bash
def test_scans_of_one_commit_have_comments_of_their_own(tmp_path: Path) -> None:
    runner, _ = commented(tmp_path, "pull_request", REPOSITORY, category="--laptop")
    assert runner.calls() == [["snowfence", "comment", "--key=--laptop", "--", "/reports/snowfence.md"]]


@needs_bash
@pytest.mark.parametrize("head", ["mallory/hello", "", "octo/hello\n::error::x"])
def test_the_token_of_a_fork_is_not_tried(tmp_path: Path, head: str) -> None:
    runner, said = commented(tmp_path, "pull_request", head)
    assert said.startswith("::notice title=snowfence::no comment")
    assert said.count("::") == 2
    assert runner.calls() == []


@needs_bash
@pytest.mark.parametrize("event", ["push", "schedule", "merge_group", "workflow_dispatch"])
def test_a_run_of_no_pull_request_has_no_comment(tmp_path: Path, event: str) -> None:
    runner, said = commented(tmp_path, event, "")
    assert "::" not in said
    assert runner.calls() == []


@needs_bash
@pytest.mark.parametrize("code", [1, 2, 3])
def test_a_comment_that_fails_is_a_warning(tmp_path: Path, code: int) -> None:
    assert commented(tmp_path, "pull_request", REPOSITORY, code)[1].startswith("::warning title=snowfence::")


# --- when a step runs -----------------------------------------------------------------------------

SCANNED: Nested = {
    "scan": {"outputs": {"exit-code": "1", "sarif": "x.sarif", "markdown": "x.md", "reports": "reports"}}
}
NEEDS = "Say what an upload needs"
REPORTING = [s["name"] for s in STEPS[STEPS.index(step("sbom")) + 1 : STEPS.index(step(NEEDS))]]
WANTED: Nested = {"upload": "true", "comment": "true", "artifact": "reports", "score": "true"}


@pytest.mark.parametrize(
    ("event", "head", "uploads"),
    [
        ("push", None, True),
        ("schedule", None, True),
        ("workflow_dispatch", None, True),
        ("merge_group", None, True),
        ("pull_request", REPOSITORY, True),
        ("pull_request", "mallory/hello", False),
        ("pull_request", None, False),  # the fork was deleted
        ("pull_request_target", "mallory/hello", True),
    ],
)
def test_what_a_fork_may_not_do_is_left_out(event: str, head: str | None, uploads: bool) -> None:
    known: dict[str, Nested] = {"github": of(event, head), "steps": SCANNED, "inputs": WANTED}
    assert would_run("Upload to code scanning", known) == uploads
    assert would_run("Keep the reports", known)
    assert would_run("Gate", known)


@needs_bash
def test_an_upload_that_failed_says_what_it_needs(tmp_path: Path) -> None:
    """It stays a failure, since nobody can tell from here why; but it must not look like a finding."""
    for outcome, says in (("failure", True), ("success", False), ("skipped", False), (None, False)):
        known: dict[str, Nested] = {"steps": {**SCANNED, "upload": {"outcome": outcome}}}
        assert would_run(NEEDS, known, failed=True) == says
    assert step("Upload to code scanning")["id"] == "upload"
    runner = installed(tmp_path, {})
    result = runner.run(NEEDS)
    assert result.returncode == 0
    assert result.stdout.startswith("::warning title=snowfence::the upload to code scanning failed")
    for needed in ("security-events: write", "actions: read", "GitHub Code Security", "`upload`"):
        assert needed in result.stdout


def test_the_upload_of_dependabot_may_fail() -> None:
    assert step("Upload to code scanning")["continue-on-error"] == "${{ github.actor == 'dependabot[bot]' }}"


def test_reports_are_kept_whatever_failed_and_the_gate_is_last() -> None:
    known: dict[str, Nested] = {"github": of("pull_request"), "steps": SCANNED, "inputs": WANTED}
    for name in (*REPORTING, "Gate"):
        assert would_run(name, known, failed=True)
        assert not would_run(name, known, cancelled=True)
    assert STEPS[-1] is step("Gate")


def test_a_scan_that_did_not_run_has_nothing_to_keep() -> None:
    steps: Nested = {"scan": {"outputs": {"exit-code": "2"}}}
    for name in (*REPORTING, "Gate"):
        assert not would_run(name, {"github": of("push"), "steps": steps, "inputs": WANTED}, failed=True)


def test_nothing_leaves_the_job_unless_it_is_wanted() -> None:
    for name in {*REPORTING, "sbom"} - {"Write the summary"}:
        assert not would_run(name, {"github": of("pull_request"), "steps": SCANNED})
    unwanted: dict[str, Nested] = {"github": of("push"), "steps": SCANNED, "inputs": {"summary": "false"}}
    assert would_run("Write the summary", {"github": of("push"), "steps": SCANNED})
    assert not would_run("Write the summary", unwanted)
    assert ACTION["inputs"]["summary"]["default"] == "true"


# --- all of it, for real --------------------------------------------------------------------------

TOKEN = "planted-0123456789abcdefghijklmnopqrstuv"
COMMENTS = f"/api/v3/repos/{REPOSITORY}/issues/7/comments"


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Runner]:
    """A pull request that brings a bad lock, and files that try to become our Python code; nothing is stubbed."""
    inputs = {
        "sbom": "sbom.json",
        "artifact": "reports",
        "comment": "true",
        "only-new": "true",
        "token": TOKEN,
    }
    runner = Runner(tmp_path, inputs, clean_environment())
    runner.contexts["github.action_path"] = str(ROOT)
    (tmp_path / "bin" / "python3").unlink()
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    runner.env["PATH"] = f"{tmp_path / 'bin'}:{runner.env['PATH']}"
    lock = tarball_lock("http://example.org/src.tar.gz", last_modified=1790000000, hashed=False)
    (runner.workspace / "flake.lock").write_text(lock, encoding="utf-8")
    owned = tmp_path / "owned"
    for module in ("venv", "ensurepip", "pip", "yaml", "scanner", "sitecustomize", "json"):
        (runner.workspace / f"{module}.py").write_text(f"open({str(owned)!r}, 'w')\n", encoding="utf-8")
    yield runner
    assert not owned.exists(), "code of the scanned repository was executed"


def everything(runner: Runner, server: Server) -> None:
    """Every script behind the installation, as in a run for a pull request whose comment goes to `server`."""
    event = runner.home / "event.json"
    event.write_text('{"pull_request": {"number": 7}}', "utf-8")
    runner.env |= {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_SERVER_URL": server.url,
        "GITHUB_SHA": merged(runner.workspace),
    }
    runner.contexts["github.event.pull_request.head.repo.full_name"] = REPOSITORY
    server.on("/api/graphql", json_of({"data": {"viewer": {"databaseId": 1}}}))
    made = json_of({"id": 1, "html_url": f"{server.url}/{REPOSITORY}/pull/7#issuecomment-1"}, 201)
    server.on(COMMENTS, lambda asked: made if asked.method == "POST" else json_of([]))

    said = []
    for name in (
        "inputs",
        "scan",
        "sbom",
        "Write the summary",
        "Write the score",
        "Comment on the pull request",
    ):
        result = runner.run(name)
        said.append(result.stdout + result.stderr)
        assert result.returncode == 0, f"{name}: {said[-1]}"
    assert TOKEN not in "".join(said)
    assert runner.run("Gate").returncode == 1

    assert runner.output("exit-code") == "1"
    sarif = json.loads(Path(runner.output("sarif")).read_text(encoding="utf-8"))
    assert "insecure-transport" in {r["ruleId"].partition("/")[0] for r in sarif["runs"][0]["results"]}
    sbom = json.loads((runner.workspace / runner.output("sbom")).read_text(encoding="utf-8"))
    assert sbom["bomFormat"] == "CycloneDX"
    assert "<!doctype html>" in Path(runner.output("html")).read_text("utf-8")[:100].lower()
    markdown = Path(runner.output("markdown")).read_text("utf-8")
    assert "insecure-transport" in markdown
    assert (runner.home / "summary").read_text("utf-8").startswith(markdown)
    kept = Path(runner.contexts["steps.scan.outputs.reports"])
    assert sorted(file.name for file in kept.iterdir()) == [
        f"snowfence.{kind}" for kind in ("cdx.json", "html", "md", "sarif")
    ]
    posted = [asked for asked in server.asked if asked.method == "POST" and asked.path == COMMENTS]
    assert [json.loads(asked.body)["body"].strip() for asked in posted] == [markdown.strip()]
    assert posted[0].headers["authorization"] == f"Bearer {TOKEN}"


@needs_bash
def test_all_scripts_with_this_checkout(hostile: Runner, server: Server) -> None:
    command = Path(sys.executable).with_name("snowfence")
    if not command.exists():
        pytest.skip("snowfence is not installed beside this Python")
    home = hostile.home / "installed"
    (home / "venv" / "bin").mkdir(parents=True)
    (home / "reports").mkdir()
    (home / "venv" / "bin" / "snowfence").symlink_to(command)
    hostile.contexts["steps.install.outputs.home"] = str(home)
    everything(hostile, server)


@needs_bash
@pytest.mark.registry
def test_for_real(hostile: Runner, server: Server) -> None:
    result = hostile.run("install")
    assert result.returncode == 0, result.stdout + result.stderr
    python = Path(hostile.contexts["steps.install.outputs.home"]) / "venv" / "bin" / "python"
    run([python, "-I", "-m", "pip", "check"])  # the locks name all that is needed
    everything(hostile, server)
