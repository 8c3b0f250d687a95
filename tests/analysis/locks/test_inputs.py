"""Which locked nodes are inputs, whose they are, and by which path they come."""

import json
from typing import Any

from scanner.analysis.locks.inputs import Input, inputs
from tests.memory import repository

ORIGINAL = {"type": "github", "owner": "example", "repo": "one"}
LOCKED = {"type": "github", "owner": "example", "repo": "one", "rev": "a" * 40, "lastModified": 7}


def read(
    nodes: dict[str, dict[str, Any]], root: dict[str, Any], version: int = 7, **more: Any
) -> dict[str, Input]:
    made = {label: {"locked": LOCKED, "original": ORIGINAL, **node} for label, node in nodes.items()}
    lock = {"nodes": {**made, "root": {"inputs": root}}, "root": "root", "version": version}
    graph, problems = repository({"flake.lock": json.dumps(lock)})
    assert not problems
    return {input.node.label: input for input in inputs(graph)}


def test_paths_are_the_shortest_by_which_a_node_is_locked() -> None:
    found = read(
        {
            "a": {"inputs": {"b": "b_2", "c": ["b"]}},
            "b": {"inputs": {"deep": "b_2"}},
            "b_2": {"inputs": {"x": "x"}},
            "x": {},
        },
        {"first": "a", "b": "b", "also": ["first", "b"]},
    )
    assert {label: (input.name, input.own, input.names) for label, input in found.items()} == {
        "a": ("first", True, ("first",)),
        "b": ("b", True, ("b",)),
        "b_2": ("first/b", False, ("also",)),
        "x": ("first/b/x", False, ()),
    }
    assert [label for label, input in found.items() if input.direct] == ["a", "b", "b_2"]
    assert found["x"].attribute == "inputs.first.inputs.b.inputs.x"


def test_what_the_root_does_not_reach_is_no_input() -> None:
    assert list(read({"a": {}, "b": {"inputs": {"c": "c"}}, "c": {}}, {"a": "a"})) == ["a"]


def test_cycles_end() -> None:
    found = read({"a": {"inputs": {"b": "b"}}, "b": {"inputs": {"a": "a", "b": "b"}}}, {"a": "a"}, version=6)
    assert [input.name for input in found.values()] == ["a", "a/b"]


def test_deep_paths_are_named_by_their_label() -> None:
    length = 3000
    nodes: dict[str, dict[str, Any]] = {f"n{at}": {"inputs": {"next": f"n{at + 1}"}} for at in range(length)}
    found = read({**nodes, f"n{length}": {}}, {"first": "n0"})
    assert found["n3000"].depth == 3001
    assert len(found["n3000"].path) == 3001
    assert found["n3000"].name == "n3000"
    assert found["n3000"].attribute is None
    assert found["n2"].name == "first/next/next"


def test_names_that_flake_nix_cannot_hold_have_no_attribute() -> None:
    found = read({label: {} for label in "abcd"}, {"nix-2_4": "a", "1st": "b", "": "c", 'x";}': "d"})
    assert [input.attribute for input in found.values()] == ["inputs.nix-2_4", None, None, None]


def test_relative_paths_belong_to_their_flake() -> None:
    paths = ["./a", "../..", "a", "/a", ""]
    found = read(
        {str(at): {"locked": {"type": "path", "path": path}} for at, path in enumerate(paths)},
        {str(at): str(at) for at in range(len(paths))},
    )
    assert [input.relative for input in found.values()] == [True, True, True, False, True]


def test_places() -> None:
    node = {"info": {"narHash": "sha256-x", "lastModified": 12345}}
    (input,) = read({"a": node}, {"a": "a"}, version=5).values()
    assert input.value("locked", "lastModified").text == "12345"
    assert input.value("locked", "rev").text == "a" * 40
    assert input.value("locked", "ref").text == '"locked"'
    assert input.key("original").text == '"original"'
    (newer,) = read({"a": node}, {"a": "a"}).values()
    assert newer.value("locked", "lastModified").text == "12345", "Nix reads `info` in every version"


def test_every_lock_has_its_own_inputs() -> None:
    lock = {
        "nodes": {"a": {"locked": LOCKED, "original": LOCKED}, "root": {"inputs": {"a": "a"}}},
        "root": "root",
        "version": 7,
    }
    graph, _ = repository({"flake.lock": json.dumps(lock), "dev/flake.lock": json.dumps(lock)})
    assert [input.node.id for input in inputs(graph)] == [
        "flake-input:dev/flake.lock#a",
        "flake-input:flake.lock#a",
    ]
