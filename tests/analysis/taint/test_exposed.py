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
