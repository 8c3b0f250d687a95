"""Whole processes and what they cost: a user waits for the interpreter's start, imports, reading, rules and output alike."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Tool(NamedTuple):
    """A command line, and the exit codes that mean that it did its work."""

    name: str
    command: tuple[str, ...]
    succeeds_with: tuple[int, ...] = (0,)


class Sample(NamedTuple):
    """What one process cost: milliseconds on the clock, milliseconds of all processors, the greatest resident set in MB."""

    wall_ms: float
    cpu_ms: float
    rss_mb: float


class Failed(Exception):
    """A tool did not do its work: a fast crash is not a fast scan."""


def measure(tool: Tool) -> Sample:
    """Runs a tool once.

    Raises:
        Failed: it ended with another exit code than it should.
    """
    with tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(
            tool.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        # wait4 gives the usage of this one child; RUSAGE_CHILDREN would mix all of them.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in tool.succeeds_with:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()
            raise Failed(f"{tool.name} ended with {process.returncode}: {' '.join(said[:3])[:300]}")
    # Linux counts in KiB, macOS in bytes. Linux also never reports less than this process had when it
    # started the child, which is why nothing heavy is imported here.
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return Sample(wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3, usage.ru_maxrss / scale)


def alternately(tools: Sequence[Tool], runs: int) -> dict[str, list[Sample]]:
    """`runs` samples of every tool in turn (A, B, A, B, …), so that a busy moment of the machine hits all of them, after one run each that
    warms the caches."""
    for tool in tools:
        measure(tool)
    samples: dict[str, list[Sample]] = {tool.name: [] for tool in tools}
    for _ in range(runs):
        for tool in tools:
            samples[tool.name].append(measure(tool))
    return samples


def median(samples: Sequence[Sample]) -> Sample:
    """The median of each quantity by itself."""
    return Sample(*(statistics.median(quantity) for quantity in zip(*samples, strict=True)))


def summed(parts: Sequence[Mapping[str, list[Sample]]]) -> dict[str, list[Sample]]:
    """Samples of several runs as those of one after the other: times add up, memory is the most that one had."""
    return {
        name: [
            Sample(
                sum(one.wall_ms for one in ones),
                sum(one.cpu_ms for one in ones),
                max(one.rss_mb for one in ones),
            )
            for ones in zip(*(part[name] for part in parts), strict=True)
        ]
        for name in (parts[0] if parts else {})
    }
