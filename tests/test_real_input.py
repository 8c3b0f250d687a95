"""Real repositories: nothing fails, every place is inside its file, and the documents are valid."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scanner.cli.main import main
from tests.support import CORPUS, NOW, ROOT

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real repositories is not beside the checkout"
)
REPOSITORIES = sorted((CORPUS / "open").iterdir()) if CORPUS.is_dir() else []


def printed(*arguments: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        assert main([*arguments, "--now", NOW]) in (0, 1)
    return out.getvalue()


def units(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


@needs_corpus
@pytest.mark.parametrize("root", REPOSITORIES, ids=lambda root: root.name)
def test_every_place_is_inside_its_file(root: Path) -> None:
    found = json.loads(printed("scan", str(root), "--format", "json"))
    for place in (*found["findings"], *found["unknowns"]):
        lines = (root / place["path"]).read_bytes().decode("utf-8-sig", "replace").split("\n")
        for end in (place["start"], place["end"]):
            assert 1 <= end["line"] <= len(lines)
            assert 1 <= end["column"] <= units(lines[end["line"] - 1]) + 1


@needs_corpus
def test_blazedots_has_findings_in_lock_and_workflows() -> None:
    found = json.loads(printed("scan", str(CORPUS / "blazedots"), "--format", "json"))
    paths = {finding["path"] for finding in found["findings"]}
    assert "flake.lock" in paths
    assert any(path.startswith(".github/workflows/") for path in paths)


@pytest.mark.parametrize(
    "root",
    [
        *(pytest.param(ROOT / "fixtures" / name, id=name) for name in ("demo", "pinned", "calls")),
        pytest.param(CORPUS / "blazedots", marks=needs_corpus, id="blazedots"),
    ],
)
def test_the_sbom_passes_strict_validation(root: Path) -> None:
    errors = JsonStrictValidator(SchemaVersion.V1_6).validate_str(printed("sbom", str(root)))
    assert errors is None
