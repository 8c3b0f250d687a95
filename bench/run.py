"""Run tools alternately as whole processes and print medians and ratios.

A user waits for the process, so the process is what is measured: interpreter start, imports, reading,
rules and output. Runs alternate (A, B, A, B, ...) so that a busy moment of the machine hits both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CORPUS = ROOT.parent / "shared" / "corpus"


@dataclass(frozen=True)
class Tool:
    """A command, what it is called, and the exit codes that mean "did its work"."""

    name: str
    command: tuple[str, ...]
    succeeds_with: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Case:
    """One comparison: the first tool is ours, every other is set in relation to it."""

    name: str
    target: Path
    tools: tuple[Tool, ...]


@dataclass(frozen=True)
class Sample:
    """What one process cost."""

    wall_ms: float
    cpu_ms: float
    rss_mb: float


SNOWFENCE = Tool("snowfence", (str(BIN / "snowfence"), "scan", "--now", "2026-11-22"), succeeds_with=(0, 1))
# offline, since snowfence is; --no-config, so that a repository cannot switch its audits off
ZIZMOR = Tool("zizmor", (str(BIN / "zizmor"), "--offline", "--quiet", "--no-exit-codes", "--no-config"))


def cases(paths: Sequence[Path]) -> list[Case]:
    """The comparisons, one row each."""
    return [Case(f"scan {path.name}", path, (SNOWFENCE, ZIZMOR)) for path in paths]


def default_paths() -> list[Path]:
    """A real repository if the corpus is checked out beside us, else the fixture that everybody has."""
    real = CORPUS / "blazedots"
    return [real if real.is_dir() else ROOT / "fixtures" / "demo"]


def measure(tool: Tool, target: Path) -> Sample:
    """Run `tool` on `target` once. Anything but a success is an error: a fast crash is not a fast scan."""
    with tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(
            [*tool.command, str(target)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        # wait4 gives the usage of this one child; RUSAGE_CHILDREN would mix all of them
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in tool.succeeds_with:
            errors.seek(0)
            text = errors.read().decode(errors="replace").strip()
            raise SystemExit(f"{tool.name} ended with {process.returncode} on {target}:\n{text}")
    # Linux counts in KiB, macOS in bytes. Linux also never reports less than this process had when it
    # started the child, which is why nothing heavy is imported here.
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return Sample(wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3, usage.ru_maxrss / scale)


def run(case: Case, runs: int) -> dict[str, list[Sample]]:
    """`runs` alternating samples of every tool, after one run each that warms the caches."""
    for tool in case.tools:
        measure(tool, case.target)
    samples: dict[str, list[Sample]] = {tool.name: [] for tool in case.tools}
    for _ in range(runs):
        for tool in case.tools:
            samples[tool.name].append(measure(tool, case.target))
    return samples


def median(samples: Sequence[Sample]) -> Sample:
    """The median of each quantity on its own."""
    return Sample(
        statistics.median(s.wall_ms for s in samples),
        statistics.median(s.cpu_ms for s in samples),
        statistics.median(s.rss_mb for s in samples),
    )


def table(case: Case, samples: dict[str, list[Sample]]) -> str:
    """Medians as text, and what our run costs in relation to each peer (below 1: we need less)."""
    runs = len(samples[case.tools[0].name])
    medians = {name: median(of_tool) for name, of_tool in samples.items()}
    ours = medians[case.tools[0].name]
    label = max(len(f"{ours_name} / {name}") for ours_name in medians for name in medians)
    lines = [
        f"{case.name}  (median of {runs} alternating runs)",
        f"  {'':{label}}  {'wall ms':>9}  {'CPU ms':>9}  {'RSS MB':>9}",
    ]
    for name, m in medians.items():
        lines.append(f"  {name:{label}}  {m.wall_ms:>9.1f}  {m.cpu_ms:>9.1f}  {m.rss_mb:>9.1f}")
    for peer in case.tools[1:]:
        m = medians[peer.name]
        ratio = f"{case.tools[0].name} / {peer.name}"
        wall, cpu, rss = ours.wall_ms / m.wall_ms, ours.cpu_ms / m.cpu_ms, ours.rss_mb / m.rss_mb
        lines.append(f"  {ratio:{label}}  {wall:>9.2f}  {cpu:>9.2f}  {rss:>9.2f}")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    """Parse the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="bench.run", description="snowfence and zizmor side by side.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="repositories to scan")
    parser.add_argument(
        "--runs", type=int, default=9, help="runs per tool, at least 7 (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every sample to FILE")
    arguments = parser.parse_args(argv)
    if arguments.runs < 7:
        parser.error("a median of fewer than 7 runs says little")

    record: list[dict[str, Any]] = []
    for case in cases(arguments.paths or default_paths()):
        samples = run(case, arguments.runs)
        print(table(case, samples), flush=True)
        record.append({"case": case.name, "samples": {n: [asdict(s) for s in v] for n, v in samples.items()}})
    if arguments.json:
        arguments.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
