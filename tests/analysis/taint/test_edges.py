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


def names(graph: Graph) -> list[str]:
    flows = flows_of(graph, KNOWLEDGE)
    return [edge.name or "" for edge in with_flows(graph, flows).edges if edge.kind == "flows"]


def steps(on: str, text: str, more: str = "") -> Graph:
    return graph_of(
        {
            CI: f"on: {on}\npermissions: {{contents: write}}\njobs:\n  a:\n    runs-on: x\n    {more}\n    steps:\n{text}"
        }
    )


CODE = "      - run: echo ${{ github.event.issue.title }}\n"
PROMPT = """\
      - run: gh issue view "$N" > prompt.md
        env: { N: "${{ github.event.issue.number }}" }
      - uses: openai/codex-action@v1
        with: { allow-users: "*", prompt-file: prompt.md }
"""
REQUEST = "      - run: curl \"https://$B\"\n        env: { B: '${{ github.event.issue.body }}' }\n"
CHECKOUT = """\
      - uses: actions/checkout@v4.1.0
        with: { ref: "${{ github.event.pull_request.head.sha }}" }
      - run: make
"""


def test_what_stands_behind_a_check_says_so() -> None:
    check = "if: github.event.issue.author_association == 'OWNER'"
    assert names(steps("issues", CODE)) == ["becomes part of the code"]
    assert names(steps("issues", CODE, check)) == ["becomes part of the code (behind a check)"]
    same = "if: github.event.pull_request.head.repo.full_name == github.repository"
    fetched, run = names(steps("pull_request_target", CHECKOUT, same))
    assert fetched.endswith("(behind a check)")
    assert run.endswith("(behind a check)")
    assert not any("(" in name for name in names(steps("pull_request_target", CHECKOUT)))


def test_what_actions_checkout_refuses_says_so() -> None:
    refused = CHECKOUT.replace("checkout@v4.1.0", "checkout@v7")
    assert all(
        "(refused by actions/checkout)" in name for name in names(steps("pull_request_target", refused))
    )


def test_prompts_and_requests_are_uses_too() -> None:
    assert names(steps("issues", PROMPT)) == ["written to `prompt.md`", "told to Codex"]
    assert names(steps("issues", REQUEST))[-1].endswith("decides the server of a request")
    assert names(steps("push", PROMPT + REQUEST)) == []


def test_files_come_from_where_they_are_fetched_not_from_what_says_which() -> None:
    text = """\
      - id: pr
        run: echo "PR=${{ github.event.issue.number }}" >> "$GITHUB_ENV"
      - run: gh pr checkout ${{ env.PR }}
      - run: make
"""
    found = ways(steps("issue_comment", text))
    assert found == [("files:pull request", f"step:{CI}#a/1"), (f"step:{CI}#a/1", f"step:{CI}#a/2")]
