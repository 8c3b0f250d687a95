"""`snowfence score`: points per area, what they are lost for, the gate."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.main import main
from tests.support import CORPUS, NOW

SHA = "08dcb3a5e62fa31e2da3d490afc4176ef55ecd72"
CI = """
on: push
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: {uses}
      - run: make
"""


def score(*arguments: str | Path, expect: int = 0) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["score", *map(str, arguments), "--now", NOW])
    assert code == expect, (out.getvalue(), err.getvalue())
    return out.getvalue(), err.getvalue()


def as_json(*arguments: str | Path) -> tuple[Any, dict[str, Any]]:
    data = json.loads(score(*arguments, "--format", "json")[0])
    return data, {one["area"]: one for one in data["areas"]}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write(tmp_path, ".github/workflows/ci.yml", CI.format(uses="someone/thing@v1"))
    return tmp_path


def write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)


def test_text_says_what_each_point_is_for(repository: Path) -> None:
    text, _ = score(repository)
    assert (
        text.startswith("score: ")
        and " of 10 (5 of 6 areas judged), by the policy recommended; knowledge " in text
    )
    assert "\npinning        7.0  #######...  " in text
    assert "    -3.00  unpinned-uses  1 finding, high  .github/workflows/ci.yml:9\n" in text
    assert "\nnix-trust        -  not judged: no file of the repository belongs to it\n" in text
    assert "\n    not judged: 2 rules are off\n" in text
    lines = [line for line in text.splitlines() if not line.startswith("note: ")]
    assert max(map(len, lines)) <= 120
    shown, _ = score(repository, "--all")
    assert "    not judged: 2 rules are off: self-hosted-runner, unprivileged-untrusted-checkout\n" in shown


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_long_path_has_lines_of_its_own(
    width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Places and rules are never cut."""
    path = f".github/workflows/{'-'.join(['performance'] * 12)}.yml"
    write(tmp_path, path, CI.format(uses="someone/thing@v1"))
    monkeypatch.setattr("scanner.cli.score.terminal_width", lambda: width)
    text, _ = score(tmp_path)
    assert max(map(len, text.splitlines())) <= width
    joined = "".join(line.strip() for line in text.splitlines())
    assert f"unpinned-uses  1 finding, high{path}:9" in joined


def test_json_is_complete(repository: Path) -> None:
    data, areas = as_json(repository)
    assert list(areas) == ["pinning", "freshness", "permissions", "exposure", "nix-trust", "hygiene"]
    assert data["policies"] == ["recommended"] and data["capped"] is False
    assert (areas["nix-trust"]["score"], areas["pinning"]["score"]) == (None, 7.0)
    (loss,) = areas["pinning"]["losses"]
    assert loss == {
        "cause": "findings",
        "rule": "unpinned-uses",
        "severity": "high",
        "number": 1,
        "accepted": 0,
        "points": 3.0,
        "path": ".github/workflows/ci.yml",
        "line": 9,
        "column": 15,
    }
    assert "self-hosted-runner" in areas["exposure"]["off"]


def test_ten_by_switching_off_is_visible(repository: Path) -> None:
    write(repository, "snowfence.yaml", "snowfence: 1\nextends: [recommended]\nrules: {unpinned-uses: off}\n")
    _, areas = as_json(repository)
    assert areas["pinning"]["score"] == 10.0
    assert "unpinned-uses" in areas["pinning"]["off"]
    _, strict = as_json(repository, "--no-repository-policy")
    assert strict["pinning"]["score"] == 7.0


def test_what_the_policy_makes_milder_is_stated(repository: Path) -> None:
    write(
        repository,
        "snowfence.yaml",
        "snowfence: 1\nextends: [recommended]\nrules: {unpinned-uses: {severity: info}, artipacked: {confidence: high}}\n"
        "score: {points: {high: 2}}\n",
    )
    text, _ = score(repository)
    assert (
        "note: the policy makes the score milder than its packs do: 1 severity is lowered (unpinned-uses), 1 floor of confidence is "
        "raised (artipacked)\n" in text
    )
    assert "note: the policy weighs areas and severities in its own way\n" in text
    assert as_json(repository)[0]["softened"] == {
        "lowered": ["unpinned-uses"],
        "raised-floors": ["artipacked"],
        "own-weights": True,
    }
    assert "milder" not in score(repository, "--no-repository-policy")[0]


def test_the_weights_are_the_policys(repository: Path) -> None:
    write(
        repository,
        "snowfence.yaml",
        "snowfence: 1\nextends: [recommended]\n"
        "score: {areas: {pinning: 0, exposure: 0.5}, points: {high: 4.5}, unknown: 1}\n",
    )
    data, areas = as_json(repository)
    assert areas["pinning"]["score"] == 5.5
    assert areas["pinning"]["weight"] == 0
    assert data["score"] == min(10.0, data["score"])
    assert "no weight in the whole" in score(repository)[0]


@pytest.mark.parametrize(
    ("section", "place", "what"),
    [
        ("score: {points: {medium: 4}}", "3:26", "`medium`|medium finding would take 4 points"),
        ("score: {points: {high: 7}}", "3:24", "high finding would take 7 points and a critical one 6"),
        ("score: {areas: {pining: 1}}", "3:17", "pinning"),
        ("score: {unknown: -1}", "3:18", "unknown"),
        ("score: {unknown: 0}", "3:18", "must be between 0.1 and 10"),
        ("score: {points: {low: much}}", "3:23", "much"),
    ],
)
def test_wrong_weights_are_refused_with_their_place(
    repository: Path, section: str, place: str, what: str
) -> None:
    write(repository, "snowfence.yaml", f"snowfence: 1\nextends: [recommended]\n{section}\n")
    _, said = score(repository, expect=2)
    assert f"snowfence.yaml:{place}: " in said
    assert any(one in said for one in what.split("|"))


def test_markdown_is_a_table_of_inert_text(tmp_path: Path) -> None:
    write(tmp_path, ".github/workflows/a|b <img>@me.yml", CI.format(uses="someone/thing@v1"))
    text, _ = score(tmp_path, "--format", "markdown")
    (row,) = [line for line in text.splitlines() if line.startswith("| pinning |")]
    assert row.startswith("| pinning | **7.0** | -3.00 `unpinned-uses`: 1 finding, high, <code>")
    assert "<img" not in text and "a\\|b" in row
    assert "| nix-trust | – | not judged: no file" in text


def test_the_gate(repository: Path) -> None:
    shown = as_json(repository)[0]["score"]
    score(repository, "--fail-under", str(shown))
    _, said = score(repository, "--fail-under", str(shown + 0.1), expect=1)
    assert f"the score {shown} is below {shown + 0.1:g}" in said


def test_nothing_judged_passes_no_gate(tmp_path: Path) -> None:
    text, _ = score(tmp_path)
    assert text.startswith("score: not judged")
    assert "nothing was checked" in text
    _, said = score(tmp_path, "--fail-under", "0", expect=1)
    assert "nothing could be judged" in said


@pytest.mark.parametrize("number", ["11", "-1", "nan", "inf", "much"])
def test_a_gate_is_a_number_from_0_to_10(number: str) -> None:
    with pytest.raises(SystemExit) as ended, redirect_stderr(io.StringIO()) as said:
        main(["score", f"--fail-under={number}"])
    assert ended.value.code == 2
    assert f"`{number}` is not a number from 0 to 10" in said.getvalue()


def test_a_comment_takes_a_finding_out_and_is_stated(repository: Path) -> None:
    uses = "someone/thing@v1 # snowfence: ignore[unpinned-uses] ours"
    write(repository, ".github/workflows/ci.yml", CI.format(uses=uses))
    _, areas = as_json(repository)
    assert areas["pinning"]["score"] == 10.0
    assert areas["pinning"]["taken-out"] == {"comment": 1}
    assert "not counted: what is taken out: 1 by comments" in score(repository)[0]
    assert as_json(repository, "--no-repository-policy")[1]["pinning"]["score"] == 7.0


def test_a_baseline_is_no_pass(repository: Path) -> None:
    before = as_json(repository)[0]["score"]
    with redirect_stdout(io.StringIO()):
        main(["policy", "accept", str(repository), "--now", NOW])
    data, areas = as_json(repository)
    assert data["score"] == before
    assert areas["pinning"]["losses"][0]["accepted"] == 1
    assert "1 finding, high, accepted  " in score(repository)[0]


def test_an_exception_takes_a_finding_out_and_is_stated(repository: Path) -> None:
    write(
        repository,
        "snowfence.yaml",
        "snowfence: 1\nextends: [recommended]\nexceptions: [{rule: unpinned-uses, path: .github/workflows/ci.yml, "
        "reason: ours}]\n",
    )
    _, areas = as_json(repository)
    assert areas["pinning"]["score"] == 10.0
    assert areas["pinning"]["taken-out"] == {"exception": 1}


def test_an_own_check_counts_in_the_area_that_it_names(repository: Path) -> None:
    write(
        repository,
        "snowfence.yaml",
        "snowfence: 1\nextends: [recommended]\nchecks:\n  no-steps:\n    title: No steps\n    severity: low\n"
        "    area: exposure\n    select: step\n    count: {le: 0}\n",
    )
    losses = as_json(repository)[1]["exposure"]["losses"]
    assert "no-steps" in [one["rule"] for one in losses]


def test_an_area_of_which_nothing_can_be_read_has_nothing(tmp_path: Path) -> None:
    write(tmp_path, "flake.lock", "<<<<<<< HEAD")
    data, areas = as_json(tmp_path)
    assert {name: one["score"] for name, one in areas.items()} == {
        "pinning": 0.0,
        "freshness": 0.0,
        "permissions": None,
        "exposure": None,
        "nix-trust": 0.0,
        "hygiene": 0.0,
    }
    assert data["score"] == 0.0


def test_several_formats_at_once(repository: Path, tmp_path: Path) -> None:
    file = tmp_path / "score.md"
    score(repository, "--output", f"markdown={file}")
    assert file.read_text() == score(repository, "--format", "markdown")[0]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real repositories is not here")
@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        # Everything pinned, few rights, nothing for outsiders.
        ("pypa__pip", 9.5, 10),
        ("pypa__cibuildwheel", 9.5, 10),
        ("zizmorcore__zizmor", 9.0, 10),
        ("curl__curl", 9.0, 10),
        ("NixOS__nixfmt", 9.0, 10),
        # Text of strangers in scripts that hold rights.
        ("kyverno__kyverno", 0, 4),
        ("nix-community__NixOS-WSL", 0, 4),
        ("Mic92__dotfiles", 0, 4),
    ],
)
def test_real_repositories(name: str, least: float, most: float) -> None:
    data, _ = as_json(CORPUS / "open" / name)
    assert least <= data["score"] <= most
