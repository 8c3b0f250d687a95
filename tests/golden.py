"""The outputs expected of fixtures/: `make golden` writes them, `tests/test_fixtures.py` compares.

Beside a folder NAME stand NAME.txt, NAME.json, NAME.sarif.json, NAME.cdx.json, NAME.graph.json and NAME.inputs.*; a folder that
holds two states of a repository, `old` and `new`, has NAME.diff.* as well, and that about outsiders NAME.taint.json and
NAME.exposure.txt; `ONLY` says which fixture shows an output that one shows as well as all.
"""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path

from scanner.cli.main import main
from tests.support import NOW, ROOT

FIXTURES = ROOT / "fixtures"
ONLY = {
    "taint.json": "outsiders",
    "exposure.txt": "outsiders",
    "score.txt": "outsiders",
    "score.md": "outsiders",
}

OUTPUTS: dict[str, Callable[[str], list[str]]] = {
    "txt": lambda path: ["scan", path, "--now", NOW],
    "json": lambda path: ["scan", path, "--now", NOW, "--format", "json"],
    "sarif.json": lambda path: ["scan", path, "--now", NOW, "--format", "sarif"],
    "cdx.json": lambda path: ["sbom", path, "--now", NOW],
    "graph.json": lambda path: ["graph", path],
    "inputs.txt": lambda path: ["inputs", path, "--now", NOW],
    "inputs.json": lambda path: ["inputs", path, "--now", NOW, "--transitive", "--format", "json"],
    "inputs.md": lambda path: ["inputs", path, "--now", NOW, "--format", "markdown"],
    "taint.json": lambda path: ["graph", path, "--taint"],
    "exposure.txt": lambda path: ["exposure", path, "--now", NOW],
    "score.txt": lambda path: ["score", path, "--now", NOW],
    "score.md": lambda path: ["score", path, "--now", NOW, "--format", "markdown"],
    "diff.txt": lambda path: [*_diff(path), "--format", "text"],
    "diff.json": lambda path: [*_diff(path), "--format", "json"],
    "diff.md": lambda path: [*_diff(path), "--format", "markdown"],
    "diff.sarif.json": lambda path: [*_diff(path), "--format", "sarif"],
}


def _diff(path: str) -> list[str]:
    return ["diff", f"{path}/old", f"{path}/new", "--now", NOW]


def cases() -> Iterator[tuple[str, str]]:
    """Every fixture with every output that it has."""
    for folder in sorted(FIXTURES.iterdir()):
        if folder.is_dir():
            two_states = (folder / "old").is_dir() and (folder / "new").is_dir()
            for output in OUTPUTS:
                if ONLY.get(output, folder.name) != folder.name:
                    continue
                if two_states or not output.startswith("diff."):
                    yield folder.name, output


def produce(name: str, output: str) -> str:
    """What the command prints for a fixture, run from the root of the project."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        code = main(OUTPUTS[output](f"fixtures/{name}"))
    assert code in (0, 1), code
    return _reviewable(printed.getvalue()) if output.endswith("sarif.json") else printed.getvalue()


def _reviewable(sarif: str) -> str:
    """A SARIF log with the rules' ids in place of their pages, which have tests of their own, and a line for each value."""
    log = json.loads(sarif)
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        driver["rules"] = [rule["id"] for rule in driver["rules"]]
    return json.dumps(log, indent=1) + "\n"


def expected(name: str, output: str) -> Path:
    return FIXTURES / f"{name}.{output}"


if __name__ == "__main__":
    os.environ["XDG_CACHE_HOME"] = os.devnull  # where nobody keeps updated tables
    for name, output in cases():
        file = expected(name, output)
        text = produce(name, output)
        if not file.is_file() or file.read_text("utf-8") != text:
            file.write_text(text, "utf-8", newline="\n")
            sys.stdout.write(f"written: {file.relative_to(ROOT)}\n")
