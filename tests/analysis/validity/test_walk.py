"""The walk over the table of GitHub's language: what single places take, and that nothing makes it fail."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.analysis.validity.walk import MAX_EXPRESSION, mistakes
from tests.memory import KNOWLEDGE, repository

PATH = ".github/workflows/a.yml"


def said(text: str, path: str = PATH) -> list[tuple[str, str]]:
    """The rule and the place of every mistake."""
    graph, _ = repository({path: text})
    return [(one.rule, one.at.text) for one in mistakes(graph, KNOWLEDGE)]


def of_step(step: str) -> list[tuple[str, str]]:
    return said(f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - {step}\n")


def of_job(key: str) -> list[tuple[str, str]]:
    return said(f"on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{{run: a}}]\n    {key}\n")


@pytest.mark.parametrize(
    "key",
    [
        "name:",
        "name: 1",
        "timeout-minutes: 5",
        "timeout-minutes: 0x1f",
        "timeout-minutes: 1e3",
        "timeout-minutes: .5",
        "timeout-minutes: ${{ matrix.t }}",
        "continue-on-error: True",
        "env: {A: 1, B: true, C: }",
        "env: ${{ fromJSON('{}') }}",
        "needs: a",
        "needs: [a, b]",
        "strategy: ${{ fromJSON('{}') }}",
        "strategy: {matrix: {a: ${{ fromJSON('[]') }}, include: []}, fail-fast: false}",
        "container:",
        "container: node",
        "container: {image: node, ports: [80], volumes: [a]}",
        "services: {a: {image: b, command: c}}",
        "concurrency: {group: a, cancel-in-progress: true, queue: max}",
        "environment: {name: a, url: b, deployment: false}",
        "outputs: {a: b}",
        "snapshot: {image-name: a, version: 1.*}",
        "defaults: {run: {shell: bash, working-directory: a}}",
        "if: false",
    ],
)
def test_a_job_takes(key: str) -> None:
    assert of_job(key) == []


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ('timeout-minutes: "5"', "5"),
        ("timeout-minutes: five", "five"),
        ("timeout-minutes:", "timeout-minutes"),
        ("timeout-minutes: [5]", "timeout-minutes"),
        ("continue-on-error: yes", "yes"),
        ("env:", "env"),
        ("env: {'': a}", "''"),
        ("env: {A: 1, a: 2}", "a"),
        ("needs:", "needs"),
        ("needs: [a, '']", "needs"),
        ("strategy: {matrix: {a: b}}", "b"),
        ("strategy: {matrix: {include: [a]}}", "a"),
        ("strategy: {max_parallel: 1}", "max_parallel"),
        ("container: {image: }", "image"),
        ("container: {image: a, credentials: {badkey: b}}", "badkey"),
        ("services: {a: }", "a"),
        ("concurrency: {cancel-in-progress: true}", "concurrency"),
        ("concurrency: {group: a, queue: all}", "all"),
        ("environment: {url: b}", "environment"),
        ("outputs: {a: [b]}", "a"),
        ("snapshot: {version: 1.*}", "snapshot"),
        ("with: {a: b}", "with"),
        ("uses: a/b/.github/workflows/c.yml@d", "uses"),
    ],
)
def test_a_job_does_not_take(key: str, place: str) -> None:
    assert [("invalid-workflow", at.strip("'")) for _, at in of_job(key)] == [
        ("invalid-workflow", place.strip("'"))
    ]


@pytest.mark.parametrize(
    "step",
    [
        "run:",
        "{run: a, shell: bash, working-directory: b, env: {A: b}, if: false, id: c, name: 1, background: true}",
        "{uses: a/b@c, with: {a: 1}, timeout-minutes: 3, continue-on-error: true}",
        "wait: a",
        "wait: [a, b]",
        "wait-all:",
        "{wait-all: true, name: a}",
        "cancel: a",
        "parallel: [{run: a}]",
    ],
)
def test_a_step_takes(step: str) -> None:
    assert of_step(step) == []


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ("{name: a}", "name"),
        ("{run: a, uses: b/c@d}", "uses"),
        ("{run: a, with: {b: c}}", "with"),
        ("{uses: a/b@c, shell: bash}", "shell"),
        ("{shell: bash}", "shell"),
        ("{uses: }", "uses"),
        ("{run: a, id: }", "id"),
        ("{run: a, env: }", "env"),
        ("{wait: a, if: b}", "if"),
        ("{ran: a}", "ran"),
        ("{<<: {run: a}, uses: b/c@d}", "<<"),
        ("{run: a, shell: ''}", "shell"),
    ],
)
def test_a_step_does_not_take(step: str, place: str) -> None:
    assert [at for _, at in of_step(step)] == [place]


def test_a_misspelt_required_key_is_said_once() -> None:
    assert said("on: push\njobs:\n  a:\n    runson: x\n    steps: []\n") == [("invalid-workflow", "runson")]


def test_places_have_their_own_rules() -> None:
    text = "on: [psh]\npermissions: all\njobs:\n  a:\n    runs-on: x\n  A:\n    runs-on: x\n"
    assert sorted(said(text)) == [
        ("invalid-event", "psh"),
        ("invalid-id", "A"),
        ("invalid-permissions", "all"),
    ]


def test_what_aliases_repeat_is_said_once() -> None:
    text = "on: push\njobs:\n  a: &job\n    runs-on: x\n    foo: 1\n  b: *job\n  c: *job\n"
    assert said(text) == [("invalid-workflow", "foo")]


def test_an_expression_makes_the_text_around_it_count() -> None:
    lines = "".join(f"          echo {number:090}\n" for number in range(MAX_EXPRESSION // 96))
    text = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n" + lines
    assert said(text) == []
    assert said(text + "          echo ${{ github.sha }}\n") == []
    more = lines[: len(lines) // 20]
    assert said(text + more) == []
    assert said(text + more + "          echo ${{ github.sha }}\n") == [
        ("invalid-workflow", lines.split("\n")[0].strip())
    ]


YAML = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 3),
        st.sampled_from(["", "a", "${{ github.ref }}", "${{", "run"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "on",
                    "push",
                    "types",
                    "jobs",
                    "a",
                    "steps",
                    "run",
                    "uses",
                    "with",
                    "env",
                    "parallel",
                    "runs-on",
                    "strategy",
                    "matrix",
                    "include",
                    "runs",
                    "using",
                    "inputs",
                    "permissions",
                    "schedule",
                    "cron",
                    "${{ insert }}",
                    "",
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=25,
)


@settings(deadline=None)
@given(YAML, st.sampled_from([PATH, "action.yml"]))
def test_no_document_makes_it_fail_and_places_are_on_one_line(document: Any, path: str) -> None:
    graph, _ = repository({path: json.dumps(document, indent=1)})
    for one in mistakes(graph, KNOWLEDGE):
        assert "\n" not in one.at.text
        assert one.message
