"""What is drawn: the nodes and edges of both pictures, and that nothing of the input becomes markup."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.engine import load, places
from scanner.model.finding import Confidence, Finding, Severity
from scanner.model.source import Span
from scanner.policy.load import load_policies
from scanner.results import Report, RuleInUse
from scanner.views.html import picture
from scanner.views.html.part import Part
from scanner.views.html.picture import Drawn, Picture
from scanner.views.html.picture.input_sketch import MAX_FIGURES
from tests.memory import KNOWLEDGE, NOW, repository

POLICY = load_policies([])
DAY = 24 * 60 * 60
TODAY = 1_795_305_600  # 2026-11-22

CSS = (Path(picture.__file__).parent / "picture.css").read_text("utf-8")


def _part(files: dict[str, str], *subjects: tuple[str, Severity]) -> Part:
    graph, problems = repository(files)
    findings: list[Finding] = []
    for id, severity in subjects:
        at = graph.nodes[id].place() or Span(next(iter(graph.nodes.values())).place().source, 0, 1)  # type: ignore[union-attr]
        findings.append(
            Finding("a-rule", None, severity, Confidence.HIGH, id, at, "wrong", (), (), f"{len(findings)}")
        )
    report = Report(".", tuple(findings), problems, (), (), (), 1, (), (), "0" * 64, NOW)
    return Part("", report, graph, frozenset(), POLICY)


def _inputs(files: dict[str, str], *subjects: tuple[str, Severity]) -> Picture:
    found = picture.inputs(_part(files, *subjects), KNOWLEDGE)
    assert found is not None
    return found


def _workflows(files: dict[str, str], *subjects: tuple[str, Severity]) -> Picture:
    found = picture.workflows(_part(files, *subjects), KNOWLEDGE)
    assert found is not None
    return found


def _node(
    name: str, rev: str, *, days: int | None = 10, repo: str = "", **inputs: object
) -> dict[str, object]:
    locked: dict[str, object] = {"type": "github", "owner": "o", "repo": repo or name, "rev": rev * 40}
    if days is not None:
        locked["lastModified"] = TODAY - days * DAY
    locked["narHash"] = "sha256-0000000000000000000000000000000000000000000="
    return {
        "locked": locked,
        "original": {"type": "github", "owner": "o", "repo": repo or name},
        "inputs": inputs,
    }


def _lock(root: dict[str, object], **nodes: object) -> dict[str, str]:
    text = json.dumps({"nodes": {"root": {"inputs": root}, **nodes}, "root": "root", "version": 7})
    return {"flake.lock": text}


class _Svg:
    def __init__(self, of: Picture) -> None:
        self.root = ElementTree.fromstring(of.svg)
        self.keys = {node.id: node.key for node in of.nodes}

    def all(self, name: str) -> list[ElementTree.Element]:
        return [one for one in self.root.iter() if one.tag.rpartition("}")[2] == name]

    def node(self, id: str) -> ElementTree.Element:
        return next(one for one in self.all("g") if one.get("id") == self.keys[id])

    def texts(self, id: str) -> list[str]:
        return [one.text or "" for one in self.node(id).iter() if one.tag.endswith("}text")]

    def classes(self, id: str) -> set[str]:
        return {word for one in self.node(id).iter() for word in (one.get("class") or "").split()}

    def edges(self) -> dict[tuple[str, str], set[str]]:
        """The classes of every edge, by the ids of its ends."""
        names = {key: id for id, key in self.keys.items()}
        return {
            (names[one.get("data-from", "")], names[one.get("data-to", "")]): set(
                one.get("class", "").split()
            )
            for one in self.all("path")
            if "edge" in one.get("class", "").split()
        }


def _facts(found: Picture, id: str) -> dict[str, str]:
    return dict(next(one for one in found.nodes if one.id == id).facts)


TWO = _lock(
    {"nixpkgs": "nixpkgs", "home": "home", "old": "old"},
    nixpkgs=_node("nixpkgs", "a", days=3),
    home=_node("home", "b", days=100, nixpkgs=["nixpkgs"], flake="second"),
    second=_node("nixpkgs", "c", days=900),
    old=_node("old", "d", days=None),
)


def test_inputs_have_names_revisions_and_ages() -> None:
    found = _inputs(TWO)
    svg = _Svg(found)
    assert svg.texts("flake-input:flake.lock#home") == ["home", "o · bbbbbbb · 100 d"]
    said = svg.node("flake-input:flake.lock#home").get("aria-label", "")
    assert said == "home o · bbbbbbb · 100 d, github:o/home · bbbbbbb · 100 d"
    assert svg.texts("flake-input:flake.lock#old") == ["old", "o · ddddddd · age unknown"]
    assert "band-fresh" in svg.classes("flake-input:flake.lock#nixpkgs")
    assert "band-months" in svg.classes("flake-input:flake.lock#home")
    assert "band-ancient" in svg.classes("flake-input:flake.lock#second")
    assert "band-unknown" in svg.classes("flake-input:flake.lock#old")
    assert _facts(found, "flake-input:flake.lock#home")["age"] == "100 days"
    assert "age not known" in found.legend
    assert "up to a year" not in found.legend


def _from(**locked: str) -> dict[str, object]:
    return {
        "locked": {"rev": "a" * 40, "lastModified": TODAY, "narHash": "sha256-x", **locked},
        "original": locked,
    }


@pytest.mark.parametrize(
    ("locked", "place"),
    [
        ({"type": "github", "owner": "NixOS", "repo": "nixpkgs"}, "NixOS/nixpkgs"),
        ({"type": "gitlab", "owner": "NixOS", "repo": "nixpkgs"}, "gitlab:NixOS/nixpkgs"),
        (
            {"type": "gitlab", "owner": "NixOS", "repo": "nixpkgs", "host": "git.example.org"},
            "git.example.org/NixOS/nixpkgs",
        ),
        ({"type": "git", "url": "https://git.example.org/Some/One.git"}, "git.example.org/Some/One"),
        ({"type": "git", "url": "ssh://git@github.com/Some/One"}, "Some/One"),
        (
            {"type": "github", "owner": "evil-person-nobody-knows", "repo": "nixpkgs-with-a-long-suffix"},
            "evil-person-nobody-knows/nix…",
        ),
    ],
)
def test_whose_an_input_is_and_where_is_shown(locked: dict[str, str], place: str) -> None:
    found = _inputs(_lock({"x": "x"}, x=_from(**locked)))
    svg, id = _Svg(found), "flake-input:flake.lock#x"
    shown = svg.texts(id)[1].partition(" · ")[0]
    assert shown.startswith(place.removesuffix("…"))
    assert shown.endswith("…") == place.endswith("…")
    whole = locked.get("url") or f"{locked['owner']}/{locked['repo']}"
    assert whole in svg.node(id).get("aria-label", "")
    assert whole in next(one.text or "" for one in svg.node(id) if one.tag.endswith("}title"))


def test_an_input_called_like_its_repository_says_whose_that_is() -> None:
    lock = _lock({"home-manager": "x"}, x=_from(type="github", owner="Nix-Community", repo="home-manager"))
    assert _Svg(_inputs(lock)).texts("flake-input:flake.lock#x")[1].startswith("Nix-Community · aaaaaaa")


def test_an_input_that_follows_is_dashed_and_leads_to_what_it_follows() -> None:
    edges = _Svg(_inputs(TWO)).edges()
    home, nixpkgs = "flake-input:flake.lock#home", "flake-input:flake.lock#nixpkgs"
    assert "edge-follows" in edges[home, nixpkgs]
    assert "edge-follows" not in edges[home, "flake-input:flake.lock#second"]
    assert edges["lock:flake.lock", home] == {"edge", "edge-input"}


def test_copies_of_a_repository_have_one_letter() -> None:
    svg = _Svg(_inputs(TWO))
    assert svg.texts("flake-input:flake.lock#nixpkgs")[-1] == "A ×2"
    assert svg.texts("flake-input:flake.lock#second")[-1] == "A ×2"
    assert "sign-copies" not in svg.classes("flake-input:flake.lock#home")


def test_findings_are_marked_with_the_worst_and_their_number() -> None:
    id = "flake-input:flake.lock#home"
    svg = _Svg(_inputs(TWO, (id, Severity.LOW), (id, Severity.HIGH)))
    assert svg.texts(id)[-1] == "H2"
    assert "2 findings, the worst high" in svg.node(id).get("aria-label", "")
    assert not any("severity" in one for one in svg.classes("flake-input:flake.lock#old"))


def test_without_locks_and_workflows_nothing_is_drawn() -> None:
    part = _part({"flake.nix": "{ }"})
    assert picture.inputs(part, KNOWLEDGE) is None
    assert picture.workflows(part, KNOWLEDGE) is None


def _wide(direct: int, below: int) -> dict[str, str]:
    nodes: dict[str, object] = {}
    for number in range(direct):
        mine: dict[str, Any] = {f"x{at}": f"n{number}-{at}" for at in range(below)}
        nodes[f"n{number}"] = _node(f"n{number}", "a", **mine)
        for at in range(below):
            nodes[f"n{number}-{at}"] = _node(f"n{number}-{at}", "b", days=at + 1)
    return _lock({f"n{number}": f"n{number}" for number in range(direct)}, **nodes)


def test_what_one_input_alone_brings_is_drawn_as_one_in_big_locks() -> None:
    found = _inputs(_wide(20, 14), ("flake-input:flake.lock#n3-7", Severity.MEDIUM))
    assert len(found.nodes) == 1 + 20 + 20
    assert found.note == "280 of 300 inputs are drawn together with others that the same input alone brings"
    stack = next(one for one in found.nodes if one.id == "folded:flake-input:flake.lock#n3")
    assert len(stack.subjects) == 14
    assert "flake-input:flake.lock#n3-7" in stack.subjects
    assert _Svg(found).texts(stack.id) == ["14 more inputs", "of n3 · the oldest 14 d", "M1"]


def test_small_locks_are_drawn_whole() -> None:
    assert not _inputs(_wide(10, 5)).note


def test_there_is_a_bound_and_it_is_said() -> None:
    found = _inputs(
        _lock(
            {f"n{at}": f"n{at}" for at in range(900)}, **{f"n{at}": _node(f"n{at}", "a") for at in range(900)}
        )
    )
    assert len(found.nodes) == MAX_FIGURES
    assert "301 inputs are left out" in found.note


# ---------------------------------------------------------------- workflows

TRIAGE = """\
on: issues
permissions: {issues: write}
jobs:
  first:
    runs-on: ubuntu-latest
    steps: [{uses: actions/checkout@v4}]
  answer:
    needs: first
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ github.event.issue.title }}"
        env: {KEY: "${{ secrets.DEPLOY_KEY }}"}
      - run: nix build
"""
BUILD = """\
on: [push, pull_request]
permissions: {}
jobs:
  test:
    runs-on: ubuntu-latest
    steps: [{uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683}]
"""
BOTH = {**TWO, ".github/workflows/triage.yml": TRIAGE, ".github/workflows/build.yml": BUILD}
ANSWER = "job:.github/workflows/triage.yml#answer"


def test_the_way_of_an_outsider_stands_out() -> None:
    found = _workflows(BOTH)
    edges = _Svg(found).edges()
    outsider = next(one.id for one in found.nodes if one.kind == "outsider" and "opens an issue" in one.title)
    first = "job:.github/workflows/triage.yml#first"
    text = next(one.id for one in found.nodes if one.kind == "text")
    token = next(one.id for one in found.nodes if one.kind == "token")
    way = [
        (outsider, "workflow:.github/workflows/triage.yml"),
        ("workflow:.github/workflows/triage.yml", first),
        (first, ANSWER),
        (outsider, text),
        (text, ANSWER),
        (ANSWER, "secret:DEPLOY_KEY"),
        (ANSWER, token),
    ]
    for pair in way:
        assert "edge-outsider-open" in edges[pair], pair
    assert "open" in _Svg(found).classes(ANSWER)


CALLED = """\
on: workflow_call
jobs:
  publish:
    runs-on: ubuntu-latest
    steps: [{run: make publish, env: {KEY: "${{ secrets.KEY }}"}}]
"""


def test_of_what_nobody_knows_no_outsider_is_said_to_start_it() -> None:
    found = _workflows({".github/workflows/called.yml": CALLED})
    job = "job:.github/workflows/called.yml#publish"
    svg = _Svg(found)
    assert "unsure" in svg.classes(job)
    assert not {"open", "reached"} & svg.classes(job)
    assert "edge-unsure" in svg.edges()["workflow:.github/workflows/called.yml", job]
    assert not any("edge-outsider" in kinds for kinds in svg.edges().values())
    assert "nobody here knows who starts it" in found.legend
    assert "outsiders start it, and there is something to lose" not in found.legend


CHECKED = """\
on: issue_comment
permissions: {statuses: write}
jobs:
  asked:
    if: github.event.comment.author_association == 'OWNER'
    runs-on: ubuntu-latest
    steps: [{run: make}]
"""


def test_a_check_that_a_bad_finding_defeats_is_no_protection() -> None:
    files = {".github/workflows/asked.yml": CHECKED}
    job = "job:.github/workflows/asked.yml#asked"
    safe = _Svg(_workflows(files, (job, Severity.CRITICAL)))
    assert "sign-checked" in safe.classes(job)
    assert "reached" not in safe.classes(job)
    part = _part(files, (job, Severity.CRITICAL))
    rule = load(places()["untrusted-checkout-toctou"])
    finding = part.report.findings[0]._replace(rule=rule.id)
    for severity, defeats in ((Severity.CRITICAL, True), (Severity.LOW, False)):
        rules = (RuleInUse(rule, places()[rule.id], None),)
        report = part.report._replace(findings=(finding._replace(severity=severity),), rules=rules)
        found = picture.workflows(part._replace(report=report), KNOWLEDGE)
        assert found is not None
        svg = _Svg(found)
        assert ("reached" in svg.classes(job)) == defeats
        assert ("sign-checked" in svg.classes(job)) == (not defeats)
        edges = svg.edges()["workflow:.github/workflows/asked.yml", job]
        assert ("edge-outsider" in edges) == defeats
        assert ("a finding says" in _facts(found, job)["outsiders"]) == defeats


def test_a_step_without_a_name_is_told_by_what_it_runs() -> None:
    facts = _facts(_workflows(BOTH), ANSWER)
    assert facts["step 2"] == "nix build"
    assert not [value for value in facts.values() if "`" in value]


def test_the_legend_explains_what_is_drawn_only() -> None:
    loose = {".github/workflows/triage.yml": TRIAGE}
    assert "action, pinned" not in _workflows(loose).legend
    assert "action, pinned" in _workflows(BOTH).legend


def test_a_fork_s_run_does_not_stand_out() -> None:
    found = _workflows(BOTH)
    edges = _Svg(found).edges()
    job = "job:.github/workflows/build.yml#test"
    assert edges["workflow:.github/workflows/build.yml", job] == {"edge", "edge-contains", "edge-fork"}
    assert not {"open", "reached"} & _Svg(found).classes(job)


def test_a_job_that_nobody_outside_starts_is_plain() -> None:
    found = _workflows(
        {".github/workflows/a.yml": "on: push\njobs: {a: {runs-on: x, steps: [{run: 'true'}]}}\n"}
    )
    assert not [one for one in found.nodes if one.kind == "outsider"]
    assert not re.search("edge-(outsider|fork)", found.svg)


def test_locks_that_steps_evaluate_join_both_worlds() -> None:
    edges = _Svg(_workflows(BOTH)).edges()
    assert "edge-evaluates" in edges[ANSWER, "lock:flake.lock"]


def test_actions_that_are_not_pinned_say_so() -> None:
    svg = _Svg(_workflows(BOTH))
    assert "unpinned" in svg.classes("action:actions/checkout@v4")
    assert svg.texts("action:actions/checkout@v4") == ["actions/checkout", "action · v4 · not pinned"]
    assert "unpinned" not in svg.classes("action:actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683")


def test_findings_at_steps_are_at_their_job() -> None:
    found = _workflows(BOTH, ("step:.github/workflows/triage.yml#answer/0", Severity.CRITICAL))
    assert _Svg(found).texts(ANSWER)[-1] == "C1"


def test_many_jobs_and_actions_are_folded() -> None:
    files = {
        f".github/workflows/w{number}.yml": "on: push\njobs:\n"
        + "".join(
            f"  j{at}:\n    runs-on: x\n    steps: [{{uses: owner/a{number}-{at}@{'a' * 40}}}]\n"
            for at in range(6)
        )
        for number in range(20)
    }
    found = _workflows(files)
    assert "actions are drawn together" in found.note
    titles = [one.title for one in found.nodes]
    assert "owner/*, 120 actions" in titles
    assert len(titles) == len(found.nodes) <= 150


def test_single_jobs_are_part_of_their_workflow_in_big_pictures() -> None:
    files = {
        f".github/workflows/w{number}.yml": f"on: push\njobs: {{only{number}: {{runs-on: x, steps: [{{run: make}}]}}}}\n"
        for number in range(100)
    }
    found = _workflows(files | BOTH, ("job:.github/workflows/w7.yml#only7", Severity.HIGH))
    assert "101 jobs that outsiders get nothing by are drawn as part of their workflow" in found.note
    one = next(node for node in found.nodes if node.id == "workflow:.github/workflows/w7.yml")
    assert ("job", "only7: 1 step") in one.facts
    assert "job:.github/workflows/w7.yml#only7" in one.subjects
    assert _Svg(found).texts(one.id)[-1] == "H1"
    assert ANSWER in [node.id for node in found.nodes]


# ---------------------------------------------------------------- both

HOSTILE = '</title></svg><script>x</script><img src=x onerror="y">&#x27;\x1b[31m\u202e]]>'


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.just(HOSTILE), st.text(min_size=1, max_size=60)))
def test_no_text_becomes_markup(text: str) -> None:
    name = json.dumps(text)
    files = {
        **_lock({text: "a"}, a=_node("a", "a", repo=text)),
        ".github/workflows/a.yml": f"name: {name}\non: issues\njobs:\n  a:\n    runs-on: x\n    steps: [{{name: {name}, uses: {name}}}]\n",
    }
    plain = {
        **_lock({"b": "a"}, a=_node("a", "a", repo="b")),
        ".github/workflows/a.yml": "name: b\non: issues\njobs:\n  a:\n    runs-on: x\n    steps: [{name: b, uses: b}]\n",
    }
    part, other = _part(files), _part(plain)
    for draw in (picture.inputs, picture.workflows):
        found, expected = draw(part, KNOWLEDGE), draw(other, KNOWLEDGE)
        if found is None or expected is None:
            continue
        allowed = {one.tag for one in ElementTree.fromstring(expected.svg).iter()} | {
            f"{{http://www.w3.org/2000/svg}}{name}" for name in ("rect", "path", "text", "g")
        }
        assert {one.tag for one in ElementTree.fromstring(found.svg).iter()} <= allowed
        assert all(not one.startswith("on") and one not in ("style", "href") for one in _attributes(found))
        assert "\x1b" not in found.svg
        assert "\u202e" not in found.svg
        found.svg.encode()


def _attributes(found: Picture) -> set[str]:
    return {name for one in ElementTree.fromstring(found.svg).iter() for name in one.attrib}


def test_long_and_broken_names_are_cut() -> None:
    lock = _lock({"x" * 10_000: "a"}, a=_node("a", "a", repo="y" * 10_000))["flake.lock"]
    found = _inputs({"of\udcff\ufffe/flake.lock": lock})
    found.svg.encode()
    ElementTree.fromstring(found.svg)
    assert len(found.svg) < 20_000
    assert all(len(text) < 1_100 for node in found.nodes for _, text in node.facts)


def test_a_long_title_stands_in_two_lines_of_a_higher_box() -> None:
    job = "    runs-on: ubuntu-latest\n    steps: [{run: make}]\n"
    found = _workflows(
        {
            ".github/workflows/a.yml": f"on: [workflow_call, push]\njobs:\n  a:\n{job}",
            ".github/workflows/b.yml": f"on: push\njobs:\n  b:\n{job}",
        }
    )
    root = ElementTree.fromstring(found.svg)
    lines = {
        one.get("class"): [text.text for text in one if text.get("class") in ("name", "below")]
        for one in root.iter("{http://www.w3.org/2000/svg}g")
        if "node" in (one.get("class") or "").split()
    }
    title = ["anyone who starts a caller, which is", "not in this repository"]
    assert lines["node kind-outsider"] == [*title, "workflow_call · may hold your rights"]
    assert [node.title for node in found.nodes if node.kind == "outsider"] == [" ".join(title)]
    assert 'class="below" x="14" y="51"' in found.svg, "and the box is higher"
    assert "a30 30 0 0 1 0 60H" in found.svg


@pytest.mark.parametrize("draw", [picture.inputs, picture.workflows])
def test_every_element_is_as_the_page_expects(draw: object) -> None:
    assert callable(draw)
    part = _part(BOTH)
    found: Picture = draw(part, KNOWLEDGE)
    svg = _Svg(found)
    drawn = [one for one in svg.all("g") if "node" in one.get("class", "").split()]
    assert [one.get("id") for one in drawn] == [one.key for one in found.nodes]
    assert len({one.key for one in found.nodes}) == len(found.nodes)
    for one in drawn:
        assert (one.get("tabindex"), one.get("role")) == ("0", "button")
        assert one.get("aria-label")
    keys = {one.key for one in found.nodes}
    for one in svg.all("path"):
        if "edge" in one.get("class", "").split():
            assert {one.get("data-from"), one.get("data-to")} <= keys
    assert svg.root.get("role") == "graphics-document"
    assert [one for one in svg.all("g") if one.get("class") == "world"]
    assert draw(_part(BOTH), KNOWLEDGE) == found  # the same bytes, and from a graph made anew


def test_pictures_of_two_repositories_share_no_ids() -> None:
    one, other = _part(BOTH), _part(BOTH)._replace(prefix="other/")
    keys: list[Drawn] = []
    for part in (one, other):
        for draw in (picture.inputs, picture.workflows):
            found = draw(part, KNOWLEDGE)
            assert found is not None
            keys += found.nodes
    assert len({node.key for node in keys}) == len(keys)


@pytest.mark.parametrize("name", picture.PICTURES)
def test_a_picture_can_stand_alone(name: picture.PictureName) -> None:
    graph, _ = repository(BOTH)
    text = picture.standing_alone(name, graph, KNOWLEDGE, NOW)
    assert text is not None
    root = ElementTree.fromstring(text)
    style = next(one.text for one in root if one.tag.endswith("}style"))
    assert style == CSS
    assert "url(" not in text
    assert "@import" not in text
    assert picture.standing_alone(name, repository({"flake.nix": "{ }"})[0], KNOWLEDGE, NOW) is None


# ---------------------------------------------------------------- colours


def _colours() -> dict[str, tuple[str, str]]:
    return {
        name: (light, dark)
        for name, light, dark in re.findall(r"(--pic-[a-z-]+): light-dark\((#\w{6}), (#\w{6})\)", CSS)
    }


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, "contrast ratio"."""
    bright, dark = sorted((_light(one), _light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_texts_can_be_read_on_every_ground(scheme: int) -> None:
    colours = _colours()
    grounds = [name for name in colours if name.endswith(("-ground", "-paper"))]
    assert len(grounds) >= 6
    for ground in grounds:
        for ink in ("--pic-ink", "--pic-quiet"):
            assert _contrast(colours[ink][scheme], colours[ground][scheme]) >= 4.5, (ink, ground)
    for tone in ("violet", "orange", "green"):
        assert _contrast(colours[f"--pic-{tone}"][scheme], colours[f"--pic-{tone}-ground"][scheme]) >= 4.5, (
            tone
        )
    for line in ("red", "orange", "blue", "violet", "line", "faint"):
        assert _contrast(colours[f"--pic-{line}"][scheme], colours["--pic-paper"][scheme]) >= 3, line


def test_every_class_that_is_drawn_with_a_colour_is_in_the_style() -> None:
    found = _workflows(BOTH)
    for kind in {one.kind for one in found.nodes}:
        assert f".kind-{kind} " in CSS, kind
