"""The section `score`: later policies over earlier ones, and worse findings never for less."""

from pathlib import Path

import pytest

from scanner.model.errors import PolicyError
from scanner.model.finding import Severity
from scanner.policy.load import load_policies
from scanner.policy.weights import DEFAULT_WEIGHTS


def write(folder: Path, name: str, text: str) -> tuple[Path, str]:
    (folder / name).write_text(f"snowfence: 1\n{text}")
    return folder / name, name


def test_what_is_not_named_stays(tmp_path: Path) -> None:
    write(tmp_path, "team.yaml", "score:\n  areas: {hygiene: 0}\n  points: {high: 4}\n")
    found = load_policies(
        [write(tmp_path, "ours.yaml", "extends: [./team.yaml]\nscore: {points: {medium: 3.5}, unknown: 2}\n")]
    ).weights
    assert found.points == {**DEFAULT_WEIGHTS.points, Severity.HIGH: 4, Severity.MEDIUM: 3.5}
    assert found.areas == {**DEFAULT_WEIGHTS.areas, "hygiene": 0}
    assert found.unknown == 2


@pytest.mark.parametrize("text", ["score:\n", "score: {areas: , points: }\n", "score: {}\n"])
def test_nothing_said_is_the_default(tmp_path: Path, text: str) -> None:
    assert load_policies([write(tmp_path, "ours.yaml", text)]).weights == DEFAULT_WEIGHTS


def test_what_is_worse_takes_no_less_even_over_an_earlier_policy(tmp_path: Path) -> None:
    write(tmp_path, "team.yaml", "score: {points: {high: 2}}\n")
    with pytest.raises(
        PolicyError, match=r"ours\.yaml:3:26: a medium finding would take 2\.5 points and a high one 2;"
    ):
        load_policies(
            [write(tmp_path, "ours.yaml", "extends: [./team.yaml]\nscore: {points: {medium: 2.5}}\n")]
        )
