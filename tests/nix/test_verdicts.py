"""Nix reads exactly the locks that we find nothing wrong with: no problem, and no finding that says that Nix refuses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.engine import Context, load, places
from tests.memory import KNOWLEDGE, NOW, options_of, repository
from tests.nix.installed import Nix, lock_of, needs_nix, write_flake
from tests.support import ROOT

pytestmark = [pytest.mark.registry, needs_nix]

HASH = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="
REV = "abcdef0123456789abcdef0123456789abcdef01"
BASE = {"type": "github", "owner": "example", "repo": "a"}
LOCKED = {**BASE, "rev": REV, "narHash": HASH, "lastModified": 5}
GIT = {"type": "git", "url": "https://git.example.org/a"}

# Rules that say of a lock that Nix refuses it; what else it refuses is a problem of reading.
REFUSING = ("unsupported-lock-version", "unlocked-input", "dirty-input")


def node(**parts: Any) -> dict[str, Any]:
    return {"original": BASE, "locked": LOCKED, **parts}


def without(part: str) -> dict[str, Any]:
    return {key: value for key, value in node().items() if key != part}


def locked(**attributes: Any) -> dict[str, Any]:
    """A lock of one input whose `locked` differs by these."""
    return one(node(locked={**LOCKED, **attributes}))


def one(what: Any) -> dict[str, Any]:
    return lock_of({"a": what}, {"a": "a"})


def other(attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A lock of one input of another type."""
    return one(node(original=attributes, locked={**attributes, **more}))


READ: dict[str, Any] = {
    "one input": one(node()),
    "no inputs": lock_of({}, {}),
    "root without inputs": {"nodes": {"root": {}}, "root": "root", "version": 7},
    "root of another name": {"nodes": {"x": {"inputs": {"a": "a"}}, "a": node()}, "root": "x", "version": 7},
    "root that is locked": {
        "nodes": {"root": {"inputs": {"a": "a"}, "locked": 7}, "a": node()},
        "root": "root",
        "version": 7,
    },
    "version 5": lock_of({"a": node(info={"narHash": HASH})}, {"a": "a"}, 5),
    "version 6": lock_of({"a": node()}, {"a": "a"}, 6),
    "version 7.0": lock_of({"a": node()}, {"a": "a"}, 7.0),
    "version 7.9": lock_of({"a": node()}, {"a": "a"}, 7.9),
    "unknown keys": {**one(node(extra=[1])), "extra": {}},
    "no flake": one(node(flake=False)),
    "two labels": lock_of({"a": node(inputs={"b": "a_2"}), "a_2": node()}, {"a": "a"}),
    "follows": lock_of({"a": node(inputs={"b": ["b"], "c": ["b", "x"]}), "b": node(inputs={"x": "a"})}, {"a": "a", "b": "b"}),
    "follows of the root": one(node(inputs={"self": []})),
    "follows that leads nowhere": one(node(inputs={"b": ["gone"]})),
    "nodes in a circle": lock_of({"a": node(inputs={"b": "b"}), "b": node(inputs={"a": "a"})}, {"a": "a"}),
    "node that contains itself": one(node(inputs={"a": "a"})),
    "broken node that nothing leads to": lock_of({"a": node(), "b": "soon"}, {"a": "a"}),
    "locked elsewhere": locked(owner="mallory"),
    "commit in capitals": locked(rev=REV.upper()),
    "commit in base 32": locked(rev="0" * 32),
    "commit with its algorithm": locked(rev=f"sha1:{REV}"),
    "no hash": one(node(locked={**BASE, "rev": REV})),
    "no owner": locked(owner=""),
    "folder": locked(dir="../x"),
    "no date": one(node(locked={**BASE, "rev": REV, "narHash": HASH})),
    "date of the past": locked(lastModified=-5),
    "date with a fraction": locked(lastModified=5.5),
    "date of the future": locked(lastModified=9_999_999_999),
    "host": locked(host="git.example.org"),
    "git": other(GIT, rev=REV, narHash=HASH, revCount=3, lastModified=5),
    "git without hash": other(GIT, rev=REV),
    "git with branch": other({**GIT, "ref": "main"}, rev=REV),
    "git with submodules": other({**GIT, "submodules": True}, rev=REV),
    "git with everything": other({**GIT, "allRefs": True}, rev=REV),
    "git with a long commit": other(GIT, rev=f"sha256:{'a' * 64}"),
    "git of a file": other({"type": "git", "url": "file:///srv/a"}, rev=REV),
    "mercurial": other({"type": "hg", "url": "https://hg.example.org/a"}, rev=REV, revCount=3),
    "file": other({"type": "file", "url": "https://example.org/a.json"}, narHash=HASH),
    "tarball": other({"type": "tarball", "url": "https://example.org/a.zip"}, narHash=HASH),
    "path": other({"type": "path", "path": "/srv/a"}, narHash=HASH, lastModified=5),
    "registry": one(node(original={"type": "indirect", "id": "nixpkgs"})),
    "registry with branch": one(node(original={"type": "indirect", "id": "nixpkgs", "ref": "main"})),
    "gitlab": other({**BASE, "type": "gitlab"}, rev=REV, narHash=HASH),
    "sourcehut": other({**BASE, "type": "sourcehut", "owner": "~example"}, rev=REV, narHash=HASH),
    "key twice": json.dumps(one(node())).replace('"version": 7', '"version": 3, "version": 7'),
    "names of any text": lock_of({"é/x": node()}, {"a.b": "é/x", "": "é/x"}),
    "inputs in a list": {"nodes": {"root": {"inputs": []}}, "root": "root", "version": 7},
}  # fmt: skip

REFUSED: dict[str, Any] = {
    "no JSON": '{"nodes": {',
    "comma too much": '{"nodes": {"root": {}}, "root": "root", "version": 7,}',
    "comment": '{"nodes": {"root": {}}, "root": "root", "version": 7} // mine',
    "conflict": '<<<<<<< HEAD\n{"version": 7}\n=======\n{}\n>>>>>>> x\n',
    "two documents": '{"nodes": {"root": {}}, "root": "root", "version": 7} {}',
    "list": "[]",
    "null": "null",
    "nothing in it": "{}",
    "number that is none": '{"nodes": {"root": {}}, "root": "root", "version": NaN}',
    "version 4": lock_of({"a": node()}, {"a": "a"}, 4),
    "version 8": lock_of({"a": node()}, {"a": "a"}, 8),
    "version in a text": lock_of({"a": node()}, {"a": "a"}, "7"),
    "version null": lock_of({"a": node()}, {"a": "a"}, None),
    "version true": lock_of({"a": node()}, {"a": "a"}, True),
    "no version": {key: value for key, value in one(node()).items() if key != "version"},
    "root null": {**one(node()), "root": None},
    "nodes in a list": {**one(node()), "nodes": [1]},
    "node that is not there": lock_of({}, {"a": "a"}),
    "node below that is not there": one(node(inputs={"b": "b"})),
    "cycle to the root": one(node(inputs={"r": "root"})),
    "node of text": one("soon"),
    "input null": one(node(inputs={"b": None})),
    "input of a number": one(node(inputs={"b": 7})),
    "follows of numbers": one(node(inputs={"b": [7]})),
    "follows in a list": one(node(inputs={"b": [["a"]]})),
    "nothing locked": one(without("locked")),
    "nothing asked for": one(without("original")),
    "locked null": one(node(locked=None)),
    "locked in a list": one(node(locked=[LOCKED])),
    "locked empty": one(node(locked={})),
    "asked for null": one(node(original=None)),
    "asked for empty": one(node(original={})),
    "flake in a text": one(node(flake="false")),
    "flake null": one(node(flake=None)),
    "type of a number": locked(type=7),
    "attribute that is not taken": locked(revCount=7),
    "attribute that nobody takes": locked(colour="red"),
    "attribute null": locked(ref=None),
    "attribute in a list": locked(ref=["main"]),
    "no repository": one(node(locked={key: value for key, value in LOCKED.items() if key != "repo"})),
    "short commit": locked(rev=REV[:7]),
    "commit one short": locked(rev=REV[:-1]),
    "commit one long": locked(rev=f"{REV}a"),
    "branch as commit": locked(rev="main"),
    "empty commit": locked(rev=""),
    "date in a text": locked(lastModified="5"),
    "nothing fixed": one(node(locked=BASE)),
    "only a branch": one(node(locked={**BASE, "ref": "main"})),
    "git without commit": other(GIT),
    "git with a short commit": other(GIT, rev=REV[:12]),
    "git without URL": other({"type": "git"}, rev=REV),
    "git with a switch of text": other({**GIT, "shallow": "1"}, rev=REV),
    "git with a switch of a number": other({**GIT, "submodules": 1}, rev=REV),
    "git with a key": other({**GIT, "publicKey": "x"}, rev=REV),
    "dirty git": other(GIT, dirtyRev=f"{REV}-dirty"),
    "mercurial without commit": other({"type": "hg", "url": "https://hg.example.org/a"}),
    "path without hash": other({"type": "path", "path": "/srv/a"}),
    "tarball without hash": other({"type": "tarball", "url": "https://example.org/a.zip"}),
    "registry locked": other({"type": "indirect", "id": "nixpkgs"}),
    "registry with a bad name": one(node(original={"type": "indirect", "id": "no name"})),
}  # fmt: skip


def refused_by_us(text: str) -> list[str]:
    """Why we say that Nix refuses a lock."""
    graph, problems = repository({"flake.lock": text})
    said = [problem.message for problem in problems]
    for id in REFUSING:
        rule = load(places()[id])
        said += [id for _ in rule.check(Context(graph, problems, KNOWLEDGE, NOW, options_of(rule, {})))]
    return said


def text_of(lock: Any) -> str:
    return lock if isinstance(lock, str) else json.dumps(lock)


@pytest.mark.parametrize("case", READ)
def test_what_nix_reads(tmp_path: Path, case: str) -> None:
    flake = write_flake(tmp_path / "flake", "{ outputs = _: { }; }", READ[case])
    assert Nix(tmp_path / "nix").metadata(flake, "--no-write-lock-file").returncode == 0
    assert refused_by_us(text_of(READ[case])) == []


@pytest.mark.parametrize("case", REFUSED)
def test_what_nix_refuses(tmp_path: Path, case: str) -> None:
    flake = write_flake(tmp_path / "flake", "{ outputs = _: { }; }", REFUSED[case])
    assert Nix(tmp_path / "nix").metadata(flake, "--no-write-lock-file").returncode == 1
    assert refused_by_us(text_of(REFUSED[case])) != []


# Nix 2.8 reads neither the `rev` of a tarball nor a relative path, of which this one has both.
NEWER = ROOT / "fixtures" / "flake" / "flake.lock"
LOCKS = sorted(path.relative_to(ROOT) for path in (ROOT / "fixtures").rglob("flake.lock") if path != NEWER)


@pytest.mark.parametrize("path", LOCKS, ids=str)
def test_our_fixtures(tmp_path: Path, path: Path) -> None:
    text = (ROOT / path).read_text("utf-8")
    flake = write_flake(tmp_path / "flake", "{ outputs = _: { }; }", text)
    read = Nix(tmp_path / "nix").metadata(flake, "--no-write-lock-file").returncode == 0
    assert read == (refused_by_us(text) == [])
