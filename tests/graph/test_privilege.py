"""The privilege table: what an outsider reaches, and what is held then."""

import pytest

from scanner.analysis.outsiders.privilege import Exposure, Privileges
from scanner.graph.nodes.workflows import JobNode
from tests.memory import KNOWLEDGE, repository

CI = ".github/workflows/ci.yml"


def table(files: dict[str, str], job: str = f"job:{CI}#a") -> tuple[Exposure, ...]:
    graph, problems = repository(files)
    assert not problems
    node = graph.nodes[job]
    assert isinstance(node, JobNode)
    return Privileges(graph, KNOWLEDGE).of(node)


def workflow(on: str, top: str = "", job: str = "", steps: str = "[]") -> str:
    return f"on: {on}\n{top}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    {job}\n    steps: {steps}\n"


@pytest.mark.parametrize(
    "event", ["push", "schedule", "workflow_dispatch", "repository_dispatch", "release", "workflow_call"]
)
def test_events_of_insiders_expose_nothing(event: str) -> None:
    assert table({CI: workflow(event)}) == ()


@pytest.mark.parametrize(
    ("event", "privileged"),
    [
        ("pull_request", False),
        ("pull_request_review", False),
        ("pull_request_target", True),
        ("issue_comment", True),
        ("issues", True),
        ("workflow_run", True),
        ("discussion", True),
        ("fork", True),
        ("watch", True),
    ],
)
def test_events_of_outsiders(event: str, privileged: bool) -> None:
    (row,) = table({CI: workflow(f"[push, {event}]")})
    assert (row.event, row.privileged) == (event, privileged)
    assert row.trigger.text == event


@pytest.mark.parametrize(
    ("top", "job", "writes", "default"),
    [
        ("", "", (), True),
        ("permissions: {}", "", (), False),
        ("permissions: read-all", "", (), False),
        ("permissions: {contents: write}", "", ("contents",), False),
        ("permissions: {contents: write}", "permissions: {issues: write}", ("issues",), False),
        ("permissions: write-all", "permissions: {}", (), False),
        ("", "permissions: {id-token: write, contents: read}", ("id-token",), False),
    ],
)
def test_the_token_is_the_jobs_else_the_workflows_else_the_default(
    top: str, job: str, writes: tuple[str, ...], default: bool
) -> None:
    (row,) = table({CI: workflow("issues", top, job)})
    assert (row.token.writes, row.token.default) == (writes, default)


def test_write_all_writes_what_can_be_written() -> None:
    (row,) = table({CI: workflow("issues", "permissions: write-all")})
    assert {"contents", "packages", "id-token"} <= set(row.token.writes)
    assert row.token.scopes["vulnerability-alerts"] == "read"


def test_a_fork_gets_a_read_only_token_and_no_secrets() -> None:
    steps = "[{run: x, env: {K: '${{ secrets.KEY }}'}}]"
    (row,) = table({CI: workflow("pull_request", "permissions: write-all", "", steps)})
    assert row.token.writes == ()
    assert row.secrets == ()


def test_secrets_come_from_workflow_job_and_steps() -> None:
    steps = "[{run: x, env: {K: '${{ secrets.C }}'}}, {run: y, if: \"secrets['d'] != ''\"}]"
    text = workflow(
        "issues", "env: {A: '${{ secrets.a }}'}", "env: {B: \"${{ format('{0}', secrets.B) }}\"}", steps
    )
    (row,) = table({CI: text})
    assert row.secrets == ("A", "B", "C", "D")


@pytest.mark.parametrize(
    ("runs_on", "hosted"),
    [
        ("ubuntu-latest", False),
        ("[self-hosted, linux]", True),
        ("Self-Hosted", True),
        ("my-runner", None),
        ("${{ matrix.os }}", None),
        ("{group: big}", None),
    ],
)
def test_whose_machine_it_is(runs_on: str, hosted: bool | None) -> None:
    text = workflow("pull_request").replace("runs-on: ubuntu-latest", f"runs-on: {runs_on}")
    (row,) = table({CI: text})
    assert row.self_hosted is hosted


CALLER = "on: {event}\npermissions: {permissions}\njobs:\n  c:\n    uses: ./{called}\n{more}"


def calls(event: str, permissions: str, more: str = "", called: str = CI) -> str:
    return CALLER.format(event=event, permissions=permissions, more=more, called=called)


def test_a_called_workflow_inherits_triggers_and_never_holds_more_than_its_caller() -> None:
    files = {
        CI: workflow("workflow_call", "permissions: {contents: write, issues: write}"),
        ".github/workflows/entry.yml": calls(
            "issue_comment", "{contents: read, issues: write}", "    secrets: inherit\n"
        ),
    }
    (row,) = table(files)
    assert row.via == ("job:.github/workflows/entry.yml#c",)
    assert row.event == "issue_comment"
    assert row.token.scopes == {"contents": "read", "issues": "write"}


READS = "[{run: x, env: {K: '${{ secrets.KEY }}', O: '${{ secrets.OTHER }}'}}]"


@pytest.mark.parametrize(
    ("handed", "job", "secrets"),
    [
        ("", "", ()),
        ("    secrets: inherit\n", "", ("KEY", "OTHER")),
        ("    secrets: {key: '${{ secrets.A }}'}\n", "", ("KEY",)),
        ("", "environment: prod", ("KEY", "OTHER")),
    ],
)
def test_a_called_workflow_holds_the_secrets_that_are_handed_to_it(
    handed: str, job: str, secrets: tuple[str, ...]
) -> None:
    files = {
        CI: workflow("workflow_call", "", job, READS),
        ".github/workflows/entry.yml": calls("issues", "{}", handed),
    }
    (row,) = table(files)
    assert row.secrets == secrets
    assert not row.all_secrets


@pytest.mark.parametrize("expression", ["toJSON(secrets)", "secrets[matrix.x]", "secrets.*"])
def test_secrets_that_the_run_chooses_are_all_of_them(expression: str) -> None:
    (row,) = table({CI: workflow("issues", "", "", f'[{{run: x, env: {{K: "${{{{ {expression} }}}}"}}}}]')})
    assert row.all_secrets


def test_a_call_that_inherits_hands_everything_over() -> None:
    files = {".github/workflows/entry.yml": calls("issues", "{}", "    secrets: inherit\n", "x.yml")}
    (row,) = table(files, "job:.github/workflows/entry.yml#c")
    assert row.all_secrets


def test_secrets_are_inherited_only_along_a_whole_chain() -> None:
    middle = ".github/workflows/middle.yml"
    files = {
        CI: workflow("workflow_call", "", "", READS),
        middle: calls("workflow_call", "write-all", "    secrets: inherit\n"),
        ".github/workflows/entry.yml": calls("issues", "{contents: write}", called=middle),
    }
    (row,) = table(files)
    assert row.via == ("job:.github/workflows/entry.yml#c", f"job:{middle}#c")
    assert row.secrets == ()
    assert row.token.writes == ("contents",)


def test_workflows_that_call_each_other_end() -> None:
    other = ".github/workflows/other.yml"
    files = {
        other: calls("[workflow_call, issues]", "{}", called=CI),
        CI: workflow("workflow_call") + f"  b: {{uses: ./{other}}}\n",
    }
    assert [row.event for row in table(files)] == ["issues"]


def test_what_is_held_reads_as_a_sentence() -> None:
    steps = "[{run: x, env: {K: '${{ secrets.KEY }}'}}]"
    text = workflow("issues", "permissions: {contents: write}", "", steps).replace(
        "ubuntu-latest", "self-hosted"
    )
    (row,) = table({CI: text})
    assert row.holds == "a token that writes contents, the secret KEY and a self-hosted machine"


def test_the_work_does_not_grow_with_the_number_of_paths() -> None:
    """Three calls at each of 18 levels are 3^18 paths."""
    files = {}
    for level in range(18):
        on = "[issues, workflow_call]" if level == 0 else "workflow_call"
        call = f"    uses: ./.github/workflows/w{level + 1}.yml\n"
        files[f".github/workflows/w{level}.yml"] = f"on: {on}\njobs:\n" + "".join(
            f"  {job}:\n{call}" for job in "abc"
        )
    files[".github/workflows/w18.yml"] = workflow("workflow_call")
    (row,) = table(files, "job:.github/workflows/w18.yml#a")
    assert len(row.via) == 18


def test_many_calls_of_many_jobs_are_one_way_that_hands_over_all() -> None:
    entry = ".github/workflows/entry.yml"
    calls = "".join(
        f"  j{at}:\n    uses: ./{CI}\n    secrets: {{S{at}: '${{{{ secrets.S{at} }}}}'}}\n"
        for at in range(400)
    )
    steps = "[{run: x, env: {A: '${{ secrets.S7 }}', B: '${{ secrets.S399 }}', C: '${{ secrets.NO }}'}}]"
    files = {CI: workflow("workflow_call", "", "", steps), entry: f"on: issues\njobs:\n{calls}"}
    (row,) = table(files)
    assert row.secrets == ("S399", "S7")
    assert len(row.via) == 1


def possible(files: dict[str, str], job: str = f"job:{CI}#a") -> tuple[Exposure, ...]:
    graph, _ = repository(files)
    node = graph.nodes[job]
    assert isinstance(node, JobNode)
    return Privileges(graph, KNOWLEDGE).possible(node)


@pytest.mark.parametrize("event", ["workflow_call", "gollum", "check_run", "check_suite", "status"])
def test_events_of_which_nothing_tells_who_causes_them_are_possible(event: str) -> None:
    (row,) = possible({CI: workflow(event, "permissions: {contents: write}")})
    assert (row.event, row.known, row.privileged) == (event, False, True)
    assert row.token.writes == ("contents",)
    assert table({CI: workflow(event)}) == ()


def test_a_called_workflow_with_a_caller_is_as_known_as_that_one() -> None:
    files = {CI: workflow("workflow_call"), ".github/workflows/entry.yml": calls("push", "{}")}
    assert possible(files) == ()
    assert table(files) == ()


def test_what_nobody_calls_passes_on_that_nothing_is_known() -> None:
    files = {
        CI: workflow("workflow_call", "permissions: write-all"),
        ".github/workflows/entry.yml": calls("workflow_call", "{contents: write}"),
    }
    (row,) = possible(files)
    assert (row.known, row.token.writes, len(row.via)) == (False, ("contents",), 1)


@pytest.mark.parametrize("event", ["push", "schedule", "workflow_dispatch", "release"])
def test_ordinary_runs_hold_what_the_job_says(event: str) -> None:
    graph, _ = repository({CI: workflow(f"[{event}, issues]", "permissions: {contents: write}")})
    node = graph.nodes[f"job:{CI}#a"]
    assert isinstance(node, JobNode)
    (row,) = Privileges(graph, KNOWLEDGE).ordinary(node)
    assert (row.event, row.token.writes, row.cache) == (event, ("contents",), "writes")


@pytest.mark.parametrize(
    ("condition", "events"),
    [
        ("github.event_name == 'push'", []),
        ("github.event_name != 'issues'", ["fork"]),
        ("github.event_name == 'fork' || github.event_name == 'push'", ["fork"]),
        ("github.actor == 'x'", ["issues", "fork"]),
        ("false", []),
    ],
)
def test_a_condition_leaves_events_out(condition: str, events: list[str]) -> None:
    rows = table({CI: workflow("[push, issues, fork]", "", f"if: {condition}")})
    assert [row.event for row in rows] == events


@pytest.mark.parametrize(
    ("mine", "events"), [("", []), ("if: always()", ["issues"]), ("if: github.ref == 'x'", [])]
)
def test_a_job_is_left_out_with_one_that_it_waits_for(mine: str, events: list[str]) -> None:
    first = "  first:\n    if: github.event_name == 'push'\n    runs-on: ubuntu-latest\n    steps: []\n"
    text = workflow("[push, issues]", "", f"needs: first\n    {mine}") + first
    assert [row.event for row in table({CI: text})] == events


def test_a_call_is_left_out_by_the_condition_of_the_caller() -> None:
    more = "    if: github.event_name == 'push'\n"
    files = {
        CI: workflow("workflow_call"),
        ".github/workflows/entry.yml": calls("[push, issues]", "{}", more),
    }
    assert table(files) == ()


@pytest.mark.parametrize(
    ("event", "mode", "cache"),
    [
        ("pull_request", "", "own"),
        ("pull_request", "cache-mode: write", "own"),
        ("issue_comment", "", "reads"),
        ("pull_request_target", "", "reads"),
        ("issue_comment", "cache-mode: write", "writes"),
        ("issue_comment", "cache-mode: none", "none"),
    ],
)
def test_events_of_outsiders_only_read_the_cache_of_the_default_branch(
    event: str, mode: str, cache: str
) -> None:
    (row,) = table({CI: workflow(event, mode)})
    assert row.cache == cache


@pytest.mark.parametrize(
    ("on", "narrowed"),
    [
        ("{workflow_run: {workflows: [a]}}", False),
        ("{workflow_run: {workflows: [a], branches: [main]}}", True),
        ("{workflow_run: {workflows: [a], branches-ignore: [x]}}", True),
        ("{pull_request_target: {branches: [main]}}", False),
    ],
)
def test_a_filter_of_branches_narrows_what_follows_another_workflow(on: str, narrowed: bool) -> None:
    (row,) = table({CI: workflow(on)})
    assert row.narrowed is narrowed


@pytest.mark.parametrize(
    ("on", "insiders"),
    [
        ("{issues: {types: [labeled, assigned]}}", True),
        ("{issues: {types: [opened, labeled]}}", False),
        ("issues", False),
        ("{pull_request_target: {types: labeled}}", True),
        ("{pull_request_target: {types: [synchronize]}}", False),
        ("{issue_comment: {types: [created]}}", False),
    ],
)
def test_some_activities_take_rights(on: str, insiders: bool) -> None:
    (row,) = table({CI: workflow(on)})
    assert row.insiders is insiders


@pytest.mark.parametrize(
    ("job", "runs_on", "hosted"),
    [
        ("strategy: {matrix: {os: [ubuntu-latest, self-hosted]}}", "${{ matrix.os }}", True),
        ("strategy: {matrix: {os: [ubuntu-latest, macos-latest]}}", "${{ matrix.os }}", False),
        ("strategy: {matrix: {os: [ubuntu-latest, big]}}", "${{ matrix.os }}", None),
        ("", "${{ vars.RUNNER }}", None),
    ],
)
def test_the_machine_is_looked_up_in_the_matrix(job: str, runs_on: str, hosted: bool | None) -> None:
    text = workflow("pull_request", "", job).replace("runs-on: ubuntu-latest", f"runs-on: {runs_on}")
    (row,) = table({CI: text})
    assert row.self_hosted is hosted
    assert row.persists is (hosted is True)
    assert not row.holds_something


def test_an_environment_and_an_identity_are_told() -> None:
    (row,) = table({CI: workflow("issues", "permissions: {id-token: write}", "environment: prod")})
    assert (row.environment, row.identity, row.holds_something) == ("prod", True, True)


def test_a_token_that_cannot_write_is_nothing_beside_the_rest() -> None:
    steps = "[{run: x, env: {K: '${{ secrets.KEY }}'}}]"
    (row,) = table({CI: workflow("issues", "permissions: {contents: read}", "", steps)})
    assert row.holds == "the secret KEY"


@pytest.mark.parametrize(
    ("on", "who"),
    [
        ("issues", "whoever opens an issue"),
        ("{issues: {types: [labeled]}}", "somebody with rights, about what an outsider wrote"),
        ("{workflow_run: {workflows: [Test]}}", "whoever starts `Test` before it"),
        ("{workflow_run: {workflows: [a, b, c]}}", "whoever starts `a` or `b` or another one before it"),
        ("workflow_run", "whoever starts the workflow before it"),
    ],
)
def test_in_whose_hands_an_event_is(on: str, who: str) -> None:
    (row,) = table({CI: workflow(on)})
    assert row.who == who
