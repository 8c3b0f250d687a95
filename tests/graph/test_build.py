"""Documents become one graph: ids, edges, and the join of workflows and locks."""

import json

import pytest

from scanner.graph.graph import Graph
from scanner.graph.networkx import to_networkx
from scanner.graph.nodes.workflows import StepNode
from tests.memory import repository

CI = ".github/workflows/ci.yml"
LOCK = '{"nodes": {"root": {"inputs": {}}}, "root": "root", "version": 7}'


def edges(files: dict[str, str], *kinds: str) -> set[tuple[str, str, str]]:
    graph, problems = repository(files)
    assert not problems
    return {(edge.source, edge.kind, edge.target) for edge in graph.edges if not kinds or edge.kind in kinds}


def job(steps: str, more: str = "") -> str:
    return f"on: push\njobs:\n  a:\n    runs-on: [self-hosted, X64]\n    {more}\n    steps: {steps}\n"


def test_a_job_and_what_hangs_from_it() -> None:
    text = job(
        "[{uses: 'Actions/Checkout@v4'}, {uses: 'docker://alpine:3'}, {uses: ./tools/act}, {uses: $/tools/act}]",
        "container: ghcr.io/o/n:1\n    services: {db: {image: 'postgres:16'}}",
    )
    files = {CI: text, "tools/act/action.yml": "name: x\nruns: {using: docker, image: 'docker://busybox'}"}
    step, node = f"step:{CI}#a/", f"job:{CI}#a"
    assert edges(files, "uses", "runs-on") == {
        (node, "runs-on", "runner:self-hosted"),
        (node, "runs-on", "runner:X64"),
        (node, "uses", "image:ghcr.io/o/n:1"),
        (node, "uses", "image:postgres:16"),
        (f"{step}0", "uses", "action:actions/checkout@v4"),
        (f"{step}1", "uses", "image:alpine:3"),
        (f"{step}2", "uses", "action:tools/act/action.yml"),
        (f"{step}3", "uses", "action:tools/act/action.yml"),
        ("action:tools/act/action.yml", "uses", "image:busybox"),
    }


def test_needs_calls_and_containment() -> None:
    text = "on: push\njobs:\n  A: {runs-on: x, steps: []}\n  b: {needs: a, uses: ./.github/workflows/r.yml}\n  c: {needs: [A, gone], uses: o/r/.github/workflows/w.yml@v1}\n"
    files = {CI: text, ".github/workflows/r.yml": "on: workflow_call\njobs: {}\n"}
    found = edges(files)
    assert (f"job:{CI}#b", "needs", f"job:{CI}#A") in found
    assert (f"job:{CI}#b", "calls", "workflow:.github/workflows/r.yml") in found
    assert (f"job:{CI}#c", "calls", "reusable-workflow:o/r/.github/workflows/w.yml@v1") in found
    assert ("repository:.", "contains", f"workflow:{CI}") in found
    assert (f"workflow:{CI}", "contains", f"job:{CI}#A") in found


def test_parallel_steps_are_numbered_in_place() -> None:
    graph, _ = repository({CI: job("[{run: a}, {parallel: [{run: b}, {run: c}]}, {run: d}]")})
    steps = list(graph.of(StepNode))
    assert [(node.id[-1], node.step.run.script.value) for node in steps if node.step.run] == [
        ("0", "a"),
        ("1", "b"),
        ("2", "c"),
        ("3", "d"),
    ]


@pytest.mark.parametrize(
    ("steps", "more", "locks"),
    [
        ("[{run: nix build}]", "", ["flake.lock"]),
        ("[{run: nix build, working-directory: dev}]", "", ["dev/flake.lock"]),
        ("[{run: nix build, working-directory: dev/deep/er}]", "", ["dev/flake.lock"]),
        ("[{run: nix build}]", "defaults: {run: {working-directory: dev}}", ["dev/flake.lock"]),
        (
            "[{run: nix build, working-directory: .}]",
            "defaults: {run: {working-directory: dev}}",
            ["flake.lock"],
        ),
        ("[{run: cd dev && nix build && cd .. && nix run}]", "", ["dev/flake.lock", "flake.lock"]),
        ("[{run: (cd dev; nix build)}]", "", ["dev/flake.lock"]),
        ("[{run: '(cd dev); nix build'}]", "", ["flake.lock"]),
        ("[{run: 'nix build ./dev#x'}]", "", ["dev/flake.lock"]),
        ("[{run: nix build, working-directory: '${{ matrix.x }}'}]", "", []),
        ("[{run: nix build, working-directory: '${{ github.workspace }}/dev'}]", "", ["dev/flake.lock"]),
        ("[{run: 'cd \"$GITHUB_WORKSPACE\"/dev && nix build'}]", "", ["dev/flake.lock"]),
        ("[{run: 'cd $DIR && nix build'}]", "", []),
        ("[{run: 'cd ../.. && nix build'}]", "", []),
        ("[{run: nix run nixpkgs#hello}]", "", []),
        ("[{run: \"bash -c 'cd dev; nix build'; nix run\"}]", "", ["dev/flake.lock", "flake.lock"]),
        ("[{run: cachix watch-exec c -- nix build ./dev#x}]", "", ["dev/flake.lock"]),
        ("[{run: nix shell nixpkgs#jq -c nix build}]", "", ["flake.lock"]),
        ("[{run: make, shell: 'nix develop -c bash -e {0}'}]", "", ["flake.lock"]),
        ("[{run: make}]", "defaults: {run: {shell: 'nix develop ./dev -c bash {0}'}}", ["dev/flake.lock"]),
        (
            "[{uses: DeterminateSystems/update-flake-lock@v1, with: {path-to-flake-dir: dev}}]",
            "",
            ["dev/flake.lock"],
        ),
        (
            "[{uses: rrbutani/use-nix-shell-action@v1, with: {flakes: 'nixpkgs#a,./dev#b'}}]",
            "",
            ["dev/flake.lock"],
        ),
        ("[{uses: actions/checkout@v4}]", "", []),
    ],
)
def test_a_step_evaluates_the_lock_of_its_folder(steps: str, more: str, locks: list[str]) -> None:
    files = {CI: job(steps, more), "flake.lock": LOCK, "dev/flake.lock": LOCK}
    graph, _ = repository(files)
    found = [edge.target for edge in graph.edges if edge.kind == "evaluates"]
    assert found == [f"lock:{path}" for path in locks]


def test_devenv_lock_is_read_but_not_by_nix() -> None:
    graph, _ = repository({CI: job("[{run: nix build}]"), "devenv.lock": LOCK})
    assert "lock:devenv.lock" in graph.nodes
    assert not [edge for edge in graph.edges if edge.kind == "evaluates"]


def test_pins_of_actions_lock_reach_the_actions_of_actions() -> None:
    lock = (
        "version: v0.0.2\nworkflows: {.github/workflows/ci.yml: [a/b@v1]}\ndependencies:\n"
        f"  a/b@v1: {{ref: v1, commit: sha1-{'1' * 40}, owner_id: 1, repo_id: 1, uses: [C/d@v2]}}\n"
        f"  c/d@v2: {{ref: v2, commit: sha1-{'2' * 40}, owner_id: 1, repo_id: 1}}\n"
    )
    files = {CI: job("[{uses: A/b@v1}]"), ".github/workflows/actions.lock": lock}
    assert ("action:a/b@v1", "uses", "action:c/d@v2") in edges(files, "uses")
    graph, _ = repository(files)
    assert graph.nodes["action:a/b@v1"].attributes()["commit"] == "1" * 40


def test_a_lock_that_github_ignores_pins_nothing_in_the_graph() -> None:
    lock = (
        "version: v0.0.2\nextra: 1\nworkflows: {.github/workflows/ci.yml: [a/b@v1]}\n"
        f"dependencies: {{a/b@v1: {{ref: v1, commit: sha1-{'1' * 40}, owner_id: 1, repo_id: 1, uses: [c/d@v2]}}}}\n"
    )
    graph, _ = repository({CI: job("[{uses: a/b@v1}]"), ".github/workflows/actions.lock": lock})
    assert "locked" not in graph.nodes["action:a/b@v1"].attributes()
    assert "action:c/d@v2" not in graph.nodes


def test_actions_of_actions_are_known_below_an_action_of_the_repository_too() -> None:
    lock = (
        "version: v0.0.2\nworkflows: {.github/workflows/ci.yml: []}\ndependencies:\n"
        f"  a/b@v1: {{ref: v1, commit: sha1-{'1' * 40}, owner_id: 1, repo_id: 1, uses: [c/d@v2]}}\n"
        f"  c/d@v2: {{ref: v2, commit: sha1-{'2' * 40}, owner_id: 1, repo_id: 2}}\n"
    )
    action = "runs: {using: composite, steps: [{uses: a/b@v1}]}\n"
    files = {CI: job("[{uses: ./act}]"), "act/action.yml": action, ".github/workflows/actions.lock": lock}
    assert ("action:a/b@v1", "uses", "action:c/d@v2") in edges(files, "uses")
    graph, _ = repository(files)
    assert "locked" not in graph.nodes["action:a/b@v1"].attributes()
    assert "locked" not in graph.nodes["action:c/d@v2"].attributes()


def test_the_networkx_view_has_every_node_and_edge() -> None:
    graph, _ = repository({CI: job("[{uses: a/b@v1}, {run: nix build}]"), "flake.lock": LOCK})
    drawn = to_networkx(graph)
    assert set(drawn.nodes) == set(graph.nodes)
    assert drawn.number_of_edges() == len(graph.edges)
    assert drawn.nodes["lock:flake.lock"]["version"] == 7


def test_separators_in_paths_do_not_make_ids_collide() -> None:
    text = "on: push\njobs:\n  {}: {{runs-on: x, steps: [{{uses: a/b@v1}}]}}\n"
    files = {f"{CI}#x.yml": text.format("c"), CI: text.format("'x.yml#c'")}
    graph, _ = repository(files)
    assert len(list(graph.of(StepNode))) == 2


def test_a_pin_holds_in_the_graph_only_if_it_holds_for_every_use() -> None:
    lock = (
        "version: v0.0.2\nworkflows: {.github/workflows/ci.yml: [a/b@v1]}\n"
        f"dependencies: {{a/b@v1: {{ref: v1, commit: sha1-{'1' * 40}, owner_id: 1, repo_id: 1}}}}\n"
    )
    for other in (".github/workflows/a.yml", ".github/workflows/z.yml"):
        step = job("[{uses: a/b@v1}]")
        files = {CI: step, other: step, ".github/workflows/actions.lock": lock}
        graph, _ = repository(files)
        assert "locked" not in graph.nodes["action:a/b@v1"].attributes()


def test_an_input_keeps_its_identity_when_nix_numbers_labels_anew() -> None:
    def graph_of(label: str) -> Graph:
        reference = {"type": "github", "owner": "example", "repo": "one"}
        node = {"locked": {**reference, "rev": "a" * 40}, "original": reference}
        nodes = {"a": {**node, "inputs": {"b": label}}, label: node, "root": {"inputs": {"a": "a"}}}
        text = json.dumps({"nodes": nodes, "root": "root", "version": 7})
        return repository({"flake.lock": text})[0]

    for label in ("b", "b_2"):
        graph = graph_of(label)
        assert graph.identity(f"flake-input:flake.lock#{label}") == "flake-input:flake.lock#a/b"
