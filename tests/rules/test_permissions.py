"""The blocks that the rules about permissions propose."""

from scanner.engine import AnyRule, Context, NoOptions
from scanner.model.finding import Hit
from scanner.rules.permissions.excessive_permissions import Options, excessive_permissions
from scanner.rules.permissions.undocumented_permissions import undocumented_permissions
from scanner.rules.permissions.unused_permissions import unused_permissions
from tests.memory import KNOWLEDGE, NOW, repository

PATH = ".github/workflows/a.yml"
CHECKOUT = "      - uses: actions/checkout@v4\n        with: {persist-credentials: false}\n"


def hits(rule: AnyRule, text: str, options: object = NoOptions()) -> list[Hit]:
    graph, problems = repository({PATH: text})
    answers = rule.check(Context(graph, problems, KNOWLEDGE, NOW, options))
    return [answer for answer in answers if isinstance(answer, Hit)]


def unused(text: str) -> list[str]:
    return [hit.message for hit in hits(unused_permissions, text)]


def excessive(text: str, options: Options) -> list[str]:
    return [hit.message for hit in hits(excessive_permissions, text, options)]


def test_the_whole_block_is_proposed_for_one_job() -> None:
    head = "on: push\njobs:\n  a:\n    permissions: {contents: write, packages: write}\n    runs-on: x\n    steps:\n"
    first, second = unused(f"{head}{CHECKOUT}      - run: make\n")
    assert "write `contents: read` instead" in first
    assert "remove it" in second
    assert first.endswith("all that is needed is `permissions: { contents: read }`")


def test_a_block_of_several_jobs_is_judged_once() -> None:
    make = "    runs-on: x\n    steps: [{run: make}]\n"
    read = "    runs-on: x\n    steps: [{run: gh issue list, env: {GH_TOKEN: '${{ github.token }}'}}]\n"
    write = read.replace("list", "create")
    unknown = "    runs-on: x\n    steps: [{uses: owner/unknown@v1}]\n"
    for first, second, advice in (
        (make, make, "; remove it: nothing in the workflow uses it"),
        (make, read, "; write `issues: read` instead: nothing in the workflow uses it"),
        (write, make, "; give it to the job that needs it, `a`"),
        (write, write, "; each of its jobs needs it today, so writing it there changes nothing now"),
        (write, unknown, "; give it to the jobs that need it"),
    ):
        text = f"on: push\npermissions: {{issues: write}}\njobs:\n  a:\n{first}  b:\n{second}"
        assert unused(text) == []
        (message,) = excessive(text, Options())
        assert advice in message


def test_a_block_of_called_jobs_has_no_single_answer() -> None:
    job = "    runs-on: x\n    steps: [{run: make}]\n"
    (message,) = unused(f"on: workflow_call\npermissions: {{packages: write}}\njobs:\n  a:\n{job}  b:\n{job}")
    assert message.startswith("none of the 2 jobs with it uses the token for what `packages: write` allows")
    assert "permissions:" not in message


def test_one_job_that_uses_it_is_enough() -> None:
    job = "    runs-on: x\n    steps: [{run: make}]\n"
    other = "    runs-on: x\n    steps: [{uses: owner/unknown@v1}]\n"
    assert unused(f"on: push\npermissions: {{packages: write}}\njobs:\n  a:\n{job}  b:\n{other}") == []


def test_jobs_that_never_run_need_nothing() -> None:
    job = "    runs-on: x\n    steps: [{run: make}]\n"
    never = "    if: false\n    runs-on: x\n    steps: [{uses: owner/unknown@v1}]\n"
    assert len(unused(f"on: push\npermissions: {{packages: write}}\njobs:\n  a:\n{job}  b:\n{never}")) == 1


def test_unknown_scopes_are_left_to_another_rule() -> None:
    assert (
        unused(
            "on: push\njobs:\n  a:\n    permissions: {pakages: write}\n    runs-on: x\n    steps: [{run: x}]\n"
        )
        == []
    )


def test_a_missing_block_comes_with_what_to_paste() -> None:
    head = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n"
    for options in (Options(), Options(each_job=True)):
        (message,) = excessive(f"{head}{CHECKOUT}      - run: make\n", options)
        assert message.endswith("all that its steps need is `permissions: { contents: read }`")
        (message,) = excessive(f"{head}      - uses: owner/unknown@v1\n", options)
        assert message.endswith("put `permissions: {}` at the top and give each job only what it needs")
        (message,) = excessive(f"{head}{CHECKOUT}      - uses: owner/unknown@v1\n", options)
        assert message.endswith("only what it needs: most jobs need `contents: read`, for the checkout")


def test_everything_comes_with_what_is_enough() -> None:
    head = "on: push\njobs:\n  a:\n    permissions: write-all\n    runs-on: x\n    steps:\n"
    (message,) = excessive(f"{head}{CHECKOUT}      - run: echo hello\n", Options())
    assert message.endswith(
        "everything in the repository; all that its steps need is `permissions: { contents: read }`"
    )
    (message,) = excessive(f"{head}      - uses: owner/unknown@v1\n", Options())
    assert message.endswith("needed instead")


def test_further_permissions_without_a_comment_are_related_places() -> None:
    text = "on: push\npermissions:\n  issues: write\n  contents: read\n  checks: read # yes\n  pages: none #\njobs: {}\n"
    found = hits(undocumented_permissions, text)
    assert [(hit.at.text, [note.at.text for note in hit.related]) for hit in found] == [
        ("issues: write", ["pages: none"])
    ]


def test_a_job_is_found_by_its_key_as_well() -> None:
    text = "on: push\njobs:\n  a:\n    name: x\n    runs-on: x\n    steps: [{run: make}]\n  b: {}\n"
    first, second = hits(excessive_permissions, text, Options(each_job=True))
    assert (first.at.text, [note.at.text for note in first.related]) == ("runs-on", ["a"])
    assert (second.at.text, second.related) == ("b", ())
