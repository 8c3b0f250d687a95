"""Who decides a context, and what an outsider finds where it ends up."""

import pytest

from scanner.analysis.outsiders.reach import Reach, harmful
from scanner.analysis.outsiders.senders import Sender, events_with, sender_of
from scanner.analysis.workflows.aliases import once
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Hit
from tests.memory import KNOWLEDGE, repository

PATH = ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("context", "sender"),
    [
        ("github.event.issue.title", Sender.ANYBODY),
        ("github.event.pull_request.head.ref", Sender.ANYBODY),
        ("github.event.pull_request.head.repo.description", Sender.ANYBODY),
        ("github.event.workflow_run.head_branch", Sender.ANYBODY),
        ("github.event.commits.*.message", Sender.ANYBODY),
        ("github.head_ref", Sender.ANYBODY),
        ("github.event", Sender.ANYBODY),
        ("github", Sender.ANYBODY),
        ("github.*", Sender.ANYBODY),
        ("github.event.head_commit.author.email", Sender.LIMITED),
        ("github.event.pull_request.html_url", Sender.NOBODY),
        ("github.event.pull_request.head.repo.clone_url", Sender.NOBODY),
        ("github.event.pages.*.html_url", Sender.LIMITED),
        ("github.ref_name", Sender.INSIDER),
        ("github.base_ref", Sender.INSIDER),
        ("github.event.ref", Sender.INSIDER),
        ("github.event.release.name", Sender.INSIDER),
        ("github.event.pull_request.base.ref", Sender.INSIDER),
        ("github.event.issue.labels.*.name", Sender.INSIDER),
        ("github.event.client_payload.sha", Sender.INSIDER),
        ("github.event.repository.default_branch", Sender.ADMIN),
        ("github.event.organization.description", Sender.ADMIN),
        ("github.event.pull_request.base.repo.default_branch", Sender.ADMIN),
        ("github.event.issue.number", Sender.NOBODY),
        ("github.event.issue.user.login", Sender.NOBODY),
        ("github.event.pull_request.head.sha", Sender.NOBODY),
        ("github.event.pull_request.merge_commit_sha", Sender.NOBODY),
        ("github.event.pull_request.head.repo.name", Sender.NOBODY),
        ("github.event.action", Sender.NOBODY),
        ("github.actor", Sender.NOBODY),
        ("github.sha", Sender.NOBODY),
        ("github.workflow", Sender.NOBODY),
    ],
)
def test_senders(context: str, sender: Sender) -> None:
    assert sender_of(tuple(context.split(".")), KNOWLEDGE) is sender


def test_events_that_bring_a_context() -> None:
    assert events_with(("github", "event", "issue", "title")) == frozenset(("issues", "issue_comment"))
    assert events_with(("github", "head_ref")) == frozenset(("pull_request", "pull_request_target"))
    assert "push" in (events_with(("github", "ref_name")) or ())
    assert events_with(("github", "event")) is None
    assert events_with(("github", "event", "something", "new")) is None


def reached(files: dict[str, str]) -> dict[str, bool]:
    """By event: whether an outsider who reaches the first step finds something."""
    graph, _ = repository(files)
    ways = Reach(graph, KNOWLEDGE).of(next(graph.of(StepNode)))
    return {event: harmful(way) for event, way in ways.items()}


def job(top: str, more: str = "") -> str:
    return f"{top}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    {more}\n    steps:\n      - run: x\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (job("on: push"), {}),
        (job("on: [pull_request, issues]"), {"pull_request": False, "issues": True}),
        (job("on: issues\npermissions: {}"), {"issues": False}),
        (job("on: issues\npermissions: {contents: read}"), {"issues": False}),
        (job("on: issues\npermissions: {issues: write}"), {"issues": True}),
        (job("on: issues\npermissions: {}", "env: {A: '${{ secrets.X }}'}"), {"issues": True}),
        (job("on: issues\npermissions: {}", "env: {A: '${{ secrets.GITHUB_TOKEN }}'}"), {"issues": False}),
        (job("on: workflow_run"), {"workflow_run": True}),
        (job("on: {workflow_run: {workflows: [unknown]}}"), {"workflow_run": True}),
    ],
)
def test_reach_of_a_job(text: str, found: dict[str, bool]) -> None:
    assert reached({PATH: text}) == found


@pytest.mark.parametrize(("event", "found"), [("push", {}), ("pull_request", {"workflow_run": True})])
def test_a_chain_of_workflows_begins_somewhere(event: str, found: dict[str, bool]) -> None:
    first = f"name: first\non: {event}\njobs: {{}}\n"
    second = job("on: {workflow_run: {workflows: [first]}}")
    assert reached({PATH: second, ".github/workflows/first.yml": first}) == found


def test_an_action_is_reached_through_the_jobs_that_use_it() -> None:
    action = "runs:\n  using: composite\n  steps:\n    - {}: {}\n"
    outer = {
        "in/action.yml": action.format("run", "x"),
        "out/action.yml": action.format("uses", "./in"),
        PATH: "on: issues\njobs:\n  a:\n    steps:\n      - uses: ./out\n",
    }
    graph, _ = repository(outer)
    inner = next(step for step in graph.of(StepNode) if step.path == "in/action.yml")
    assert list(Reach(graph, KNOWLEDGE).of(inner)) == ["issues"]


def test_guards_of_jobs_that_it_waits_for() -> None:
    text = """on: issue_comment
jobs:
  free:
    steps: [run: x]
  check:
    if: github.event.comment.author_association == 'OWNER'
    steps: [run: x]
  next:
    needs: [check]
    steps: [run: x]
"""
    graph, _ = repository({PATH: text})
    reach = Reach(graph, KNOWLEDGE)
    guarded = {step.job.id.value: reach.guarded(step) for step in graph.of(StepNode) if step.job is not None}
    assert guarded == {"free": False, "check": True, "next": True}


def test_aliases_are_said_once() -> None:
    graph, _ = repository(
        {PATH: "on: push\njobs:\n  a:\n    steps:\n      - &s\n        run: x\n      - *s\n"}
    )
    steps = list(graph.of(StepNode))
    assert len(steps) == 2
    hits = [Hit(step.place(), step.id, "m", variant) for step in steps for variant in (None, "v")]
    assert [hit.variant for hit in once(hits) if isinstance(hit, Hit)] == [None, "v"]


CALLED = "on: workflow_call\njobs:\n  b:\n    env: {A: '${{ secrets.X }}'}\n    steps: [{run: x}]\n"
CALL = "    uses: ./.github/workflows/called.yml\n    secrets: inherit\n"


@pytest.mark.parametrize(
    ("jobs", "guarded"),
    [
        (f"  a:\n    if: github.event.label.name == 'ok'\n{CALL}", True),
        (f"  a:\n{CALL}", False),
        (f"  a:\n    if: github.event.label.name == 'ok'\n{CALL}  c:\n{CALL}", False),
        (f"  c:\n    if: github.actor == 'me'\n    steps: [run: x]\n  a:\n    needs: c\n{CALL}", True),
    ],
)
def test_the_condition_of_a_calling_job_guards_the_called(jobs: str, guarded: bool) -> None:
    graph, _ = repository(
        {PATH: f"on: pull_request_target\njobs:\n{jobs}", ".github/workflows/called.yml": CALLED}
    )
    step = next(step for step in graph.of(StepNode) if step.path.endswith("called.yml"))
    assert Reach(graph, KNOWLEDGE).guarded(step, "pull_request_target") is guarded


@pytest.mark.parametrize(
    ("called", "guarded"),
    [
        ("  b:\n    steps: [run: gh api repos/a/b/collaborators/c]\n", True),
        ("  b:\n    steps: [uses: ./ask]\n", True),
        ("  b:\n    if: github.actor == 'me'\n    steps: [run: x]\n", True),
        ("  b:\n    if: github.actor == 'me'\n    steps: [run: x]\n  c:\n    steps: [run: x]\n", False),
        ("  b:\n    steps: [run: x]\n", False),
        ("  b:\n    uses: ./.github/workflows/called.yml\n", False),
    ],
)
def test_a_needed_call_counts_by_what_it_does(called: str, guarded: bool) -> None:
    first = "  a:\n    uses: ./.github/workflows/called.yml\n  z:\n    needs: a\n    steps: [run: x]\n"
    graph, _ = repository(
        {
            PATH: f"on: issue_comment\njobs:\n{first}",
            ".github/workflows/called.yml": f"on: workflow_call\njobs:\n{called}",
            "ask/action.yml": "runs:\n  using: composite\n  steps:\n    - uses: prince-chrismc/check-actor-permissions-action@v4\n",
        }
    )
    step = next(step for step in graph.of(StepNode) if step.path == PATH)
    assert Reach(graph, KNOWLEDGE).guarded(step) is guarded


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("{X: '${{ secrets.OUR_KEY }}'}", "the secret OUR_KEY"),
        ("{X: '${{ secrets.X }}'}", "the secret X"),
        ("inherit", "the secret X"),
    ],
)
def test_a_secret_is_called_what_the_repository_calls_it(given: str, shown: str) -> None:
    call = f"  a:\n    uses: ./.github/workflows/called.yml\n    secrets: {given}\n"
    graph, _ = repository(
        {
            PATH: f"on: issues\npermissions: {{}}\njobs:\n{call}",
            ".github/workflows/called.yml": CALLED,
        }
    )
    step = next(step for step in graph.of(StepNode) if step.path.endswith("called.yml"))
    (way,) = Reach(graph, KNOWLEDGE).of(step).values()
    assert way.secrets == ("X",)
    assert shown in way.holds
