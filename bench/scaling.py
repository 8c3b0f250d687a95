"""How time and memory grow: the exponent of a power law through three sizes of an input (1: linear)."""

import math
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench import generated
from bench.cases import OURS, scan
from bench.process import Sample, alternately, median


class Axis(NamedTuple):
    """An input that grows: the kind of `generated` it is, and the sizes of it."""

    name: str
    kind: str
    sizes: tuple[int, int, int]
    found: bool = False

    def counts(self, size: int) -> tuple[int, ...]:
        """What `generated.make` is told of a size; of `steps` how many have a finding, too."""
        return (size, size if self.found else 0) if self.kind == "steps" else (size,)


AXES: Final = (
    Axis("files", "files", (100, 400, 1_600)),
    Axis("steps", "steps", (1_000, 4_000, 16_000)),
    Axis("findings", "steps", (1_000, 4_000, 16_000), found=True),
    Axis("nodes of a lock", "lock", (625, 2_500, 10_000)),
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
            generated.make(axis.kind, root, *axis.counts(size))
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
