"""Rules about how locks are written: one voice for one thing, and fingerprints that hold when Nix writes the lock anew."""

import json
from typing import Any

import pytest

from scanner.analysis.locks.sync import overrides_of
from scanner.engine import Context, load, places
from scanner.model.finding import Hit
from scanner.parse.nix.flake import Flake
from tests.memory import KNOWLEDGE, NOW, options_of, repository

REV = "0123456789abcdef0123456789abcdef01234567"
HASH = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="
FORGE = {"type": "github", "owner": "a", "repo": "a"}
LOCKED = {**FORGE, "rev": REV, "narHash": HASH, "lastModified": 1790000000}
CHECKOUT = {"type": "path", "path": "/home/me/a", "narHash": HASH, "lastModified": 1}


def hits(files: dict[str, str], *rules: str, **options: Any) -> list[Hit]:
    graph, _ = repository(files)
    return [
        answer
        for id in rules
        for rule in [load(places()[id])]
        for answer in rule.check(Context(graph, (), KNOWLEDGE, NOW, options_of(rule, options)))
        if isinstance(answer, Hit)
    ]


def lock(root: dict[str, Any], **nodes: dict[str, Any]) -> str:
    made = {label: {"original": FORGE, "locked": LOCKED, **one} for label, one in nodes.items()}
    return json.dumps({"nodes": {**made, "root": {"inputs": root}}, "root": "root", "version": 7}, indent=1)


# ---------------------------------------------------------------- one voice

ABOUT_PLACES = ("local-path-input", "lock-tampered", "indirect-input", "undated-input")


def variants(files: dict[str, str]) -> list[str | None]:
    found = [(rule, hit) for rule in ABOUT_PLACES for hit in hits(files, rule)]
    assert len(found) == 1
    return [found[0][0], found[0][1].variant]


def test_a_checkout_is_said_once() -> None:
    assert variants({"flake.lock": lock({"a": "a"}, a={"locked": CHECKOUT})}) == ["lock-tampered", "local"]
    asked = {"original": {"type": "path", "path": "/home/me/a"}, "locked": CHECKOUT}
    assert variants({"flake.lock": lock({"a": "a"}, a=asked)}) == ["local-path-input", None]
    named = {
        "original": {"type": "indirect", "id": "a"},
        "locked": {**CHECKOUT, "path": "/nix/store/x-source"},
    }
    assert variants({"flake.lock": lock({"a": "a"}, a=named)}) == ["local-path-input", None]


def test_a_checkout_that_flake_nix_declares_is_a_local_path() -> None:
    files = {
        "flake.lock": lock({"b": "b"}, a={"locked": CHECKOUT}, b={"inputs": {"a": "a"}}),
        "flake.nix": '{ inputs.b.url = "github:a/a"; inputs.b.inputs.a.url = "path:/home/me/a"; outputs = _: { }; }',
    }
    assert variants(files) == ["local-path-input", "transitive"]


def test_what_a_flake_nix_overrides_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Flake] = []

    def counted(flake: Flake) -> Any:
        read.append(flake)
        return overrides_of(flake)

    monkeypatch.setattr("scanner.analysis.locks.overrides.overrides_of", counted)
    count = 50
    names = [f"n{number}" for number in range(count)]
    nodes = {name: {"locked": {**LOCKED, "owner": "other"}} for name in names}
    text = lock({"top": "top"}, top={"inputs": {name: name for name in names}}, **nodes)
    lines = "".join(f'inputs.top.inputs.{name}.url = "github:other/a";\n' for name in names[1:])
    flake = f'{{ inputs.top.url = "github:a/a"; {lines} outputs = _: {{ }}; }}'
    (hit,) = hits({"flake.lock": text, "flake.nix": flake}, "lock-tampered")
    assert "`top/n0`" in hit.message
    assert len(read) == 1


# ---------------------------------------------------------------- fingerprints


@pytest.mark.parametrize(
    ("rule", "below", "root"),
    [
        ("dangling-follows", {"x": ["gone"]}, {"top": "LABEL"}),
        ("follows-cycle", {"x": ["top", "y"], "y": ["top", "x"]}, {"top": "LABEL"}),
    ],
)
def test_labels_are_in_no_evidence_and_no_message(rule: str, below: Any, root: dict[str, str]) -> None:
    def answer(label: str) -> Hit:
        (hit,) = hits({"flake.lock": lock({"top": label}, **{label: {"inputs": below}})}, rule)
        return hit

    first, second = answer("top"), answer("top_7")
    assert first.evidence == second.evidence
    assert first.message == second.message
    assert "`top/x`" in first.message


def test_a_circle_is_the_same_wherever_the_search_begins() -> None:
    circle = {"a": ["b"], "b": ["c"], "c": ["a"]}
    turned = {"c": ["a"], "a": ["b"], "b": ["c"]}
    (first,) = hits({"flake.lock": lock(circle)}, "follows-cycle")
    (second,) = hits({"flake.lock": lock(turned)}, "follows-cycle")
    assert first.evidence == second.evidence
    (other,) = hits({"flake.lock": lock({"a": ["c"], "b": ["a"], "c": ["b"]})}, "follows-cycle")
    assert other.evidence != first.evidence


# ---------------------------------------------------------------- a lock that is far behind


def behind(count: int, also: str = "") -> list[Hit]:
    lines = "".join(f'inputs.i{number}.url = "github:a/i{number}";\n' for number in range(count))
    flake = f"{{ {lines} {also} outputs = _: {{ }}; }}"
    return hits({"sub/flake.lock": lock({}), "sub/flake.nix": flake}, "lock-out-of-sync")


def test_few_differences_are_said_one_by_one() -> None:
    assert len(behind(5)) == 5


def test_many_differences_are_one_finding_that_another_one_makes_new() -> None:
    (one,) = behind(30)
    assert "`i0` and 29 other inputs" in one.message
    assert "`nix flake lock ./sub`" in one.message
    assert len(one.related) == 19
    (more,) = behind(30, 'inputs.evil.url = "github:mallory/evil";')
    assert more.evidence != one.evidence


# ---------------------------------------------------------------- locks that Nix refuses


def test_what_nix_refuses_is_not_to_be_updated_but_locked_anew() -> None:
    """`nix flake update` reads the whole lock first, and fails with it (Nix 2.34.8)."""
    branch = {"type": "git", "url": "https://example.org/a", "ref": "main"}
    files = {
        "flake.lock": lock(
            {"mine": "a", "b": "b"}, a={"locked": branch}, b={"inputs": {"c": "c"}}, c={"locked": branch}
        )
    }
    mine, theirs = hits(files, "unlocked-input")
    assert "take `mine` out of the `inputs` of `root` in the lock and run `nix flake lock`" in mine.message
    assert "restore an earlier lock, or delete it and run `nix flake lock`" in theirs.message
    (dirty,) = hits(
        {"flake.lock": lock({"a": "a"}, a={"locked": {**branch, "dirtyRev": REV}})}, "dirty-input"
    )
    assert "nix flake update" not in dirty.message
