"""What versions, matrices and templates say without being run."""

from math import inf

import pytest

from scanner.analysis.patterns import covered
from scanner.analysis.permissions.kept_credentials import keeps_credentials
from scanner.analysis.permissions.token_use import hands_out_token
from scanner.analysis.uses.versions import version_of
from scanner.analysis.workflows.matrix import matrix_values
from scanner.analysis.workflows.templates import MAX_TEXTS, OPEN, Templates
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.parse.workflow import Job
from tests.memory import repository

PATH = ".github/workflows/ci.yml"
COMMIT = "11bd71901bbe5b1630ceea73d27597364c9af683"


def job_of(text: str) -> Job:
    graph, _ = repository({PATH: f"on: push\njobs:\n  a:\n{text}"})
    return next(graph.of(JobNode)).job


@pytest.mark.parametrize(
    ("use", "version"),
    [
        ("actions/checkout@v4", (4, inf, inf)),
        ("actions/checkout@v4.2", (4, 2, inf)),
        ("actions/checkout@4.2.1", (4, 2, 1)),
        (f"actions/checkout@{COMMIT} # v4.2.2", (4, 2, 2)),
        (f"actions/checkout@{COMMIT} # tag=v4.2.2", (4, 2, 2)),
        (f"actions/checkout@{COMMIT} # ratchet:actions/checkout@v3", (3, inf, inf)),
        (f"actions/checkout@{COMMIT} # the version is v3.1.0", (3, 1, 0)),
        (f"actions/checkout@{COMMIT}", None),
        (f"actions/checkout@{COMMIT} # pinned", None),
        ("actions/checkout@main", None),
        ("actions/checkout@v4-beta", None),
        ("actions/checkout@v1.2.3.4", None),
        ("./checkout", None),
    ],
)
def test_version_of(use: str, version: tuple[float, ...] | None) -> None:
    graph, _ = repository({PATH: f"on: push\njobs:\n  a:\n    steps:\n      - uses: {use}\n"})
    call = next(graph.of(StepNode)).step.call
    assert call is not None
    assert version_of(call) == version


def matrix(text: str) -> Job:
    return job_of(f"    strategy:\n      matrix:{text}\n")


def test_matrix_axes_and_what_include_adds() -> None:
    job = matrix(
        """
        os: [a, b]
        include:
          - os: c
          - other: d
        exclude:
          - os: b
          - os: a
            other: d"""
    )
    values = matrix_values(job, ("os",))
    assert [value.value for value in values.written] == ["a", "c"]
    assert values.computed == ()


def test_matrix_of_objects() -> None:
    job = matrix("\n        target:\n          - {name: x, tags: [p, q]}\n          - {name: y}")
    assert [one.value for one in matrix_values(job, ("target", "name")).written] == ["x", "y"]
    assert [one.value for one in matrix_values(job, ("target", "tags", "*")).written] == ["p", "q"]


@pytest.mark.parametrize(
    "text",
    [" ${{ fromJSON(vars.X) }}", "\n        os: ${{ fromJSON(vars.X) }}", "\n        include: ${{ vars.X }}"],
)
def test_computed_matrix(text: str) -> None:
    assert [one.value[:3] for one in matrix_values(matrix(text), ("os",)).computed] == ["${{"]


def test_matrix_that_is_not_there() -> None:
    assert matrix_values(job_of("    steps: []\n"), ("os",)) == ((), ())
    assert len(matrix_values(job_of("    strategy: ${{ vars.X }}\n"), ("os",)).computed) == 1


@pytest.mark.parametrize(
    ("container", "texts"),
    [
        ("node:18", {"node:18"}),
        ("${{ matrix.image }}", {"x:1", "y"}),
        ("'a/${{ matrix.image }}:${{ matrix.tag }}'", {"a/x:1:1", "a/x:1:2", "a/y:1", "a/y:2"}),
        ("${{ matrix.none }}", {""}),
        ("${{ matrix.none || 'z' }}", {"", "z"}),
        ("${{ matrix.image == 'y' && 'w' || '' }}", {"w", ""}),
        ("${{ inputs.image }}", {OPEN}),
        ("a:${{ inputs.tag }}", {f"a:{OPEN}"}),
        ("${{ not an expression }}", {OPEN}),
    ],
)
def test_templates(container: str, texts: set[str]) -> None:
    job = job_of(
        f"    container: {container}\n    strategy: {{matrix: {{image: ['x:1', y], tag: [1, 2]}}}}\n"
    )
    assert job.container is not None
    assert job.container.image is not None
    found = {text.value for text in Templates().texts(job.container.image, job)}
    assert found == texts


def test_too_many_texts_are_said_to_be_open() -> None:
    values = ", ".join(f"v{number}" for number in range(MAX_TEXTS + 10))
    job = job_of(f"    container: ${{{{ matrix.a }}}}\n    strategy: {{matrix: {{a: [{values}]}}}}\n")
    assert job.container is not None
    assert job.container.image is not None
    texts = [text.value for text in Templates().texts(job.container.image, job)]
    assert len(texts) == MAX_TEXTS + 1
    assert texts[-1] == OPEN


@pytest.mark.parametrize(
    ("patterns", "matches"),
    [(("owner/*",), True), (("Owner/Name",), True), (("owner/other",), False), ((), False), (("*",), True)],
)
def test_patterns(patterns: tuple[str, ...], matches: bool) -> None:
    assert covered("owner/name", patterns) is matches


@pytest.mark.parametrize(
    ("given", "keeps"),
    [
        ("", True),
        ("with: {persist-credentials: true}", True),
        ("with: {persist-credentials: '${{ inputs.x }}'}", True),
        ("with: {persist-credentials: ''}", True),
        ("with: {persist-credentials: }", True),
        ("with: {persist-credentials: yes}", False),
        ("with: {persist-credentials: false}", False),
        ("with: {Persist-Credentials: 'FALSE'}", False),
        ("with: ${{ fromJSON(inputs.x) }}", False),
    ],
)
def test_checkouts_that_keep_the_token(given: str, keeps: bool) -> None:
    job = job_of(f"    steps:\n      - uses: actions/checkout@v4\n        {given}\n")
    assert keeps_credentials(job.steps[0]) is keeps


def test_variables_that_hand_out_a_token() -> None:
    for value in (
        "github.token",
        "secrets.GITHUB_TOKEN || ''",
        "toJSON(github)",
        "secrets[matrix.x]",
        "env.TOKEN",
        "(",
    ):
        assert hands_out_token([job_of(f'    env: {{A: "${{{{ {value} }}}}"}}\n').env]), value
    for value in ("secrets.OTHER", "steps.app.outputs.token", "github.event.issue.title", "inputs.token"):
        assert not hands_out_token([job_of(f"    env: {{A: '${{{{ {value} }}}}'}}\n").env]), value
    assert hands_out_token([job_of("    env: ${{ fromJSON(vars.X) }}\n").env])
    assert hands_out_token([job_of("    env: {A: '${{ inputs.token }}'}\n").env], frozenset({"token"}))
    assert not hands_out_token([job_of("    env: {A: b}\n").env])
