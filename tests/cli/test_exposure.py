"""`snowfence exposure`: who starts what, what it holds, what gets there."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.main import main
from tests.support import NOW

ANSWER = """
on: issue_comment
permissions:
  issues: write
jobs:
  answer:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ github.event.comment.body }}"
        env:
          KEY: ${{ secrets.KEY }}
  checked:
    if: github.event.comment.author_association == 'OWNER'
    runs-on: ubuntu-latest
    steps:
      - run: make
"""
CI = """
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: make
  own:
    runs-on: self-hosted
    steps:
      - run: make
  release:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    steps:
      - run: make release
"""
CALLED = """
on: workflow_call
jobs:
  deploy:
    permissions:
      contents: write
    runs-on: ubuntu-latest
    steps:
      - run: make
"""


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["exposure", *arguments, "--now", NOW])
    return code, out.getvalue(), err.getvalue()


def data(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--format", "json")[1])
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for name, text in (("answer.yml", ANSWER), ("ci.yml", CI), ("called.yml", CALLED)):
        (folder / name).write_text(text, "utf-8")
    return tmp_path


def test_jobs_are_listed_worst_first(root: Path) -> None:
    found = data(str(root))
    assert found["schema"] == 1
    assert [(one["job"], one["standing"]) for one in found["jobs"]] == [
        ("answer", "open"),
        ("deploy", "possible"),
        ("own", "machine"),
        ("checked", "checked"),
    ]
    assert found["empty"] == ["job:.github/workflows/ci.yml#test"]
    assert found["unreached"] == 1


def test_a_row_says_who_what_and_where(root: Path) -> None:
    answer = data(str(root))["jobs"][0]
    (way,) = answer["started"]
    assert (way["event"], way["who"]) == ("issue_comment", "whoever comments on an issue or pull request")
    assert way["trigger"] == {"path": ".github/workflows/answer.yml", "line": 2, "column": 5}
    assert way["holds"]["permissions"] == {"issues": "write"}
    assert way["holds"]["secrets"] == ["KEY"]
    assert way["holds"]["cache"] == "reads"
    assert way["checks"] == []
    (arrival,) = answer["arrivals"]
    assert (arrival["kind"], arrival["what"], arrival["runs"], arrival["line"]) == (
        "text",
        "github.event.comment.body",
        True,
        9,
    )


def test_what_nobody_can_tell_is_not_known(root: Path) -> None:
    deploy = data(str(root))["jobs"][1]
    assert [(one["event"], one["known"]) for one in deploy["started"]] == [("workflow_call", False)]


def test_text_fits_into_100_columns_and_sums_up_the_rest(root: Path) -> None:
    code, text, _ = run(str(root))
    assert code == 0
    assert max(map(len, text.splitlines())) <= 100
    assert ":9 comment.body in" in text
    assert "1 job is out of the reach of outsiders" in text


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_text_fits_into_the_terminal_and_keeps_what_it_says(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.cli.exposure.terminal_width", lambda: width)
    text = run("fixtures/outsiders")[1]
    assert max(map(len, text.splitlines())) <= max(width, 60)
    assert "a pull request's files (checked)" in text
    if width < 100:
        assert "\nopen: build (pull.yml:10)\n  started by  :4 pull_request_target; checks: none\n" in text


def test_markdown_shows_names_as_code(tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "a.yml").write_text(ANSWER.replace("  answer:", '  "a|<img src=x>@team":'), "utf-8")
    text = run(str(tmp_path), "--format", "markdown")[1]
    assert "<img" not in text
    assert "<code>a\\|&lt;img src=x&gt;" in text


def test_a_file_narrows_the_table(root: Path) -> None:
    found = data(str(root / ".github" / "workflows" / "ci.yml"))
    assert [one["job"] for one in found["jobs"]] == ["own"]


def test_without_workflows_it_says_so(tmp_path: Path) -> None:
    code, text, _ = run(str(tmp_path))
    assert code == 0
    assert "there is no workflow" in text


def test_signs_that_occur_are_explained_and_no_others(root: Path) -> None:
    text = run(str(root))[1]
    assert "(fork): with what a fork has" in text
    assert "?: nothing here tells" in text
    assert "(weak)" not in text
    assert "(rights)" not in text
    assert "(fork)" not in run(str(root / ".github" / "workflows" / "answer.yml"))[1]


def test_markdown_escapes_names_not_our_own_words(root: Path) -> None:
    text = run(str(root), "--format", "markdown")[1]
    assert "\\" not in text
    assert "they do not have: `ci.yml#test`" in text
