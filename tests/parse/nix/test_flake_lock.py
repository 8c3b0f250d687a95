"""flake.lock as Nix reads it: versions, parts of the wrong type, and where each follows leads."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nix.flake_lock import read_flake_lock
from scanner.parse.nix.lock import Lock
from scanner.parse.nix.reference import Reference
from tests.support import SHARED

ORACLE = SHARED / "oracles" / "nix"

LOCKED = {"type": "github", "owner": "example", "repo": "one", "rev": "a" * 40}


def node(inputs: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    made = {"locked": LOCKED, "original": {"type": "github", "owner": "example", "repo": "one"}, **more}
    return made if inputs is None else {"inputs": inputs, **made}


def text_of(nodes: dict[str, Any], root: dict[str, Any], version: Any = 7) -> str:
    return json.dumps({"nodes": {**nodes, "root": {"inputs": root}}, "root": "root", "version": version})


def read(text: str) -> tuple[Lock | None, list[Problem]]:
    problems: list[Problem] = []
    return read_flake_lock(Source("flake.lock", "flake-lock", text), problems), problems


def lock_of(nodes: dict[str, Any], root: dict[str, Any], version: Any = 7) -> Lock:
    lock, problems = read(text_of(nodes, root, version))
    assert not problems
    assert lock is not None
    return lock


# ---------------------------------------------------------------- follows


def test_a_follows_is_a_path_of_names_from_the_root() -> None:
    """Labels and names are crossed, so that taking one for the other leads elsewhere."""
    lock = lock_of(
        {"a": node(), "b": node({"a": "c", "d": ["a"], "e": ["b", "a"]}), "c": node()}, {"a": "b", "b": "a"}
    )
    assert lock.resolve("root", "a") == "b"
    assert lock.resolve("b", "a") == "c"
    assert lock.resolve("b", "d") == "b"
    # the root's `b` is the node labelled `a`, which has no inputs
    assert lock.resolve("b", "e") is None


def test_each_step_of_a_follows_may_follow() -> None:
    lock = lock_of(
        {
            "hm": node({"nixpkgs": ["nixpkgs"], "utils": ["tools", "utils"]}),
            "new": node(),
            "tools": node({"nixpkgs": ["hm", "nixpkgs"], "utils": "utils"}),
            "utils": node({"systems": ["hm", "utils", "systems2"], "systems2": "new"}),
        },
        {
            "hm": "hm",
            "nixpkgs": ["latest"],
            "latest": "new",
            "tools": "tools",
            "deep": ["hm", "utils", "systems"],
        },
    )
    assert lock.resolve("tools", "nixpkgs") == "new"
    assert lock.resolve("root", "nixpkgs") == "new"
    assert lock.resolve("hm", "utils") == "utils"
    assert lock.resolve("root", "deep") == "new"
    assert ("root", "nixpkgs", "new", True) in list(lock.edges())
    assert ("utils", "systems2", "new", False) in list(lock.edges())


def test_an_empty_follows_is_the_root() -> None:
    lock = lock_of({"a": node({"self": [], "mine": ["a", "self", "b"]}), "b": node()}, {"a": "a", "b": "b"})
    assert lock.resolve("a", "self") == "root"
    assert lock.resolve("a", "mine") == "b"


def test_dangling_inputs_lead_nowhere() -> None:
    lock = lock_of({"a": node({"b": ["gone"], "c": ["a", "gone"]})}, {"a": "a", "x": ["a", "b", "c"]})
    assert [lock.resolve("a", name) for name in ("b", "c", "e")] == [None] * 3
    assert lock.resolve("root", "x") is None
    assert lock.resolve("gone", "b") is None


def test_a_label_that_no_node_has_is_a_problem_at_its_place() -> None:
    lock, (problem,) = read(text_of({"a": node({"d": "gone"})}, {"a": "a"}))
    assert lock is not None
    assert lock.resolve("a", "d") is None
    assert problem.at.text == "gone"
    assert "not there" in problem.message


def test_cycles_lead_nowhere_and_end() -> None:
    lock = lock_of(
        {"n": node({"x": ["a"], "itself": ["n", "itself"]})},
        {"a": ["b"], "b": ["c"], "c": ["a"], "self": ["self"], "n": "n", "in": ["n", "x"], "ok": ["n"]},
    )
    assert [lock.resolve("root", name) for name in ("a", "b", "c", "self", "in")] == [None] * 5
    assert lock.resolve("n", "itself") is None
    assert lock.resolve("root", "ok") == "n"


def test_nodes_may_point_at_each_other() -> None:
    lock = lock_of({"a": node({"b": "b", "a": "a"}), "b": node({"a": "a"})}, {"a": "a"}, version=6)
    assert {target for *_, target, _ in lock.edges()} == {"a", "b"}


LENGTH = 5000


def work_of(lock: Lock, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often inputs are looked up while every edge is resolved."""
    count = 0
    inputs_of = Lock.inputs_of

    def counting(self: Lock, label: str) -> Mapping[str, str | tuple[str, ...]]:
        nonlocal count
        count += 1
        return inputs_of(self, label)

    monkeypatch.setattr(Lock, "inputs_of", counting)
    for label, name, target, _ in lock.edges():
        assert target is not None, (label, name)
    return count


@pytest.mark.parametrize("first", ["x0", f"x{LENGTH}"])
def test_a_long_chain_is_walked_without_recursion(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chain: dict[str, Any] = {"x0": "end"} | {f"x{at}": [f"x{at - 1}"] for at in range(1, LENGTH + 1)}
    root = {first: chain.pop(first), **dict(reversed(chain.items()))}
    lock = lock_of({"end": node()}, root)
    assert lock.resolve("root", f"x{LENGTH}") == "end"
    assert work_of(lock, monkeypatch) <= 5 * LENGTH


def test_a_chain_of_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = {f"n{at}": node({"next": f"n{at + 1}"}) for at in range(LENGTH)} | {f"n{LENGTH}": node()}
    lock = lock_of(nodes, {"first": "n0", "last": ["first", *["next"] * LENGTH]})
    assert lock.resolve("root", "last") == f"n{LENGTH}"
    assert work_of(lock, monkeypatch) <= 5 * LENGTH


def test_what_doubles_at_every_step_stays_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step needs the one before it twice: 2^500 lookups without memory."""
    steps = 500
    root: dict[str, Any] = {"e0": "x"} | {f"e{at}": [f"e{at - 1}", f"b{at - 1}"] for at in range(1, steps)}
    lock = lock_of({"x": node({f"b{at}": [f"e{at}"] for at in range(steps)})}, root)
    assert lock.resolve("root", f"e{steps - 1}") == "x"
    assert work_of(lock, monkeypatch) <= 20 * steps


# ---------------------------------------------------------------- versions and types


@pytest.mark.parametrize("version", [5, 6, 7, 7.0, 7.9])
def test_versions_that_nix_reads(version: float) -> None:
    assert lock_of({"a": node()}, {"a": "a"}, version).version == int(version)


@pytest.mark.parametrize("version", [0, 1, 4, 8, 99, -7, True, False])
def test_numbers_of_other_versions_are_a_rule_s_to_say(version: Any) -> None:
    lock = lock_of({"a": node()}, {"a": "a"}, version)
    assert lock.version == int(version)
    assert not list(lock.edges())


def test_a_lock_without_a_version_has_version_0_as_for_nix() -> None:
    lock, problems = read("{}")
    assert not problems
    assert lock is not None
    assert lock.version == 0


@pytest.mark.parametrize("version", ["7", None, [7]])
def test_versions_that_are_no_numbers(version: Any) -> None:
    lock, (problem,) = read(text_of({"a": node()}, {"a": "a"}, version))
    assert lock is None
    assert problem.at.text == (version if isinstance(version, str) else json.dumps(version))


@pytest.mark.parametrize("version", [5, 6, 7])
def test_info_is_laid_over_locked_in_every_version(version: int) -> None:
    info = {"narHash": "sha256-of-info", "lastModified": 5}
    nodes = {"a": node(locked={**LOCKED, "narHash": "sha256-of-locked"}, info=info)}
    lock = lock_of(nodes, {"a": "a"}, version)
    locked = lock.nodes["a"].locked
    assert (locked.nar_hash, locked.last_modified, locked.rev) == ("sha256-of-info", 5, "a" * 40)
    assert lock.value("a", "locked", "narHash").text == "sha256-of-info"
    assert lock.value("a", "locked", "rev").text == "a" * 40


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("[]", "["),
        ("null", "n"),
        ('{"nodes": {"root": {}}, "version": 7}', "{"),
        ('{"nodes": {"root": {}}, "root": null, "version": 7}', "null"),
        ('{"nodes": {"root": {}}, "root": 1, "version": 7}', "1"),
        ('{"nodes": [], "root": "root", "version": 7}', "[]"),
    ],
)
def test_locks_without_a_root(text: str, at: str) -> None:
    lock, problems = read(text)
    assert lock is None
    assert [problem.at.text for problem in problems] == [at]


@pytest.mark.parametrize(
    "text",
    [
        '{"root": "root", "version": 7}',
        '{"nodes": null, "root": "root", "version": 7}',
        '{"nodes": {}, "root": "root", "version": 7}',
        '{"nodes": {"root": 7}, "root": "root", "version": 7}',
        '{"nodes": {"a": {}}, "root": "root", "version": 7}',
    ],
)
def test_locks_that_lock_nothing(text: str) -> None:
    lock, problems = read(text)
    assert not problems
    assert lock is not None
    assert not lock.root_inputs


@pytest.mark.parametrize(
    ("broken", "at"),
    [
        ("soon", ["soon"]),
        (["soon"], ['["soon"]']),
        ({"original": LOCKED}, ['"a"']),
        ({"locked": LOCKED}, ['"a"']),
        (node(locked="soon"), ['"locked"']),
        (node(original=["soon"]), ['"original"']),
        (node(original=None), ['"original"']),
        (node(locked={**LOCKED, "rev": ["a"]}), ['"rev"']),
        (node(locked={**LOCKED, "rev": "main"}), ["main"]),
        (node(locked={**LOCKED, "host": "e.org/x"}), ["e.org/x"]),
        (node(locked={**LOCKED, "colour": "red"}), ["red"]),
        (node({"b": 7}), ["7"]),
        (node({"b": ["a", 7]}), ['["a", 7]']),
        (node({"b": [["a"]]}), ['[["a"]]']),
        (node({"b": None}), ["null"]),
        (node({"c": "root"}), ["root"]),
        (node(flake="no"), ["no"]),
        (node(flake=None), ["null"]),
        (node(parent="a"), ["a"]),
        (node(parent=None), ["null"]),
        (node(parent=["a", 1]), ['["a", 1]']),
    ],
)
def test_what_nix_refuses_is_a_problem_with_a_place(broken: Any, at: list[str]) -> None:
    lock, problems = read(text_of({"a": broken, "b": node()}, {"a": "a", "b": "b"}))
    assert [problem.at.text for problem in problems] == at
    assert lock is not None
    assert lock.resolve("root", "b") == "b", "the rest is read"


@pytest.mark.parametrize(
    "broken", ["soon", {}, node(locked=7), node(flake="no"), node({"b": 7}), node({"b": "gone"})]
)
def test_nodes_that_nothing_leads_to_are_not_checked(broken: Any) -> None:
    lock = lock_of({"a": node(), "x": broken}, {"a": "a"})
    assert set(lock.nodes) == {"a", "x"}


def test_problems_are_one_line_each() -> None:
    text = json.dumps(json.loads(text_of({"a": ["soon"]}, {"a": "a"})), indent=2)
    _, problems = read(text)
    assert [problem.at.text for problem in problems] == ["["]


@pytest.mark.parametrize("inputs", [None, [], {}])
def test_inputs_of_another_type_are_none_as_for_nix(inputs: Any) -> None:
    lock = lock_of({"a": {**node(), "inputs": inputs}}, {"a": "a"})
    assert lock.nodes["a"].inputs == {}


@pytest.mark.parametrize(("inputs", "names"), [(["b"], ["0"]), ("b", [""]), ([["b"]], ["0"])])
def test_inputs_of_a_list_are_called_by_their_number_as_for_nix(inputs: Any, names: list[str]) -> None:
    lock = lock_of({"a": {**node(), "inputs": inputs}, "b": node()}, {"a": "a", "b": "b"})
    assert list(lock.nodes["a"].inputs) == names
    assert lock.resolve("a", names[0]) == "b"


def test_what_else_a_node_says() -> None:
    lock = lock_of(
        {"a": node(flake=False), "b": node(parent=["a"], unknown=[1]), "c": node(parent=[])},
        {"a": "a", "b": "b", "c": "c"},
    )
    assert [node.flake for node in lock.nodes.values()] == [False, True, True]
    assert [node.parent for node in lock.nodes.values()] == [None, ("a",), ()]


def test_another_name_for_the_root() -> None:
    text = json.dumps(
        {"nodes": {"top": {"inputs": {"a": "root"}}, "root": node()}, "root": "top", "version": 7}
    )
    lock, problems = read(text)
    assert not problems
    assert lock is not None
    assert list(lock.edges()) == [("top", "a", "root", False)]


# ---------------------------------------------------------------- text


def test_line_ends_and_unicode_do_not_move_places() -> None:
    nodes = {"\U0001f600-é\u2028": node(locked={**LOCKED, "host": "e.org", "dir": "ü\U0001f600"})}
    text = json.dumps(json.loads(text_of(nodes, {"a": "\U0001f600-é\u2028"})), indent=2, ensure_ascii=False)
    lock, problems = read(text.replace("\n", "\r\n"))
    assert not problems
    assert lock is not None
    label = lock.resolve("root", "a")
    assert label is not None
    assert lock.key(label).begin == (3, 5)
    assert lock.value(label, "locked", "dir").text == "ü\U0001f600"
    assert lock.value(label, "locked", "dir").begin.line == 10
    assert lock.value("root", "inputs", "a").text == label


def test_the_last_of_two_nodes_counts() -> None:
    text = text_of({"a": node()}, {"a": "a"})
    twice = text.replace('{"a": ', '{"a": "soon", "a": ', 1)
    lock, problems = read(twice)
    assert not problems
    assert lock is not None
    assert lock.nodes["a"].locked.owner == "example"


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        ({"type": "github", "owner": "o", "repo": "r", "ref": "main"}, "github:o/r/main"),
        ({"type": "gitlab", "owner": "o", "repo": "r", "rev": "abc"}, "gitlab:o/r/abc"),
        ({"type": "sourcehut", "owner": "~o", "repo": "r"}, "sourcehut:~o/r"),
        ({"type": "indirect", "id": "nixpkgs", "ref": "nixos-26.05"}, "flake:nixpkgs/nixos-26.05"),
        ({"type": "path", "path": "./a"}, "path:./a"),
        ({"type": "git", "url": "https://e.org/r", "ref": "main"}, "git+https://e.org/r?ref=main"),
        ({"type": "git", "url": "git://e.org/r", "rev": "abc", "ref": "main"}, "git://e.org/r?rev=abc"),
        ({"type": "tarball", "url": "https://e.org/r.tar.gz"}, "https://e.org/r.tar.gz"),
        ({"type": "github"}, "github:?/?"),
        ({"type": 7}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_references_as_people_write_them(attributes: dict[str, Any], shown: str) -> None:
    assert str(Reference(attributes)) == shown


# ---------------------------------------------------------------- real locks

RESOLVED = (
    sorted(ORACLE.glob("functional/*/*/resolved.json")) + sorted(ORACLE.glob("real/*/*/resolved.json"))[::5]
)


@pytest.mark.skipif(not RESOLVED, reason="the oracles are not beside the checkout")
def test_real_locks_resolve_as_nix_resolved_them() -> None:
    edges = 0
    for resolved in RESOLVED:
        (file,) = resolved.parent.glob("*.lock")
        lock, problems = read(file.read_text("utf-8"))
        assert lock is not None, file
        assert not problems, file
        wanted = json.loads(Path(resolved).read_text("utf-8"))["resolved"]
        found = {(label, name): target for label, name, target, _ in lock.edges()}
        assert found == {
            (label, name): target for label, inputs in wanted.items() for name, target in inputs.items()
        }, file
        edges += len(found)
    assert edges > 1000
