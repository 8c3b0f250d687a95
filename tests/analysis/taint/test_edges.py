"""What outsiders bring in, as nodes and edges of the graph."""

from scanner.analysis.taint.edges import flows_of, only_flows, touching, with_flows
from scanner.graph.graph import Graph
from tests.memory import KNOWLEDGE, repository

CI = ".github/workflows/ci.yml"
SLUG = """\
on: issues
jobs:
  meta:
    runs-on: ubuntu-latest
    outputs: { slug: "${{ steps.meta.outputs.slug }}" }
    steps:
      - id: meta
        env: { TITLE: "${{ github.event.issue.title }}" }
        run: echo "slug=$TITLE" >> "$GITHUB_OUTPUT"
  use:
    needs: meta
    runs-on: ubuntu-latest
    steps:
      - run: make
      - run: echo ${{ needs.meta.outputs.slug }}
"""
META, JOB, USE = f"step:{CI}#meta/0", f"job:{CI}#meta", f"step:{CI}#use/1"
TEXT = "text:github.event.issue.title"


def graph_of(files: dict[str, str]) -> Graph:
    return repository(files)[0]


def ways(graph: Graph) -> list[tuple[str, str]]:
    flows = flows_of(graph, KNOWLEDGE)
    return [(one.source, one.target) for one in with_flows(graph, flows).edges if one.kind == "flows"]


def test_a_text_leads_from_the_event_through_steps_and_jobs_to_the_code() -> None:
    assert ways(graph_of({CI: SLUG})) == [(TEXT, META), (META, JOB), (JOB, USE)]


def test_what_nobody_decides_leads_nowhere() -> None:
    assert ways(graph_of({CI: SLUG.replace("issue.title", "issue.number")})) == []


def test_a_text_leads_into_actions_and_called_workflows() -> None:
    graph = graph_of(
        {
            CI: "on: issues\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: ./a\n"
            "        with: { t: '${{ github.event.issue.title }}' }\n"
            "  b: { uses: ./.github/workflows/b.yml, with: { t: '${{ github.event.issue.body }}' } }\n",
            "a/action.yml": "name: a\ninputs: { t: {} }\nruns:\n  using: composite\n  steps:\n"
            "    - { shell: bash, run: 'echo ${{ inputs.t }}' }\n",
            ".github/workflows/b.yml": "on: { workflow_call: { inputs: { t: { type: string } } } }\njobs:\n"
            "  c: { runs-on: x, steps: [ { run: 'echo ${{ inputs.t }}' } ] }\n",
        }
    )
    assert set(ways(graph)) == {
        (TEXT, f"step:{CI}#a/0"),
        (f"step:{CI}#a/0", "step:a/action.yml#0"),
        ("text:github.event.issue.body", f"job:{CI}#b"),
        (f"job:{CI}#b", "step:.github/workflows/b.yml#c/0"),
    }


def test_what_happens_in_one_node_is_one_edge_with_the_words_of_the_finding() -> None:
    graph = graph_of({CI: SLUG})
    (flow,) = flows_of(graph, KNOWLEDGE)
    edges = [edge for edge in with_flows(graph, (flow,)).edges if edge.kind == "flows"]
    assert len(edges) < len(flow.path)
    assert all(note.message in "; ".join(edge.name or "" for edge in edges) for note in flow.path)
    assert edges[-1].name == "becomes part of the code"


def test_the_events_of_a_text_are_those_that_the_repository_has() -> None:
    (flow,) = flows_of(graph_of({CI: SLUG}), KNOWLEDGE)
    assert flow.source.attributes() == {"events": "issues"}


def test_ways_are_found_at_every_node_that_they_touch() -> None:
    graph = graph_of({CI: SLUG})
    flows = flows_of(graph, KNOWLEDGE)
    nodes = with_flows(graph, flows).nodes
    for id in (TEXT, META, JOB, USE, f"job:{CI}#use", f"workflow:{CI}"):
        assert list(touching(graph, flows, nodes[id])) == list(flows)
    assert not list(touching(graph, flows, nodes[f"step:{CI}#use/0"]))


def test_a_drawing_shows_what_lies_on_a_way() -> None:
    graph = graph_of({CI: SLUG})
    drawn = only_flows(with_flows(graph, flows_of(graph, KNOWLEDGE)))
    assert set(drawn.nodes) == {TEXT, META, JOB, USE}


def test_a_step_that_an_alias_repeats_is_the_one_of_the_job_that_uses_it() -> None:
    graph = graph_of(
        {
            CI: """\
on: issues
jobs:
  one:
    runs-on: x
    steps:
      - &get
        id: get
        env: { T: "${{ github.event.issue.title }}" }
        run: echo "o=$T" >> "$GITHUB_OUTPUT"
  two:
    runs-on: x
    steps:
      - *get
      - run: echo ${{ steps.get.outputs.o }}
"""
        }
    )
    assert ways(graph) == [(TEXT, f"step:{CI}#two/0"), (f"step:{CI}#two/0", f"step:{CI}#two/1")]
