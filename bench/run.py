"""Run snowfence and zizmor alternately as whole processes; print medians, ratios and exponents, and keep them."""

import argparse
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import plot
from bench.cases import cases
from bench.process import alternately, summed
from bench.results import KEPT, Result, growth_table, result_of, table, write
from bench.scaling import Growth, growths


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments, measure, print, keep."""
    parser = argparse.ArgumentParser(prog="bench.run", description="snowfence and zizmor side by side.")
    parser.add_argument(
        "--runs", type=int, default=7, help="runs per tool, at least 7 (default: %(default)s)"
    )
    parser.add_argument("--only", metavar="IDS", help="these cases only, such as `ab`; nothing is kept then")
    parser.add_argument(
        "--no-scaling", action="store_true", help="without the exponents; nothing is kept then"
    )
    arguments = parser.parse_args(argv)
    if arguments.runs < 7:
        parser.error("a median of fewer than 7 runs says little")

    results: list[Result] = []
    grown: list[Growth] = []
    with TemporaryDirectory() as folder:
        for case in cases(Path(folder), only=arguments.only):
            parts = [alternately(tools, arguments.runs) for tools in case.parts]
            results.append(result_of(case, summed(parts)))
            print(table(results[-1]), flush=True)
        if not arguments.no_scaling:
            grown += growths(Path(folder), arguments.runs)
            print(growth_table(grown), flush=True)
    if not (arguments.only or arguments.no_scaling):
        now = datetime.now(UTC)
        about = {
            "date": now.date().isoformat(),
            "snowfence": version("snowfence"),
            "zizmor": version("zizmor"),
            "python": platform.python_version(),
            "machine": f"{platform.system()} {platform.machine()}",
        }
        write(KEPT / f"{now:%Y-%m-%d}.json", about, results, grown)
        try:
            plot.draw()
        except ImportError as error:
            print(f"no picture: {error.name} is not installed (the extra `bench` has it)", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
