"""The workflow model: what is there is there, with its place; what has the wrong type is said once."""

import pytest

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.workflow import Workflow, read_workflow
from scanner.parse.yaml import compose


def read(text: str) -> tuple[Workflow | None, list[Problem]]:
    problems: list[Problem] = []
    source = Source("ci.yml", "workflow", text)
    return read_workflow(source, compose(source, problems), problems), problems


def workflow(text: str) -> Workflow:
    found, problems = read(text)
    assert not problems
    assert found is not None
    return found


@pytest.mark.parametrize(
    "on",
    [
        "push",
        "[push]",
        "{push: }",
        "{push: {branches: main}}",
        "{push: {branches: [main]}, schedule: [{cron: x}]}",
    ],
)
def test_triggers(on: str) -> None:
    found = workflow(f"on: {on}\njobs: {{}}\n")
    assert "push" in found.events
    assert found.triggers[0].event.span.text == "push"
    if "branches" in on:
        assert found.triggers[0].filter("branches") == ("main",)
    assert found.triggers[0].filter("tags") is None


def test_quoted_on_is_on() -> None:
    assert workflow("'on': push\njobs: {}\n").events == {"push"}


@pytest.mark.parametrize(
    ("text", "everything", "entries"),
    [
        ("{}", None, {}),
        ("read-all", "read-all", {}),
        ("{contents: read, issues: write}", None, {"contents": "read", "issues": "write"}),
        ("", None, {}),
    ],
)
def test_permissions(text: str, everything: str | None, entries: dict[str, str]) -> None:
    block = workflow(f"on: push\npermissions: {text}\njobs: {{}}\n").permissions
    assert block is not None
    assert (block.everything.value if block.everything else None) == everything
    assert {entry.key.value: entry.value.value for entry in block.entries} == entries


def test_no_permissions_is_not_empty_permissions() -> None:
    assert workflow("on: push\njobs: {}\n").permissions is None


JOB = """\
on: push
defaults: {run: {shell: bash, working-directory: d}}
jobs:
  a:
    name: N
    needs: [b, c]
    if: x
    runs-on: {group: g, labels: [l, m]}
    environment: {name: prod, url: u}
    strategy: {matrix: {x: [1]}}
    container: {image: i, credentials: {username: u, password: p}, env: {E: 1}}
    services: {db: {image: pg}, none: ''}
    env: {A: 1}
    outputs: {o: v}
    steps:
      - {id: s, name: n, if: c, uses: a/b@v1, with: {X: y}, env: {B: 2}}
      - {run: r, shell: sh, working-directory: w}
"""


def test_a_job() -> None:
    found = workflow(JOB)
    (job,) = found.jobs
    assert [text.value for text in job.needs] == ["b", "c"]
    assert [text.value for text in job.runs_on.labels] == ["l", "m"]
    assert job.runs_on.group is not None
    assert job.environment is not None
    assert job.environment.name.value == "prod"
    assert job.container is not None
    assert job.container.image is not None
    assert [service.key.value for service in job.services] == ["db", "none"]
    first, second = job.steps
    assert first.call is not None
    given = first.call.inputs.get("x")
    assert given is not None
    assert given.value == "y"
    assert second.run is not None
    assert second.run.working_directory is not None
    assert found.defaults.shell is not None


def test_a_call_of_a_reusable_workflow() -> None:
    (job,) = workflow(
        "on: push\njobs: {a: {uses: ./.github/workflows/x.yml, with: {a: 1}, secrets: inherit}}\n"
    ).jobs
    assert job.call is not None
    assert job.inherits is not None
    (job,) = workflow("on: push\njobs: {a: {uses: o/r/w.yml@v1, secrets: {K: '${{ secrets.K }}'}}}\n").jobs
    assert job.inherits is None
    assert [entry.key.value for entry in job.secrets.entries] == ["K"]


@pytest.mark.parametrize("key", ["env", "strategy", "container", "services", "steps"])
def test_an_expression_may_stand_for_a_whole(key: str) -> None:
    workflow(f"on: push\njobs: {{a: {{runs-on: x, {key}: '${{{{ fromJSON(inputs.x) }}}}'}}}}\n")


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("on: push\njobs: 1\n", "`jobs` must be a mapping, not `1`", (2, 7)),
        ("on: push\njobs: {a: }\n", "the job `a` must be a mapping, not empty", (2, 11)),
        ("on: push\njobs: {a: {steps: {b: c}}}\n", "`steps` must be a list, not a mapping", (2, 19)),
        (
            "on: push\njobs: {a: {env: {b: []}}}\n",
            "the value of `b` in `env` must be a text, not a list",
            (2, 21),
        ),
        ("on: [[]]\njobs: {}\n", "`on` must be a text, not a list", (1, 6)),
        ("on: push\npermissions: []\njobs: {}\n", "`permissions` must be", (2, 14)),
        ("on: push\njobs: {a: {steps: [x]}}\n", "a step must be a mapping, not `x`", (2, 20)),
    ],
)
def test_wrong_types_are_said_with_their_place(text: str, said: str, place: tuple[int, int]) -> None:
    found, problems = read(text)
    assert found is not None
    assert len(problems) == 1
    assert said in problems[0].message
    assert problems[0].at.begin == place


def test_a_step_beside_parallel_is_read_as_well() -> None:
    """GitHub decides whether it runs; what could run must not be missed."""
    steps = "[{parallel: [{run: a}, {parallel: [{run: b}]}], run: c}, {parallel: , uses: d/e@v1}]"
    found = workflow(f"on: push\njobs: {{a: {{steps: {steps}}}}}\n")
    found_texts = []
    for step in found.jobs[0].steps:
        if step.run is not None:
            found_texts.append(step.run.script.value)
        if step.call is not None:
            found_texts.append(step.call.text.value)
    assert sorted(found_texts) == ["a", "b", "c", "d/e@v1"]


def test_an_event_given_twice_is_one() -> None:
    assert [one.event.value for one in workflow("on: [push, issues, push]\njobs: {}\n").triggers] == [
        "push",
        "issues",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "jobs: {'https://u:hunter2hunter2@x.org/': 1}",
        "jobs: {a: {services: {'https://u:hunter2hunter2@x.org/': []}}}",
        "env: {'https://u:hunter2hunter2@x.org/': []}",
        'jobs: {"a\\nhunter`b": 1}',
    ],
)
def test_messages_hold_no_secrets_and_are_one_line(text: str) -> None:
    _, problems = read(f"on: push\n{text}\n")
    (problem,) = problems
    assert "hunter2" not in problem.message
    assert problem.message.isprintable()
