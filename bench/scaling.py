"""How time and memory grow: the exponent of a power law through three sizes of an input (1: linear)."""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bench import generated
from bench.cases import OURS, scan
from bench.process import Sample, alternately, median


class Axis(NamedTuple):
    """An input that grows: how one of a size is made below a folder."""

    name: str
    sizes: tuple[int, int, int]
    make: Callable[[Path, int], None]


AXES = (
    Axis("files", (250, 1_000, 4_000), generated.files),
    Axis("steps", (2_500, 10_000, 40_000), lambda root, size: generated.steps(root, size, 0)),
    Axis("findings", (2_500, 10_000, 40_000), lambda root, size: generated.steps(root, size, size)),
    Axis("nodes of a lock", (2_500, 10_000, 40_000), generated.lock),
)


class Growth(NamedTuple):
    """The medians of each size, and the exponents of CPU time and memory, what nothing costs (an empty repository) taken off."""

    axis: str
    sizes: tuple[int, ...]
    medians: tuple[Sample, ...]
    time: float
    memory: float


def growths(scratch: Path, runs: int) -> Iterator[Growth]:
    (scratch / "empty").mkdir()
    nothing = median(alternately([scan(str(scratch / "empty"))], runs)[OURS])
    for axis in AXES:
        medians = []
        for size in axis.sizes:
            root = scratch / f"{axis.name}-{size}"
            axis.make(root, size)
            medians.append(median(alternately([scan(str(root))], runs)[OURS]))
        yield Growth(
            axis.name,
            axis.sizes,
            tuple(medians),
            exponent(axis.sizes, [one.cpu_ms - nothing.cpu_ms for one in medians]),
            exponent(axis.sizes, [one.rss_mb - nothing.rss_mb for one in medians]),
        )


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of a straight line through the logarithms (least squares)."""
    return statistics.linear_regression(
        [math.log(size) for size in sizes], [math.log(max(cost, 1e-9)) for cost in costs]
    ).slope
