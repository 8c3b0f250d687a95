"""npins, niv and lon as locks: what each kind of pin asks for and fetches, where it says so, and what its tool refuses."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.analysis.locks.advice import update
from scanner.analysis.locks.inputs import inputs
from scanner.analysis.locks.references import repository_of
from scanner.analysis.locks.releases import branch_of
from scanner.discover import kind_of
from scanner.graph.nodes.nix import LockfileNode, PinNode
from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.document import parse
from scanner.parse.nix.lock import Lock
from scanner.parse.nix.reference import Attribute
from scanner.views.drawing import FORMATS, to_json
from tests.memory import KNOWLEDGE, repository
from tests.support import CORPUS

REV = "0123456789abcdef0123456789abcdef01234567"
OTHER = "89abcdef0123456789abcdef0123456789abcdef"
NIX32 = "0j4fqyyq8ihqs8fxgg6wnankv8z1bh069c4qr2ybpcdxmcpds12r"
SRI = "sha256-WQTdLqu9sbu8yJiwZABc4aM9rbLcvNcd0hhGhL3Hjkg="

NPINS, NIV, LON = "npins/sources.json", "nix/sources.json", "lon.lock"

GITHUB = {"type": "GitHub", "owner": "o", "repo": "r"}
ARCHIVE = f"https://github.com/o/r/archive/{REV}.tar.gz"
ASKED = {"type": "github", "owner": "o", "repo": "r"}
LOCKED = {**ASKED, "rev": REV, "url": ARCHIVE, "narHash": SRI}
NIV_PIN = {
    "branch": "main",
    "description": None,
    "homepage": "",
    "owner": "o",
    "repo": "r",
    "rev": REV,
    "sha256": NIX32,
    "type": "tarball",
    "url": ARCHIVE,
    "url_template": "https://github.com/<owner>/<repo>/archive/<rev>.tar.gz",
}
LON_PIN = {
    "type": "GitHub",
    "fetchType": "tarball",
    "owner": "o",
    "repo": "r",
    "branch": "main",
    "revision": REV,
    "url": ARCHIVE,
    "hash": SRI,
}


def npins(pins: Any, version: Any = 8) -> str:
    return json.dumps({"pins": pins, "version": version}, indent=2)


def lon(sources: Any, version: Any = "1") -> str:
    return json.dumps({"version": version, "sources": sources}, indent=2)


def read(path: str, text: str) -> tuple[Lock | None, tuple[Problem, ...]]:
    found = parse(Source(path, kind_of(path) or "", text))
    assert found.document is None or isinstance(found.document, Lock)
    return found.document, found.problems


def lock_of(path: str, text: str) -> Lock:
    lock, problems = read(path, text)
    assert not problems
    assert lock is not None
    return lock


def npin(pin: dict[str, Any], version: int = 8) -> tuple[dict[str, Attribute], dict[str, Attribute]]:
    node = lock_of(NPINS, npins({"x": pin}, version)).nodes["x"]
    assert not node.flake
    return dict(node.original.attributes), dict(node.locked.attributes)


# ---------------------------------------------------------------- npins


@pytest.mark.parametrize("version", range(9))
def test_a_branch_on_github(version: int) -> None:
    pin: dict[str, Any] = {
        "type": "Git",
        "repository": GITHUB,
        "branch": "main",
        "revision": REV,
        "url": ARCHIVE,
        "hash": NIX32 if version < 6 else SRI,
    }
    assert npin(pin, version) == ({**ASKED, "ref": "main"}, LOCKED)


def test_a_release_follows_no_ref_and_is_locked_to_a_tag() -> None:
    for url in ("tarball/v1.2", "tarball/refs/tags/v1.2"):
        original, locked = npin(
            {
                "type": "GitRelease",
                "repository": GITHUB,
                "pre_releases": False,
                "version_upper_bound": "2",
                "version": "v1.2",
                "revision": REV,
                "url": f"https://api.github.com/repos/o/r/{url}",
                "hash": SRI,
            }
        )
        assert original == {**ASKED, "version_upper_bound": "2"}
        assert (locked["ref"], locked["rev"], locked["type"]) == ("v1.2", REV, "github")


def test_a_group_on_gitlab() -> None:
    place = {"type": "GitLab", "repo_path": "g/s/r", "server": "https://gitlab.com/"}
    url = f"https://gitlab.com/api/v4/projects/g%2Fs%2Fr/repository/archive.tar.gz?sha={REV}"
    pin = {"type": "Git", "repository": place, "branch": "b", "revision": REV, "url": url, "hash": SRI}
    original, locked = npin(pin)
    assert original == {"type": "gitlab", "owner": "g%2Fs", "repo": "r", "ref": "b"}
    assert locked == {
        "type": "gitlab",
        "owner": "g%2Fs",
        "repo": "r",
        "rev": REV,
        "url": url,
        "narHash": SRI,
    }
    own = {**pin, "repository": {**place, "server": "https://git.corp.example"}, "url": None}
    assert npin(own)[0]["host"] == "git.corp.example"
    port = {**pin, "repository": {**place, "server": "http://git.corp.example:8080/"}, "url": None}
    assert npin(port)[0] == {
        "type": "git",
        "url": "http://git.corp.example:8080/g/s/r.git",
        "ref": "b",
    }


def test_forgejo_and_plain_git_are_git() -> None:
    place = {"type": "Forgejo", "server": "https://codeberg.org/", "owner": "o", "repo": "r"}
    url = f"https://codeberg.org/o/r/archive/{REV}.tar.gz"
    pin = {"type": "Git", "repository": place, "branch": "b", "revision": REV, "url": url, "hash": SRI}
    original, locked = npin(pin)
    assert original == {"type": "git", "url": "https://codeberg.org/o/r.git", "ref": "b"}
    assert locked == {
        "type": "git",
        "url": "https://codeberg.org/o/r.git",
        "rev": REV,
        "narHash": SRI,
    }
    plain = {**pin, "repository": {"type": "Git", "url": "ssh://git@h/o/r"}, "url": None}
    original, locked = npin(plain)
    assert original == {"type": "git", "url": "ssh://git@h/o/r", "ref": "b"}
    assert locked == {
        "type": "git",
        "url": "ssh://git@h/o/r",
        "rev": REV,
        "name": "r-0123456",
        "narHash": SRI,
    }


def test_submodules_are_cloned() -> None:
    pin = {
        "type": "Git",
        "repository": GITHUB,
        "branch": "b",
        "submodules": True,
        "lfs": True,
        "revision": REV,
        "url": None,
        "hash": SRI,
    }
    original, locked = npin(pin)
    clone = {"type": "git", "url": "https://github.com/o/r.git", "submodules": True, "lfs": True}
    assert original == {**clone, "ref": "b"}
    assert locked == {**clone, "rev": REV, "name": "r.git-0123456", "narHash": SRI}
    assert str(repository_of(lock_of(NPINS, npins({"x": pin})).nodes["x"].locked)) == "github.com/o/r"


def test_version_0_has_other_names() -> None:
    pin = {"type": "GitHub", "owner": "o", "repository": "r", "branch": "b", "revision": REV, "hash": NIX32}
    assert npin(pin, 0) == ({**ASKED, "ref": "b"}, {**ASKED, "rev": REV, "narHash": SRI})
    url = "https://api.github.com/repos/o/r/tarball/1.0"
    release = {
        "type": "GitHubRelease",
        "owner": "o",
        "repository": "r",
        "release_name": "1.0",
        "tarball_url": url,
        "hash": NIX32,
    }
    assert npin(release, 0) == (ASKED, {**ASKED, "ref": "1.0", "url": url, "narHash": SRI})
    clone = {"type": "Git", "repository_url": "https://h/r.git", "branch": "b", "revision": REV}
    assert npin(clone, 0)[1] == {"type": "git", "url": "https://h/r.git", "rev": REV}


def test_a_channel_is_a_branch_of_nixpkgs() -> None:
    url = "https://releases.nixos.org/nixos/25.05/nixos-25.05.1.0123456789ab/nixexprs.tar.xz"
    lock = lock_of(NPINS, npins({"n": {"type": "Channel", "name": "nixos-25.05", "url": url, "hash": SRI}}))
    node = lock.nodes["n"]
    assert node.original.attributes == {
        "type": "tarball",
        "url": "https://channels.nixos.org/nixos-25.05/nixexprs.tar.xz",
    }
    assert node.locked.attributes == {"type": "tarball", "url": url, "narHash": SRI}
    branch = branch_of(node)
    assert branch is not None
    assert branch.name == "nixos-25.05"
    assert lock.value("n", branch.part, branch.attribute).text == "nixos-25.05"


def test_urls() -> None:
    fixed = {"type": "tarball", "url": "https://h/a"}
    kept = {"type": "Tarball", "url": "https://h/a", "hash": SRI}
    assert npin(kept, 7) == (fixed, {**fixed, "narHash": SRI})
    moved = {"type": "tarball", "url": "https://h/b", "narHash": SRI}
    leading = {**fixed, "mutable": True}
    assert npin({**kept, "locked_url": "https://h/b"}, 7) == (leading, moved)
    assert npin({"type": "Url", "url": "https://h/a", "unpack": True, "hash": SRI})[0] == fixed
    mutable = {"type": "MutableUrl", "update_url": "https://h/a", "url": "https://h/b", "hash": SRI}
    assert npin({**mutable, "unpack": True}) == (leading, moved)
    assert npin({**mutable, "unpack": False}) == (
        {**leading, "type": "file"},
        {**moved, "type": "file", "flat": True},
    )


def test_packages_and_images() -> None:
    url = "https://files.pythonhosted.org/packages/a/b/x-1.0.tar.gz"
    pin = {"type": "PyPi", "name": "x", "version_upper_bound": "2", "version": "1.0", "url": url, "hash": SRI}
    assert npin(pin) == (
        {"type": "pypi", "name": "x", "version_upper_bound": "2"},
        {"type": "pypi", "name": "x", "version": "1.0", "url": url, "flat": True, "narHash": SRI},
    )
    assert npin({**pin, "url": "https://evil.example/x-1.0.tar.gz"})[1]["type"] == "file"
    digest = "sha256:" + "0" * 64
    image = {"type": "Container", "image_name": "h/x", "image_tag": "1", "image_digest": digest, "hash": SRI}
    original, locked = npin(image)
    assert original == {"type": "container", "url": "docker://h/x:1"}
    assert (locked["url"], locked["digest"]) == ("docker://h/x:1", digest)


def test_a_frozen_pin_says_so() -> None:
    pin = {"type": "Url", "url": "https://h/a", "unpack": True, "hash": SRI, "frozen": True}
    assert npin(pin)[0]["frozen"] is True
    assert "frozen" not in npin({**pin, "frozen": False})[0]


def test_what_is_fetched_counts_and_not_what_is_named() -> None:
    pin = {"type": "Git", "repository": GITHUB, "branch": "b", "revision": REV, "hash": SRI}
    elsewhere = f"https://github.com/evil/r/archive/{REV}.tar.gz"
    original, locked = npin({**pin, "url": elsewhere})
    assert original == {**ASKED, "ref": "b"}
    assert (locked["owner"], locked["rev"]) == ("evil", REV)
    assert npin({**pin, "url": f"https://evil.example/{REV}.tar.gz"})[1]["type"] == "tarball"
    assert npin({**pin, "url": f"http://github.com/o/r/archive/{REV}.tar.gz"})[1]["type"] == "tarball"
    other = npin({**pin, "url": f"https://github.com/o/r/archive/{OTHER}.tar.gz"})
    assert (other[0]["rev"], other[1]["rev"]) == (REV, OTHER)
    lock = lock_of(NPINS, npins({"x": {**pin, "url": elsewhere}}))
    assert lock.value("x", "locked", "owner").text == elsewhere
    release = {**pin, "type": "GitRelease", "version": "v1"}
    tag = npin({**release, "url": "https://api.github.com/repos/o/r/tarball/v0"})
    assert (tag[0]["ref"], tag[1]["ref"]) == ("v1", "v0")


def test_names_are_compared_in_any_case() -> None:
    pin = {
        "type": "Git",
        "repository": {**GITHUB, "owner": "O"},
        "branch": "b",
        "revision": REV,
        "url": ARCHIVE,
    }
    assert npin(pin)[1]["owner"] == "O"


# ---------------------------------------------------------------- niv


def niv(pin: dict[str, Any]) -> tuple[dict[str, Attribute], dict[str, Attribute]]:
    node = lock_of(NIV, json.dumps({"x": pin, "other": NIV_PIN}, indent=4)).nodes["x"]
    return dict(node.original.attributes), dict(node.locked.attributes)


def test_niv_on_github() -> None:
    assert niv(NIV_PIN) == ({**ASKED, "ref": "main"}, LOCKED)
    old = {key: value for key, value in NIV_PIN.items() if key not in ("type", "url_template")}
    assert niv(old) == ({**ASKED, "ref": "main"}, LOCKED)


@pytest.mark.parametrize(
    "hash",
    [
        NIX32,
        SRI,
        SRI.removeprefix("sha256-"),
        "sha256:" + NIX32,
        "5904dd2eabbdb1bbbcc898b064005ce1a33dadb2dcbcd71dd2184684bdc78e48",
    ],
)
def test_every_spelling_of_a_hash_counts(hash: str) -> None:
    assert niv({**NIV_PIN, "sha256": hash})[1]["narHash"] == SRI


def test_a_hash_that_is_none_is_kept_as_it_is() -> None:
    assert niv({**NIV_PIN, "sha256": "nonsense"})[1]["narHash"] == "nonsense"
    assert "narHash" not in niv({**NIV_PIN, "sha256": None})[1]


def test_niv_with_other_templates() -> None:
    gitlab = {
        **NIV_PIN,
        "url": f"https://gitlab.com/o/r/-/archive/{REV}/r-{REV}.tar.gz",
        "url_template": "https://gitlab.com/<owner>/<repo>/-/archive/<rev>/<repo>-<rev>.tar.gz",
    }
    original, locked = niv(gitlab)
    assert original == {"type": "gitlab", "owner": "o", "repo": "r", "ref": "main"}
    assert (locked["type"], locked["rev"]) == ("gitlab", REV)
    tag = "https://github.com/o/r/archive/refs/tags/<version>.tar.gz"
    original, locked = niv(
        {**NIV_PIN, "version": "v1", "url_template": tag, "url": tag.replace("<version>", "v1")}
    )
    assert original == {**ASKED, "ref": "refs/tags/v1"}
    assert (locked["ref"], locked["rev"]) == ("refs/tags/v1", REV)
    file = {
        "type": "file",
        "url": "https://h/x-1.bin",
        "url_template": "https://h/x-<version>.bin",
        "version": "1",
        "sha256": SRI,
    }
    assert niv(file) == (
        {"type": "file", "url": "https://h/x-1.bin"},
        {"type": "file", "url": "https://h/x-1.bin", "flat": True, "narHash": SRI},
    )


def test_niv_that_fetches_from_elsewhere() -> None:
    original, locked = niv({**NIV_PIN, "url": f"https://github.com/evil/r/archive/{REV}.tar.gz"})
    assert (original["owner"], locked["owner"]) == ("o", "evil")


def test_niv_clones_and_folders() -> None:
    clone = {"type": "git", "repo": "git@h:o/r.git", "branch": "b", "rev": REV}
    url = {"type": "git", "url": "git@h:o/r.git"}
    assert niv(clone) == ({**url, "ref": "b"}, {**url, "rev": REV})
    assert niv({"type": "local", "path": "./x"})[1] == {"type": "path", "path": "./x"}


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "not json",
        '{"version": "1.2", "hashes": {"x86_64-linux": "sha256-"}}',
        '{"version": "1", "x86_64-linux": {"url": "https://h/a", "sha256": "0"}}',
        '{"x86_64-linux": {"url": "https://h/a", "sha256": "0"}}',
        '{"version": 1, "one": {"rev": "0", "url": "https://h/a"}}',
        '{"tools": {"type": "table", "url": "https://h"}}',
    ],
)
def test_a_file_of_others_is_left_alone(text: str) -> None:
    assert read(NIV, text) == (None, ())


def test_a_broken_file_of_niv_is_a_problem() -> None:
    text = json.dumps({"x": NIV_PIN}, indent=4)
    lock, (problem,) = read(NIV, text[:-5])
    assert lock is None
    assert "not JSON" in problem.message
    lock, (problem,) = read(NIV, json.dumps({"x": NIV_PIN, "y": 1}))
    assert lock is not None
    assert problem.at.text == "1"
    assert "`y`" in problem.message


# ---------------------------------------------------------------- lon


def lon_pin(pin: dict[str, Any]) -> tuple[dict[str, Attribute], dict[str, Attribute]]:
    node = lock_of(LON, lon({"x": pin})).nodes["x"]
    return dict(node.original.attributes), dict(node.locked.attributes)


def test_lon() -> None:
    assert lon_pin(LON_PIN) == ({**ASKED, "ref": "main"}, LOCKED)
    clone = {
        "type": "Git",
        "fetchType": "git",
        "branch": "b",
        "revision": REV,
        "url": "git@h:o/r.git",
        "hash": SRI,
        "lastModified": 1_700_000_000,
        "submodules": True,
        "frozen": True,
    }
    url = {"type": "git", "url": "git@h:o/r.git", "submodules": True}
    assert lon_pin(clone) == (
        {**url, "ref": "b", "frozen": True},
        {**url, "rev": REV, "lastModified": 1_700_000_000, "narHash": SRI},
    )
    tarball = {"type": "Tarball", "fetchType": "tarball", "url": "https://h/a", "hash": SRI}
    fixed = {"type": "tarball", "url": "https://h/a"}
    assert lon_pin(tarball) == (fixed, {**fixed, "narHash": SRI})
    followed = {**tarball, "origin": "https://h/latest", "revision": REV}
    assert lon_pin(followed) == (
        {**fixed, "url": "https://h/latest", "mutable": True},
        {**fixed, "rev": REV, "narHash": SRI},
    )


# ---------------------------------------------------------------- what tools refuse

WHOLE_FILES = [
    (NPINS, "[]", "["),
    (NPINS, "{}", "{"),
    (NPINS, '{"pins": {}}', "{"),
    (NPINS, '{"pins": {}, "version": "8"}', "8"),
    (NPINS, '{"pins": {}, "version": true}', "true"),
    (NPINS, '{"pins": {}, "version": -1}', "-1"),
    (NPINS, '{"pins": {}, "version": 9}', "9"),
    (NPINS, '{"version": 8}', "{"),
    (NPINS, '{"pins": [], "version": 8}', "[]"),
    (LON, "1", "1"),
    (LON, '{"sources": {}}', "{"),
    (LON, '{"version": 1, "sources": {}}', "1"),
    (LON, '{"version": "2", "sources": {}}', "2"),
    (LON, '{"version": "1"}', "{"),
    (LON, '{"version": "1", "sources": null}', "null"),
]


@pytest.mark.parametrize(("path", "text", "at"), WHOLE_FILES)
def test_a_file_that_is_refused(path: str, text: str, at: str) -> None:
    lock, (problem,) = read(path, text)
    assert lock is None
    assert problem.at.text == at


GIT = {"type": "Git", "repository": GITHUB, "branch": "b", "revision": REV, "url": ARCHIVE, "hash": SRI}


@pytest.mark.parametrize(
    ("path", "text", "at", "kept"),
    [
        (NPINS, npins({"x": 1}), "1", False),
        (NPINS, npins({"": GIT}), "{", False),
        (NPINS, npins({"x": {}}), '"x"', False),
        (NPINS, npins({"x": {**GIT, "type": "Svn"}}), "Svn", False),
        (NPINS, npins({"x": {**GIT, "repository": {"type": "Svn"}}}), "Svn", False),
        (NPINS, npins({"x": {**GIT, "repository": {"type": "GitHub", "repo": "r"}}}), '"repository"', False),
        (NPINS, npins({"x": {**GIT, "branch": None}}), "null", True),
        (NPINS, npins({"x": {**GIT, "revision": 7}}), "7", True),
        (NPINS, npins({"x": {**GIT, "submodules": "yes"}}), "yes", True),
        (NPINS, npins({"x": {"type": "Channel"}}), '"x"', False),
        (NPINS, npins({"x": {"type": "Url", "unpack": True}}), '"x"', False),
        (NIV, json.dumps({"x": {**NIV_PIN, "type": "svn"}}), "svn", False),
        (NIV, json.dumps({"x": {**NIV_PIN, "url": 1}}), "1", True),
        (NIV, json.dumps({"x": {"type": "git", "rev": REV, "url": "h"}}), '"x"', False),
        (LON, lon({"x": {**LON_PIN, "type": "Svn"}}), "Svn", False),
        (LON, lon({"x": {**LON_PIN, "fetchType": "svn"}}), "svn", True),
        (LON, lon({"x": {**LON_PIN, "hash": ""}}), '""', True),
        (LON, lon({"x": {key: LON_PIN[key] for key in LON_PIN if key != "owner"}}), '"x"', False),
    ],
)
def test_a_pin_that_is_refused(path: str, text: str, at: str, kept: bool) -> None:
    lock, problems = read(path, text)
    assert lock is not None
    assert [problem.at.text for problem in problems] == [at]
    assert bool(lock.nodes) is kept
    assert all(problem.message[0].islower() and not problem.message.endswith(".") for problem in problems)


def test_a_file_with_conflicts_says_which_tool_to_run() -> None:
    for path, text, command in (
        (NPINS, "", "`npins init`"),
        (NPINS, f"<<<<<<< ours\n{npins({})}", "`npins update`"),
        (LON, f"<<<<<<< ours\n{lon({})}", "`lon update`"),
        (NIV, f"<<<<<<< ours\n{json.dumps({'x': NIV_PIN})}", "`niv update`"),
    ):
        lock, (problem,) = read(path, text)
        assert lock is None
        assert command in problem.message


# ---------------------------------------------------------------- places


@pytest.mark.parametrize(
    ("path", "text"),
    [(NPINS, npins({"x": GIT})), (NIV, json.dumps({"x": NIV_PIN})), (LON, lon({"x": LON_PIN}))],
)
def test_every_attribute_has_its_place(path: str, text: str) -> None:
    lock = lock_of(path, text)
    assert lock.key("x").text == lock.key("x", "locked").text == '"x"'
    assert lock.value("x", "locked", "lastModified").text == '"x"'
    places = {
        (part, name): lock.value("x", part, name).text
        for part, reference in (("original", lock.nodes["x"].original), ("locked", lock.nodes["x"].locked))
        for name in reference.attributes
        if name != "type"
    }
    hash = NIX32 if path == NIV else SRI
    branch = "b" if path == NPINS else "main"
    assert places == {
        ("original", "owner"): "o",
        ("original", "repo"): "r",
        ("original", "ref"): branch,
        ("locked", "owner"): "o",
        ("locked", "repo"): "r",
        ("locked", "url"): ARCHIVE,
        ("locked", "rev"): REV,
        ("locked", "narHash"): hash,
    }


def test_a_pin_may_have_the_names_of_the_format() -> None:
    lock = lock_of(NPINS, npins({"pins": GIT, "version": GIT, "locked": GIT}))
    assert list(lock.root_inputs) == ["pins", "version", "locked"]
    assert lock.value("locked", "locked", "rev").text == REV
    assert [lock.resolve(lock.root, name) for name in lock.root_inputs] == list(lock.root_inputs)


# ---------------------------------------------------------------- the graph


@pytest.mark.parametrize(
    ("path", "text", "tool"),
    [
        ("a/npins/sources.json", npins({"x": GIT}), "npins"),
        (NIV, json.dumps({"x": NIV_PIN}), "niv"),
        (LON, lon({"x": LON_PIN}), "lon"),
    ],
)
def test_pins_are_nodes(path: str, text: str, tool: str) -> None:
    graph, problems = repository({path: text})
    assert not problems
    (lock,) = graph.of(LockfileNode)
    (pin,) = graph.of(PinNode)
    assert lock.lock.tool.name == tool
    assert (pin.id, pin.kind, pin.label) == (f"pin:{path}#x", "pin", "x")
    assert [(edge.source, edge.target, edge.name) for edge in graph.out(lock.id, "input")] == [
        (f"lock:{path}", f"pin:{path}#x", "x")
    ]
    shown = pin.attributes()
    assert (shown["url"], shown["rev"], shown["narHash"]) == (ARCHIVE, REV, SRI)
    # niv's sources.nix chooses the name in the store, and no lock says which version of it there is
    assert ("storePath" in shown) is (tool != "niv")


@pytest.mark.parametrize(
    ("path", "declared", "all", "one", "frozen"),
    [
        (
            "a/npins/sources.json",
            "a/npins/sources.json",
            "cd a && npins update",
            "cd a && npins update x",
            "cd a && npins update --frozen x",
        ),
        (NPINS, NPINS, "npins update", "npins update x", "npins update --frozen x"),
        (LON, LON, "lon update", "lon update x", "lon unfreeze x && lon update x"),
    ],
)
def test_what_to_run(path: str, declared: str, all: str, one: str, frozen: str) -> None:
    text = lon if path == LON else npins
    pin: dict[str, Any] = LON_PIN if path == LON else GIT
    graph, problems = repository({path: text({"x": pin, "y": {**pin, "frozen": True}})})
    assert not problems
    first, second = inputs(graph)
    assert first.declared_in == declared
    assert (update(first.node.lock), first.update(), second.update()) == (
        f"`{all}`",
        f"`{one}`",
        f"`{frozen.replace(' x', ' y')}`",
    )


def test_pins_are_drawn() -> None:
    files = {NPINS: npins({"x": GIT}), "flake.nix": "{ outputs = _: { }; }", "nix.conf": "cores = 1"}
    graph, _ = repository(files)
    for draw in FORMATS.values():
        assert "npins/sources.json" in draw(graph, KNOWLEDGE)
    (pin,) = (node for node in json.loads(to_json(graph, KNOWLEDGE))["nodes"] if node["kind"] == "pin")
    assert pin["purl"] == f"pkg:github/o/r@{REV}"
    assert pin["tool"] == "npins"
    assert pin["storePath"].endswith("-source")


# ---------------------------------------------------------------- any input

TEXTS = [
    npins({"a": GIT, "b": {"type": "PyPi", "name": "x", "hash": SRI}, "c": {"type": "Channel", "name": "n"}}),
    json.dumps({"x": NIV_PIN, "y": {"type": "git", "repo": "h", "rev": REV}}),
    lon({"x": LON_PIN, "y": {"type": "Tarball", "fetchType": "tarball", "url": "h", "hash": SRI}}),
]
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def mutated(value: Any, draw: st.DrawFn) -> Any:
    """A copy in which one part, somewhere, is something else or gone."""
    if isinstance(value, dict) and value and draw(st.integers(0, 4)) > 0:
        key = draw(st.sampled_from(sorted(value)))
        if draw(st.integers(0, 5)) == 0:
            return {name: inner for name, inner in value.items() if name != key}
        return {**value, key: mutated(value[key], draw)}
    return draw(ODD)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, str]:
    at = draw(st.integers(0, 2))
    value = json.loads(TEXTS[at])
    for _ in range(draw(st.integers(1, 3))):
        value = mutated(value, draw)
    return (NPINS, NIV, LON)[at], json.dumps(value)


@settings(max_examples=300)
@given(mutations())
def test_mutated_files_never_raise(mutation: tuple[str, str]) -> None:
    path, text = mutation
    graph, problems = repository({path: text})
    for node in graph.of(PinNode):
        assert node.attributes()
        for part, reference in (("original", node.input.original), ("locked", node.input.locked)):
            for name in reference.attributes:
                at = node.lock.value(node.label, part, name)
                assert 0 <= at.start <= at.end <= len(text)
    assert all(problem.at.end <= len(text) for problem in problems)


@settings(max_examples=100)
@given(st.sampled_from([NPINS, NIV, LON]), st.integers(0, 2), st.integers(0, 400), st.text(max_size=3))
def test_damaged_texts_never_raise(path: str, which: int, at: int, put: str) -> None:
    text = TEXTS[which]
    repository({path: text[:at] + put + text[at + 1 :]})


def test_a_template_does_not_grow_without_bound() -> None:
    template = "<a>" * 1000
    original, _ = niv({**NIV_PIN, "url_template": template, "a": "b" * 100_000})
    assert original["url"] == template


# ---------------------------------------------------------------- real files


def test_real_files() -> None:
    if not CORPUS.is_dir():
        pytest.skip("the corpus of real repositories is not beside this checkout")
    paths = sorted(CORPUS.glob("open/*/**/sources.json"))
    assert paths
    count = 0
    for path in paths:
        lock = lock_of("/".join(path.parts[-2:]), path.read_text())
        for node in lock.nodes.values():
            count += 1
            assert (node.locked.nar_hash or "").startswith("sha256-")
            assert repository_of(node.locked) is not None
            # One pin of NotAShelf/nvf names Codeberg and still fetches from GitHub.
            same = repository_of(node.locked) == repository_of(node.original)
            assert same is (node.label != "registers-nvim")
            assert node.locked.rev is not None or node.locked.type == "tarball"
    assert count > 200
