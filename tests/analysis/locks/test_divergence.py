"""`locked` against `original`: silent for what Nix makes of a reference, never silent when its source is another."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scanner.analysis.locks.divergence import Divergence, divergence
from scanner.analysis.locks.locking import is_dirty, names_commit
from scanner.parse.nix.reference import Reference
from tests.memory import KNOWLEDGE

HASH = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="
REV = "abcdef0123456789abcdef0123456789abcdef01"
OTHER = "12345678" * 5

Attributes = dict[str, Any]

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,12}", fullmatch=True)
HOSTS = st.from_regex(r"[a-z0-9]{1,8}(\.[a-z]{2,5}){1,2}", fullmatch=True)
FORGES = ("github", "gitlab", "sourcehut")
DEFAULT_HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "sourcehut": "git.sr.ht"}


def forges() -> st.SearchStrategy[Attributes]:
    return st.fixed_dictionaries(
        {"type": st.sampled_from(FORGES), "owner": NAMES, "repo": NAMES},
        optional={"host": HOSTS, "dir": NAMES},
    )


def clones() -> st.SearchStrategy[Attributes]:
    schemes = st.sampled_from(("https", "ssh"))
    urls = st.builds(lambda scheme, host, path: f"{scheme}://{host}/{path}", schemes, HOSTS, NAMES)
    optional = {"ref": NAMES, "dir": NAMES, "submodules": st.booleans()}
    return st.fixed_dictionaries({"type": st.sampled_from(("git", "hg")), "url": urls}, optional=optional)


def archives() -> st.SearchStrategy[Attributes]:
    urls = st.builds(lambda host, path: f"https://{host}/{path}.tar.gz", HOSTS, NAMES)
    return st.fixed_dictionaries(
        {"type": st.sampled_from(("tarball", "file")), "url": urls}, optional={"dir": NAMES}
    )


def folders() -> st.SearchStrategy[Attributes]:
    paths = st.builds(lambda start, name: f"{start}{name}", st.sampled_from(("/srv/", "./", "../")), NAMES)
    return st.fixed_dictionaries({"type": st.just("path"), "path": paths})


def originals() -> st.SearchStrategy[Attributes]:
    """What can be asked for; `locked` makes of it what Nix does."""
    return st.one_of(forges(), clones(), archives(), folders())


def locked(original: Attributes) -> Attributes:
    """What Nix locks: without the branch for forges, with a commit where there is one, and with a hash."""
    made = {key: value for key, value in original.items() if key != "ref" or original["type"] == "git"}
    if original["type"] in (*FORGES, "git", "hg"):
        made.setdefault("rev", REV)
    return {**made, "narHash": HASH, "lastModified": 5}


def diverges(original: Attributes, got: Attributes) -> Divergence | None:
    return divergence(Reference(original), Reference(got), KNOWLEDGE)


def found(original: Attributes, got: Attributes) -> Divergence:
    """A divergence, whose place is in what is locked unless it is not there."""
    answer = diverges(original, got)
    assert answer is not None
    assert answer.asked != answer.got
    assert answer.attribute in got or answer.got is None or answer.attribute in ("host", "type")
    return answer


# ---------------------------------------------------------------- silent


@given(originals())
def test_the_same_reference_is_no_divergence(original: Attributes) -> None:
    assert diverges(original, original) is None
    assert diverges(original, locked(original)) is None


@given(forges(), NAMES)
def test_a_branch_of_a_forge_is_not_kept(original: Attributes, ref: str) -> None:
    assert diverges({**original, "ref": ref}, locked(original)) is None


@given(forges())
def test_the_host_of_a_forge_may_be_said_or_not(original: Attributes) -> None:
    named = {**original, "host": DEFAULT_HOSTS[original["type"]]}
    unnamed = {key: value for key, value in original.items() if key != "host"}
    assert diverges(unnamed, locked(named)) is None
    assert diverges(named, locked(unnamed)) is None


@given(forges())
def test_forges_do_not_tell_capitals(original: Attributes) -> None:
    capitals = {key: value.upper() if key in ("owner", "repo", "host") else value
                for key, value in original.items()}  # fmt: skip
    assert diverges(original, locked(capitals)) is None


@given(originals())
def test_a_commit_that_is_asked_for_and_got(original: Attributes) -> None:
    assume(original["type"] not in ("path", "tarball", "file"))
    assert diverges({**original, "rev": REV.upper()}, locked({**original, "rev": REV})) is None


# ---------------------------------------------------------------- never silent


@given(forges(), st.sampled_from(("owner", "repo")), NAMES)
def test_another_owner_or_repository(original: Attributes, what: str, other: str) -> None:
    assume(other.lower() != original[what].lower())
    answer = found(original, {**locked(original), what: other})
    assert (answer.what, answer.asked, answer.got) == (what, original[what], other)


@given(forges(), HOSTS)
def test_another_host_of_a_forge(original: Attributes, other: str) -> None:
    assume(other != original.get("host", DEFAULT_HOSTS[original["type"]]))
    assert found(original, {**locked(original), "host": other}).what == "host"


@given(st.one_of(clones(), archives()), HOSTS)
def test_another_host_in_a_url(original: Attributes, other: str) -> None:
    host = original["url"].split("/")[2]
    assume(other != host)
    got = {**locked(original), "url": original["url"].replace(f"://{host}/", f"://{other}/", 1)}
    answer = found(original, got)
    assert answer.what in ("host", "redirect")
    assert (answer.asked, answer.got) == (host, other)


@given(st.one_of(clones(), archives()), NAMES)
def test_another_path_in_a_url(original: Attributes, other: str) -> None:
    head, _, last = original["url"].rpartition("/")
    name = last.removesuffix(".tar.gz")
    assume(other.lower() != name.lower())
    got = {**locked(original), "url": f"{head}/{other}{last[len(name) :]}"}
    assert found(original, got).what in ("url", "redirect")


@given(originals(), originals())
def test_another_type(original: Attributes, other: Attributes) -> None:
    archives = {"tarball", "file"}
    assume(original["type"] != other["type"] and not {original["type"], other["type"]} <= archives)
    # the hosts of the one are not those of the other: a repository can be fetched in more than one way
    assume(original.get("host", "") not in str(other) or "host" not in original)
    answer = found(original, locked(other))
    assert answer.what in ("type", "local")


@given(folders(), folders())
def test_another_folder(original: Attributes, other: Attributes) -> None:
    assume(original != other)
    assert found(original, locked(other)).what == "path"


@given(st.one_of(forges(), clones(), archives()), folders())
def test_a_folder_of_a_machine(original: Attributes, other: Attributes) -> None:
    assert found(original, locked(other)).what == "local"


@given(originals())
def test_another_commit(original: Attributes) -> None:
    assume(original["type"] in (*FORGES, "git", "hg"))
    answer = found({**original, "rev": REV}, {**locked(original), "rev": OTHER})
    assert (answer.what, answer.asked, answer.got) == ("rev", REV, OTHER)


@given(originals(), NAMES)
def test_another_folder_of_the_repository(original: Attributes, other: str) -> None:
    assume(other != original.get("dir"))
    answer = found(original, {**locked(original), "dir": other})
    assert (answer.what, answer.asked, answer.got) == ("dir", original.get("dir"), other)


@given(st.dictionaries(st.text(max_size=8), st.one_of(st.text(), st.integers(), st.booleans())),
       st.dictionaries(st.text(max_size=8), st.one_of(st.text(), st.integers(), st.booleans())),
       st.sampled_from((*FORGES, "git", "hg", "tarball", "file", "path", "indirect", "forge")),
       st.sampled_from((*FORGES, "git", "hg", "tarball", "file", "path", "indirect", "forge")))  # fmt: skip
def test_anything_has_an_answer(one: Attributes, other: Attributes, type: str, got: str) -> None:
    diverges({**one, "type": type}, {**other, "type": got})


@given(st.sampled_from(FORGES), st.sampled_from(("git", "hg", "tarball", "file")), st.text(), st.text())
def test_any_text_as_a_url_has_an_answer(forge: str, type: str, one: str, other: str) -> None:
    diverges({"type": type, "url": one}, {"type": type, "url": other})
    diverges({"type": forge, "owner": one, "repo": other}, {"type": type, "url": one})


# ---------------------------------------------------------------- one by one

CHANNEL = "https://channels.nixos.org/nixos-26.05/nixexprs.tar.xz"
RELEASE = "https://releases.nixos.org/nixos/26.05/nixos-26.05.123.abcdef012345/nixexprs.tar.xz"


def tarball(url: str) -> Attributes:
    return {"type": "tarball", "url": url}


def git(url: str, **more: Any) -> Attributes:
    return {"type": "git", "url": url, **more}


GITHUB: Attributes = {"type": "github", "owner": "e", "repo": "a"}


@pytest.mark.parametrize(
    ("original", "got"),
    [
        (tarball(CHANNEL), tarball(RELEASE)),
        (tarball("https://flakehub.com/f/e/a/1.0"), tarball("https://api.flakehub.com/f/pinned/e/a/1.0.3/x/source.tar.gz")),
        (tarball("https://e.org/a.tar.gz"), {**tarball("https://e.org/a.tar.gz"), "type": "file"}),
        (git("https://github.com/e/a"), git("https://github.com/e/a.git")),
        (git("http://e.org/a"), git("https://e.org/a")),
        (git("https://e.org/a"), git("ssh://git@e.org/a")),
        (git("https://e.org/a", ref="main"), git("https://e.org/a", ref="refs/heads/main")),
        (git("https://e.org/a"), git("https://e.org/a", ref="refs/heads/main")),
        (git("file:///home/ada/a"), git("file:///home/eve/a")),
        (GITHUB, git("https://github.com/e/a")),
        (git("git@github.com:e/a.git"), GITHUB),
        ({**GITHUB, "type": "gitlab", "owner": "e%2Ff"}, {**GITHUB, "type": "gitlab", "owner": "e/f"}),
        ({"type": "indirect", "id": "nixpkgs"}, {**GITHUB, "owner": "NixOS", "repo": "nixpkgs"}),
        ({"type": "indirect", "id": "nixpkgs"}, tarball(RELEASE)),
        ({"type": "indirect", "id": "of-our-own"}, GITHUB),
    ],
)  # fmt: skip
def test_what_is_locked_elsewhere_by_itself(original: Attributes, got: Attributes) -> None:
    assert diverges(original, locked(got)) is None


@pytest.mark.parametrize(
    ("original", "got", "what"),
    [
        (tarball(CHANNEL), tarball("https://releases.nixos.example/nixexprs.tar.xz"), "redirect"),
        (tarball(CHANNEL), tarball(RELEASE.replace("https:", "http:")), "redirect"),
        (tarball("https://flakehub.com/f/e/a/1.0"), tarball("https://api.flakehub.com/f/pinned/m/a/1.0.3/x/source.tar.gz"), "url"),
        (tarball("https://flakehub.com/f/e/a/1.0"), tarball("https://m.example/a.tar.gz"), "host"),
        (tarball("https://github.com/e/a/archive/main.tar.gz"), tarball("https://github.com/m/a/archive/main.tar.gz"), "url"),
        (tarball("https://e.org/a.tar.gz"), tarball("http://e.org/a.tar.gz"), "url"),
        (tarball("https://e.org/a.tar.gz"), tarball("file:///tmp/a.tar.gz"), "local"),
        (git("https://e.org/a"), git("http://e.org/a"), "url"),
        (git("https://e.org/a"), git("git://e.org/a"), "url"),
        (git("https://e.org/a", ref="main"), git("https://e.org/a", ref="evil"), "ref"),
        (git("https://e.org/a"), git("https://e.org@m.example/a"), "host"),
        (git("https://e.org/a"), git("file:///tmp/a"), "local"),
        (GITHUB, git("https://github.com/m/a"), "type"),
        (GITHUB, {**GITHUB, "type": "gitlab"}, "type"),
        (GITHUB, {**GITHUB, "owner": "e/../m"}, "owner"),
        ({"type": "indirect", "id": "nixpkgs"}, {**GITHUB, "owner": "m", "repo": "nixpkgs"}, "registry"),
        ({"type": "indirect", "id": "nixpkgs", "rev": OTHER}, {**GITHUB, "owner": "NixOS", "repo": "nixpkgs"}, "rev"),
    ],
)  # fmt: skip
def test_what_is_not(original: Attributes, got: Attributes, what: str) -> None:
    assert found(original, locked(got)).what == what


# ---------------------------------------------------------------- what fixes an input


@pytest.mark.parametrize(
    ("attributes", "commit", "dirty"),
    [
        ({**GITHUB, "rev": REV}, True, False),
        ({**GITHUB, "ref": "main", "narHash": HASH}, False, False),
        (git("https://e.org/a", rev=REV), True, False),
        (git("https://e.org/a", rev="0" * 40), False, True),
        (git("file:///a", dirtyRev=f"{REV}-dirty", narHash=HASH), False, True),
        (git("file:///a", dirtyShortRev="abcdef0-dirty"), False, True),
        ({"type": "hg", "url": "https://e.org/a", "rev": REV}, True, False),
        ({**tarball("https://e.org/a.zip"), "narHash": HASH}, False, False),
        ({"type": "path", "path": "/a", "narHash": HASH, "rev": REV}, False, False),
    ],
)
def test_what_fixes_an_input(attributes: Attributes, commit: bool, dirty: bool) -> None:
    assert names_commit(Reference(attributes)) is commit
    assert is_dirty(Reference(attributes)) is dirty


# ---------------------------------------------------------------- URLs that do not lead where they seem to

ARCHIVE = "https://github.com/e/a/archive/v1.tar.gz"


@pytest.mark.parametrize("original", [tarball(ARCHIVE), GITHUB], ids=["tarball", "github"])
@pytest.mark.parametrize(
    "url",
    [
        # Nix 2.34.8 asks for each of these at m.example, or for a repository of m's.
        "https://m.example#@github.com/e/a/archive/v1.tar.gz",
        "https://m.example?@github.com/e/a/archive/v1.tar.gz",
        "https://m.example?x=@github.com/e/a/archive/v1.tar.gz",
        "https://github.com/e/a/archive/../../../m/a/archive/v1.tar.gz",
        "https://github.com/e/a/archive/%2e%2e/%2e%2e/%2E./m/a/archive/v1.tar.gz",
    ],
)
def test_a_url_in_disguise(original: Attributes, url: str) -> None:
    assert diverges(original, locked(tarball(url))) is not None


@pytest.mark.parametrize(
    ("original", "locked"),
    [
        # a proposal under the name of the repository
        (
            {"type": "git", "url": "https://e.org/a"},
            {"type": "git", "url": "https://e.org/a", "ref": "refs/pull/1/head"},
        ),
        (GITHUB, {"type": "git", "url": "https://github.com/e/a", "ref": "refs/pull/1/head"}),
        (GITHUB, {"type": "git", "url": "https://github.com/e/a", "submodules": True}),
        # another release of FlakeHub or of NixOS than the one that was asked for
        (
            {"type": "tarball", "url": "https://flakehub.com/f/NixOS/nixpkgs/0.1.tar.gz"},
            {
                "type": "tarball",
                "url": "https://api.flakehub.com/f/pinned/NixOS/nixpkgs/0.2205.1/x/source.tar.gz",
            },
        ),
        (
            {"type": "tarball", "url": "https://channels.nixos.org/nixos-unstable/nixexprs.tar.xz"},
            {
                "type": "tarball",
                "url": "https://releases.nixos.org/nixos/19.09/nixos-19.09.1/nixexprs.tar.xz",
            },
        ),
    ],
)
def test_another_state_of_the_same_place(original: Attributes, locked: Attributes) -> None:
    assert diverges(original, locked) is not None


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        ("0.1", "0.1.9"),
        ("0.1.2", "0.1.9"),
        ("1", "1.9.0"),
        ("1.2", "1.9.0"),
        ("*", "3.0.0"),
        ("0.2505", "0.2505.8"),
    ],
)
def test_versions_in_the_range_of_flakehub(asked: str, version: str) -> None:
    original = {"type": "tarball", "url": f"https://flakehub.com/f/e/a/{asked}"}
    locked = {"type": "tarball", "url": f"https://api.flakehub.com/f/pinned/e/a/{version}/x/source.tar.gz"}
    assert diverges(original, locked) is None
