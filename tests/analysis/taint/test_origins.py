"""Text is followed back to where it enters."""

import pytest

from scanner.analysis.taint.origins import MAX_HOPS, Origin, Scope
from scanner.analysis.taint.taint import taint_of
from scanner.graph.nodes.workflows import StepNode
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from tests.memory import KNOWLEDGE, repository

PATH = ".github/workflows/ci.yml"
TITLE = ("github", "event", "issue", "title")


def origins(text: str, **more: str) -> list[Origin]:
    """The origins of the expressions in the last step of the first file."""
    files = {PATH: text, **{path.replace("__", "/"): content for path, content in more.items()}}
    graph, _ = repository(files)
    node = [step for step in graph.of(StepNode) if step.path == PATH][-1]
    assert node.step.run is not None
    asked = taint_of(graph, KNOWLEDGE).origins
    found: list[Origin] = []
    for fence in fences(node.step.run.script):
        tree = parse(fence.text)
        assert not isinstance(tree, Malformed)
        for context in flowing(tree):
            found += asked.of(context, Scope(node.owner, node.job, node.step))
    return found


def workflow(steps: str, job: str = "", top: str = "") -> str:
    return f"on: issues\n{top}\njobs:\n  a:\n    {job}\n    steps:\n{steps}"


def paths(found: list[Origin]) -> list[tuple[str, ...]]:
    return [origin.path for origin in found if origin.kind == "event"]


def test_a_field_of_the_event() -> None:
    (origin,) = origins(workflow("      - run: echo ${{ github.event.issue.title }}\n"))
    assert origin == Origin("event", TITLE)


@pytest.mark.parametrize(
    "text",
    [
        workflow("      - run: echo ${{ env.T }}\n        env: {T: '${{ github.event.issue.title }}'}\n"),
        workflow("      - run: echo ${{ env.t }}\n", "env: {T: '${{ github.event.issue.title }}'}"),
        workflow("      - run: echo ${{ env.T }}\n", top="env: {T: '${{ github.event.issue.title }}'}"),
        workflow(
            "      - run: echo ${{ env.B }}\n        env: {B: '${{ env.A }}'}\n",
            top="env: {A: 'x-${{ github.event.issue.title }}'}",
        ),
        workflow(
            "      - run: echo ${{ matrix.t }}\n",
            "strategy: {matrix: {t: [a, '${{ github.event.issue.title }}']}}",
        ),
        workflow(
            "      - run: echo ${{ matrix.t }}\n",
            "strategy: {matrix: {t: '${{ fromJSON(github.event.issue.title) }}'}}",
        ),
        workflow(
            """      - id: s
        run: echo "t=${{ github.event.issue.title }}" >> $GITHUB_OUTPUT
      - run: echo ${{ steps.s.outputs.t }}
"""
        ),
        workflow(
            """      - id: s
        run: |
          X="$TITLE"
          echo "::set-output name=t::$X"
        env: {TITLE: '${{ github.event.issue.title }}'}
      - run: echo ${{ steps.S.outputs['T'] }}
"""
        ),
        workflow(
            """      - run: |
          {
            echo "T<<EOF"
            echo "${{ github.event.issue.title }}"
            echo EOF
          } >> "$GITHUB_ENV"
      - run: echo ${{ env.T }}
"""
        ),
        workflow(
            """      - id: s
        run: echo "t=$(jq -r '.issue.title' "$GITHUB_EVENT_PATH")" >> "$GITHUB_OUTPUT"
      - run: echo ${{ steps.s.outputs.t }}
"""
        ),
        """on: issues
jobs:
  one:
    outputs: {t: '${{ steps.s.outputs.t }}'}
    steps:
      - id: s
        run: echo "t=${{ github.event.issue.title }}" >> $GITHUB_OUTPUT
  two:
    needs: one
    steps:
      - run: echo ${{ fromJSON(needs.one.outputs.t).x }}
""",
    ],
)
def test_ways_inside_a_file(text: str) -> None:
    found = origins(text)
    assert paths(found) == [TITLE]
    assert all(origin.hops for origin in found if origin.kind == "event")


@pytest.mark.parametrize(
    "text",
    [
        workflow("      - run: echo ${{ env.T }}\n", top="env: {T: fixed}"),
        workflow("      - run: echo ${{ env.GITHUB_SHA }} ${{ env.CI }}\n"),
        workflow("      - run: echo ${{ secrets.X }} ${{ runner.os }} ${{ steps.x.outcome }}\n"),
        workflow("      - run: echo ${{ needs.x.result }} ${{ github.event.issue.title == 'x' }}\n"),
        workflow("      - run: echo ${{ matrix.t }}\n", "strategy: {matrix: {t: [a, b]}}"),
        workflow(
            """      - id: s
        run: echo "t=fixed" >> $GITHUB_OUTPUT
      - run: echo ${{ steps.s.outputs.t }}
"""
        ),
        workflow(  # the innermost block wins
            "      - run: echo ${{ env.T }}\n        env: {T: fixed}\n",
            top="env: {T: '${{ github.event.issue.title }}'}",
        ),
        workflow(
            """      - uses: tj-actions/changed-files@v45
        id: s
      - run: echo ${{ steps.s.outputs.all_changed_files }}
"""
        ),
    ],
)
def test_fixed_texts_have_no_origin(text: str) -> None:
    assert origins(text) == []


@pytest.mark.parametrize(
    "text",
    [
        workflow("      - run: echo ${{ env.T }}\n"),
        workflow("      - run: echo ${{ vars.T }} \n"),
        workflow("      - run: echo ${{ inputs.t }}\n"),
        workflow("      - run: echo ${{ steps.s.outputs.t }}\n"),
        workflow("      - run: echo ${{ needs.s.outputs.t }}\n", "needs: s"),
        workflow(
            """      - uses: owner/action@v1
        id: s
      - run: echo ${{ steps.s.outputs.t }}
"""
        ),
        workflow(  # only steps in front of it
            """      - run: echo ${{ env.T }}
      - run: echo "T=${{ github.event.issue.title }}" >> $GITHUB_ENV
      - run: echo ${{ env.U }}
"""
        ),
    ],
)
def test_what_cannot_be_followed(text: str) -> None:
    assert [origin.kind for origin in origins(text)] == ["unknown"]


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        (
            """      - uses: tj-actions/changed-files@v40
        id: s
""",
            "the names of changed files",
        ),
        (
            """      - uses: actions/checkout@v4
        with: {ref: '${{ github.event.pull_request.head.sha }}'}
      - id: s
        run: echo "all_changed_files=$(git diff --name-only)" >> $GITHUB_OUTPUT
""",
            "what git tells of the checked-out pull request",
        ),
        (
            """      - uses: dawidd6/action-download-artifact@v2
      - id: s
        run: echo "all_changed_files=$(<names.txt)" >> $GITHUB_OUTPUT
""",
            "an artifact of another run",
        ),
        (
            """      - id: s
        run: echo "all_changed_files=$(gh pr view 1 --json title -q .title)" >> $GITHUB_OUTPUT
""",
            "github.event.pull_request.title",
        ),
    ],
)
def test_what_steps_fetch(steps: str, what: str) -> None:
    text = workflow(f"{steps}      - run: echo ${{{{ steps.s.outputs.all_changed_files }}}}\n")
    found = origins(text.replace("on: issues", "on: pull_request_target"))
    assert [(origin.kind, origin.name) for origin in found] == [("fetched", what)]


@pytest.mark.parametrize(
    ("command", "kinds"),
    [
        ("git rev-parse HEAD", []),
        ("echo x | head -n1", []),
        ("git describe --tags", ["unknown"]),
        ("cat VERSION", ["unknown"]),
        ("./version", ["unknown"]),
    ],
)
def test_commands_that_fetch_nothing_of_strangers(command: str, kinds: list[str]) -> None:
    found = origins(
        workflow(
            f"""      - id: s
        run: echo "t=$({command})" >> $GITHUB_OUTPUT
      - run: echo ${{{{ steps.s.outputs.t }}}}
"""
        )
    )
    assert [origin.kind for origin in found] == kinds


def test_an_action_may_pass_its_inputs_on() -> None:
    found = origins(
        workflow(
            """      - uses: owner/upper@v1
        id: s
        with: {text: '${{ github.event.issue.title }}'}
      - run: echo ${{ steps.s.outputs.t }}
"""
        )
    )
    assert [(origin.kind, origin.doubt) for origin in found] == [("event", 2), ("unknown", 0)]


@pytest.mark.parametrize(("program", "doubt"), [("tr a b", 1), ("make title", 2)])
def test_programs_leave_a_doubt(program: str, doubt: int) -> None:
    found = origins(
        workflow(
            f"""      - id: s
        run: echo "t=$({program} <<< "${{{{ github.event.issue.title }}}}")" >> $GITHUB_OUTPUT
      - run: echo ${{{{ steps.s.outputs.t }}}}
"""
        )
    )
    assert [origin.doubt for origin in found if origin.kind == "event"] == [doubt]


ACTION = """inputs:
  t: {description: x}
outputs:
  o: {value: '${{ steps.s.outputs.p }}'}
runs:
  using: composite
  steps:
    - id: s
      run: echo "p=${{ inputs.t }}" >> $GITHUB_OUTPUT
"""


def test_through_an_action_of_the_repository() -> None:
    text = workflow(
        """      - uses: ./up
        id: s
        with: {t: '${{ github.event.issue.title }}'}
      - run: echo ${{ steps.s.outputs.o }}
"""
    )
    assert paths(origins(text, **{"up__action.yml": ACTION})) == [TITLE]


CALLED = """on:
  workflow_call:
    inputs:
      t: {type: string}
      n: {type: number}
  workflow_dispatch:
    inputs:
      t: {type: string}
jobs:
  a:
    steps:
      - run: echo ${{ inputs.t }} ${{ inputs.n }} ${{ github.event.inputs.t }}
"""


def test_inputs_of_a_workflow() -> None:
    caller = "on: issues\njobs:\n  b:\n    uses: ./.github/workflows/ci.yml\n    with: {t: '${{ github.event.issue.title }}'}\n"
    alone, called = origins(CALLED), origins(CALLED, **{".github__workflows__x.yml": caller})
    assert [origin.kind for origin in alone] == ["dispatch", "caller", "dispatch"]
    assert [origin.kind for origin in called] == ["dispatch", "event", "dispatch"]


def test_outputs_of_a_called_workflow() -> None:
    called = """on:
  workflow_call:
    outputs:
      o: {value: '${{ jobs.x.outputs.p }}'}
jobs:
  x:
    outputs: {p: '${{ github.event.issue.title }}'}
    steps: []
"""
    text = """on: issues
jobs:
  c:
    uses: ./.github/workflows/x.yml
  a:
    needs: c
    steps:
      - run: echo ${{ needs.c.outputs.o }}
"""
    assert paths(origins(text, **{".github__workflows__x.yml": called})) == [TITLE]


def test_choices_are_taken_apart() -> None:
    text = workflow("      - run: echo ${{ (github.event.issue || github.event.comment).body }}\n")
    assert paths(origins(text)) == [
        ("github", "event", "issue", "body"),
        ("github", "event", "comment", "body"),
    ]


def test_circles_and_long_ways_end() -> None:
    circle = workflow("      - run: echo ${{ env.A }}\n", top="env: {A: '${{ env.B }}', B: '${{ env.A }}'}")
    assert origins(circle) == []
    names = range(4 * MAX_HOPS)
    chain = "".join(f"  V{name + 1}: ${{{{ env.V{name} }}}}\n" for name in names)
    text = workflow(f"      - run: echo ${{{{ env.V{4 * MAX_HOPS} }}}}\n", top=f"env:\n{chain}")
    (origin,) = origins(text)
    assert origin.kind == "unknown"
    assert len(origin.hops) <= MAX_HOPS + 1


ACTION = "act/action.yml"
CHECKED_OUT = "      - uses: actions/checkout@v4\n"


def action(steps: str, inputs: str = "") -> str:
    return f"name: a\ndescription: a\n{inputs}\nruns:\n  using: composite\n  steps:\n{steps}"


def scope_of(node: StepNode) -> Scope:
    return Scope(node.owner, node.job, node.step)


EXPORTS = "    - run: echo \"Z=$T\" >> $GITHUB_ENV\n      env: {T: '${{ github.event.issue.title }}'}\n      shell: bash\n"
FIXED = "    - run: echo Z=x >> $GITHUB_ENV\n      shell: bash\n"


@pytest.mark.parametrize(
    ("inside", "between", "found"),
    [
        (EXPORTS, "", [TITLE]),
        (EXPORTS.replace("Z=", "Y="), "", []),
        (FIXED, "", []),
        (EXPORTS + FIXED, "", []),
        (EXPORTS + FIXED.replace("      shell", "      if: runner.debug\n      shell"), "", [TITLE]),
        (EXPORTS, "      - run: echo Z=x >> $GITHUB_ENV\n", []),
        ("    - uses: ./inner\n", "", [TITLE]),
    ],
)
def test_what_an_action_leaves_in_the_environment(
    inside: str, between: str, found: list[tuple[str, ...]]
) -> None:
    last = f"{CHECKED_OUT}      - uses: ./act\n{between}      - run: echo ${{{{ env.Z }}}}\n"
    graph, _ = repository({PATH: workflow(last), ACTION: action(inside), "inner/action.yml": action(EXPORTS)})
    node = [step for step in graph.of(StepNode) if step.path == PATH][-1]
    assert node.step.run is not None
    asked = taint_of(graph, KNOWLEDGE).origins.of_text(node.step.run.script, scope_of(node))
    assert paths(list(asked)) == found


@pytest.mark.parametrize(
    ("job", "before", "found"),
    [
        ("env: {Z: '${{ github.event.issue.title }}'}", "", [TITLE]),
        ("", '      - run: echo "Z=${{ github.event.issue.title }}" >> $GITHUB_ENV\n', [TITLE]),
        ("env: {Z: x}", "", []),
        ("env: {Y: '${{ github.event.issue.title }}'}", "", []),
    ],
)
def test_an_action_finds_the_environment_of_its_user(
    job: str, before: str, found: list[tuple[str, ...]]
) -> None:
    graph, _ = repository(
        {
            PATH: workflow(f"{CHECKED_OUT}{before}      - uses: ./act\n", job),
            ACTION: action("    - run: echo ${{ env.Z }}\n      shell: bash\n"),
        }
    )
    node = next(step for step in graph.of(StepNode) if step.path == ACTION)
    assert node.step.run is not None
    asked = taint_of(graph, KNOWLEDGE).origins.of_text(node.step.run.script, scope_of(node))
    assert paths(list(asked)) == found


def called(caller: str, trigger: str, script: str) -> list[Origin]:
    """The origins of a script in a called workflow."""
    graph, _ = repository(
        {
            PATH: f"on: issues\n{caller}",
            ".github/workflows/r.yml": f"on: {{workflow_call: {trigger}}}\njobs:\n  a:\n    steps:\n      - run: {script}\n",
        }
    )
    node = next(step for step in graph.of(StepNode) if step.path.endswith("r.yml"))
    assert node.step.run is not None
    return list(taint_of(graph, KNOWLEDGE).origins.of_text(node.step.run.script, scope_of(node)))


USES = "    uses: ./.github/workflows/r.yml\n"


def test_the_environment_does_not_reach_a_called_workflow() -> None:
    caller = f"env: {{Z: '${{{{ github.event.issue.title }}}}'}}\njobs:\n  a:\n{USES}"
    assert paths(called(caller, "{}", "echo ${{ env.Z }}")) == []


@pytest.mark.parametrize(
    ("secrets", "found"),
    [
        ("{t: '${{ github.event.issue.title }}'}", [TITLE]),
        ("{t: '${{ secrets.T }}'}", []),
        ("{u: '${{ github.event.issue.title }}'}", []),
        ("inherit", []),
    ],
)
def test_texts_handed_over_as_secrets(secrets: str, found: list[tuple[str, ...]]) -> None:
    caller = f"jobs:\n  a:\n{USES}    secrets: {secrets}\n"
    assert paths(called(caller, "{secrets: {t: {}}}", "echo ${{ secrets.t }}")) == found
    kinds = {one.kind for one in called(caller, "{secrets: {t: {}}}", "echo ${{ secrets.t }}")}
    assert kinds == ({"event"} if found else set())


@pytest.mark.parametrize(
    ("given", "found"), [("", [TITLE]), ("    with: {t: x}\n", []), ("    with: {u: x}\n", [TITLE])]
)
def test_the_default_of_an_input(given: str, found: list[tuple[str, ...]]) -> None:
    caller = f"jobs:\n  a:\n{USES}{given}"
    trigger = "{inputs: {u: {type: string}, t: {type: string, default: '${{ github.event.issue.title }}'}}}"
    assert paths(called(caller, trigger, "echo ${{ inputs.t }}")) == found


def chained(needs: str, text: str, output: str = "${{ github.event.issue.title }}") -> list[Origin]:
    return origins(
        f"on: issues\njobs:\n  a:\n    outputs: {{t: '{output}'}}\n    steps:\n      - run: 'true'\n"
        f"  b:\n    needs: a\n    steps:\n      - run: 'true'\n"
        f"  c:\n    needs: {needs}\n    steps:\n      - run: echo ${{{{ {text} }}}}\n"
    )


@pytest.mark.parametrize(
    ("needs", "text", "found"),
    [
        ("a", "needs.a.outputs.t", [TITLE]),
        ("[b, A]", "needs.a.outputs.t", [TITLE]),
        ("b", "needs.a.outputs.t", []),
        ("[]", "needs.a.outputs.t", []),
        # The whole holds what its members hold.
        ("[a, b]", "needs.*.outputs.t", [TITLE]),
        ("b", "needs.*.outputs.t", []),
        ("[a, b]", "toJSON(needs)", [TITLE]),
        ("[a, b]", "toJSON(needs.a)", [TITLE]),
        ("[a, b]", "toJSON(needs.*.result)", []),
        ("b", "toJSON(needs.b)", []),
    ],
)
def test_only_needed_jobs_are_there(needs: str, text: str, found: list[tuple[str, ...]]) -> None:
    assert paths(chained(needs, text)) == found
    assert chained("[a]", "toJSON(needs)", "x") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("toJSON(env)", [TITLE]),
        ("toJSON(steps)", [TITLE]),
        ("toJSON(steps.s)", [TITLE]),
        ("toJSON(steps.s.outputs)", [TITLE]),
        ("steps.*.outputs.t", [TITLE]),
        ("steps.*.outputs.u", []),
        ("steps.*.conclusion", []),
        ("toJSON(runner)", []),
        ("toJSON(secrets)", []),
    ],
)
def test_whole_objects(text: str, found: list[tuple[str, ...]]) -> None:
    steps = (
        f'      - id: s\n        run: echo "t=$T" >> $GITHUB_OUTPUT\n      - run: echo ${{{{ {text} }}}}\n'
    )
    title = "env: {T: '${{ github.event.issue.title }}', U: x}"
    assert paths(origins(workflow(steps, title))) == found
    assert paths(origins(workflow(steps, "env: {T: x}"))) == []
