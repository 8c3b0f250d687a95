"""Repositories that are made up, always the same ones: how a scan grows with files, steps, findings and nodes of a lock."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

_HEAD = "name: made up\non: pull_request\npermissions: {}\njobs:\n"
_JOB = "  j{job}:\n    name: job {job}\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    steps:\n"
_JOB_STEPS = 100


def steps(root: Path, count: int, found: int) -> None:
    """One workflow with so many steps, of which `found` use an action by a tag; the others use it by a commit."""
    lines = [_HEAD]
    for at in range(count):
        if at % _JOB_STEPS == 0:
            lines.append(_JOB.format(job=at // _JOB_STEPS))
        ref = f"v{1 + at % 9}" if at < found else f"{at:040x} # v{1 + at % 9}.0.0"
        lines.append(f"      - name: step {at}\n        uses: owner{at % 50}/action{at % 400}@{ref}\n")
    _write(root, ".github/workflows/generated.yml", "".join(lines))


def findings(root: Path, count: int, found: int) -> None:
    """One workflow with so many steps, half of which use an action by a tag and half run a script, and at least `found` findings: every
    step has one, and the first scripts another."""
    lines = [_HEAD]
    for at in range(count):
        if at % _JOB_STEPS == 0:
            lines.append(_JOB.format(job=at // _JOB_STEPS))
        if at % 2:
            lines.append(f"      - uses: owner{at % 50}/action{at % 400}@v{1 + at % 9}\n")
        else:
            more = ' "${{ github.event.pull_request.title }}"' if at < 2 * (found - count) else ""
            lines.append(
                f'      - run: |\n          echo "${{{{ github.head_ref }}}}"{more}\n          make target-{at}\n'
            )
    _write(root, ".github/workflows/generated.yml", "".join(lines))


def files(root: Path, count: int) -> None:
    """So many workflows of ten steps."""
    for at in range(count):
        lines = [_HEAD, _JOB.format(job=0)]
        for step in range(10):
            number = at * 10 + step
            lines.append(
                f"      - uses: owner{number % 50}/action{number % 400}@{number:040x} # v{1 + number % 9}\n"
            )
        _write(root, f".github/workflows/generated-{at:05}.yml", "".join(lines))


def lock(root: Path, count: int) -> None:
    """A flake with a lock of so many inputs; each has up to three of its own, and every fifth follows another."""
    nodes: dict[str, Any] = {"root": {"inputs": {"i0": "i0"}}}
    for at in range(count):
        inputs: dict[str, Any] = {f"d{nth}": f"i{3 * at + nth}" for nth in (1, 2, 3) if 3 * at + nth < count}
        if at and at % 5 == 0:
            inputs["same"] = ["i0"]
        nodes[f"i{at}"] = {
            "inputs": inputs,
            "locked": {
                "type": "github",
                "owner": f"owner{at % 97}",
                "repo": f"repository{at}",
                "rev": f"{at:040x}",
                "narHash": f"sha256-{at:043d}=",
                "lastModified": 1_780_000_000 + at,
            },
            "original": {"type": "github", "owner": f"owner{at % 97}", "repo": f"repository{at}"},
        }
    _write(root, "flake.lock", json.dumps({"nodes": nodes, "root": "root", "version": 7}, indent=2))
    _write(root, "flake.nix", '{ inputs.i0.url = "github:owner0/repository0"; outputs = _: { }; }\n')


KINDS: Final[dict[str, Callable[..., None]]] = {
    "files": files,
    "findings": findings,
    "lock": lock,
    "steps": steps,
}


def make(kind: str, root: Path, *counts: int) -> None:
    """Makes one of `KINDS` in a process of its own: no child of this process is ever reported to need less memory than this one has."""
    here = Path(__file__).resolve().parent.parent
    subprocess.run(
        [sys.executable, "-m", "bench.generated", kind, str(root), *map(str, counts)], cwd=here, check=True
    )


def _write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


if __name__ == "__main__":
    KINDS[sys.argv[1]](Path(sys.argv[2]), *map(int, sys.argv[3:]))
