"""What Nix's fetchers take. Every expectation of a table here is what Nix 2.34.8 answered for the same attributes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.parse.nix.reference import Attribute
from scanner.parse.nix.schemes import (
    TYPES,
    defect,
    is_id,
    is_locked,
    is_ref,
    is_relative,
    is_unlocked,
    locked_defect,
)
from tests.support import SHARED

ORACLE = SHARED / "oracles" / "nix"
REV = "1" * 40
HASH = "sha256-JuOd/nDrNafuqEg8hscYcyciHcE0fd9nrE+XTkOkRuE="

BASES: dict[str, dict[str, Attribute]] = {
    "github": {"owner": "o", "repo": "r"},
    "gitlab": {"owner": "o", "repo": "r"},
    "sourcehut": {"owner": "~o", "repo": "r"},
    "git": {"url": "https://git.example/r"},
    "hg": {"url": "https://hg.example/r"},
    "tarball": {"url": "https://example.org/x.tar.gz"},
    "file": {"url": "https://example.org/x"},
    "path": {"path": "/x"},
    "indirect": {"id": "nixpkgs"},
}
FORGES = ("github", "gitlab", "sourcehut")
HASHED = ("tarball", "file", "path")


def asked(scheme: str, **more: Attribute) -> dict[str, Attribute]:
    return {"type": scheme, **BASES[scheme], **more}


def locked(scheme: str, **more: Attribute) -> dict[str, Attribute]:
    proof: dict[str, Attribute] = {"narHash": HASH} if scheme in HASHED else {"rev": REV, "narHash": HASH}
    return {"type": scheme, **BASES[scheme], **proof, **more}


def without(attributes: dict[str, Attribute], *names: str) -> dict[str, Attribute]:
    return {name: value for name, value in attributes.items() if name not in names}


def culprit(attributes: dict[str, Attribute], *, is_lock: bool = False) -> str | None:
    found = locked_defect(attributes) if is_lock else defect(attributes)
    assert found is not None
    assert found.reason.startswith("has ")
    assert not found.reason.endswith(".")
    return found.attribute


# ---------------------------------------------------------------- any reference


@pytest.mark.parametrize("scheme", sorted(BASES))
def test_the_plain_reference_of_each_type_is_taken(scheme: str) -> None:
    assert defect(asked(scheme)) is None
    assert defect(asked(scheme, dir="../anything")) is None
    assert scheme in TYPES


def test_the_types_are_those_of_nix() -> None:
    assert set(BASES) == TYPES


@pytest.mark.parametrize("scheme", sorted(BASES))
def test_attributes_of_other_types_are_not_taken(scheme: str) -> None:
    assert culprit(asked(scheme, foo=1)) == "foo"
    assert culprit(asked(scheme, **{"evil`\n": "x"})) == "evil`\n"
    for other in ("submodules", "unpack", "id", "host", "path"):
        taken = {
            "submodules": ("git",),
            "unpack": ("tarball", "file"),
            "id": ("indirect",),
            "host": FORGES,
            "path": ("path",),
        }[other]
        if scheme not in taken:
            assert culprit(asked(scheme, **{other: "x"})) == other


@pytest.mark.parametrize(
    ("scheme", "name"),
    [
        ("github", "revCount"),
        ("hg", "lastModified"),
        ("indirect", "lastModified"),
        ("path", "ref"),
        ("file", "ref"),
    ],
)
def test_attributes_that_one_would_expect_but_are_not_taken(scheme: str, name: str) -> None:
    assert culprit(asked(scheme, **{name: 1})) == name


def test_hostile_texts_do_not_reach_the_message() -> None:
    found = defect(asked("github", **{"a`\x1b[31m" + "b" * 500: 1}))
    assert found is not None
    assert "\x1b" not in found.reason
    assert len(found.reason) < 150


@pytest.mark.parametrize("value", [1, True])
def test_a_type_must_be_there_and_be_a_text(value: Attribute) -> None:
    assert culprit({"owner": "o"}) is None
    assert culprit({}) is None
    assert culprit({"type": value}) == "type"


def test_nix_reads_over_an_original_of_a_type_that_it_does_not_know() -> None:
    assert defect({"type": "gitea", "owner": 1, "whatever": True}) is None
    assert culprit({"type": "gitea", "narHash": HASH}, is_lock=True) == "type"
    assert culprit({"type": "gitea", "dir": 1}) == "dir"
    assert culprit({"type": "gitea", "ref": 1}) == "ref"
    assert culprit({"type": "gitea", "revCount": "1"}) == "revCount"


@pytest.mark.parametrize(
    ("scheme", "name"),
    [
        *[(forge, name) for forge in FORGES for name in ("owner", "repo")],
        ("git", "url"),
        ("hg", "url"),
        ("path", "path"),
        ("indirect", "id"),
    ],
)
def test_required_attributes(scheme: str, name: str) -> None:
    assert culprit(without(asked(scheme), name)) is None
    assert culprit(asked(scheme, **{name: 1})) == name
    assert culprit(asked(scheme, **{name: True})) == name


def test_an_archive_is_read_without_a_url() -> None:
    assert defect({"type": "tarball"}) is None
    assert locked_defect({"type": "file", "narHash": HASH, "url": 1}) is None


@pytest.mark.parametrize("scheme", FORGES)
def test_an_owner_may_be_empty(scheme: str) -> None:
    assert defect(asked(scheme, owner="", repo="")) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[(name, value) for name in ("shallow", "submodules", "allRefs") for value in (1, "true", "")],
        ("ref", 1),
        ("revCount", "1"),
        ("revCount", True),
        ("lastModified", "x"),
        ("dir", 1),
    ],
)
def test_the_kinds_of_values_of_a_git_input(name: str, value: Attribute) -> None:
    assert culprit(asked("git", **{name: value})) == name


@pytest.mark.parametrize("value", [0, -1, 1.5, 2**64, 1e300])
def test_any_number_is_a_date(value: Attribute) -> None:
    assert defect(asked("github", lastModified=value)) is None


@pytest.mark.parametrize("name", ["verifyCommit", "keytype", "publicKey", "publicKeys"])
def test_what_needs_an_experimental_feature(name: str) -> None:
    assert culprit(asked("git", **{name: "x"})) == name


REFS = {
    "main": True,
    "nixos-24.11": True,
    "refs/heads/main": True,
    "HEAD": True,
    "feature/x": True,
    "a@b": True,
    "+x": True,
    "{": True,
    "é": True,
    "refs/heads/-x": True,
    "-x/y": True,
    "x./y": True,
    "a.lockb": True,
    REV: True,
    "x" * 300: True,
    "": False,
    "@": False,
    "-x": False,
    "-": False,
    "a..b": False,
    "a b": False,
    "a\tb": False,
    "a\x7fb": False,
    "a~b": False,
    "a^b": False,
    "a:b": False,
    "a?b": False,
    "a*b": False,
    "a[b": False,
    "a\\b": False,
    "a@{b": False,
    ".x": False,
    "x.": False,
    "/x": False,
    "x/": False,
    "x//y": False,
    "a/.b": False,
    "a/./b": False,
    "x.lock": False,
    "x.lock/y": False,
    "refs/": False,
}


@pytest.mark.parametrize(("ref", "is_legal"), REFS.items())
def test_refs(ref: str, is_legal: bool) -> None:
    assert is_ref(ref) is is_legal
    for scheme in (*FORGES, "git"):
        assert (defect(asked(scheme, ref=ref)) is None) is is_legal
    # the registry takes any
    assert defect(asked("indirect", ref=ref)) is None


@pytest.mark.parametrize(
    ("ref", "is_legal"),
    [
        ("a..b", True),
        ("x.", True),
        ("@", True),
        ("x/", True),
        ("", False),
        ("é", False),
        ("+x", False),
        ("-x/y", False),
    ],
)
def test_refs_of_mercurial_are_others(ref: str, is_legal: bool) -> None:
    assert (defect(asked("hg", ref=ref)) is None) is is_legal


@pytest.mark.parametrize("scheme", FORGES)
def test_a_forge_takes_a_ref_or_a_rev(scheme: str) -> None:
    assert culprit(asked(scheme, ref="main", rev=REV)) == "ref"
    assert defect(asked("git", ref="main", rev=REV)) is None
    assert defect(asked("indirect", ref="main", rev=REV)) is None


@pytest.mark.parametrize("host", ["git.example", "", "-", "a..b", "GIT"])
def test_hosts(host: str) -> None:
    assert defect(asked("gitlab", host=host)) is None


@pytest.mark.parametrize("host", ["a_b", "a:8080", "a/b", "é", "a b", "a\n", "evil.example/../x", 1, True])
def test_no_hosts(host: Attribute) -> None:
    assert culprit(asked("gitlab", host=host)) == "host"


@pytest.mark.parametrize("name", ["n", "N", "n_-1"])
def test_names_of_the_registry(name: str) -> None:
    assert is_id(name)
    assert defect(asked("indirect", id=name)) is None


@pytest.mark.parametrize("name", ["", "1n", "_n", "n.x", "n/x", "é", "n\n", "1bad id"])
def test_no_names_of_the_registry(name: str) -> None:
    assert not is_id(name)
    assert culprit(asked("indirect", id=name)) == "id"


GIT_URLS = {
    "https://git.example/r": True,
    "git@git.example:o/r.git": True,
    "git@[::1]:r": True,
    "git@git.example:22:r": True,
    "ssh://git@git.example:22/r": True,
    "git+https://git.example/r": True,
    "/r": True,
    "./r": True,
    "r": True,
    "": True,
    "/a b": True,
    "x/y@h:r": True,
    "file:r": True,
    "file:///r": True,
    "what://ever": True,
    "https://git.example/r#f": True,
    "file://host/r": False,
    "host:r": False,
    "https:host": False,
    "https:/host/r": False,
    "github:o/r": False,
    "ssh://git@git.example:o/r": False,
    "https://git.example/a b": False,
    "https://git.example/é": False,
    "https://git.example/%zz": False,
    "https://git.example?x=a b": False,
    "https://git.example/r\n": False,
    " https://git.example/r": False,
    "git@git.example:o r": False,
    "://h": False,
}


@pytest.mark.parametrize(("url", "is_legal"), GIT_URLS.items())
def test_urls_of_git(url: str, is_legal: bool) -> None:
    found = defect(asked("git", url=url))
    assert (found is None) is is_legal
    assert found is None or found.attribute == "url"


@pytest.mark.parametrize("url", ["r", "/r", "git@hg.example:r", "", "https://hg.example/a b"])
def test_mercurial_takes_urls_only(url: str) -> None:
    assert culprit(asked("hg", url=url)) == "url"
    # what an archive's URL is like, Nix sees when it downloads
    assert locked_defect(locked("tarball", url=url)) is None


# ---------------------------------------------------------------- locked ones

REVS = {
    REV: True,
    "A" * 40: True,
    "0" * 40: True,
    f"sha1:{REV}": True,
    "1" * 32: True,
    "z" * 32: True,
    "A" * 27 + "=": True,
    "sha1-" + "A" * 27 + "=": True,
    "sha1-" + "A" * 27: True,
    "": False,
    "main": False,
    REV[:7]: False,
    REV[:39]: False,
    REV + "1": False,
    "1" * 64: False,
    "e" * 32: False,
    "A" * 28: False,
    "A" * 27: False,
    "_" * 27 + "=": False,
    f"sha1-{REV}": False,
    "sha1:": False,
    f"what:{REV}": False,
    "x:y:z": False,
    "blake3:" + "1" * 64: False,
    "sha256:" + "z" * 52: False,
}
OTHER_REVS = ("sha256:" + "1" * 64, "sha256:" + "1" * 52, "sha256-" + "A" * 43 + "=", "md5:" + "1" * 32)


@pytest.mark.parametrize(("rev", "is_legal"), REVS.items())
def test_revs(rev: str, is_legal: bool) -> None:
    for scheme in (*FORGES, "git", "hg", "indirect"):
        found = locked_defect(locked(scheme, rev=rev))
        assert (found is None) is is_legal, scheme
        assert found is None or found.attribute == "rev"
    for scheme in FORGES:
        assert (defect(asked(scheme, rev=rev)) is None) is is_legal
    # of an archive or a path nobody reads it
    for scheme in HASHED:
        assert locked_defect(locked(scheme, rev=rev)) is None


@pytest.mark.parametrize("rev", OTHER_REVS)
def test_only_git_and_mercurial_take_other_hashes(rev: str) -> None:
    assert locked_defect(locked("git", rev=rev)) is None
    assert locked_defect(locked("hg", rev=rev)) is None
    assert culprit(locked("github", rev=rev), is_lock=True) == "rev"


def test_what_is_asked_for_may_have_a_rev_that_is_none() -> None:
    assert defect(asked("git", rev="main")) is None
    assert culprit(asked("github", rev="main")) == "rev"
    assert culprit(locked("git", rev=1), is_lock=True) == "rev"


NAR_HASHES = {
    HASH: True,
    HASH[:-1]: True,
    "": True,
    HASH + "\n": True,
    HASH + "x": True,
    "sha256-" + "A" * 43 + "=": True,
    "sha256-A\n" + "A" * 42 + "=": True,
    "x": False,
    "sha256-": False,
    "sha256-foo": False,
    HASH.replace("/", "_"): False,
    "sha256:" + "1" * 64: False,
    "sha256:" + "1" * 52: False,
    "md5-" + "A" * 22 + "==": False,
    "sha1-" + "A" * 27 + "=": False,
    "sha512-" + "A" * 86 + "==": False,
    "SHA256-" + HASH[7:]: False,
    " " + HASH: False,
    "sha256-" + "A" * 44: False,
    "sha256-" + "A" * 42 + "==": False,
    "sha256-é": False,
    "blake3-" + "A" * 43 + "=": False,
}


@pytest.mark.parametrize(("value", "is_legal"), NAR_HASHES.items())
def test_nar_hashes(value: str, is_legal: bool) -> None:
    for scheme in HASHED:
        found = locked_defect(locked(scheme, narHash=value))
        assert (found is None) is is_legal, scheme
        assert found is None or found.attribute == "narHash"
    for scheme in ("github", "git", "hg"):
        # nobody reads it as long as a commit locks the input
        assert locked_defect(locked(scheme, narHash=value)) is None
        assert (locked_defect(without(locked(scheme, narHash=value), "rev")) is None) is is_legal


def test_a_nar_hash_need_not_even_be_a_text_beside_a_commit() -> None:
    assert locked_defect(locked("github", narHash=1)) is None
    assert culprit(locked("path", narHash=1), is_lock=True) == "narHash"
    assert culprit(without(locked("git", narHash=True), "rev"), is_lock=True) == "narHash"


@pytest.mark.parametrize("scheme", [*FORGES, "git", "hg"])
def test_a_commit_locks_a_repository(scheme: str) -> None:
    assert is_locked(locked(scheme))
    assert is_locked(without(locked(scheme), "narHash"))
    by_hash = without(locked(scheme), "rev")
    assert not is_locked(by_hash)
    assert not is_unlocked(by_hash)
    assert locked_defect(by_hash) is None
    nothing = without(locked(scheme), "rev", "narHash")
    assert is_unlocked(nothing)
    assert culprit(nothing, is_lock=True) is None


def test_the_commit_of_a_repository_without_commits_locks_nothing() -> None:
    for rev in ("0" * 40, "A" * 27 + "=", "sha1:" + "0" * 40):
        assert not is_locked(locked("git", rev=rev))
        assert is_unlocked(without(locked("git", rev=rev), "narHash"))
        assert is_locked(locked("github", rev=rev))
    assert is_locked(locked("git", rev="sha256:" + "0" * 64))


def test_a_dirty_tree_is_not_locked() -> None:
    assert is_unlocked(asked("git", dirtyRev=f"{REV}-dirty"))
    assert locked_defect(asked("git", dirtyRev=f"{REV}-dirty", narHash=HASH)) is None


@pytest.mark.parametrize("scheme", HASHED)
def test_a_hash_locks_the_rest(scheme: str) -> None:
    assert is_locked(locked(scheme))
    assert is_unlocked(without(locked(scheme, rev=REV), "narHash"))
    assert not is_locked(without(locked(scheme, rev=REV), "narHash"))


def test_a_name_of_the_registry_is_never_locked() -> None:
    assert not is_locked(locked("indirect"))
    assert locked_defect(locked("indirect")) is None
    assert is_unlocked(asked("indirect", rev=REV))


@pytest.mark.parametrize("path", ["./x", "../x", "x", ""])
def test_a_relative_path_needs_no_lock(path: str) -> None:
    attributes = asked("path", path=path)
    assert is_relative(attributes)
    assert not is_locked(attributes)
    assert not is_unlocked(attributes)
    assert locked_defect(attributes) is None


def test_what_is_for_the_inside_of_nix() -> None:
    assert defect(asked("github", __final=True)) is None
    assert culprit(locked("github", __final=False), is_lock=True) == "__final"


# ---------------------------------------------------------------- whole locks

VALUES = st.one_of(st.text(max_size=50), st.integers(), st.floats(), st.booleans())
NAMES = st.sampled_from(
    sorted({name for base in BASES.values() for name in base} | {"rev", "ref", "narHash", "host", "dir"})
)


@given(st.sampled_from([*sorted(BASES), "gitea"]), st.dictionaries(NAMES | st.text(max_size=5), VALUES))
def test_anything_has_an_answer(scheme: str, more: dict[str, Attribute]) -> None:
    attributes = {**BASES.get(scheme, {}), **more, "type": scheme}
    found = locked_defect(attributes)
    if defect(attributes) is not None or is_unlocked(attributes):
        assert found is not None
    if found is not None:
        assert found.attribute is None or found.attribute in attributes
        assert "\n" not in found.reason


def _reachable(data: dict[str, Any]) -> Iterator[Any]:
    nodes = data["nodes"]
    waiting, seen = [data["root"]], {data["root"]}
    while waiting:
        node = nodes[waiting.pop()]
        inputs = node.get("inputs") or {}
        targets = (
            [target for target in inputs.values() if isinstance(target, str)]
            if isinstance(inputs, dict)
            else []
        )
        for label in targets:
            if label not in seen and label in nodes:
                seen.add(label)
                waiting.append(label)
                yield nodes[label]


def _refused(data: dict[str, Any]) -> bool:
    for node in _reachable(data):
        if not isinstance(node, dict):
            continue
        for part, question in (("locked", locked_defect), ("original", defect)):
            value = node.get(part)
            if not isinstance(value, dict) or any(
                isinstance(item, list | dict | None) for item in value.values()
            ):
                continue
            info = node.get("info")
            if (
                question({**value, **(info if part == "locked" and isinstance(info, dict) else {})})
                is not None
            ):
                return True
    return False


@pytest.mark.skipif(not (ORACLE / "verdicts").is_dir(), reason="the shared verdicts are not here")
def test_the_verdicts_of_nix() -> None:
    """Of hand-made locks, refused ones whose message is about a reference, and all that are accepted."""
    about = (
        "attribute '",
        "hash '",
        "unlocked input",
        "flake ID",
        "branch/tag",
        "instance host",
        "contains both",
    )
    counted = {"accept": 0, "reject": 0, "crash": 0}
    for name, case in json.loads((ORACLE / "verdicts" / "index.json").read_text("utf-8")).items():
        answer = case["nix"].get("2.34.8")
        try:
            data = json.loads((ORACLE / "verdicts" / case["file"]).read_text("utf-8-sig"))
        except ValueError:
            continue
        if answer is None or not isinstance(data, dict) or data.get("root") not in (data.get("nodes") or {}):
            continue
        verdict = answer["verdict"]
        # a part that is missing or empty is for the reader of the lock to see
        is_ours = (
            any(text in answer["message"] for text in about)
            and "missing in lock file" not in answer["message"]
        )
        if verdict == "reject" and not is_ours and '{"' not in answer["message"]:
            continue
        counted[verdict] += 1
        assert _refused(data) is (verdict != "accept"), name
    assert counted["accept"] >= 70
    assert counted["reject"] >= 25
    assert counted["crash"] == 4


@pytest.mark.skipif(not (ORACLE / "real").is_dir(), reason="the shared real locks are not here")
def test_real_locks_have_no_defects() -> None:
    locks: list[Path] = sorted((ORACLE / "real").rglob("*.lock"))
    assert len(locks) > 300
    for path in locks:
        assert not _refused(json.loads(path.read_text("utf-8"))), path
