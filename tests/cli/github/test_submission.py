import json
from argparse import ArgumentParser
from pathlib import Path

import pytest

from scanner.cli.github.submission import add_submission, submission_of
from scanner.model.errors import UsageError
from scanner.sbom.github_snapshot import Submission

SHA, HEAD = "a" * 40, "b" * 40
VARIABLES = {
    "GITHUB_SHA": SHA,
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_RUN_ID": "17",
    "GITHUB_WORKFLOW": "ci",
    "GITHUB_JOB": "sbom",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "o/r",
    "GITHUB_EVENT_NAME": "push",
}


@pytest.fixture
def actions(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of a run of GitHub Actions."""
    monkeypatch.delenv("GITHUB_EVENT_PATH", raising=False)
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def read(*arguments: str) -> Submission:
    parser = ArgumentParser()
    add_submission(parser)
    return submission_of(parser.parse_args(arguments))


def test_a_run_of_github_actions_knows_everything(actions: pytest.MonkeyPatch) -> None:
    assert read() == Submission(
        SHA, "refs/heads/main", "17", "ci sbom", "https://github.com/o/r/actions/runs/17"
    )


def test_options_count_more(actions: pytest.MonkeyPatch) -> None:
    found = read("--sha", HEAD, "--ref", "refs/tags/v1", "--job-id", "1", "--correlator", "mine")
    assert found[:4] == (HEAD, "refs/tags/v1", "1", "mine")


def test_a_pull_request_is_told_of_by_its_head(actions: pytest.MonkeyPatch, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"head": {"sha": HEAD}}}))
    actions.setenv("GITHUB_EVENT_PATH", str(event))
    assert read().sha == SHA
    actions.setenv("GITHUB_EVENT_NAME", "pull_request")
    assert read().sha == HEAD
    actions.setenv("GITHUB_EVENT_NAME", "pull_request_target")  # it runs on the base, which `GITHUB_SHA` is
    assert read().sha == SHA


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"pull_request": null}', '{"pull_request": {"head": {"sha": 1}}}', "[" * 100_000],
)
def test_an_event_that_tells_nothing(actions: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    event = tmp_path / "event.json"
    event.write_text(text)
    actions.setenv("GITHUB_EVENT_PATH", str(event))
    actions.setenv("GITHUB_EVENT_NAME", "pull_request")
    with pytest.raises(UsageError, match="give `--sha`"):
        read()
    assert read("--sha", HEAD).sha == HEAD


@pytest.mark.parametrize(
    ("variable", "option"),
    [("GITHUB_SHA", "--sha"), ("GITHUB_REF", "--ref"), ("GITHUB_RUN_ID", "--job-id")],
)
def test_what_nobody_tells_is_asked_for(actions: pytest.MonkeyPatch, variable: str, option: str) -> None:
    actions.delenv(variable)
    with pytest.raises(UsageError, match=f"give `{option}`"):
        read()


def test_all_that_is_missing_is_named_at_once(actions: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        actions.delenv(name)
    with pytest.raises(UsageError, match=r"`--sha` .*`--ref` .*`--job-id` .*`--correlator` "):
        read()
    with pytest.raises(UsageError, match=r"give `--ref` \(the branch\), `--correlator` "):
        read("--sha", SHA, "--job-id", "1")


@pytest.mark.parametrize(("option", "value"), [("--sha", "abc"), ("--sha", "z" * 40), ("--ref", "main")])
def test_what_is_no_commit_and_no_ref(actions: pytest.MonkeyPatch, option: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"`{option}` is `{value}`"):
        read(option, value)
