"""Trees as terminals show them, and the graph as one."""

from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.taint.edges import flows_of, only_flows, with_flows
from scanner.graph.graph import Edge, Graph
from scanner.graph.nodes.workflows import RunnerNode
from scanner.knowledge.tables import Knowledge
from scanner.pipeline import Read, read
from scanner.report.columns import columns
from scanner.views.graph_tree import to_tree
from scanner.views.tree import ASCII, DEPTH, Line, draw, merged


class NoGit:
    """No version control."""

    def toplevel(self, folder: Path) -> Path | None:
        return None

    def visible_files(self, root: Path) -> list[str] | None:
        return None


def graph_of(path: str) -> Graph:
    found: Read = read(Path(path), NoGit(), Knowledge())
    return found.graph


PATHS = st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=5).map(tuple), max_size=12)


def test_what_paths_share_is_said_once() -> None:
    lines = merged([("a", "b", "c", "e"), ("a", "b", "d"), ("x",)])
    assert list(draw(lines)) == ["a → b", "├── c → e", "└── d", "x"]
    assert list(draw(merged([("a", "b", "c")], ASCII), guides=ASCII)) == ["a -> b -> c"]


def test_a_line_that_is_too_long_goes_on_below() -> None:
    assert list(draw(merged([("aaaa", "bbbb", "cccc")], width=12))) == ["aaaa → bbbb", "└── cccc"]


@given(PATHS)
def test_no_path_is_lost(paths: list[tuple[str, ...]]) -> None:
    def leaves(line: Line, before: str = "") -> list[str]:
        text = f"{before} → {line.text}" if before else line.text
        return [
            text,
            *(leaf for one in (line.below() if line.below else ()) for leaf in leaves(one, text)),
        ]

    drawn = [leaf for line in merged(paths) for leaf in leaves(line)]
    for path in paths:
        joined = " → ".join(path)
        assert any(one == joined or one.startswith(f"{joined} → ") for one in drawn)


def test_depth_and_width_are_bounded() -> None:
    def deeper(number: int) -> Line:
        return Line(f"level {number}", "a detail", below=lambda: [deeper(number + 1), Line("side")])

    lines = list(draw([deeper(0)], width=80))
    assert len(lines) < 3 * DEPTH
    assert any("… 2 more, and what is below" in line for line in lines)
    # A guide is never cut: so deep, a tree is wider than a narrow terminal
    assert max(map(len, lines)) <= 4 * DEPTH + 40
    assert max(len(line) for line in draw([deeper(0)], width=300)) <= 300


def test_hostile_names_are_inert() -> None:
    (line,) = draw([Line("a\x1b[2J\n\u202eb", "c\r::error::")])
    assert line == "a\\x1b[2J\\n\\u202eb  c\\r::error::"


def test_the_graph_of_the_demo() -> None:
    text = to_tree(graph_of("fixtures/demo"))
    lines = text.splitlines()
    assert lines[0] == "."
    assert "│       ├── nixpkgs  github:NixOS/nixpkgs/88e8d2115ec, 2026-04-02" in lines
    assert "│       │   └── nixpkgs (nixpkgs_2)  github:NixOS/nixpkgs/1f8b4be07fd, 2026-11-10" in lines
    assert "│       │   └── nixpkgs-lib → nixpkgs" in lines
    assert "├── .github/workflows/ci.yml  on pull_request, push" in lines
    assert "│   │   │   └── → evaluates flake.lock" in lines
    assert lines[-1].strip() == "└── secret TRIAGE_TOKEN"
    assert sum("flake.lock" in line and "→" not in line for line in lines) == 1


def test_every_node_is_somewhere() -> None:
    for fixture in ("demo", "calls", "outsiders", "malformed"):
        graph = graph_of(f"fixtures/{fixture}")
        text = to_tree(graph)
        for node in graph.nodes.values():
            assert node.label in text, node.id
        assert len(text.splitlines()) <= len(graph.nodes) + len(graph.edges)


def test_colour_and_width_change_no_word() -> None:
    graph = graph_of("fixtures/demo")
    coloured = to_tree(graph, colour=True)
    assert coloured.replace("\x1b[2m", "").replace("\x1b[0m", "") == to_tree(graph)
    for width in (60, 80, 120):
        assert max(columns(line) for line in to_tree(graph, width=width).splitlines()) <= width


def test_flows_begin_at_what_outsiders_write() -> None:
    graph, knowledge = graph_of("fixtures/outsiders"), Knowledge()
    text = to_tree(only_flows(with_flows(graph, flows_of(graph, knowledge))))
    roots = [line for line in text.splitlines() if line[0] not in "├└│ "]
    assert "files of a pull request" in roots
    assert any(line.startswith("github.event.issue.title (of ") for line in roots)


def test_a_graph_that_goes_in_circles_and_is_deep_ends() -> None:
    nodes = {f"runner:{number}": RunnerNode(str(number)) for number in range(3000)}
    ids = list(nodes)
    edges = [Edge(a, b, "uses") for a, b in pairwise(ids)]
    edges += [Edge(id, ids[0], "uses") for id in ids[1:]]
    edges.append(Edge("runner:root", ids[0], "uses"))
    nodes["runner:root"] = RunnerNode("root")
    text = to_tree(Graph(nodes, edges))
    assert len(text.splitlines()) < 3 * DEPTH
    assert "(*)" in text
