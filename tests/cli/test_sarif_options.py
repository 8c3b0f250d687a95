"""`--sarif-category` and `--sarif-suppressed`, and what is said of a file that leaves something out."""

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.main import main
from scanner.report import sarif
from tests.support import NOW

WORKFLOW = "on: push\njobs:\n  b:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: a/b@v1 # snowfence: ignore[unpinned-uses] ours\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ci.yml").write_text(WORKFLOW, encoding="utf-8")
    return tmp_path


def scan(repository: Path, *options: str) -> int:
    return main(["scan", str(repository), "--format", "sarif", "--now", NOW, "--fail-on", "none", *options])


def test_several_repositories_are_one_run_of_a_category(
    repository: Path, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "action.yml").write_text("runs: {using: composite, steps: []}\n", encoding="utf-8")
    paths = [str(repository), str(other)]
    options = ["--format", "sarif", "--now", NOW, "--fail-on", "none"]
    assert main(["scan", *paths, *options, "--sarif-category", "nix"]) == 0
    [run] = json.loads(capsys.readouterr().out)["runs"]
    assert run["automationDetails"] == {"id": "nix/"}


@pytest.mark.parametrize("category", ["", " ", "a\nb", "a\x1b", "x" * 201])
def test_a_category_is_a_name(repository: Path, category: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        scan(repository, "--sarif-category", category)
    assert stop.value.code == 2
    assert "is no category" in capsys.readouterr().err


@pytest.mark.parametrize("options", [("--sarif-category", "nix"), ("--sarif-suppressed",)])
def test_without_sarif_they_would_do_nothing(
    repository: Path, options: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["scan", str(repository), "--now", NOW, "--fail-on", "none", *options]
    assert main([*arguments, "--output", f"json={tmp_path / 'a.json'}"]) == 2
    assert (
        f"`{options[0]}` is for SARIF, which is not written; add `--format sarif`" in capsys.readouterr().err
    )
    assert not (tmp_path / "a.json").exists()
    assert main([*arguments, "--format", "json", "--output", f"sarif={tmp_path / 'a.sarif'}"]) == 0


def test_suppressed_findings_are_written_on_request(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def suppressed(*options: str) -> list[list[dict[str, Any]]]:
        assert scan(repository, *options) == 0
        [run] = json.loads(capsys.readouterr().out)["runs"]
        return [one["suppressions"] for one in run["results"] if "suppressions" in one]

    assert suppressed() == []
    [[said]] = suppressed("--sarif-suppressed")
    assert said["kind"] == "inSource"
    assert said["justification"] == "ours"
    assert said["location"]["physicalLocation"]["region"]["startLine"] == 6


def test_what_is_left_out_is_said(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif, "RESULTS", 1)
    assert scan(repository, "--no-ignores") == 0
    assert "left out: GitHub takes 1 of one run; the other formats have everything" in capsys.readouterr().err
