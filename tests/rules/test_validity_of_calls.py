"""Calls, inputs and runner labels beyond the examples of the pages."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.engine import Context, load, places
from scanner.model.finding import Hit
from tests.memory import KNOWLEDGE, NOW, repository

FOLDER = ".github/workflows/"


def hits(rule: str, files: dict[str, str], now: date = NOW) -> list[Hit]:
    graph, problems = repository(files)
    found = load(places()[rule])
    return [
        hit
        for hit in found.check(Context(graph, problems, KNOWLEDGE, now, found.options()))
        if isinstance(hit, Hit)
    ]


def called(type: str, value: str) -> list[Hit]:
    declared = f"on: {{workflow_call: {{inputs: {{a: {{type: {type}}}}}}}}}\njobs: {{x: {{runs-on: x, steps: []}}}}\n"
    calling = f"on: push\njobs:\n  x:\n    uses: ./{FOLDER}b.yml\n    with:\n      a: {value}\n"
    return hits("invalid-call", {f"{FOLDER}a.yml": calling, f"{FOLDER}b.yml": declared})


@pytest.mark.parametrize(
    "value", ["1", "-1.5", "1e3", "0x1F", "0o17", ".inf", "'7'", "${{ github.run_number }}", ""]
)
def test_numbers(value: str) -> None:
    assert not called("number", value)


@pytest.mark.parametrize("value", ["one", "1_000", "true", "0xZ", "1.2.3", "' '"])
def test_no_numbers(value: str) -> None:
    assert [hit.evidence for hit in called("number", value)] == [("type", "a")]


@pytest.mark.parametrize("value", ["true", "False", "'true'", "${{ inputs.x }}", "null"])
def test_booleans(value: str) -> None:
    assert not called("boolean", value)


@pytest.mark.parametrize("value", ["yes", "1", "on", "truee"])
def test_no_booleans(value: str) -> None:
    assert [hit.at.text for hit in called("boolean", value)] == [value]


def test_a_file_that_cannot_be_read_is_not_missing() -> None:
    calling = f"on: push\njobs: {{x: {{uses: ./{FOLDER}b.yml}}}}\n"
    assert hits("invalid-call", {f"{FOLDER}a.yml": calling})
    assert not hits("invalid-call", {f"{FOLDER}a.yml": calling, f"{FOLDER}b.yml": "on: [\n"})


@pytest.mark.parametrize(("levels", "said"), [(10, False), (11, True)])
def test_ten_levels_are_said_once(levels: int, said: bool) -> None:
    files = {
        f"{FOLDER}w{number}.yml": f"on: workflow_call\njobs: {{a: {{uses: ./{FOLDER}w{number + 1}.yml}}}}\n"
        for number in range(1, levels)
    }
    files[f"{FOLDER}w{levels}.yml"] = "on: workflow_call\njobs: {a: {runs-on: x, steps: []}}\n"
    found = hits("invalid-call", files)
    assert [hit.at.path for hit in found] == ([f"{FOLDER}w1.yml"] if said else [])


def test_an_aliased_job_is_said_once() -> None:
    calling = f"on: push\njobs:\n  a: &a {{uses: ./{FOLDER}b.yml}}\n  b: *a\n"
    assert len(hits("invalid-call", {f"{FOLDER}a.yml": calling})) == 1


def label(text: str, now: date = NOW) -> list[Any]:
    files = {f"{FOLDER}a.yml": f"on: push\njobs:\n  a: {{runs-on: {text}, steps: []}}\n"}
    return [rule for rule in ("unknown-runner-label", "retired-runner-label") for _ in hits(rule, files, now)]


@pytest.mark.parametrize("text", sorted(KNOWLEDGE.github.hosted_runner_labels))
def test_every_label_of_github_is_known_before_its_end(text: str) -> None:
    end = KNOWLEDGE.github.runner_retirements.get(text)
    assert not label(text, NOW if end is None else end.replace(year=end.year - 1))
    if end is not None:
        assert label(text, end) == ["retired-runner-label"]


@pytest.mark.parametrize(
    "text",
    [
        "ubuntu-latest-m", "ubuntu-24.04-16core", "depot-ubuntu-22.04", "warp-ubuntu-latest-x64-4x", "buildjet-4vcpu-ubuntu-2204",
        "blacksmith-4vcpu-ubuntu-2204", "namespace-profile-x", "linux", "windows", "macOS", "arm64", "x64", "gpu", "my-latest",
        "ubuntu-test", "ubuntu-fastest", "ubuntu-large", "macos-m1", "windows-gpu", "ubuntu-30.04", "self-hosted",
        "[self-hosted, ubuntu-20.04]", "[self-hosted, linux, x64]", "[ubuntu-lastest, gpu]", "['${{ matrix.os }}', ubuntu-20.04]",
        "'[\"self-hosted\", \"linux\"]'", "{group: big}", "{group: big, labels: ubuntu-lastest}", "UbuntuLatest32Cores128G",
    ],
)  # fmt: skip
def test_labels_of_ones_own_are_legal(text: str) -> None:
    assert not label(text)


@pytest.mark.parametrize(
    "text",
    [
        "ubuntu-lastest", "ubuntu-latets", "ubuntu-lates", "ubuntu-latestt", "Ubuntu-Lastest", "ubunutu-latest", "ubunto-latest",
        "window-latest", "macso-latest", "ubuntu_latest", "ubuntulatest", "ubuntu-2204", "ubuntu-22", "ubuntu-23.04",
        "windows-2020", "macos-13.0", "[ubuntu-lastest]",
    ],
)  # fmt: skip
def test_labels_that_look_like_those_of_github(text: str) -> None:
    assert label(text) == ["unknown-runner-label"]


@given(st.text(max_size=30))
def test_no_label_breaks_the_rule(text: str) -> None:
    import json

    label(json.dumps(text))
