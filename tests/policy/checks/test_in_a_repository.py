"""Checks over graphs of real files: where their findings stand, what identifies them, and what their pages say."""

from datetime import date
from typing import Any

import pytest

from scanner.engine import Context, NoOptions
from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Hit
from scanner.model.source import Source
from scanner.pipeline import read_sources
from tests.policy.checks.small import check, compiled, yaml

CI = ".github/workflows/ci.yml"
NOW = date(2026, 11, 22)

WORKFLOW = """\
on: pull_request
jobs:
  build:
    runs-on: [self-hosted, linux]
    container: node:20
    steps:
      - uses: actions/checkout@v4
      - uses: evil/action@v1
        with: {token: "${{ secrets.TOKEN }}"}
  test:
    needs: build
    runs-on: ubuntu-24.04
    steps:
      - uses: evil/action@v1
      - run: make
"""


def graph(text: str = WORKFLOW, **more: str) -> Graph:
    sources = [
        Source(CI, "workflow", text),
        *(Source(path, kind, text) for path, (kind, text) in _files(more)),
    ]
    return read_sources(sources, (), Knowledge()).graph


def _files(more: dict[str, str]) -> list[tuple[str, tuple[str, str]]]:
    return [("CODEOWNERS", ("code-owners", text)) for text in more.values()]


def hits(asked: dict[str, Any] | str, of: Graph) -> list[Hit]:
    found = compiled(asked).rule.check(Context(of, (), Knowledge(), NOW, NoOptions()))
    return sorted((one for one in found if isinstance(one, Hit)), key=lambda hit: hit.at.start)


def test_an_action_stands_wherever_it_is_used() -> None:
    # Each use is a finding of its own, so that what takes one out says nothing of the others.
    found = hits(check(select="action", require={"owner": {"in": ["actions", "github"]}}), graph())
    assert [(hit.at.text, hit.at.begin.line) for hit in found] == [
        ("evil/action@v1", 8),
        ("evil/action@v1", 14),
    ]
    assert {hit.subject for hit in found} == {"action:evil/action@v1"}
    assert len({hit.evidence for hit in found}) == 2
    assert not any(hit.related for hit in found)


def test_what_reaches_an_action_is_wrong_where_it_enters() -> None:
    reached = {"reached-by": {"node": "job", "where": {"label": "test"}}}
    (hit,) = hits(check(select="action", where={"owner": "evil"}, forbid=reached), graph())
    assert hit.at.begin.line == 14


def test_another_attack_at_the_same_node_is_another_finding() -> None:
    asked = check(select="job", where={"label": "build"}, forbid={"reaches": "secret"})
    more = WORKFLOW.replace("{token:", '{other: "${{ secrets.OTHER }}", token:')
    (old,), (new,) = hits(asked, graph()), hits(asked, graph(more))
    assert old.evidence != new.evidence
    asked = check(select="job", where={"label": "build"}, forbid={"runs-on": {"any": {"matches": "."}}})
    (old,), (new,) = hits(asked, graph()), hits(asked, graph(WORKFLOW.replace("linux]", "linux, x64]")))
    assert old.evidence != new.evidence


def test_an_unknown_value_may_exist() -> None:
    text = WORKFLOW.replace("container: node:20", "container: ${{ matrix.image }}").replace(
        "[self-hosted, linux]", '[self-hosted, "${{ vars.R }}"]'
    )
    for exists in (True, False):
        (hit,) = hits(
            check(select="job", where={"label": "build"}, require={"container": {"exists": exists}}),
            graph(text),
        )
        assert "it cannot be told that this holds" in hit.message
    (hit,) = hits(
        check(select="job", where={"label": "build"}, require={"runs-on": {"all": {"is": "self-hosted"}}}),
        graph(text),
    )
    assert "only a run can tell a label" in hit.message


def test_a_secret_that_a_run_chooses_may_be_any() -> None:
    text = WORKFLOW.replace("secrets.TOKEN", "secrets[matrix.name]")
    asked = check(select="job", where={"label": "build"}, forbid={"secrets": {"any": {"is": "TOKEN"}}})
    (hit,) = hits(asked, graph(text))
    assert "cannot be ruled out" in hit.message
    (hit,) = hits(check(select="secret", require={"name": "TOKEN"}), graph(text))
    assert "the run decides which secret is read" in hit.message
    asked = check(select="job", where={"label": "build"}, forbid={"secrets": {"any": {"is": "*"}}})
    assert len(hits(asked, graph(text))) == 1


@pytest.mark.parametrize("env", ["workflow", "job"])
def test_configuration_that_only_a_run_can_tell(env: str) -> None:
    said = "{ NIX_CONFIG: '${{ vars.N }}' }"
    text = (
        f"env: {said}\n" + WORKFLOW
        if env == "workflow"
        else WORKFLOW.replace("build:", f"build:\n    env: {said}", 1)
    )
    asked = check(select=env, require={"substituters": {"count": {"is": 0}}})
    (hit,) = hits(asked, graph(text))
    assert "only a run can tell" in hit.message


def test_a_glob_of_a_text_is_no_path() -> None:
    text = WORKFLOW.replace("evil/action@v1\n      - run", "./tool\n      - run")
    (hit,) = hits(
        check(select="step", where={"uses": {"exists": True}}, forbid={"uses": {"glob": "./*"}}), graph(text)
    )
    assert hit.at.text == "./tool"


def test_what_has_no_place_stands_at_the_check() -> None:
    own = compiled(check(select="repository", count={"ge": 2}))
    context = Context(Graph({}, []), (), Knowledge(), NOW, NoOptions())
    (hit,) = own.rule.check(context)
    assert hit.at == own.at


@pytest.mark.parametrize(
    ("select", "texts"),
    [
        ("workflow", ["on"]),
        ("job", ["build", "test"]),
        ("secret", ["secrets.TOKEN"]),
        ("image", ["node:20"]),
        ("runner", ["self-hosted", "linux", "ubuntu-24.04"]),
        ("repository", ["on"]),
        ({"edge": "needs"}, ["build"]),
        ({"edge": "reads"}, ["secrets.TOKEN"]),
        ({"edge": "runs-on"}, ["self-hosted", "linux", "ubuntu-24.04"]),
    ],
)  # fmt: skip
def test_everything_has_its_place(select: Any, texts: list[str]) -> None:
    never = {"all": [{"kind": "nothing"}]}
    assert [hit.at.text for hit in hits(check(select=select, require=never), graph())] == texts


def test_the_path_is_shown() -> None:
    asked = check(select="job", forbid={"reaches": {"node": "secret", "along": ["contains", "reads"]}})
    (hit,) = hits(asked, graph())
    assert [note.message for note in hit.flow] == [
        "job `build`",
        "`build` contains `evil/action@v1`",
        "`evil/action@v1` reads `TOKEN`",
    ]
    # It stands where the way leaves the job.
    assert hit.flow[0].at.text == "build"
    assert hit.flow[-1].at == hit.at
    assert hit.at.text == "secrets.TOKEN"


STANDING = """\
on: pull_request
permissions: { contents: write, id-token: write }
jobs:
  build:
    needs: test
    runs-on: [linux, windows]
    timeout-minutes: 90
    continue-on-error: ${{ inputs.go-on }}
    steps:
      - uses: evil/action@v1
        with: { token: x, path: src }
      - run: |
          # first
          curl https://example.org | bash
      - name: Last
        run: make
  test:
    runs-on: &labels [linux, other]
    env: { A: "1", B: "2" }
    steps: [{ uses: ./.github/actions/ours }]
  third:
    runs-on: *labels
    steps: [{ run: make }]
"""


def stands(asked: dict[str, Any], text: str = STANDING) -> list[str]:
    return [hit.at.text for hit in hits(asked, graph(text))]


@pytest.mark.parametrize(
    ("select", "asked", "texts"),
    [
        # The item of a list that is wrong; where no single one is, the list.
        ("job", {"require": {"runs-on": {"all": {"is": "linux"}}}, "where": {"label": "build"}}, ["windows"]),
        ("job", {"forbid": {"runs-on": {"any": {"is": "linux"}}}, "where": {"label": "build"}}, ["linux"]),
        ("job", {"require": {"runs-on": {"none": {"is": "windows"}}}}, ["windows"]),
        ("job", {"require": {"runs-on": {"any": {"is": "big"}}}, "where": {"label": "build"}}, ["runs-on"]),
        ("job", {"require": {"env": {"count": {"le": 1}}}}, ["env"]),
        ("job", {"require": {"not": {"env": {"any": {"is": "B"}}}}}, ["B"]),
        ("step", {"require": {"with": {"none": {"matches": "^token:"}}}}, ["token: x"]),
        ("step", {"forbid": {"commands": {"any": {"is": "bash"}}}}, ["bash"]),
        # The first of several entries that is wrong and stands somewhere.
        ("job", {"require": {"outsider": False, "timeout-minutes": {"le": 60}},
                 "where": {"label": "build"}}, ["90"]),
        ("job", {"require": {"any": [{"timeout-minutes": {"le": 60}}, {"needs": {"count": {"is": 0}}}]},
                 "where": {"label": "build"}}, ["90"]),
        ("job", {"forbid": {"all": [{"outsider": True}, {"needs": {"any": {"is": "test"}}}]}}, ["test"]),
        ("workflow", {"forbid": {"permissions": {"any": {"matches": "write$"}}}}, ["contents: write"]),
        # What is missing stands where an expression decides it, or nowhere.
        ("job", {"require": {"continue-on-error": False}}, ["${{ inputs.go-on }}"]),
        ("job", {"require": {"timeout-minutes": {"exists": True}}}, ["test", "third"]),
        # A step without a name stands at what it uses or runs.
        ("step", {"require": {"name": {"exists": True}}},
         ["evil/action@v1", "# first", "./.github/actions/ours", "make"]),
        ("step", {"forbid": {"number": 3}}, ["Last"]),
        # A path where it leaves what the node contains.
        ("job", {"forbid": {"reaches": {"node": "action", "along": ["contains", "uses"]}}}, ["evil/action@v1"]),
        ("workflow", {"forbid": {"reaches": "action"}}, ["evil/action@v1"]),
        ("job", {"forbid": {"reaches": {"node": "job", "along": ["needs"]}}}, ["test"]),
        ("job", {"forbid": {"reaches": {"node": "step", "where": {"label": "Last"}}}}, ["Last"]),
        ("job", {"require": {"reaches": "secret"}, "where": {"label": "build"}}, ["build"]),
        ("job", {"forbid": {"reached-by": "job"}}, ["test"]),
        ("action", {"require": {"ref-kind": "commit"}}, ["evil/action@v1"]),
    ],
)  # fmt: skip
def test_a_finding_stands_at_the_text_that_is_wrong(
    select: str, asked: dict[str, Any], texts: list[str]
) -> None:
    assert stands(check(select=select, **asked)) == texts


def test_each_node_has_its_finding_where_they_share_the_text_that_is_wrong() -> None:
    # One place is reported once, so that the second one stands at itself.
    inherited = check(select="job", forbid={"writes": {"any": {"is": "id-token"}}})
    assert stands(inherited) == ["id-token: write", "test", "third"]
    assert stands(check(select="job", forbid={"runs-on": {"any": {"is": "other"}}})) == ["other", "third"]
    both = check(
        select=["workflow", "job"], forbid={"reaches": {"node": "job", "along": ["contains", "needs"]}}
    )
    assert sorted(hit.subject for hit in hits(both, graph(STANDING))) == [f"job:{CI}#build", f"workflow:{CI}"]


def test_a_step_that_an_alias_repeats_is_said_at_one_place() -> None:
    text = """\
on: push
jobs:
  one: { runs-on: x, steps: &steps [{ uses: evil/action@v1, with: { token: x } }] }
  two: { runs-on: x, steps: *steps }
"""
    asked = check(select="step", forbid={"with": {"any": {"is": "token: x"}}})
    assert stands(asked, text) == ["token: x", "token: x"]


def test_an_undecided_question_stands_at_what_cannot_be_told() -> None:
    asked = check(select="job", where={"continue-on-error": True}, forbid={"label": "x"})
    context = Context(graph(STANDING), (), Knowledge(), NOW, NoOptions())
    (one,) = compiled(asked).rule.check(context)
    assert one.at.text == "${{ inputs.go-on }}"


def test_a_file_without_a_better_place_stands_at_its_first_line() -> None:
    (hit,) = hits(check(select="code-owners", forbid={"in-force": True}), graph(owners="\n* @me\n"))
    assert hit.at.text == "* @me"


def test_a_path_against_the_edges_is_shown_along_them() -> None:
    (hit,) = hits(check(select="secret", forbid={"reached-by": {"node": "workflow"}}), graph())
    assert [note.message for note in hit.flow] == [
        f"`{CI}` contains `build`",
        "`build` contains `evil/action@v1`",
        "`evil/action@v1` reads `TOKEN`",
    ]


def test_a_bump_is_no_other_finding() -> None:
    for asked in (
        check(select="action", forbid={"owner": "evil"}),
        check(select="image", forbid={"tag": {"exists": True}}),
        check(select={"edge": "uses"}, forbid={"target": {"label": {"glob": "evil/**"}}}),
    ):
        before, after = (
            graph(),
            graph("# a line more\n" + WORKFLOW.replace("@v1", "@v2").replace("node:20", "node:22")),
        )
        old, new = hits(asked, before), hits(asked, after)
        assert old
        assert [(before.identity(hit.subject), hit.evidence) for hit in old] == [
            (after.identity(hit.subject), hit.evidence) for hit in new
        ]


def test_what_must_be_there_and_is_not() -> None:
    asked = check(select="code-owners", count={"ge": 1})
    (hit,) = hits(asked, graph())
    assert hit.at.path == CI
    assert hit.message == "It is as it should be: the number of `code-owners` is 0, and must be at least 1"
    assert hits(asked, graph(owners="* @me\n")) == []


PAGE = """\
my-check:
  title: Actions are of owners that we know
  severity: high
  why: Whoever owns an action runs code in our jobs.
  fix: Use another one.
  tags: [supply-chain]
  area: pinning
  select: action
  require: { owner: actions }
"""


def test_the_page_holds_the_check_itself() -> None:
    own = compiled(PAGE)
    assert (own.rule.id, own.rule.area, own.rule.tags) == ("my-check", "pinning", ("supply-chain",))
    assert own.page.title == "Actions are of owners that we know"
    assert own.page.lead == "Whoever owns an action runs code in our jobs."
    assert own.page.markdown == (
        "# Actions are of owners that we know\n\nWhoever owns an action runs code in our jobs.\n\n"
        "## Fix\n\nUse another one.\n\n"
        f"## Check\n\n`my-check` of `snowfence.yaml`:\n\n```yaml\n{PAGE}```\n"
    )
    assert own.at.text == "my-check"


def test_the_page_of_a_check_with_a_fence_in_it() -> None:
    own = compiled(PAGE.replace("Use another one.", "'Use ``` another one'"))
    assert "\n````yaml\nmy-check:\n" in own.page.markdown
    flow = yaml("checks: {my-check: {title: T, severity: low, select: job, require: {id: x}}}")
    assert flow.get("checks") is not None
