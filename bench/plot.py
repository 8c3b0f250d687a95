"""The kept results as a picture: the ratio of each case over time. Needs the extra `bench` (matplotlib)."""

import json
from collections.abc import Iterable
from pathlib import Path

from bench.results import KEPT

PICTURE = KEPT / "ratios.png"


def series(files: Iterable[Path]) -> dict[str, list[tuple[str, float]]]:
    """By case, the ratio of wall time in each file that has one, in the order of the files' names."""
    found: dict[str, list[tuple[str, float]]] = {}
    for file in sorted(files):
        for case in json.loads(file.read_text("utf-8"))["cases"]:
            if case["ratio"] is not None:
                found.setdefault(f"({case['id']}) {case['name']}", []).append(
                    (file.stem, case["ratio"]["wall_ms"])
                )
    return found


def draw(to: Path = PICTURE) -> None:
    """Writes the picture of all that is kept.

    Raises:
        ImportError: matplotlib is not there.
    """
    from matplotlib.figure import Figure

    found = series(KEPT.glob("*.json"))
    runs = sorted({run for points in found.values() for run, _ in points})
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots()
    for name, points in found.items():
        axes.plot(
            [runs.index(run) for run, _ in points], [ratio for _, ratio in points], marker="o", label=name
        )
    axes.axhline(1, color="grey", linewidth=0.8)
    axes.set_yscale("log")
    axes.set_xticks(range(len(runs)), runs, rotation=30, ha="right")
    axes.set_ylabel("wall time, snowfence / zizmor (below 1: less)")
    axes.legend(fontsize="small")
    figure.savefig(to, dpi=120, metadata={"Software": None})
