"""Results as text, and as files that are kept: ratios are compared over time, never times, which belong to one machine."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.cases import OURS, PEER, Case
from bench.process import Sample, median
from bench.scaling import Growth

KEPT: Final = Path(__file__).resolve().parent / "results"


class Result(NamedTuple):
    """The medians of a case, by the name of the tool."""

    id: str
    name: str
    runs: int
    medians: Mapping[str, Sample]

    def ratio(self) -> Sample | None:
        """What ours costs in relation to the peer's (below 1: less); None without one."""
        if PEER not in self.medians:
            return None
        return Sample(
            *(mine / theirs for mine, theirs in zip(self.medians[OURS], self.medians[PEER], strict=True))
        )


def result_of(case: Case, samples: Mapping[str, list[Sample]]) -> Result:
    runs = len(next(iter(samples.values())))
    return Result(case.id, case.name, runs, {name: median(ones) for name, ones in samples.items()})


def table(result: Result) -> str:
    """The medians of a case and the ratio, as text."""
    lines = [
        f"({result.id}) {result.name}  (medians of {result.runs} alternating runs)",
        f"  {'':9}  {'wall ms':>9}  {'CPU ms':>9}  {'RSS MB':>9}",
    ]
    lines += [_line(name, sample, 1) for name, sample in result.medians.items()]
    ratio = result.ratio()
    return "\n".join([*lines, *([_line("ratio", ratio, 2)] if ratio is not None else [])])


def _line(name: str, sample: Sample, digits: int) -> str:
    return f"  {name:9}" + "".join(f"  {value:>9.{digits}f}" for value in sample)


def growth_table(growths: Iterable[Growth]) -> str:
    lines = ["exponents over three sizes (1: linear)", f"  {'':16}  {'time':>6}  {'memory':>6}  sizes"]
    for one in growths:
        sizes = ", ".join(f"{size:,}" for size in one.sizes)
        lines.append(f"  {one.axis:16}  {one.time:>6.2f}  {one.memory:>6.2f}  {sizes}")
    return "\n".join(lines)


def write(file: Path, about: Mapping[str, str], results: Iterable[Result], growths: Iterable[Growth]) -> None:
    """Keeps a run: what it was of (`about`), each case with its medians and ratio, each axis with its exponents."""
    document: dict[str, Any] = {
        "about": dict(about),
        "cases": [
            {
                "id": one.id,
                "name": one.name,
                "runs": one.runs,
                "medians": {name: sample._asdict() for name, sample in one.medians.items()},
                "ratio": ratio._asdict() if (ratio := one.ratio()) is not None else None,
            }
            for one in results
        ],
        "scaling": [
            {"axis": one.axis, "sizes": list(one.sizes), "time": one.time, "memory": one.memory}
            for one in growths
        ],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(_rounded(document), indent=1) + "\n", "utf-8")


def _rounded(value: Any) -> Any:
    """Numbers with as many digits as a measurement has."""
    match value:
        case float():
            return float(f"{value:.4g}")
        case dict():
            return {key: _rounded(one) for key, one in value.items()}
        case list():
            return [_rounded(one) for one in value]
    return value
