"""Comparing flake.nix and flake.lock: what one model says is in sync, and each change to it is found and nothing else."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scanner.analysis.locks.sync import differences, pairs
from scanner.parse.nix.lock import Lock
from tests.memory import repository

HASH = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="
REV = "abcdef0123456789abcdef0123456789abcdef01"
OTHER_REV = "12345678" * 5

# What can be asked for: several ways to write one reference, and its attributes in a lock.
ASKED: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (
        ('url = "github:e/a"', 'type = "github"; owner = "e"; repo = "a"'),
        {"type": "github", "owner": "e", "repo": "a"},
    ),
    (
        ('url = "github:e/a/v1"', 'url = "github:e/a?ref=v1"', "url = ''github:e/a/v1''"),
        {"type": "github", "owner": "e", "repo": "a", "ref": "v1"},
    ),
    (
        ('url = "github:E/a?dir=x"',),
        {"type": "github", "owner": "E", "repo": "a", "dir": "x"},
    ),
    (
        (f'url = "gitlab:e/a/{REV}"', f'url = "gitlab:e/a?rev={REV}"'),
        {"type": "gitlab", "owner": "e", "repo": "a", "rev": REV},
    ),
    (
        ('url = "git+https://e.org/a?ref=main"', 'type = "git"; url = "https://e.org/a"; ref = "main"'),
        {"type": "git", "url": "https://e.org/a", "ref": "main"},
    ),
    (('url = "git+ssh://git@e.org/a"',), {"type": "git", "url": "ssh://git@e.org/a"}),
    (('url = "https://e.org/a.tar.gz"',), {"type": "tarball", "url": "https://e.org/a.tar.gz"}),
    (('url = "hg+https://e.org/a"',), {"type": "hg", "url": "https://e.org/a"}),
    (('url = "path:/srv/a"',), {"type": "path", "path": "/srv/a"}),
    (('url = "nixpkgs"', 'url = "flake:nixpkgs"', ""), {"type": "indirect", "id": "nixpkgs"}),
    (('url = "nixpkgs/nixos-26.05"',), {"type": "indirect", "id": "nixpkgs", "ref": "nixos-26.05"}),
)


class Below(NamedTuple):
    """An input of an input: `follows` as flake.nix says it, None when the input locks one of its own."""

    follows: tuple[str, ...] | None
    overridden: bool = False


class Declared(NamedTuple):
    asked: int
    way: int
    flake: bool
    below: Mapping[str, Below]


Model = dict[str, Declared]


def flake_nix(model: Model) -> str:
    lines = []
    for name, declared in model.items():
        ways = ASKED[declared.asked][0]
        said = ways[declared.way % len(ways)]
        if not said and name != "nixpkgs":
            said = ways[0]
        parts = [said] if said else []
        if not declared.flake:
            parts.append("flake = false")
        for below, what in declared.below.items():
            if what.follows is not None:
                parts.append(f"inputs.{below}.follows = {json.dumps('/'.join(what.follows))}")
            elif what.overridden:
                parts.append(f'inputs.{below}.url = "github:of/{below}"')
        lines.append(f"  {name} = {{ {' '.join(part + ';' for part in parts)} }};")
    return "{\n inputs = {\n" + "\n".join(lines) + "\n };\n outputs = _: { };\n}\n"


def flake_lock(model: Model) -> dict[str, Any]:
    """What Nix would lock; labels of no meaning, so that none is taken for a name."""
    nodes: dict[str, Any] = {}
    root = {}
    for name, declared in model.items():
        label = root[name] = f"n{len(nodes)}"
        inputs: dict[str, Any] = {}
        nodes[label] = _node(ASKED[declared.asked][1])
        for below, what in declared.below.items():
            if what.follows is not None:
                inputs[below] = list(what.follows)
            else:
                inputs[below] = f"n{len(nodes)}"
                nodes[inputs[below]] = _node({"type": "github", "owner": "of", "repo": below})
        if inputs:
            nodes[label]["inputs"] = inputs
        if not declared.flake:
            nodes[label]["flake"] = False
    return {"nodes": {**nodes, "root": {"inputs": root}}, "root": "root", "version": 7}


def _node(asked: dict[str, Any]) -> dict[str, Any]:
    github = {"type": "github", "owner": "e", "repo": "a"}
    base = github if asked["type"] == "indirect" else {k: v for k, v in asked.items() if k != "ref"}
    by_hash = asked["type"] in ("tarball", "path")
    return {"original": asked, "locked": {**base, "narHash": HASH} | ({} if by_hash else {"rev": REV})}


def said(model: Model, lock: dict[str, Any]) -> list[tuple[str, str]]:
    """Kind and path of each difference."""
    graph, problems = repository({"flake.nix": flake_nix(model), "flake.lock": json.dumps(lock)})
    assert not problems, problems
    (pair,) = pairs(graph)
    assert pair.lock is not None
    return [(found.kind, "/".join(found.path)) for found in differences(pair.flake, pair.lock)]


NAMES = ("a", "b-c", "nixpkgs", "self_", "x1")
BELOW = ("a", "deep", "nixpkgs")


@st.composite
def models(draw: st.DrawFn) -> Model:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    targets = st.sampled_from([(), *((name,) for name in names)])
    below = st.one_of(
        st.builds(Below, st.none(), st.booleans()), st.builds(Below, targets, st.just(value=False))
    )
    return {
        name: Declared(
            draw(st.integers(0, len(ASKED) - 1)),
            draw(st.integers(0, 2)),
            draw(st.booleans()),
            draw(st.dictionaries(st.sampled_from(BELOW), below)),
        )
        for name in names
    }


@given(models())
def test_what_a_model_says_is_in_sync(model: Model) -> None:
    assert said(model, flake_lock(model)) == []


@given(models(), st.randoms(use_true_random=False))
def test_the_order_of_nodes_and_keys_does_not_count(model: Model, random: Any) -> None:
    lock = flake_lock(model)
    nodes = list(lock["nodes"].items())
    random.shuffle(nodes)
    inputs = list(lock["nodes"]["root"]["inputs"].items())
    random.shuffle(inputs)
    lock["nodes"] = {**dict(nodes), "root": {"inputs": dict(inputs)}}
    assert said(dict(reversed(model.items())), lock) == []


@given(models(), st.data())
def test_an_input_that_is_added(model: Model, data: st.DataObject) -> None:
    lock = flake_lock(model)
    model = {**model, "added": Declared(data.draw(st.integers(0, len(ASKED) - 1)), 0, True, {})}
    assert said(model, lock) == [("missing", "added")]


@given(models(), st.data())
def test_an_input_that_is_taken_away(model: Model, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(sorted(model)))
    lock = flake_lock(model)
    left = {name: declared for name, declared in model.items() if name != gone}
    # a follows may lead to it still; that is no difference
    assert said(left, lock) == [("removed", gone)]


@given(models(), st.data())
def test_an_input_that_asks_for_something_else(model: Model, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(model)))
    lock = flake_lock(model)
    other = data.draw(st.integers(0, len(ASKED) - 1))
    assume(other != model[name].asked)
    # what the lock has below it does not count then: Nix locks the whole input anew
    assert said({**model, name: model[name]._replace(asked=other)}, lock) == [("changed", name)]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("owner", "E"),
        ("owner", "other"),
        ("repo", "b"),
        ("ref", "v2"),
        ("rev", OTHER_REV),
        ("dir", "y"),
        ("host", "e.org"),
    ],
)
def test_each_attribute_that_is_locked_otherwise(attribute: str, value: str) -> None:
    model = {"a": Declared(0, 0, True, {}), "x1": Declared(4, 0, True, {})}
    lock = flake_lock(model)
    lock["nodes"]["n0"]["original"] = {**lock["nodes"]["n0"]["original"], attribute: value}
    assert said(model, lock) == [("changed", "a")]


@given(models(), st.data())
def test_flake_or_not(model: Model, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(model)))
    lock = flake_lock(model)
    changed = {**model, name: model[name]._replace(flake=not model[name].flake)}
    assert said(changed, lock) == [("flake", name)]


def _below(model: Model) -> list[tuple[str, str]]:
    return [(name, below) for name, declared in sorted(model.items()) for below in sorted(declared.below)]


def _with(model: Model, name: str, below: str, what: Below) -> Model:
    changed = {**model[name].below, below: what}
    return {**model, name: model[name]._replace(below=changed)}


@given(models(), st.data())
def test_a_follows_that_only_flake_nix_has(model: Model, data: st.DataObject) -> None:
    places = [place for place in _below(model) if model[place[0]].below[place[1]].follows is None]
    assume(places)
    name, below = data.draw(st.sampled_from(places))
    target = (data.draw(st.sampled_from(sorted(model))),)
    assert said(_with(model, name, below, Below(target)), flake_lock(model)) == [
        ("follows", f"{name}/{below}")
    ]


@given(models(), st.data())
def test_a_follows_that_leads_elsewhere(model: Model, data: st.DataObject) -> None:
    places = [place for place in _below(model) if model[place[0]].below[place[1]].follows is not None]
    assume(places)
    name, below = data.draw(st.sampled_from(places))
    changed = _with(model, name, below, Below((name, "deep", "deeper")))
    assert said(changed, flake_lock(model)) == [("follows", f"{name}/{below}")]


@given(models(), st.data())
def test_a_follows_that_only_the_lock_has(model: Model, data: st.DataObject) -> None:
    """One that leaves the input was written in flake.nix once; one inside of it is its own."""
    places = [place for place in _below(model) if model[place[0]].below[place[1]].follows is not None]
    assume(places)
    name, below = data.draw(st.sampled_from(places))
    follows = model[name].below[below].follows
    found = said(_with(model, name, below, Below(None)), flake_lock(model))
    assert found == (
        [] if follows is not None and follows[:1] == (name,) else [("released", f"{name}/{below}")]
    )


@given(models(), st.data())
def test_an_override_of_another(model: Model, data: st.DataObject) -> None:
    places = [place for place in _below(model) if model[place[0]].below[place[1]].follows is None]
    assume(places)
    name, below = data.draw(st.sampled_from(places))
    lock = flake_lock(model)
    label = lock["nodes"][lock["nodes"]["root"]["inputs"][name]]["inputs"][below]
    lock["nodes"][label]["original"] = {"type": "github", "owner": "of", "repo": "another"}
    overridden = _with(model, name, below, Below(None, overridden=True))
    assert said(overridden, lock) == [("changed", f"{name}/{below}")]
    # without an override Nix does not look
    assert said(_with(model, name, below, Below(None)), lock) == []


@given(models(), st.data())
def test_an_input_that_follows_in_the_lock_only(model: Model, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(model)))
    lock = flake_lock(model)
    lock["nodes"]["root"]["inputs"][name] = ["gone"]
    assert said(model, lock) == [("unfollowed", name)]


# ---------------------------------------------------------------- what a model has no place for


def pair_of(flake: str, lock: dict[str, Any]) -> list[tuple[str, str]]:
    graph, problems = repository({"flake.nix": flake, "flake.lock": json.dumps(lock)})
    assert not problems
    (pair,) = pairs(graph)
    assert pair.lock is not None
    return [(found.kind, "/".join(found.path)) for found in differences(pair.flake, pair.lock)]


def test_overrides_below_inputs_of_inputs() -> None:
    flake = """{
      inputs.a.url = "github:e/a";
      inputs.a.inputs.b.inputs.c.inputs.d.follows = "a";
      outputs = _: { };
    }"""
    nodes: dict[str, Any] = {
        name: _node({"type": "github", "owner": "e", "repo": name}) for name in ("a", "b", "c", "d")
    }
    for above, below in (("a", "b"), ("b", "c")):
        nodes[above]["inputs"] = {below: below}
    lock = {"nodes": {**nodes, "root": {"inputs": {"a": "a"}}}, "root": "root", "version": 7}
    nodes["c"]["inputs"] = {"d": ["a"]}
    assert pair_of(flake, lock) == []
    nodes["c"]["inputs"] = {"d": "d"}
    assert pair_of(flake, lock) == [("follows", "a/b/c/d")]


def test_each_flake_has_the_lock_beside_it() -> None:
    empty = json.dumps({"nodes": {"root": {}}, "root": "root", "version": 7})
    none = "{ outputs = _: { }; }"
    graph, _ = repository(
        {"flake.nix": none, "x/flake.nix": none, "x/flake.lock": empty, "y/flake.lock": empty}
    )
    found = {pair.flake.source.path: pair.lock and pair.lock.source.path for pair in pairs(graph)}
    assert found == {"flake.nix": None, "x/flake.nix": "x/flake.lock"}


def test_the_lock_of_devenv_belongs_to_no_flake() -> None:
    lock = json.dumps({"nodes": {"root": {}}, "root": "root", "version": 7})
    graph, _ = repository({"flake.nix": "{ outputs = _: { }; }", "devenv.lock": lock})
    assert [pair.lock for pair in pairs(graph)] == [None]


LENGTH = 3000


def test_long_chains_are_compared_in_linear_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of nodes and of relative paths, each of which has the path of all above it as its parent."""
    count = 0
    inputs_of = Lock.inputs_of

    def counting(self: Lock, label: str) -> Mapping[str, str | tuple[str, ...]]:
        nonlocal count
        count += 1
        return inputs_of(self, label)

    relative = {"type": "path", "path": "./x"}
    nodes: dict[str, Any] = {
        f"n{at}": {"original": relative, "locked": relative, "parent": ["a"], "inputs": {"b": f"n{at + 1}"}}
        for at in range(LENGTH)
    }
    nodes[f"n{LENGTH}"] = _node({"type": "github", "owner": "e", "repo": "a"})
    nodes["n0"]["parent"] = []
    lock = {"nodes": {**nodes, "root": {"inputs": {"a": "n0"}}}, "root": "root", "version": 7}
    graph, problems = repository(
        {"flake.nix": '{ inputs.a.url = "./x"; outputs = _: { }; }', "flake.lock": json.dumps(lock)}
    )
    assert not problems
    (pair,) = pairs(graph)
    assert pair.lock is not None
    monkeypatch.setattr(Lock, "inputs_of", counting)
    found = list(differences(pair.flake, pair.lock))
    # all but the first two, whose parents are right
    assert len(found) == LENGTH - 2
    assert {one.kind for one in found} == {"parent"}
    assert count <= 5 * LENGTH
    assert sum(len(one.path) for one in found) <= 60 * LENGTH


def _relative_below(
    *, input: str = 'a.url = "github:e/a";', more: str = "", parent: list[str] | None
) -> list[tuple[str, str]]:
    """An input that has a folder of its own as an input, as locked with this `parent`."""
    part: dict[str, Any] = {
        "original": {"type": "path", "path": "./part"},
        "locked": {"type": "path", "path": "./part"},
    }
    if parent is not None:
        part["parent"] = parent
    nodes = {
        "a": {**_node({"type": "github", "owner": "e", "repo": "a"}), "inputs": {"part": "p"}},
        "p": part,
    }
    lock = {"nodes": {**nodes, "root": {"inputs": {"a": "a"}}}, "root": "root", "version": 7}
    return pair_of(f"{{ inputs = {{ {input} {more} }}; outputs = _: {{ }}; }}", lock)


def test_a_folder_of_an_input_belongs_to_it() -> None:
    assert _relative_below(parent=["a"]) == []
    for parent in (None, [], ["b"], ["a", "part"]):
        assert _relative_below(parent=parent) == [("parent", "a/part")]


def test_what_is_below_an_input_that_changes_does_not_count() -> None:
    assert _relative_below(input='a.url = "github:e/b";', parent=None) == [("changed", "a")]
    overridden = 'a.inputs.part.url = "./part";'
    assert _relative_below(more=overridden, parent=[]) == []
    # that Nix takes it for a flake or not changes nothing below it
    no_flake = 'a = { url = "github:e/a"; flake = false; };'
    assert _relative_below(input=no_flake, parent=None) == [("flake", "a"), ("parent", "a/part")]


def test_overrides_end_where_the_lock_follows() -> None:
    """`b` is another input there, of which flake.nix says nothing."""
    flake = """{
      inputs.a.url = "github:e/a";
      inputs.a.inputs.b.follows = "c";
      inputs.a.inputs.b.inputs.d.follows = "a";
      inputs.c.url = "github:e/c";
      outputs = _: { };
    }"""
    nodes: dict[str, Any] = {
        name: _node({"type": "github", "owner": "e", "repo": name}) for name in ("a", "c", "d")
    }
    nodes["a"]["inputs"] = {"b": ["c"]}
    nodes["c"]["inputs"] = {"d": "d"}
    lock = {"nodes": {**nodes, "root": {"inputs": {"a": "a", "c": "c"}}}, "root": "root", "version": 7}
    assert pair_of(flake, lock) == []
    # an input of an input that is not in the lock has nothing below it, whatever flake.nix says
    nodes["a"]["inputs"] = {}
    assert pair_of(flake, lock) == []
