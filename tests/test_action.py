"""The composite action: what it promises in its text, and its scripts run as a runner runs them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scanner.policy import accepted
from tests.action_runner import ACTION, STEPS, Runner, installed, needs_bash, step
from tests.support import ROOT

# --- its text -------------------------------------------------------------------------------------


def test_no_script_interpolates() -> None:
    assert [s["name"] for s in STEPS if "${{" in s.get("run", "")] == []


def test_every_input_is_used_and_every_used_input_is_declared() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\binputs\.([\w-]+)", text)) == set(ACTION["inputs"])


def test_every_script_is_strict() -> None:
    for s in STEPS:
        if "run" in s:
            assert s["shell"] == "bash"
            assert s["run"].startswith("set -euo pipefail\n")


def test_the_upload_comes_before_the_gate_and_is_guarded() -> None:
    names = [s["name"] for s in STEPS]
    upload, gate = step("Upload to code scanning"), step("Gate")
    assert names.index(upload["name"]) < names.index(gate["name"]) == len(names) - 1
    assert ACTION["inputs"]["upload"]["default"] == "false"
    # a failed upload must not swallow the verdict
    assert gate["if"] == "${{ !cancelled() && steps.scan.outputs.exit-code == '1' }}"


# --- install --------------------------------------------------------------------------------------


@needs_bash
def test_install_takes_the_source_that_the_caller_pinned(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    assert runner.run("install").returncode == 0
    *_, venv, locked, source = runner.calls()
    home = runner.contexts["steps.install.outputs.home"]
    assert venv == ["python3", "-I", "-m", "venv", f"{home}/venv"]
    pip = ["python", "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    assert locked == [
        *pip,
        "--only-binary=:all:",
        "--require-hashes",
        "--requirement=/the action/requirements/runtime.txt",
        "--requirement=/the action/requirements/build.txt",
    ]
    assert source == [*pip, "--no-index", "--no-deps", "--no-build-isolation", "/the action"]


@needs_bash
@pytest.mark.parametrize("version", ["1", "1.2.3", "0.4.0rc1", "2.0.post1", "1.0.dev3"])
def test_install_of_a_release(tmp_path: Path, version: str) -> None:
    runner = Runner(tmp_path, {"version": version})
    assert runner.run("install").returncode == 0
    assert runner.calls()[-1][-1] == f"snowfence=={version}"


@needs_bash
@pytest.mark.parametrize(
    "version",
    [
        "latest",
        "v1.0",
        "1.0 --pre",
        "--pre",
        "1.0;id",
        "$(id)",
        "1.0\nhome=/evil",
        "1.0\n",
        ">=1",
        "../x",
        "1..0",
    ],
)
def test_install_refuses_what_is_no_release(tmp_path: Path, version: str) -> None:
    runner = Runner(tmp_path, {"version": version})
    result = runner.run("install")
    assert result.returncode == 2
    assert "must be a release number" in result.stdout
    assert runner.calls() == []


@needs_bash
def test_install_says_when_python_is_too_old(tmp_path: Path) -> None:
    result = Runner(tmp_path, env={"STUB_PYTHON": "1"}).run("install")
    assert result.returncode == 2
    assert "actions/setup-python" in result.stdout


@needs_bash
def test_install_finds_a_newer_python_in_the_tool_cache(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    runner = Runner(tmp_path, env={"RUNNER_TOOL_CACHE": str(cache)})
    (tmp_path / "bin" / "python3").unlink()
    runner.stub(cache / "Python" / "3.12.11" / "x64" / "bin" / "python3")
    assert runner.run("install").returncode == 0


# --- scan, sbom, gate -----------------------------------------------------------------------------


def always(runner: Runner) -> list[str]:
    """The reports that every run writes: for the upload, and for summary and comment."""
    reports = runner.home / "installed" / "reports"
    return [f"--output=sarif={reports}/snowfence.sarif", f"--output=markdown={reports}/snowfence.md"]


@needs_bash
@pytest.mark.parametrize("code", [0, 1])
def test_scan_leaves_findings_to_the_gate(tmp_path: Path, code: int) -> None:
    runner = installed(tmp_path, {}, STUB_CODE=str(code))
    assert runner.run("scan").returncode == 0
    assert runner.output("exit-code") == str(code)
    assert runner.output("sarif") == str(tmp_path / "installed" / "reports" / "snowfence.sarif")


@needs_bash
@pytest.mark.parametrize("code", [2, 3, 130])
def test_scan_that_did_not_run_fails_at_once_and_offers_no_sarif(tmp_path: Path, code: int) -> None:
    runner = installed(tmp_path, {}, STUB_CODE=str(code))
    assert runner.run("scan").returncode == code
    assert runner.output("exit-code") == str(code)
    assert runner.output("sarif") == ""


@needs_bash
def test_scan_hands_every_input_over_as_it_is(tmp_path: Path) -> None:
    runner = installed(
        tmp_path,
        {
            "paths": "  a b.yml \n\n--policy=x\n$(touch owned)*\n.github/*.yml\n",
            "policy": "my policy.yaml",
            "fail-on": "medium; exit 0",
            "min-severity": "low",
            "args": " --now 2026-11-22\n--quiet *",
            "sarif": "out/my report.sarif",
        },
    )
    for name in ("a b.yml", "--policy=x", "$(touch owned)1", ".github/1.yml", ".github/2.yml"):
        (runner.workspace / name).parent.mkdir(exist_ok=True)
        (runner.workspace / name).touch()
    result = runner.run("scan")
    assert result.returncode == 0, result.stderr
    [call] = runner.calls()
    options, paths = call[: call.index("--")], call[call.index("--") + 1 :]
    assert options == [
        "snowfence",
        "scan",
        *always(runner),
        "--output=sarif=out/my report.sarif",
        "--fail-on=medium; exit 0",
        "--policy=my policy.yaml",
        "--min-severity=low",
        *("--now", "2026-11-22", "--quiet", "*"),
    ]
    assert paths == ["a b.yml", "--policy=x", "$(touch owned)1", ".github/1.yml", ".github/2.yml"]
    assert runner.output("sarif") == "out/my report.sarif"
    assert not (runner.workspace / "owned").exists()


@needs_bash
@pytest.mark.parametrize(
    ("inputs", "options"),
    [
        ({"policy": "strict\n\n./own policy.yaml\n"}, ["--policy=strict", "--policy=./own policy.yaml"]),
        (
            {"policy": "strict", "no-repository-policy": "true"},
            ["--policy=strict", "--no-repository-policy"],
        ),
        (
            {"policy": "  strict\t\n \n\tour policy.yaml \r\n"},
            ["--policy=strict", "--policy=our policy.yaml"],
        ),
        ({"no-repository-policy": "false"}, []),
        ({"no-repository-policy": ""}, []),
    ],
)
def test_scan_and_score_judge_by_the_same_policies(
    tmp_path: Path, inputs: dict[str, str], options: list[str]
) -> None:
    runner = installed(tmp_path, inputs)
    assert runner.run("scan").returncode == 0
    assert runner.run("Write the score").returncode == 0
    scan, score = runner.calls()
    assert scan[4:] == [*options, "--", "."]
    assert score == ["snowfence", "score", "--format=markdown", *options, "--", "."]


@needs_bash
@pytest.mark.parametrize(
    ("paths", "folder"),
    [
        (".", "."),
        ("", "."),
        ("services/api", "services/api"),
        ("services/a*", "services/api"),
        ("-p", "-p"),
        ("lines/*", "lines/one\nexit-code=0\n"),
        ("services/api\nservices/website", "."),
        ("services/*", "."),
        ("services/api/flake.lock", "."),
    ],
)
def test_all_reports_are_of_the_folder_that_is_scanned(tmp_path: Path, paths: str, folder: str) -> None:
    """Else one artifact holds two judgements: that of the folder's policy, and that of the root's."""
    runner = installed(tmp_path, {"paths": paths, "sbom": "sbom.json"})
    for name in ("services/api", "services/website", "-p", "lines/one\nexit-code=0\n"):
        (runner.workspace / name).mkdir(parents=True)
    (runner.workspace / "services" / "api" / "flake.lock").touch()
    for step_id in ("scan", "sbom", "Write the score"):
        result = runner.run(step_id)
        assert result.returncode == 0, result.stderr
    assert runner.output("exit-code") == "0"
    log = (tmp_path / "log").read_text("utf-8")
    _, sbom, score = re.split(r"(?m)^snowfence\n", log)[1:]
    for call in (sbom, score):
        assert call.partition("\n--\n")[2] == f"{folder}\n\n"


SWITCHES = sorted(name for name, said in ACTION["inputs"].items() if said.get("default") in ("true", "false"))


@needs_bash
@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("said", ["True", "yes", "true ", "1"])
def test_a_switch_is_never_misread(tmp_path: Path, said: str, switch: str) -> None:
    runner = installed(tmp_path, {switch: said})
    result = runner.run("inputs")
    assert result.returncode == 2
    assert f"'{switch}' must be true or false" in result.stdout
    assert runner.calls() == []


ONLINE_STEPS = ("scan", "sbom", "Write the score")


@needs_bash
@pytest.mark.parametrize("step_id", ONLINE_STEPS)
def test_only_what_asks_servers_gets_the_token(tmp_path: Path, step_id: str) -> None:
    inputs = {"sbom": "sbom.json", "token": "a token"}
    for name, online in (("offline", "false"), ("online", "true")):
        (tmp_path / name).mkdir()
        runner = installed(tmp_path / name, inputs | {"online": online})
        assert runner.run(step_id).returncode == 0
        [call] = runner.calls()
        assert ("--online" in call) == (online == "true")
        assert runner.tokens() == (["a token", ""] if online == "true" else ["", ""])
        assert "a token" not in " ".join(call)


@needs_bash
@pytest.mark.parametrize(
    ("code", "ends", "warns"), [(0, 0, False), (1, 0, True), (2, 2, False), (3, 3, False)]
)
def test_knowledge_that_is_not_there_today_stops_no_scan(
    tmp_path: Path, code: int, ends: int, warns: bool
) -> None:
    runner = installed(tmp_path, {"token": "a token"}, STUB_CODE=str(code))
    result = runner.run("knowledge")
    assert result.returncode == ends
    assert result.stdout.startswith("::warning title=snowfence::") == warns
    assert runner.calls() == [["snowfence", "knowledge", "update"]]
    assert runner.tokens() == ["a token", ""]


def test_nothing_is_asked_of_servers_unless_it_is_wanted() -> None:
    assert [ACTION["inputs"][name]["default"] for name in ("online", "update-knowledge")] == ["false"] * 2
    names = [s["name"] for s in STEPS]
    assert step("knowledge")["if"] == "${{ inputs.update-knowledge == 'true' }}"
    assert names.index("Update the knowledge") < names.index("Scan")


def test_what_a_pull_request_can_edit_is_said() -> None:
    said = ACTION["inputs"]["no-repository-policy"]["description"]
    assert all(
        name in said for name in ("snowfence.yaml", accepted.FILE_NAME, "CODEOWNERS", "snowfence diff")
    )


@needs_bash
def test_scan_of_no_path_is_a_scan_of_the_workspace(tmp_path: Path) -> None:
    runner = installed(tmp_path, {"paths": " \n"})
    assert runner.run("scan").returncode == 0
    # and what nobody asked for stays the policy's or the command's own choice
    assert runner.calls() == [["snowfence", "scan", *always(runner), "--", "."]]


@needs_bash
@pytest.mark.parametrize("paths", ["no/*.yml", "nothing.yml"])
def test_scan_refuses_a_path_that_matches_nothing(tmp_path: Path, paths: str) -> None:
    runner = installed(tmp_path, {"paths": paths})
    result = runner.run("scan")
    assert result.returncode == 2
    assert "nothing that exists" in result.stderr
    assert runner.calls() == []


@needs_bash
@pytest.mark.parametrize("name", ["sarif", "html", "sbom", "artifact", "base", "category"])
@pytest.mark.parametrize("value", ["a\nexit-code=0", "a\r", "\x1b[2J"])
def test_no_input_can_write_other_outputs(tmp_path: Path, name: str, value: str) -> None:
    runner = installed(tmp_path, {name: value})
    result = runner.run("inputs")
    assert result.returncode == 2
    assert result.stdout == f"::error title=snowfence::the input '{name}' must be one line\n"
    assert value not in result.stdout


@needs_bash
def test_inputs_are_checked_before_anything_else(tmp_path: Path) -> None:
    assert STEPS[0] is step("inputs")
    checked = set(re.findall(r"inputs\.([\w-]+)", str(STEPS[0]["env"])))
    assert {*SWITCHES, *ACTION["outputs"]} - {"exit-code", "markdown"} <= checked
    assert installed(tmp_path, {}).run("inputs").returncode == 0


@needs_bash
def test_sbom(tmp_path: Path) -> None:
    runner = installed(
        tmp_path, {"sbom": "my sbom.json", "policy": "strict\n", "no-repository-policy": "true"}
    )
    assert runner.run("sbom").returncode == 0
    kept = f"{runner.contexts['steps.install.outputs.home']}/reports/snowfence.cdx.json"
    files = [f"--output=cyclonedx-json={file}" for file in (kept, "my sbom.json")]
    judged = ["--policy=strict", "--no-repository-policy"]
    assert runner.calls() == [["snowfence", "sbom", *files, *judged, "--", "."]]
    assert runner.output("sbom") == "my sbom.json"


@needs_bash
def test_the_gate_fails(tmp_path: Path) -> None:
    result = installed(tmp_path, {}).run("Gate")
    assert result.returncode == 1
    assert result.stdout.startswith("::error title=snowfence::")
