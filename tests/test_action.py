"""The composite action: what it promises in its text, and its scripts run as a runner runs them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanner.policy import accepted
from tests.support import ROOT, clean_environment, tarball_lock

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
EXPRESSION = re.compile(r"\$\{\{ ([\w.-]+) \}\}")

bash = shutil.which("bash")
needs_bash = pytest.mark.skipif(bash is None, reason="bash is not installed")

# Stands for python3, for the venv's python, and (under that name) for snowfence: it notes its arguments,
# one per line, and the token that it gets, and does the little that the next step relies on.
STUB = """#!{bash}
printf '%s\\n' "${{0##*/}}" "$@" '' >>"$STUB_LOG"
printf '%s\\n' "${{GITHUB_TOKEN-}}" "${{TOKEN-}}" >>"$STUB_LOG.tokens"
case "${{0##*/}} $*" in
  python*'-I -c '*) exit "${{STUB_PYTHON:-0}}" ;;
  python*'-I -m venv '*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
  snowfence*) exit "${{STUB_CODE:-0}}" ;;
esac
"""


def step(step_id: str) -> dict[str, Any]:
    """The step with this id, or of this name."""
    return next(s for s in STEPS if step_id in (s.get("id"), s["name"]))


@dataclass
class Runner:
    """Enough of a GitHub runner: contexts, a workspace, GITHUB_OUTPUT, and a PATH that holds stubs only."""

    home: Path
    inputs: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("workspace", "temp", "bin"):
            (self.home / name).mkdir()
        for tool in ("bash", "cp", "mkdir", "mktemp"):
            (self.home / "bin" / tool).symlink_to(str(shutil.which(tool)))
        self.stub(self.home / "bin" / "python3")
        self.contexts = {"github.action_path": "/the action"}
        for name, declared in ACTION["inputs"].items():
            self.contexts[f"inputs.{name}"] = self.inputs.get(name, declared.get("default", ""))

    @property
    def workspace(self) -> Path:
        return self.home / "workspace"

    def stub(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STUB.format(bash=bash), encoding="utf-8")
        path.chmod(0o755)

    def calls(self) -> list[list[str]]:
        """Every call of a stub: its name and arguments."""
        log = self.home / "log"
        text = log.read_text(encoding="utf-8") if log.exists() else ""
        return [call.split("\n") for call in text.split("\n\n") if call]

    def tokens(self) -> list[str]:
        """What each call of a stub has in the variables for tokens."""
        return (self.home / "log.tokens").read_text(encoding="utf-8").splitlines()

    def run(self, step_id: str) -> subprocess.CompletedProcess[str]:
        """Run one step's script; its outputs enter the context `steps`."""
        chosen = step(step_id)
        output = self.home / "output"
        output.write_text("", encoding="utf-8")
        env = {"PATH": str(self.home / "bin"), "STUB_LOG": str(self.home / "log")} | self.env
        env |= {"RUNNER_TEMP": str(self.home / "temp"), "GITHUB_OUTPUT": str(output)}
        for key, value in chosen.get("env", {}).items():
            env[key] = EXPRESSION.sub(lambda m: self.contexts.get(m[1], ""), value)
        script = self.home / "script.sh"
        script.write_text(chosen["run"], encoding="utf-8")
        result = subprocess.run(
            [str(bash), "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env=env,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        for line in output.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition("=")
            self.contexts[f"steps.{step_id}.outputs.{key}"] = value
        return result

    def output(self, name: str) -> str:
        """An output of the action, as its caller sees it."""
        return EXPRESSION.sub(lambda m: self.contexts.get(m[1], ""), ACTION["outputs"][name]["value"])


def installed(tmp_path: Path, inputs: Mapping[str, str], **env: str) -> Runner:
    """A runner on which the install step is through."""
    runner = Runner(tmp_path, dict(inputs), env)
    home = tmp_path / "installed"
    runner.stub(home / "venv" / "bin" / "snowfence")
    runner.contexts["steps.install.outputs.home"] = str(home)
    return runner


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
    assert "inputs.upload == 'true'" in upload["if"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in upload["if"]
    assert ACTION["inputs"]["upload"]["default"] == "false"
    # a failed upload must not swallow the verdict
    assert gate["if"] == "${{ !cancelled() && steps.scan.outputs.exit-code == '1' }}"


# --- install --------------------------------------------------------------------------------------


@needs_bash
def test_install_takes_the_source_that_the_caller_pinned(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    assert runner.run("install").returncode == 0
    *_, venv, pip = runner.calls()
    home = runner.contexts["steps.install.outputs.home"]
    assert venv == ["python3", "-I", "-m", "venv", f"{home}/venv"]
    assert pip[:5] == ["python", "-I", "-m", "pip", "install"]
    assert pip[-1] == "/the action"


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


@needs_bash
@pytest.mark.parametrize("code", [0, 1])
def test_scan_leaves_findings_to_the_gate(tmp_path: Path, code: int) -> None:
    runner = installed(tmp_path, {}, STUB_CODE=str(code))
    assert runner.run("scan").returncode == 0
    assert runner.output("exit-code") == str(code)
    assert runner.output("sarif") == str(tmp_path / "installed" / "snowfence.sarif")


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
    runner = installed(tmp_path, inputs, GITHUB_STEP_SUMMARY=str(tmp_path / "summary"))
    assert runner.run("scan").returncode == 0
    assert runner.run("Write the score").returncode == 0
    scan, score = runner.calls()
    assert scan[3:] == [*options, "--", "."]
    assert score == ["snowfence", "score", "--format=markdown", *options, "--", "."]


@needs_bash
@pytest.mark.parametrize("switch", ["no-repository-policy", "online", "update-knowledge"])
@pytest.mark.parametrize("said", ["True", "yes", "true ", "1"])
def test_a_switch_is_never_misread(tmp_path: Path, said: str, switch: str) -> None:
    runner = installed(tmp_path, {switch: said})
    result = runner.run("scan")
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
        summary = str(tmp_path / "summary")
        runner = installed(tmp_path / name, inputs | {"online": online}, GITHUB_STEP_SUMMARY=summary)
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
    sarif = runner.output("sarif")
    # and what nobody asked for stays the policy's or the command's own choice
    assert runner.calls() == [["snowfence", "scan", f"--output=sarif={sarif}", "--", "."]]


@needs_bash
@pytest.mark.parametrize("paths", ["no/*.yml", "nothing.yml"])
def test_scan_refuses_a_path_that_matches_nothing(tmp_path: Path, paths: str) -> None:
    runner = installed(tmp_path, {"paths": paths})
    result = runner.run("scan")
    assert result.returncode == 2
    assert "nothing that exists" in result.stderr
    assert runner.calls() == []


@needs_bash
@pytest.mark.parametrize(("step_id", "name"), [("scan", "sarif"), ("sbom", "sbom")])
def test_a_file_name_cannot_write_other_outputs(tmp_path: Path, step_id: str, name: str) -> None:
    runner = installed(tmp_path, {name: "a\nexit-code=0"})
    assert runner.run(step_id).returncode == 2
    assert runner.output(name) == ""


@needs_bash
def test_sbom(tmp_path: Path) -> None:
    runner = installed(tmp_path, {"sbom": "my sbom.json"})
    assert runner.run("sbom").returncode == 0
    assert runner.calls() == [["snowfence", "sbom", "--output=my sbom.json", "--", "."]]
    assert runner.output("sbom") == "my sbom.json"


@needs_bash
def test_the_gate_fails(tmp_path: Path) -> None:
    result = installed(tmp_path, {}).run("Gate")
    assert result.returncode == 1
    assert result.stdout.startswith("::error title=snowfence::")


# --- all of it, for real --------------------------------------------------------------------------


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Runner]:
    """A workspace with a bad lock that also tries to become our Python code; nothing is stubbed."""
    runner = Runner(tmp_path, {"sbom": "sbom.json"}, clean_environment())
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


@needs_bash
@pytest.mark.registry
def test_for_real(hostile: Runner) -> None:
    for step_id in ("install", "scan", "sbom"):
        result = hostile.run(step_id)
        assert result.returncode == 0, f"{step_id}: {result.stdout}{result.stderr}"
    assert hostile.output("exit-code") == "1"
    sarif = json.loads(Path(hostile.output("sarif")).read_text(encoding="utf-8"))
    assert "insecure-transport" in {r["ruleId"].partition("/")[0] for r in sarif["runs"][0]["results"]}
    sbom = json.loads((hostile.workspace / hostile.output("sbom")).read_text(encoding="utf-8"))
    assert sbom["bomFormat"] == "CycloneDX"
