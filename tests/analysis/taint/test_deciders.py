"""Who decides a text, by the workflow around it."""

import pytest

from scanner.analysis.outsiders.reach import Reach
from scanner.analysis.taint.deciders import Decider, Deciders
from scanner.analysis.taint.origins import Origin
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence
from tests.memory import KNOWLEDGE, repository

BRANCH = Origin("event", ("github", "event", "workflow_run", "head_branch"))
TITLE = Origin("event", ("github", "event", "issue", "title"))
FETCHED = Origin("fetched", ("the names of changed files",), doubt=1)


def decider(top: str, origin: Origin, job: str = "") -> tuple[Decider, Confidence] | None:
    text = f"on: {top}\njobs:\n  a:\n    {job}\n    steps:\n      - run: x\n"
    graph, _ = repository({".github/workflows/ci.yml": text})
    verdict = Deciders(Reach(graph, KNOWLEDGE), KNOWLEDGE, graph).of(next(graph.of(StepNode)), origin)
    return None if verdict is None else (verdict.decider, verdict.confidence)


@pytest.mark.parametrize(
    ("top", "found"),
    [
        ("workflow_run", Decider.ANYBODY),
        ("{workflow_run: {branches: [main]}}", Decider.LIMITED),
        ("{workflow_run: {branches: [main, 'release/**']}}", Decider.ANYBODY),
        ("{workflow_run: {branches-ignore: [main]}}", Decider.ANYBODY),
        ("push", Decider.NOBODY_TODAY),
        ("workflow_call", Decider.OTHERS),
    ],
)
def test_names_that_a_filter_spells_out(top: str, found: Decider) -> None:
    answer = decider(top, BRANCH)
    assert answer is not None
    assert answer[0] is found


def test_what_the_run_holds_and_who_is_let_in() -> None:
    assert decider("issues", TITLE) == (Decider.ANYBODY, Confidence.HIGH)
    assert decider("issues\npermissions: {}", TITLE) == (Decider.FORK, Confidence.HIGH)
    asks = "if: github.actor == 'me'"
    assert decider("issues", TITLE, asks) == (Decider.INSIDER, Confidence.MEDIUM)
    assert decider("push", TITLE) == (Decider.NOBODY_TODAY, Confidence.MEDIUM)
    assert decider("push", FETCHED) == (Decider.OTHERS, Confidence.MEDIUM)
    assert decider("pull_request_target", FETCHED) == (Decider.ANYBODY, Confidence.MEDIUM)


@pytest.mark.parametrize(
    ("kind", "found"),
    [("dispatch", Decider.INSIDER), ("caller", Decider.CALLER), ("unknown", Decider.NOT_KNOWN)],
)
def test_origins_that_are_no_fields_of_the_event(kind: str, found: Decider) -> None:
    answer = decider("push", Origin(kind, ("inputs", "x")))  # type: ignore[arg-type]
    assert answer is not None
    assert answer[0] is found


def test_harmless_texts() -> None:
    assert decider("issues", Origin("event", ("github", "event", "issue", "number"))) is None


COMMENT = Origin("event", ("github", "event", "comment", "body"))
MINE = "if: github.event.{}.author_association == 'OWNER'"


@pytest.mark.parametrize(
    ("event", "asks", "origin", "found"),
    [
        ("issue_comment", MINE.format("comment"), COMMENT, Decider.INSIDER),
        # Whoever comments starts the run; somebody else has written the title.
        ("issue_comment", MINE.format("comment"), TITLE, Decider.CHECKED),
        ("issue_comment", "if: github.actor == 'me'", TITLE, Decider.CHECKED),
        ("issue_comment", f"{MINE.format('comment')} || github.actor == 'me'", TITLE, Decider.CHECKED),
        ("issue_comment", f"{MINE.format('comment')} || github.actor == 'me'", COMMENT, Decider.INSIDER),
        ("issue_comment", MINE.format("issue"), TITLE, Decider.INSIDER),
        ("issue_comment", MINE.format("issue"), COMMENT, Decider.ANYBODY),
        ("issues", MINE.format("issue"), TITLE, Decider.INSIDER),
        ("issue_comment\npermissions: {}", MINE.format("comment"), TITLE, Decider.FORK),
        ("issue_comment\npermissions: {}", MINE.format("comment"), COMMENT, Decider.INSIDER),
    ],
)
def test_whom_a_check_is_about(event: str, asks: str, origin: Origin, found: Decider) -> None:
    answer = decider(event, origin, asks)
    assert answer is not None
    assert answer[0] is found
