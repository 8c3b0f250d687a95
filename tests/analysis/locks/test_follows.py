"""Follows that lead nowhere, each cause said once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.locks.follows import DeadEnd, dead_ends
from scanner.model.source import Source
from scanner.parse.nix.lock import NIX, Lock, LockedInput
from scanner.parse.nix.reference import Reference

NOTHING = Reference({})

Inputs = dict[str, str | tuple[str, ...]]


def lock_of(root: Inputs, **nodes: Inputs) -> Lock:
    return Lock(
        Source("flake.lock", "flake-lock", "{}"),
        NIX,
        7,
        "root",
        root,
        {label: LockedInput(label, inputs, NOTHING, NOTHING) for label, inputs in nodes.items()},
    )


def ends(lock: Lock) -> list[DeadEnd]:
    return list(dead_ends(lock, lock.depths))


def test_sound_follows_have_no_end() -> None:
    assert not ends(lock_of({"a": "a", "b": ("a", "c"), "self": ()}, a={"c": "c", "up": ()}, c={}))


@pytest.mark.parametrize(
    ("path", "missing"),
    [(("gone",), ("gone",)), (("a", "gone"), ("a", "gone")), (("gone", "a"), ("gone",))],
)
def test_the_part_that_is_not_there(path: tuple[str, ...], missing: tuple[str, ...]) -> None:
    (end,) = ends(lock_of({"a": "a", "b": path}, a={}))
    assert (end.label, end.name, end.path, end.missing) == ("root", "b", path, missing)


def test_only_the_follows_that_breaks_is_said() -> None:
    (end,) = ends(lock_of({"a": ("gone",), "b": ("a",), "c": ("b", "x")}))
    assert end.name == "a"


def test_a_circle_is_said_once() -> None:
    (end,) = ends(lock_of({"a": ("b",), "b": ("c",), "c": ("a",), "d": ("a",), "e": ("d", "x")}))
    assert end.missing is None
    assert {name for _, name in end.circle} == {"a", "b", "c"}


def test_a_follows_of_itself() -> None:
    (end,) = ends(lock_of({"a": ("a",)}))
    assert end.circle == (("root", "a"),)


def test_nodes_that_nothing_leads_to_are_left_out() -> None:
    assert not ends(lock_of({"a": "a"}, a={}, left={"b": ("gone",)}))


names = st.sampled_from(["a", "b", "c"])
targets: st.SearchStrategy[Any] = st.one_of(names, st.lists(names, max_size=3).map(tuple))
node = st.dictionaries(names, targets, max_size=3)


@given(node, node, node, node)
def test_every_unresolved_follows_has_a_cause(root: Inputs, a: Inputs, b: Inputs, c: Inputs) -> None:
    lock = lock_of(root, a=a, b=b, c=c)
    labels = lock.depths
    lost = {
        (label, name)
        for label, name, target, follows in lock.edges()
        if follows and target is None and (label == lock.root or label in labels)
    }
    said = {(end.label, end.name) for end in ends(lock)} | {edge for end in ends(lock) for edge in end.circle}
    assert bool(said) == bool(lost)
    assert said <= lost | {(label, name) for label in lock.nodes for name in lock.inputs_of(label)}
