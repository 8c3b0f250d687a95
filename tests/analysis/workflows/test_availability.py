"""Which names an expression may use, by its place."""

import pytest

from scanner.analysis.workflows.availability import availability
from scanner.analysis.workflows.expressions import written
from tests.memory import KNOWLEDGE, repository


def names(path: str, text: str) -> tuple[frozenset[str], frozenset[str]] | None:
    graph, _ = repository({path: text})
    (one,) = written(graph)
    found = availability(graph, KNOWLEDGE).of(one)
    return (found.contexts, frozenset(found.functions)) if found is not None else None


RUN = frozenset("github inputs vars needs strategy matrix secrets steps job runner env".split())
STATUS = frozenset(("always", "success", "failure", "cancelled"))


@pytest.mark.parametrize(
    ("lines", "contexts", "functions"),
    [
        ("env: { A: '${{ x }}' }\njobs: {}", {"github", "inputs", "vars", "secrets"}, frozenset()),
        ("run-name: '${{ x }}'\njobs: {}", {"github", "inputs", "vars"}, frozenset()),
        ("jobs: { a: { if: x } }", {"github", "inputs", "vars", "needs"}, STATUS),
        (
            "jobs: { a: { strategy: { matrix: { b: [{ c: '${{ x }}' }] } } } }",
            {"github", "inputs", "vars", "needs"},
            frozenset(),
        ),
        ("jobs: { a: { steps: [{ run: '${{ x }}' }] } }", RUN, {"hashfiles"}),
        ("jobs: { a: { steps: [{ with: { deep: '${{ x }}' } }] } }", RUN, {"hashfiles"}),
        ("jobs: { a: { steps: [{ if: x }] } }", RUN - {"secrets"}, STATUS | {"hashfiles"}),
        ("jobs: { a: { outputs: { b: '${{ x }}' } } }", RUN, frozenset()),
    ],
)
def test_workflows(lines: str, contexts: frozenset[str], functions: frozenset[str]) -> None:
    assert names(".github/workflows/ci.yml", f"on: push\n{lines}\n") == (contexts, functions)


@pytest.mark.parametrize(
    ("lines", "contexts"),
    [
        ("runs: { using: composite, steps: [{ run: '${{ x }}' }] }", RUN - {"secrets", "vars", "needs"}),
        ("runs: { using: docker, args: ['${{ x }}'] }", {"inputs"}),
        (
            "inputs: { a: { default: '${{ x }}' } }\nruns: {}",
            {"github", "job", "runner", "strategy", "matrix"},
        ),
    ],
)
def test_actions(lines: str, contexts: frozenset[str]) -> None:
    found = names("x/action.yml", lines + "\n")
    assert found is not None
    assert found[0] == contexts


def test_places_without_expressions_are_not_known() -> None:
    assert names(".github/workflows/ci.yml", "on: push\nname: '${{ x }}'\njobs: {}\n") is None
