"""Files that lead in circles, and very long ways: each answer comes to its end, and says where it stopped."""

import pytest

from scanner.analysis.taint.edges import flows_of
from scanner.analysis.taint.origins import MAX_HOPS, Origins, Scope
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from tests.memory import KNOWLEDGE, repository

CI = ".github/workflows/ci.yml"
TITLE = "${{ github.event.issue.title }}"
CALLED = "on: { workflow_call: { inputs: { t: { type: string } } } }\njobs:\n"
USE = "  use: { runs-on: x, steps: [ { run: 'echo ${{ inputs.t }}' } ] }\n"


def kinds(graph: Graph) -> dict[str, set[str]]:
    """By step: the kinds of origins of what stands in its script."""
    origins = Origins(graph)
    found: dict[str, set[str]] = {}
    for node in graph.of(StepNode):
        if node.step.run is None:
            continue
        scope = Scope(node.owner, node.job, node.step)
        here = found.setdefault(node.id, set())
        for fence in fences(node.step.run.script):
            tree = parse(fence.text)
            assert not isinstance(tree, Malformed)
            here |= {one.kind for context in flowing(tree) for one in origins.of(context, scope)}
    return found


def test_a_chain_of_300_reusable_workflows() -> None:
    files = {
        CI: f"on: issues\njobs:\n  c: {{ uses: ./.github/workflows/w0.yml, with: {{ t: '{TITLE}' }} }}\n"
    }
    for at in range(300):
        call = (
            f"  c: {{ uses: ./.github/workflows/w{at + 1}.yml, with: {{ t: '${{{{ inputs.t }}}}' }} }}\n"
            if at < 299
            else ""
        )
        files[f".github/workflows/w{at}.yml"] = CALLED + call + USE
    graph, _ = repository(files)
    found = kinds(graph)
    assert len(found) == 300
    assert found["step:.github/workflows/w0.yml#use/0"] == {"event"}
    assert found[f"step:.github/workflows/w{MAX_HOPS // 2}.yml#use/0"] == {"event"}
    assert all(found.values()), "what was not followed to its end is not known; it is never clean"
    assert flows_of(graph, KNOWLEDGE)


def test_workflows_and_actions_that_use_each_other() -> None:
    def action(other: str) -> str:
        return (
            "name: x\ninputs: { t: {} }\noutputs: { o: { value: '${{ steps.s.outputs.o }}' } }\nruns:\n  using: composite\n  steps:\n"
            f"    - {{ id: s, uses: ./{other}, with: {{ t: '${{{{ inputs.t }}}}${{{{ steps.s.outputs.o }}}}' }} }}\n"
            "    - { shell: bash, run: 'echo ${{ inputs.t }}' }\n"
        )

    def called(other: str) -> str:
        return (
            CALLED
            + f"  c: {{ uses: ./.github/workflows/{other}.yml, with: {{ t: '${{{{ inputs.t }}}}' }} }}\n"
            + USE
        )

    graph, _ = repository(
        {
            CI: "on: issues\njobs:\n"
            f"  a: {{ runs-on: x, steps: [ {{ uses: ./a, with: {{ t: '{TITLE}' }} }} ] }}\n"
            f"  w: {{ uses: ./.github/workflows/a.yml, with: {{ t: '{TITLE}' }} }}\n",
            "a/action.yml": action("b"),
            "b/action.yml": action("a"),
            ".github/workflows/a.yml": called("b"),
            ".github/workflows/b.yml": called("a"),
        }
    )
    found = kinds(graph)
    for step in ("step:a/action.yml#1", "step:b/action.yml#1"):
        assert "event" in found[step]
    for name in "ab":
        assert "event" in found[f"step:.github/workflows/{name}.yml#use/0"]
    assert flows_of(graph, KNOWLEDGE)


@pytest.mark.parametrize(
    "body",
    [
        "    env: { A: '${{ env.B }}', B: '${{ env.A }}' }\n    steps: [ { run: 'echo ${{ env.A }}' } ]\n",
        "    needs: j\n    outputs: { o: '${{ needs.j.outputs.o }}' }\n    steps: [ { run: 'echo ${{ needs.j.outputs.o }}' } ]\n",
        "    steps:\n      - { id: s, run: 'echo o=${{ steps.s.outputs.o }} >> $GITHUB_OUTPUT' }\n"
        "      - { run: 'echo ${{ steps.s.outputs.o }}' }\n",
        "    strategy: { matrix: { x: '${{ fromJSON(matrix.x) }}' } }\n    steps: [ { run: 'echo ${{ matrix.x }}' } ]\n",
        "    steps:\n      - id: s\n        run: |\n          A=$B\n          B=$A$C\n          C=$A$B$C\n"
        "          echo o=$C >> $GITHUB_OUTPUT\n      - { run: 'echo ${{ steps.s.outputs.o }}' }\n",
    ],
    ids=["env", "needs", "output", "matrix", "script"],
)
def test_what_leads_to_itself(body: str) -> None:
    graph, _ = repository({CI: f"on: issues\njobs:\n  j:\n    runs-on: x\n{body}"})
    kinds(graph)
    assert flows_of(graph, KNOWLEDGE) == ()


def test_a_long_way_within_a_job_is_followed_or_said_to_be_unknown() -> None:
    steps = [f"      - {{ id: s0, run: 'echo o={TITLE} >> $GITHUB_OUTPUT' }}\n"]
    steps += [
        f"      - {{ id: s{at}, run: 'echo o=${{{{ steps.s{at - 1}.outputs.o }}}} >> $GITHUB_OUTPUT' }}\n"
        for at in range(1, 2_000)
    ]
    graph, _ = repository({CI: f"on: issues\njobs:\n  j:\n    runs-on: x\n    steps:\n{''.join(steps)}"})
    found = kinds(graph)
    assert len(found) == 2_000
    assert all(found.values())
    flows = flows_of(graph, KNOWLEDGE)
    assert len({flow.target for flow in flows}) >= MAX_HOPS
    assert all(len(flow.path) <= MAX_HOPS + 3 for flow in flows)


def test_a_script_of_5000_assignments() -> None:
    lines = "".join(f"          A{at}=$A{at - 1}\n" for at in range(1, 5_000))
    script = f"      - id: s\n        run: |\n          A0='{TITLE}'\n{lines}          echo o=$A9 >> $GITHUB_OUTPUT\n"
    use = "      - run: echo ${{ steps.s.outputs.o }}\n"
    graph, _ = repository({CI: f"on: issues\njobs:\n  j:\n    runs-on: x\n    steps:\n{script}{use}"})
    assert kinds(graph)[f"step:{CI}#j/1"] == {"event"}


def test_an_environment_through_300_nested_actions() -> None:
    files = {
        CI: f"on: issues\njobs:\n  a: {{ runs-on: x, env: {{ Z: '{TITLE}' }}, steps: [ {{ uses: ./a0 }}, {{ run: 'echo ${{{{ env.Y }}}}' }} ] }}\n"
    }
    for at in range(300):
        inner = f"{{ uses: ./a{(at + 1) % 300} }}"
        steps = f"[ {inner}, {{ run: 'echo ${{{{ env.Z }}}} ${{{{ toJSON(env) }}}}', shell: bash }}, {{ run: 'echo Y=$Z >> $GITHUB_ENV', shell: bash }} ]"
        files[f"a{at}/action.yml"] = f"name: x\nruns: {{ using: composite, steps: {steps} }}\n"
    graph, _ = repository(files)
    found = kinds(graph)
    assert "event" in found["step:a0/action.yml#1"]
    assert "event" in found[f"step:{CI}#a/1"]
    assert flows_of(graph, KNOWLEDGE)
