"""Ids of nodes say where a thing is, and stay short whatever a file calls it."""

import pytest

from scanner.graph.ids import MAX_NAME
from scanner.graph.nodes.workflows import JobNode, StepNode
from tests.memory import repository

CI = ".github/workflows/ci.yml"


def workflow(*names: str, steps: int = 1) -> str:
    """A workflow of jobs of which each needs the one before."""
    text, before = "on: push\njobs:\n", ""
    for name in names:
        text += f"  ? {name}\n  :\n    runs-on: ubuntu-latest\n{before}    steps:\n"
        text += "      - run: make\n" * steps
        before = f"    needs: [{name}]\n"
    return text


@pytest.mark.parametrize("size", [1, 100, MAX_NAME])
def test_a_job_is_named_in_full(size: int) -> None:
    graph, _ = repository({CI: workflow("a" * size, steps=2)})
    assert [node.id for node in graph.of(JobNode)] == [f"job:{CI}#{'a' * size}"]
    assert [node.id for node in graph.of(StepNode)] == [f"step:{CI}#{'a' * size}/{at}" for at in (0, 1)]


def test_of_a_long_name_the_steps_do_not_repeat_all() -> None:
    names = ["a" * 100_000, "a" * 99_999 + "b", "a" * (MAX_NAME + 1)]
    graph, problems = repository({CI: workflow(*names, steps=20)})
    assert not problems
    jobs = list(graph.of(JobNode))
    assert len({job.id for job in jobs}) == 3
    assert len(list(graph.of(StepNode))) == 60
    assert all(len(id) <= MAX_NAME + len(f"step:{CI}#~/19") + 64 for id in graph.nodes)
    assert all(job.id.startswith(f"job:{CI}#{'a' * 900}") for job in jobs)
    assert [edge.target for job in jobs[1:] for edge in graph.out(job.id, "needs")] == [
        job.id for job in jobs[:-1]
    ]


def test_no_job_can_take_the_id_of_another_by_its_name() -> None:
    graph, _ = repository({CI: workflow("a" * 5_000)})
    [long] = graph.of(JobNode)
    both, _ = repository({CI: workflow("a" * 5_000, long.id.partition("#")[2])})
    assert len(list(both.of(JobNode))) == 2
