"""Calls between workflows: levels, circles, and what is asked of a caller."""

import pytest

from scanner.analysis.uses.calls import RANKS, calls, limit
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode
from tests.memory import repository

FOLDER = ".github/workflows/"


def workflow(*called: str, permissions: str = "", job: str = "") -> str:
    jobs = "".join(f"  to-{name}: {{uses: ./{FOLDER}{name}.yml}}\n" for name in called)
    own = f"permissions: {permissions}\n" if permissions else ""
    last = f"  last: {{runs-on: x, {job}steps: [{{run: a}}]}}\n" if job or not called else ""
    return f"on: workflow_call\n{own}jobs:\n{jobs}{last}"


def graph(**files: str) -> Graph:
    found, problems = repository({f"{FOLDER}{name}.yml": text for name, text in files.items()})
    assert not problems
    return found


def test_levels_are_counted_along_the_longest_way() -> None:
    found = calls(graph(a=workflow("b", "c"), b=workflow("c"), c=workflow("d"), d=workflow()))
    assert [found.levels[f"workflow:{FOLDER}{name}.yml"] for name in "abcd"] == [4, 3, 2, 1]


def test_a_workflow_of_another_repository_is_a_level() -> None:
    text = "on: push\njobs:\n  a: {uses: o/r/.github/workflows/x.yml@v1}\n"
    assert calls(graph(a=text)).levels[f"workflow:{FOLDER}a.yml"] == 2


def test_every_circle_has_one_call_that_closes_it() -> None:
    found = calls(graph(a=workflow("b"), b=workflow("c"), c=workflow("a", "d"), d=workflow("d")))
    assert found.loops == {f"job:{FOLDER}c.yml#to-a", f"job:{FOLDER}d.yml#to-d"}


def test_a_long_chain_is_no_matter_of_recursion() -> None:
    files = {f"w{number}": workflow(f"w{number + 1}") for number in range(3000)}
    found = calls(graph(**files, w3000=workflow(permissions="{issues: write}")))
    assert found.levels[f"workflow:{FOLDER}w0.yml"] == 3001
    assert found.asks[f"workflow:{FOLDER}w0.yml"]["issues"].level == RANKS["write"]


@pytest.mark.parametrize(
    ("called", "asked"),
    [
        (workflow(permissions="{issues: read}"), {"issues": 1}),
        (workflow(permissions="{issues: read}", job="permissions: {issues: write}, "), {"issues": 2}),
        (workflow(job="permissions: {issues: write, contents: none}, "), {"issues": 2}),
        # What a job holds by its own block ends what comes from below: that is judged there.
        (workflow("c", permissions="{}"), {}),
        (workflow("c"), {"pages": 2}),
    ],
)
def test_what_is_asked_of_a_caller(called: str, asked: dict[str, int]) -> None:
    found = calls(graph(a=workflow("b"), b=called, c=workflow(permissions="{pages: write}")))
    assert {scope: ask.level for scope, ask in found.asks[f"workflow:{FOLDER}a.yml"].items()} == asked


@pytest.mark.parametrize(
    ("block", "scope", "allowed"),
    [
        ("write-all", "contents", 2),
        ("read-all", "contents", 1),
        ("read-all", "id-token", 0),
        ("{contents: write}", "contents", 2),
        ("{contents: write}", "issues", 0),
        ("{}", "contents", 0),
        ("${{ inputs.all }}", "contents", None),
    ],
)
def test_what_a_caller_may_hand_on(block: str, scope: str, allowed: int | None) -> None:
    node = next(
        graph(
            a=workflow(job=f"permissions: '{block}', " if block[0] != "{" else f"permissions: {block}, ")
        ).of(JobNode)
    )
    assert node.job.permissions is not None
    assert limit(node.job.permissions, scope) == allowed
