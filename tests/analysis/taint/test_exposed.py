"""What of outsiders gets to a job, and how it then stands: each statement with its negative twin."""

import pytest

from scanner.analysis.taint.exposed import ExposedJob, exposed_jobs
from tests.memory import KNOWLEDGE, repository

CI = ".github/workflows/ci.yml"


def exposed(files: dict[str, str]) -> dict[str, ExposedJob]:
    graph, _ = repository(files)
    return {one.job.label: one for one in exposed_jobs(graph, KNOWLEDGE)}


def job(on: str, steps: str, more: str = "", top: str = "permissions: {contents: write}") -> ExposedJob:
    text = f"on: {on}\n{top}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    {more}\n    steps:\n{steps}\n"
    return exposed({CI: text})["a"]


PLAIN = "      - run: make"
IN_CODE = "      - run: echo ${{ github.event.issue.title }}"
IN_ENV = "      - run: echo\n        env: {T: '${{ github.event.issue.title }}'}"
IDS = "      - run: echo ${{ github.event.issue.number }}"
FETCHED = (
    "      - uses: actions/checkout@08dcb3a5e62fa31e2da3d490afc4176ef55ecd72\n"
    "        with: {ref: 'refs/pull/${{ github.event.issue.number }}/merge'}"
)


@pytest.mark.parametrize(
    ("steps", "standing", "arrivals"),
    [
        (PLAIN, "held", []),
        (IDS, "held", []),
        (IN_CODE, "open", [("text", True)]),
        (IN_ENV, "held", [("text", False)]),
    ],
)
def test_texts(steps: str, standing: str, arrivals: list[tuple[str, bool]]) -> None:
    row = job("issues", steps)
    assert row.standing == standing
    assert [(one.kind, one.runs) for one in row.arrivals] == arrivals


@pytest.mark.parametrize(
    ("steps", "standing", "arrivals"),
    [
        (FETCHED, "held", [("code", False)]),
        (f"{FETCHED}\n{PLAIN}", "open", [("code", True), ("code", False)]),
        (f"{PLAIN}\n{FETCHED}", "held", [("code", False)]),
    ],
)
def test_files(steps: str, standing: str, arrivals: list[tuple[str, bool]]) -> None:
    row = job("issue_comment", steps)
    assert row.standing == standing
    assert [(one.kind, one.runs) for one in row.arrivals] == arrivals


@pytest.mark.parametrize(
    ("on", "more", "top", "standing"),
    [
        ("issues", "", "permissions: {}", "empty"),
        ("issues", "", "permissions: {contents: read}", "empty"),
        ("pull_request", "", "permissions: {contents: write}", "empty"),
        ("issues", "if: github.event.issue.author_association == 'OWNER'", "permissions: {issues: write}", "checked"),
        ("{issues: {types: [labeled]}}", "", "permissions: {issues: write}", "checked"),
        ("workflow_call", "", "permissions: {contents: write}", "possible"),
        ("workflow_call", "", "permissions: {}", "empty"),
        ("check_run", "", "permissions: {contents: write}", "possible"),
    ],
)  # fmt: skip
def test_how_a_job_stands(on: str, more: str, top: str, standing: str) -> None:
    assert job(on, IN_CODE, more, top).standing == standing


def test_a_forks_run_on_a_machine_of_ones_own_is_no_small_thing() -> None:
    text = f"on: pull_request\njobs:\n  a:\n    runs-on: self-hosted\n    steps:\n{PLAIN}\n"
    assert exposed({CI: text})["a"].standing == "machine"
    assert exposed({CI: text.replace("self-hosted", "ubuntu-latest")})["a"].standing == "empty"


def test_events_of_insiders_reach_no_row() -> None:
    assert exposed({CI: f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n{IN_CODE}\n"}) == {}


def test_a_caller_has_no_row_of_its_own() -> None:
    files = {
        CI: "on: issues\njobs:\n  call:\n    uses: ./.github/workflows/b.yml\n",
        ".github/workflows/b.yml": f"on: workflow_call\njobs:\n  a:\n    runs-on: x\n    steps:\n{IN_CODE}\n",
    }
    rows = exposed(files)
    assert list(rows) == ["a"]
    assert [one.way.event for one in rows["a"].entrances] == ["issues"]


def test_steps_of_an_action_of_the_repository_count_and_circles_end() -> None:
    action = (
        "name: x\ndescription: x\nruns:\n  using: composite\n  steps:\n    - uses: ./.github/actions/{}\n"
    )
    code = "    - run: echo ${{ github.event.issue.title }}\n      shell: bash\n"
    steps = "      - uses: ./.github/actions/a"
    text = f"on: issues\npermissions: {{issues: write}}\njobs:\n  a:\n    runs-on: x\n    steps:\n{steps}\n"
    files = {
        CI: text,
        ".github/actions/a/action.yml": action.format("b"),
        ".github/actions/b/action.yml": action.format("a") + code,
    }
    assert exposed(files)["a"].standing == "open"
    files[".github/actions/b/action.yml"] = action.format("a")
    assert exposed(files)["a"].standing == "held"


ASKED = "      - uses: actions-cool/check-user-permission@v2\n        with: {require: write, error-if-missing: true}"
OWNER = "      - if: github.event.issue.author_association == 'OWNER'\n        run: "


@pytest.mark.parametrize(
    ("steps", "standing", "checks", "guarded"),
    [
        # A check in an earlier step counts for those behind it, not for those before it.
        (f"{PLAIN}\n{ASKED}\n{IN_CODE}", "checked", ["permission"], [True]),
        (f"{PLAIN}\n{IN_CODE}\n{ASKED}", "open", [], [False]),
        (f"{ASKED}\n{PLAIN}", "checked", ["permission"], []),
        # A check at a step counts for that step only.
        (f"{OWNER}echo ${{{{ github.event.issue.title }}}}\n{PLAIN}", "checked", ["association"], [True]),
        (f"{OWNER}echo ${{{{ github.event.issue.title }}}}\n{IN_CODE}", "open", [], [False, True]),
        (f"{OWNER}make\n{IN_CODE}", "open", [], [False]),
        (f"{OWNER}make\n{PLAIN}", "held", [], []),
    ],
)
def test_the_checks_are_those_before_what_is_theirs(
    steps: str, standing: str, checks: list[str], guarded: list[bool]
) -> None:
    row = job("issues", steps)
    (entrance,) = row.entrances
    assert row.standing == standing
    assert [one.kind for one in entrance.checks if one.kind != "actor"] == checks
    assert [one.guarded for one in row.arrivals] == guarded


def test_files_behind_a_check_stay_visible() -> None:
    fetched = "      - uses: actions/checkout@v4.1.0\n        with: {ref: '${{ github.event.pull_request.head.sha }}'}"
    behind = job("pull_request_target", f"{ASKED}\n{fetched}\n{PLAIN}")
    assert behind.standing == "checked"
    assert [(one.runs, one.guarded) for one in behind.arrivals] == [(True, True), (False, True)]


def test_a_step_that_an_event_does_not_run_takes_no_check_away() -> None:
    steps = f"{OWNER}echo ${{{{ github.event.issue.title }}}}\n      - if: github.event_name == 'push'\n        run: make"
    row = job("[issues, push]", steps)
    assert (row.standing, [one.kind for one in row.entrances[0].checks]) == ("checked", ["association"])


def test_an_approval_of_an_environment_leaves_the_text_in_sight() -> None:
    row = job("issues", IN_CODE, "environment: live")
    assert (row.standing, [one.kind for one in row.entrances[0].checks]) == ("checked", ["environment"])
    assert [(one.runs, one.guarded) for one in row.arrivals] == [(True, True)]


def test_a_machine_in_a_run_of_the_repository_is_something_to_lose() -> None:
    steps = f"{FETCHED}\n{PLAIN}"
    text = (
        f"on: issue_comment\npermissions: {{}}\njobs:\n  a:\n    runs-on: self-hosted\n    steps:\n{steps}\n"
    )
    assert exposed({CI: text})["a"].standing == "open"
    assert exposed({CI: text.replace("self-hosted", "ubuntu-latest")})["a"].standing == "empty"


def test_an_action_is_behind_the_checks_of_the_step_that_uses_it_here() -> None:
    action = (
        "name: x\ndescription: x\nruns:\n  using: composite\n  steps:\n"
        "    - run: echo ${{ github.event.issue.title }}\n      shell: bash\n"
    )
    use = "      - uses: ./.github/actions/a\n"
    text = (
        "on: issues\npermissions: {issues: write}\njobs:\n"
        f"  a:\n    runs-on: x\n    steps:\n{use}"
        f"  b:\n    if: github.event.issue.author_association == 'OWNER'\n    runs-on: x\n    steps:\n{use}"
    )
    rows = exposed({CI: text, ".github/actions/a/action.yml": action})
    assert (rows["a"].standing, rows["b"].standing) == ("open", "checked")


def test_an_artifact_says_whose_it_is() -> None:
    text = """\
on: pull_request_target
permissions: {contents: write}
jobs:
  build:
    runs-on: x
    steps:
      - uses: actions/checkout@v4.1.0
        with: {ref: "${{ github.event.pull_request.head.sha }}"}
      - uses: actions/upload-artifact@v4
        with: {name: out}
  use:
    needs: build
    runs-on: x
    steps:
      - uses: actions/download-artifact@v4
        with: {name: out}
"""
    other = """\
on: {workflow_run: {workflows: [CI]}}
permissions: {contents: write}
jobs:
  use:
    runs-on: x
    steps:
      - uses: actions/download-artifact@v4
        with: {name: out, run-id: "${{ github.event.workflow_run.id }}"}
"""
    first = "name: CI\non: pull_request\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n"
    assert [one.what for one in exposed({CI: text})["use"].arrivals] == ["another job's artifact"]
    rows = exposed({CI: other, ".github/workflows/first.yml": first})
    assert [one.what for one in rows["use"].arrivals] == ["another run's artifact"]
