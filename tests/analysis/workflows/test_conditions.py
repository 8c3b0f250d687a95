"""Which jobs and steps can run, and what counts as a check of who started them."""

import pytest

from scanner.analysis.outsiders.guards import asks_who, checks_permission
from scanner.analysis.workflows.conditions import live_jobs, live_steps, never
from scanner.graph.nodes.workflows import StepNode
from scanner.parse.nodes import Scalar
from tests.memory import repository

PATH = ".github/workflows/ci.yml"


def guard(text: str) -> Scalar | None:
    """The `if:` of a job, as it stands in a file."""
    graph, _ = repository({PATH: f"on: push\njobs:\n  a:\n    if: {text}\n    steps: [run: x]\n"})
    return next(graph.of(StepNode)).job.condition  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "false",
        "False",
        "FALSE",
        "${{ false }}",
        "'${{ false }}'",
        "false && github.ref == 'x'",
        "github.ref == 'x' && false",
        "'!true'",
        "0",
        "\"''\"",
        "false || (null)",
        "NaN",
        "1 == 2",
        "contains('a', 'b')",
        "github.ref && format('')",
        "${{ fromJSON('false') }}",
    ],
)
def test_never(text: str) -> None:
    assert never(guard(text))


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "True",
        "always()",
        "github.ref == 'x'",
        "false || github.actor",
        "\"'false'\"",  # a text that is not empty
        "'${{ false }} '",  # GitHub makes a text of it
        "${{ false }}${{ false }}",
        "'!false'",
        "false &&",  # not an expression
        "|\n      ${{ false }}",  # the line break makes it a text
    ],
)
def test_perhaps(text: str) -> None:
    assert not never(guard(text))


def test_without_a_condition_everything_runs() -> None:
    assert not never(None)


def test_dead_jobs_and_steps_are_left_out() -> None:
    graph, _ = repository(
        {
            PATH: """on: push
jobs:
  dead:
    if: false
    steps:
      - run: a
  live:
    steps:
      - run: b
        if: ${{ false }}
      - run: c
""",
            "action.yml": "runs:\n  using: composite\n  steps:\n    - run: d\n",
            "docker/action.yml": "runs:\n  using: docker\n  image: Dockerfile\n  steps:\n    - run: e\n",
        }
    )
    assert [job.label for job in live_jobs(graph)] == ["live"]
    scripts = [step.step.run.script.value for step in live_steps(graph) if step.step.run is not None]
    assert scripts == ["c", "d"]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("github.actor == 'me'", True),
        ("github.event.comment.author_association == 'OWNER' && x", True),
        ("contains(fromJSON('[\"a\"]'), github.triggering_actor)", True),
        ("github.event.pull_request.head.repo.full_name == github.repository", True),
        ("'!github.event.pull_request.head.repo.fork'", True),
        ("contains(github.event.pull_request.labels.*.name, 'safe')", True),
        ("github.event.pull_request.merged", True),
        ("github.actor != 'dependabot[bot]'", False),
        ("github.event_name == 'push'", False),
        ("startsWith(github.event.comment.body, '/run')", False),
        ("github.actor ==", False),
        ("always() || github.actor == 'me'", False),
        ("\"!(github.actor == 'spam')\"", False),
        ("\"!(github.actor != 'me')\"", True),
        ("\"!(always() && github.actor != 'me')\"", False),
        ("\"!(always() || github.actor != 'me')\"", True),
        ("github.actor == 'me' || github.actor == 'you'", True),
        ("always() && (github.actor == 'me' || github.actor == 'you')", True),
        ("github.actor == 'me' || x", False),
        ("false || github.actor == 'me'", True),
        ("(github.actor == 'me') == true", True),
        ("(github.actor == 'me') != true", False),
        ("github.event.pull_request.head.repo.fork == false", True),
        ("github.event.pull_request.head.repo.fork", False),
        ("\"!contains(github.event.pull_request.labels.*.name, 'wip')\"", False),
        ("github.event_name == 'push' || github.actor == 'me'", True),
        ("github.event_name != 'issue_comment' || github.actor == 'me'", True),
        ("github.event_name == 'issue_comment' || github.actor == 'me'", False),
        ("github.event_name == 'push' || (github.event_name == 'issues' && github.actor == 'me')", True),
        ("github.event_name == 'push'", False),
        ("github.actor != ''", False),
        ("github.actor", False),
    ],
)
def test_asks_who(text: str, asks: bool) -> None:
    assert asks_who(guard(text)) is asks


@pytest.mark.parametrize(
    ("step", "checks"),
    [
        ("uses: prince-chrismc/check-actor-permissions-action@v4", True),
        ("uses: xt0rted/slash-command-action@v2", True),
        ("uses: xt0rted/slash-command-action@v2\n        with: {permission-level: read}", False),
        (
            "uses: actions/github-script@v7\n        with: {script: await x.getCollaboratorPermissionLevel()}",
            True,
        ),
        ("run: gh api repos/a/b/collaborators/c/permission", True),
        ("run: make", False),
        ("uses: actions/checkout@v4", False),
        ("uses: ./check", False),
    ],
)
def test_checks_permission(step: str, checks: bool) -> None:
    graph, _ = repository({PATH: f"on: push\njobs:\n  a:\n    steps:\n      - {step}\n"})
    assert checks_permission(next(graph.of(StepNode)).step) is checks
