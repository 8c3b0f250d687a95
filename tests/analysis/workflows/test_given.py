"""Texts behind expressions are read where they stand; what only a run can tell stays open."""

import pytest

from scanner.analysis.settings.in_use import settings_in_use, unread_configuration
from scanner.analysis.workflows.given import inserts, resolved
from scanner.graph.nodes.workflows import StepNode
from scanner.parse.nodes import Scalar
from tests.memory import KNOWLEDGE, repository

CI = ".github/workflows/ci.yml"
ACTION = ".github/actions/setup/action.yml"
HEAD = """on: push
env:
  outer: sandbox = false
jobs:
  a:
    runs-on: ubuntu-latest
    env:
      inner: ${{ matrix.conf }}
    strategy:
      matrix:
        conf: [cores = 1, cores = 2]
    steps:
      - uses: cachix/install-nix-action@v31
        with:
          extra_nix_config: """


def written(value: str) -> tuple[list[str], bool]:
    graph, problems = repository({CI: f"{HEAD}{value}\n"})
    assert not problems
    (node,) = graph.of(StepNode)
    assert node.step.call is not None
    (entry,) = node.step.call.inputs.entries
    found = resolved(graph, node, entry.value)
    return [text.value for _, text in found.values], found.open


@pytest.mark.parametrize(
    ("value", "texts", "open"),
    [
        ("plain", ["plain"], False),
        ("a ${{ env.outer }}", ["a ${{ env.outer }}"], False),
        ("${{ env.outer }}", ["sandbox = false"], False),
        ("${{ env.inner }}", ["cores = 1", "cores = 2"], False),
        ("${{ github.ref == 'x' && env.outer || '' }}", ["sandbox = false"], False),
        ("${{ env.outer || vars.x }}", ["sandbox = false"], True),
        ("${{ vars.x }}", ["${{ vars.x }}"], True),
        ("${{ env.unknown }}", ["${{ env.unknown }}"], True),
    ],
)
def test_resolved(value: str, texts: list[str], open: bool) -> None:
    assert written(value) == (texts, open)


def test_a_circle_ends() -> None:
    text = HEAD.replace("${{ matrix.conf }}", "${{ env.inner }}")
    graph, _ = repository({CI: text + "${{ env.inner }}\n"})
    (node,) = graph.of(StepNode)
    assert node.step.call is not None
    found = resolved(graph, node, node.step.call.inputs.entries[0].value)
    assert [text.value for _, text in found.values] == ["${{ env.inner }}"]


def test_inserts() -> None:
    graph, _ = repository(
        {CI: f"{HEAD}|\n            a = ${{{{ vars.x }}}}\n            ${{{{ vars.y }}}}\n"}
    )
    (node,) = graph.of(StepNode)
    assert node.step.call is not None
    value: Scalar = node.step.call.inputs.entries[0].value
    (one,) = inserts(value)
    assert (one.text, one.at.text) == (" vars.y ", "${{ vars.y }}")


def test_settings_stand_where_they_are_written() -> None:
    graph, _ = repository({CI: f"{HEAD}${{{{ env.outer }}}}\n"})
    (setting,) = settings_in_use(graph, KNOWLEDGE)
    assert setting.whole.text == "sandbox = false"
    assert setting.at.start == HEAD.index("sandbox")
    assert not list(unread_configuration(graph, KNOWLEDGE))


def test_a_text_of_the_run_is_unknown() -> None:
    graph, _ = repository({CI: f"{HEAD}${{{{ vars.conf }}}}\n"})
    assert [unknown.at.text for unknown in unread_configuration(graph, KNOWLEDGE)] == ["${{ vars.conf }}"]
    graph, _ = repository({CI: f"{HEAD}${{{{ secrets.conf }}}}\n"})
    assert not list(unread_configuration(graph, KNOWLEDGE))


def test_inputs_of_a_local_action() -> None:
    action = """inputs:
  conf: { default: cores = 3 }
runs:
  using: composite
  steps:
    - uses: cachix/install-nix-action@v31
      with:
        extra_nix_config: ${{ inputs.conf }}
"""
    job = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: ./.github/actions/setup\n"
    graph, _ = repository({ACTION: action, CI: job + "        with:\n          conf: cores = 4\n"})
    assert [setting.text for setting in settings_in_use(graph, KNOWLEDGE)] == ["4", "3"]
    inner = next(node for node in graph.of(StepNode) if node.job is None)
    assert inner.step.call is not None
    found = resolved(graph, inner, inner.step.call.inputs.entries[0].value)
    assert [text.value for _, text in found.values] == ["cores = 4"]


def test_a_local_action_that_hands_the_text_to_a_script() -> None:
    job = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: ./\n"
    files = {"action.yml": "runs: { using: node24, main: x.js }\n"}
    graph, _ = repository(
        {**files, CI: job + "        with:\n          extra_nix_config: sandbox = relaxed\n"}
    )
    assert [setting.whole.text for setting in settings_in_use(graph, KNOWLEDGE)] == ["sandbox = relaxed"]
