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


def test_an_action_stands_where_it_is_first_used() -> None:
    (hit,) = hits(check(select="action", require={"owner": {"in": ["actions", "github"]}}), graph())
    assert hit.at.text == "evil/action@v1"
    assert hit.at.begin.line == 8
    assert hit.subject == "action:evil/action@v1"
    assert [(note.at.begin.line, note.message) for note in hit.related] == [
        (14, "also here: `evil/action@v1` uses `evil/action@v1`")
    ]


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
    assert hit.flow[0].at == hit.at
    assert hit.flow[-1].at.text == "secrets.TOKEN"


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
