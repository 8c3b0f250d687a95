"""The bench measures what it says: generated inputs are as large as their names, ratios and exponents are right, failures are no samples."""

import json
import sys
from pathlib import Path

import pytest

from bench import generated
from bench.cases import cases
from bench.plot import series
from bench.process import Failed, Sample, Tool, alternately, measure, summed
from bench.results import Result, growth_table, result_of, table, write
from bench.scaling import AXES, Axis, Growth, exponent
from tests.support import run

NOW = ("--now", "2026-11-22", "--knowledge", "shipped", "--format", "json", "--fail-on", "none")


def scanned(root: Path) -> list[dict[str, object]]:
    done = run([str(Path(sys.executable).parent / "snowfence"), "scan", str(root), *NOW])
    found: list[dict[str, object]] = json.loads(done.stdout)["findings"]
    return found


def test_steps_have_as_many_findings_as_asked_for(tmp_path: Path) -> None:
    generated.steps(tmp_path, 250, 40)
    assert sum(one["rule"] == "unpinned-uses" for one in scanned(tmp_path)) == 40
    assert (tmp_path / ".github" / "workflows" / "generated.yml").read_text().count("uses:") == 250


def test_findings_are_at_least_as_many(tmp_path: Path) -> None:
    generated.findings(tmp_path, 200, 300)
    assert len(scanned(tmp_path)) >= 300


def test_files_and_nodes(tmp_path: Path) -> None:
    generated.files(tmp_path, 12)
    assert len(list((tmp_path / ".github" / "workflows").iterdir())) == 12
    generated.lock(tmp_path, 40)
    done = run(
        [
            str(Path(sys.executable).parent / "snowfence"),
            "inputs",
            str(tmp_path),
            "--transitive",
            "--format",
            "json",
        ]
    )
    [lock] = json.loads(done.stdout)["locks"]
    assert len(lock["inputs"]) >= 40


@pytest.mark.registry  # takes long
@pytest.mark.parametrize("axis", AXES)
def test_the_largest_inputs_are_read_whole(tmp_path: Path, axis: Axis) -> None:
    """What is refused costs nothing."""
    generated.make(axis.kind, tmp_path, *axis.counts(axis.sizes[-1]))
    done = run([str(Path(sys.executable).parent / "snowfence"), "scan", str(tmp_path), *NOW])
    found = json.loads(done.stdout)
    assert found["problems"] == []
    if axis.found:
        assert len(found["findings"]) >= axis.sizes[-1]
    if axis.kind == "files":
        assert found["files"] == axis.sizes[-1]


def test_every_case_has_us_first(tmp_path: Path) -> None:
    found = list(cases(tmp_path, only="abdeg", corpus=tmp_path / "none"))
    assert [one.id for one in found] == ["a", "b", "d", "e2", "g"]
    assert {tools[0].name for one in found for tools in one.parts} == {"snowfence"}


def test_a_failure_is_no_sample() -> None:
    bad = Tool("bad", (sys.executable, "-c", "raise SystemExit('no disk')"))
    with pytest.raises(Failed, match="bad ended with 1: no disk"):
        measure(bad)


def test_tools_take_turns(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = "import sys; open(sys.argv[1], 'a').write(sys.argv[2])"
    tools = [Tool(name, (sys.executable, "-c", program, str(log), name)) for name in "ab"]
    samples = alternately(tools, 3)
    assert log.read_text() == "ab" * 4
    assert [len(ones) for ones in samples.values()] == [3, 3]
    assert all(one.wall_ms > 0 and one.rss_mb > 1 for ones in samples.values() for one in ones)


def test_results(tmp_path: Path) -> None:
    mine, theirs = [Sample(10, 20, 30)] * 7, [Sample(20, 10, 60)] * 7
    both = summed([{"snowfence": mine, "zizmor": theirs}] * 2)
    assert both["snowfence"][0] == Sample(20, 40, 30)
    (case,) = cases(tmp_path, only="b", corpus=tmp_path / "none")
    found = result_of(case, both)
    assert found.ratio() == Sample(0.5, 2, 0.5)
    assert "ratio           0.50       2.00       0.50" in table(found)
    alone = Result("g", "bill", 7, {"snowfence": Sample(1, 2, 3)})
    assert alone.ratio() is None
    grown = Growth("files", (1, 2, 4), (Sample(1, 2, 3),) * 3, 1.0, 0.5)
    assert "files" in growth_table([grown])
    write(tmp_path / "2026-11-23.json", {"date": "2026-11-23"}, [found, alone], [grown])
    write(tmp_path / "2026-11-24.json", {"date": "2026-11-24"}, [alone], [])
    assert series(tmp_path.glob("*.json")) == {"(b) demo": [("2026-11-23", 0.5)]}


def test_exponents() -> None:
    sizes = (100, 1_000, 10_000)
    assert exponent(sizes, [3 * size for size in sizes]) == pytest.approx(1)
    assert exponent(sizes, [size**2 / 7 for size in sizes]) == pytest.approx(2)
    assert exponent(sizes, [5, 5, 5]) == pytest.approx(0)
