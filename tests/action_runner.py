"""A runner of GitHub Actions that runs the scripts of our action, with stubs for everything that they call."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanner.parse.expressions.evaluate import Failed, contexts, evaluate
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.expressions.values import truthy
from tests.support import ROOT

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
  snowfence*)
    for argument; do
      argument=${{argument#--output=}}
      [[ $argument != *.cdx.json && $argument != *sbom.json ]] || echo '{{}}' >"$argument"
    done
    exit "${{STUB_CODE:-0}}" ;;
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
        for tool in ("bash", "cat", "cp", "git", "mkdir", "mktemp"):
            if found := shutil.which(tool):
                (self.home / "bin" / tool).symlink_to(found)
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
        env |= {"GITHUB_STEP_SUMMARY": str(self.home / "summary")}
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
    (home / "reports").mkdir()
    (home / "folder").write_bytes(b".\0")  # which a scan notes of its paths
    runner.contexts["steps.install.outputs.home"] = str(home)
    return runner


Nested = Mapping[str, "str | Nested | None"]


def would_run(
    name: str, known: Mapping[str, Nested], *, failed: bool = False, cancelled: bool = False
) -> bool:
    """Whether a runner would run the step, by GitHub's own rules, when one before it `failed`.

    Args:
        name: the id or name of the step.
        known: contexts such as `github`; inputs that are not named have their defaults.
    """
    condition = str(step(name).get("if", "success()")).strip()
    condition = condition.removeprefix("${{").removesuffix("}}").strip()
    if not re.search(r"\b(success|failure|cancelled|always)\(", condition):
        condition = f"success() && ({condition})"
    statuses = {
        "success": not failed and not cancelled,
        "failure": failed,
        "cancelled": cancelled,
        "always": True,
    }
    condition = re.sub(
        r"\b(success|failure|cancelled|always)\(\)", lambda m: str(statuses[m[1]]).lower(), condition
    )
    tree = parse(condition)
    assert not isinstance(tree, Malformed), tree
    defaults = {key: declared.get("default", "") for key, declared in ACTION["inputs"].items()}
    data: dict[str, Any] = {**known} | {"inputs": defaults | dict(known.get("inputs", {}))}
    value = evaluate(tree, contexts(data))
    assert not isinstance(value, Failed), value
    return truthy(value)
