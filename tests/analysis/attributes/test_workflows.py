"""What workflows, jobs, steps and what they use answer."""

import pytest

from scanner.analysis.attributes.attribute import Missing, untold
from tests.analysis.attributes.asking import Small

CI = ".github/workflows/ci.yml"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def workflow(text: str, **files: str) -> Small:
    return Small({CI: text, **files})


def job(text: str, on: str = "push") -> Small:
    """A repository with the one job `a`."""
    return workflow(f"on: {on}\njobs:\n  a: {{ {text} }}\n")


A = f"job:{CI}#a"
STEPS = "runs-on: ubuntu-latest, steps: [ { run: make } ]"


# ---------------------------------------------------------------- permissions


def test_what_nobody_writes_is_missing_and_no_empty_list() -> None:
    small = job(STEPS)
    assert (
        small.ask(A, "permissions", "writes")
        == (Missing("no `permissions` are written, so a setting of the repository decides"),) * 2
    )
    assert small.ask(f"workflow:{CI}", "permissions") == small.ask(A, "permissions")


@pytest.mark.parametrize(
    ("written", "expected", "writes"),
    [
        ("{}", (), ()),
        ("{ contents: read, id-token: write }", ("contents: read", "id-token: write"), ("id-token",)),
        ("{ contents: none }", (), ()),
    ],
)
def test_the_token_of_a_job(written: str, expected: tuple[str, ...], writes: tuple[str, ...]) -> None:
    small = job(f"permissions: {written}, {STEPS}")
    assert small.ask(A, "permissions", "writes", "own-permissions") == (expected, writes, True)


def test_a_job_has_its_workflows_permissions() -> None:
    small = workflow(f"on: push\npermissions: write-all\njobs:\n  a: {{ {STEPS} }}\n")
    found = small.ask(A, "permissions")
    assert isinstance(found, tuple)
    assert {"contents: write", "id-token: write"} <= {*found}
    assert small.ask(A, "own-permissions") is False


# ---------------------------------------------------------------- machines


@pytest.mark.parametrize(
    ("runs_on", "labels", "own"),
    [
        ("ubuntu-latest", ("ubuntu-latest",), False),
        ("[self-hosted, big]", ("self-hosted", "big"), True),
        ("linux", ("linux",), True),
        ("depot-ubuntu-24.04", ("depot-ubuntu-24.04",), False),
        ("${{ matrix.os }}", ("ubuntu-latest", "self-hosted"), True),
    ],
)
def test_machines(runs_on: str, labels: tuple[str, ...], own: bool) -> None:
    small = job(
        f"runs-on: '{runs_on}', strategy: {{ matrix: {{ os: [ubuntu-latest, self-hosted] }} }}, steps: []".replace(
            "'[", "["
        ).replace("]',", "],")
    )
    assert small.ask(A, "runs-on", "self-hosted") == (labels, own)


def test_what_only_a_run_can_tell_is_missing() -> None:
    small = job("runs-on: '${{ vars.RUNNER }}', environment: '${{ inputs.where }}', steps: []")
    assert small.ask(A, "runs-on") == untold("only a run can tell a label of `runs-on`")
    assert isinstance(small.ask(A, "self-hosted"), Missing)
    assert small.ask(A, "environment") == untold("an expression decides its `environment`")
    runner = small.ask("runner:${{ vars.RUNNER }}", "hosted", "self-hosted")
    assert isinstance(runner, tuple)
    assert all(isinstance(one, Missing) for one in runner)


def test_a_call_has_no_machine_of_its_own() -> None:
    small = job("uses: o/r/.github/workflows/x.yml@v1, secrets: inherit")
    assert small.ask(A, "runs-on", "self-hosted") == (Missing("it calls a workflow, whose jobs say it"),) * 2
    assert small.ask(A, "calls", "secrets", "inherits-secrets") == (
        "o/r/.github/workflows/x.yml@v1",
        ("*",),
        True,
    )
    assert small.ask_edge(A, "reusable-workflow:o/r/.github/workflows/x.yml@v1", "secrets") == ("*",)


@pytest.mark.parametrize(
    ("label", "hosted", "own"),
    [
        ("ubuntu-24.04", True, False),
        ("self-hosted", False, True),
        ("depot-ubuntu-24.04", False, False),
        ("big-machine", False, untold("nothing tells whose machines have the label")),
    ],
)
def test_labels(label: str, hosted: bool, own: bool | Missing) -> None:
    assert job(f"runs-on: {label}, steps: []").ask(f"runner:{label}", "hosted", "self-hosted") == (
        hosted,
        own,
    )


# ---------------------------------------------------------------- who starts it


def test_an_outsider_starts_a_job() -> None:
    small = job(f"permissions: {{ issues: write }}, {STEPS}", on="issue_comment")
    asked = small.ask(A, "outsider", "outsider-events", "privileged", "exposed", "outsider-holds")
    assert asked == (True, ("issue_comment",), True, True, ("write issues",))
    assert small.ask(f"step:{CI}#a/0", "outsider", "outsider-events", "exposed") == (
        True,
        ("issue_comment",),
        True,
    )


def test_a_fork_starts_a_job_that_holds_nothing() -> None:
    small = job(STEPS, on="pull_request")
    assert small.ask(A, "outsider", "privileged", "exposed", "outsider-holds") == (True, False, False, ())


def test_nobody_outside_pushes() -> None:
    small = job(STEPS)
    assert small.ask(A, "outsider", "privileged", "exposed", "events") == (False, False, False, ("push",))


def test_who_calls_from_elsewhere_is_not_known() -> None:
    small = job(STEPS, on="workflow_call")
    reason = untold("`workflow_call` starts it: whoever starts a caller, which is not in this repository")
    assert small.ask(A, "outsider", "privileged", "exposed") == (reason,) * 3
    assert small.ask(f"step:{CI}#a/0", "outsider") == reason
    assert small.ask(A, "events") == untold(
        "others can call its workflow, for events that are not in this repository"
    )


def test_a_condition_leaves_events_out() -> None:
    small = job(f"if: github.event_name == 'push', {STEPS}", on="[push, pull_request]")
    assert small.ask(A, "events", "outsider", "condition") == (
        ("push",),
        False,
        "github.event_name == 'push'",
    )


def test_a_step_of_an_action_that_nobody_uses() -> None:
    small = Small(
        {"a/action.yml": "name: a\nruns: { using: composite, steps: [ { shell: sh, run: ls } ] }\n"}
    )
    step = "step:a/action.yml#0"
    assert small.ask(step, "outsider") == untold("no job here uses its action, so others may")
    assert small.ask(step, "job", "commands") == (Missing("it is a step of an action"), ("ls",))


# ---------------------------------------------------------------- as it is written


def test_a_job_as_it_is_written() -> None:
    small = job(
        f"if: false, timeout-minutes: 7.5, continue-on-error: true, container: alpine, services: {{ db: {{ image: pg }} }}, {STEPS}"
    )
    asked = ("disabled", "timeout-minutes", "continue-on-error", "container", "services", "steps", "scripts")
    assert small.ask(A, *asked) == (True, 8, True, "alpine", ("pg",), 1, 1)


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "1e9", "soon", "''", "[1]"])
def test_minutes_that_are_none(text: str) -> None:
    assert isinstance(job(f"timeout-minutes: {text}, {STEPS}").ask(A, "timeout-minutes"), Missing)


def test_a_step_that_uses_an_action() -> None:
    small = job(
        "runs-on: x, steps: [ { id: get, uses: Actions/Checkout@v4, with: { Fetch-Depth: 0 }, env: { A: b } } ]"
    )
    step = f"step:{CI}#a/0"
    assert small.ask(step, "step-id", "uses", "with", "with-names", "env", "runs", "number", "job") == (
        "get",
        "Actions/Checkout@v4",
        ("fetch-depth: 0",),
        ("fetch-depth",),
        ("A",),
        False,
        1,
        "a",
    )
    assert small.ask(step, "script", "shell", "commands") == (*(Missing("it runs no script"),) * 2, ())


def test_a_step_with_a_script() -> None:
    small = job("runs-on: ubuntu-latest, steps: [ { run: 'curl x | sudo bash; nix build' } ]")
    assert small.ask(f"step:{CI}#a/0", "shell", "commands", "working-directory") == (
        "bash",
        ("curl", "bash", "nix"),
        Missing("it has no `working-directory`"),
    )
    python = job("runs-on: ubuntu-latest, steps: [ { shell: python, run: 'import os' } ]")
    assert python.ask(f"step:{CI}#a/0", "commands") == untold(
        "its script is one of python, which is not read"
    )


def test_images_that_only_a_run_can_tell_are_missing() -> None:
    """Otherwise a list of forbidden images would let them pass."""
    decided = untold("an expression decides its `image`")
    small = job(
        "runs-on: x, container: '${{ inputs.i }}', services: { a: { image: pg }, b: { image: '${{ x }}' } }, steps: []"
    )
    assert small.ask(A, "container", "services") == (decided, decided)
    whole = job(
        "runs-on: x, services: '${{ fromJSON(inputs.s) }}', strategy: '${{ fromJSON(inputs.m) }}', steps: []"
    )
    assert whole.ask(A, "services", "matrix") == (
        untold("an expression stands for all of `services`"),
        untold("an expression stands for all of `strategy`"),
    )


# ---------------------------------------------------------------- actions and images


def used(uses: str) -> Small:
    return workflow(f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: {uses}\n")


def test_an_action_by_its_tag() -> None:
    small = used("Actions/Cache/Restore@v4")
    asked = (
        "name",
        "owner",
        "repo",
        "folder",
        "ref",
        "ref-kind",
        "version",
        "pinned",
        "remote",
        "known-owner",
    )
    assert small.ask("action:actions/cache/Restore@v4", *asked) == (
        "actions/cache/Restore",
        "actions",
        "cache",
        "Restore",
        "v4",
        "version",
        "v4",
        False,
        True,
        True,
    )


def test_an_action_by_its_commit() -> None:
    id = f"action:o/r@{COMMIT}"
    small = used(f"o/r@{COMMIT} # v4.2.2")
    assert small.ask(id, "ref-kind", "version", "pinned", "commit") == ("commit", "v4.2.2", True, COMMIT)
    assert small.ask_edge(f"step:{CI}#a/0", id, "comment") == "v4.2.2"
    assert small.ask_edge(f"step:{CI}#a/0", id, "text") == f"o/r@{COMMIT}"
    assert used(f"o/r@{COMMIT}").ask(id, "version") == Missing("no comment behind the commit names a version")


def test_comments_that_disagree_name_no_version() -> None:
    steps = "".join(f"      - uses: o/r@{COMMIT} # {version}\n" for version in ("v4.2.2", "v4.2.1", "v4"))
    small = workflow(f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n{steps}")
    assert small.ask(f"action:o/r@{COMMIT}", "version", "users") == (
        untold("the comments behind the commit name different versions"),
        3,
    )


@pytest.mark.parametrize(("ref", "kind"), [("main", "branch"), ("release/v1", "name"), ("1.2", "version")])
def test_kinds_of_refs(ref: str, kind: str) -> None:
    assert used(f"o/r@{ref}").ask(f"action:o/r@{ref}", "ref-kind") == kind


def test_an_action_of_the_repository() -> None:
    small = Small({"a/action.yml": "name: a\nruns: { using: node24 }\n"})
    asked = ("remote", "pinned", "using", "folder", "owner")
    assert small.ask("action:a/action.yml", *asked) == (
        False,
        True,
        "node24",
        "a",
        Missing("it is an action of this repository"),
    )


@pytest.mark.parametrize(
    ("text", "registry", "repository", "owner", "tag", "pinned"),
    [
        ("alpine", "docker.io", "alpine", Missing("its name has no owner"), Missing("it has no tag"), False),
        ("ghcr.io/o/t:1", "ghcr.io", "ghcr.io/o/t", "o", "1", False),
        ("ghcr.io/o/t@sha256:" + "a" * 64, "ghcr.io", "ghcr.io/o/t", "o", Missing("it has no tag"), True),
        ("${{ matrix.i }}", *(untold("only a run can tell it"),) * 5),
        (
            "ghcr.io/o/t:${{ github.sha }}",
            "ghcr.io",
            "ghcr.io/o/t",
            "o",
            *(untold("only a run can tell it"),) * 2,
        ),
    ],
)
def test_images(
    text: str,
    registry: str | Missing,
    repository: str | Missing,
    owner: str | Missing,
    tag: str | Missing,
    pinned: bool | Missing,
) -> None:
    small = job(f"runs-on: x, container: '{text}', steps: []")
    if text.startswith("${{"):
        assert (
            small.ask(f"image:{text}", "registry", "repository", "tag", "pinned", "digest") == (registry,) * 5
        )
    else:
        asked = small.ask(f"image:{text}", "registry", "repository", "owner", "tag", "pinned")
        assert asked == (registry, repository, owner, tag, pinned)


# ---------------------------------------------------------------- owners of files


def test_owners_of_a_file() -> None:
    files = {CI: "on: push\n", ".github/CODEOWNERS": ".github/ @o/security\n.github/CODEOWNERS\n"}
    small = Small(files)
    assert small.ask(f"workflow:{CI}", "code-owners") == ("@o/security",)
    assert small.ask("code-owners:.github/CODEOWNERS", "code-owners") == ()
    assert Small({CI: "on: push\n"}).ask(f"workflow:{CI}", "code-owners") == Missing("there is no CODEOWNERS")


def test_the_repository() -> None:
    small = Small({CI: "on: push\n", ".github/dependabot.yml": "version: 2\nupdates: []\n"})
    asked = ("workflows", "has-dependabot", "has-code-owners", "has-lock")
    assert small.ask("repository:.", *asked) == (1, True, False, False)


# ---------------------------------------------------------------- what the other rooms know


def test_filters_of_events() -> None:
    small = workflow(
        "on: { push: { branches: [main, 'v*'], paths-ignore: docs }, issues: { types: [labeled] } }\n"
    )
    assert small.ask(f"workflow:{CI}", "events", "filters") == (
        ("push", "issues"),
        ("push.branches: main", "push.branches: v*", "push.paths-ignore: docs", "issues.types: labeled"),
    )


def test_rights_that_nothing_needs() -> None:
    steps = "runs-on: ubuntu-latest, steps: [ { run: echo } ]"
    assert job(f"permissions: {{ packages: write }}, {steps}").ask(A, "unused-writes") == ("packages",)
    assert isinstance(job(steps).ask(A, "unused-writes"), Missing)


def test_the_verdict_of_the_exposure_table() -> None:
    runs = "runs-on: ubuntu-latest, steps: [ { run: 'echo ${{ github.event.comment.body }}' } ]"
    asked = ("exposure", "runs-outsiders-code")
    assert job(f"permissions: write-all, {runs}", on="issue_comment").ask(A, *asked) == ("open", True)
    assert job(f"permissions: write-all, {STEPS}", on="issue_comment").ask(A, *asked) == ("held", False)
    assert job(STEPS).ask(A, *asked) == ("unreached", False)
    call = workflow(
        "on: issues\njobs:\n  a: { uses: ./.github/workflows/b.yml }\n",
        **{".github/workflows/b.yml": f"on: workflow_call\njobs:\n  b: {{ {STEPS} }}\n"},
    )
    assert call.ask(A, *asked) == (Missing("it calls a workflow, whose jobs say it"),) * 2


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        ("tj-actions/branch-names@v7.0.6", ("GHSA-8v8w-v8xg-79rf", "GHSA-gq52-6phf-x2r6")),
        (f"tj-actions/branch-names@{'0' * 40} # v9.0.0", ()),
        ("tj-actions/changed-files@0e58ed8671d6b60d0890c21b07f8835ace038e67", ("GHSA-mrrh-fwg8-r2c3",)),
        ("evil/changed-files@0e58ed8671d6b60d0890c21b07f8835ace038e67", ("GHSA-mrrh-fwg8-r2c3",)),
        ("tj-actions/branch-names@main", ()),
        ("o/r@v1", ()),
        (
            f"tj-actions/branch-names@{'0' * 40}",
            untold("nothing says which version this commit is, and some versions have advisories"),
        ),
    ],
)
def test_advisories_of_what_runs(uses: str, expected: tuple[str, ...] | Missing) -> None:
    steps = f"    runs-on: ubuntu-latest\n    steps:\n      - uses: {uses}\n"
    small = workflow(f"on: push\njobs:\n  a:\n{steps}")
    action = next(id for id in small.graph.nodes if id.startswith("action:"))
    assert small.ask(action, "advisories") == expected


def test_advisories_of_all_uses_of_an_action_and_of_one_that_only_the_lock_names() -> None:
    commit = "0" * 40
    steps = (
        f"    runs-on: ubuntu-latest\n    steps:\n      - uses: TJ-actions/branch-names@{commit} # v9.0.0\n"
        f"      - uses: tj-actions/Branch-names@{commit} # v7.0.6\n      - uses: o/held@v3\n"
    )
    entries = "".join(
        f"  {key}: {{ref: {key.partition('@')[2]}, commit: sha1-{id * 40}, owner_id: 1, repo_id: 2, uses: [{uses}]}}\n"
        for key, id, uses in (
            ("o/held@v3", "1", "tj-actions/branch-names@v7.0.6"),
            ("tj-actions/branch-names@v7.0.6", "2", ""),
        )
    )
    lock = f"version: v0.0.2\nworkflows:\n  {CI}: [o/held@v3]\ndependencies:\n{entries}"
    small = workflow(f"on: push\njobs:\n  a:\n{steps}", **{".github/workflows/actions.lock": lock})
    for id in (f"action:tj-actions/branch-names@{commit}", "action:tj-actions/branch-names@v7.0.6"):
        assert small.ask(id, "advisories") == ("GHSA-8v8w-v8xg-79rf", "GHSA-gq52-6phf-x2r6"), id
