"""Flake references as text. The tables here are what Nix 2.34.8 answered to `builtins.parseFlakeRef`, and in flake.nix."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.parse.nix.canonical import canonical
from scanner.parse.nix.flakeref import parse_reference, same_request
from scanner.parse.nix.reference import Attribute, Reference
from tests.support import SHARED

ORACLE = SHARED / "oracles" / "nix"
REV = "a" * 40
HASH = "sha256-JuOd/nDrNafuqEg8hscYcyciHcE0fd9nrE+XTkOkRuE="


def read(text: str, *, flake: bool = True) -> dict[str, Attribute]:
    found = parse_reference(text, flake=flake)
    assert isinstance(found, Reference), found
    return dict(found.attributes)


def refused(text: str) -> str:
    found = parse_reference(text)
    assert isinstance(found, str), found
    assert found
    assert not found.endswith(".")
    return found


def forge(text: str) -> dict[str, Attribute]:
    """`o/r` or `o/r ref=x`, for short."""
    name, *more = text.split(" ")
    owner, repo = name.split("/")
    return {"type": "github", "owner": owner, "repo": repo, **dict(part.split("=", 1) for part in more)}


FORGE: dict[str, dict[str, Attribute]] = {
    "github:o/r": forge("o/r"),
    "github:O/R": forge("O/R"),
    "github:o/r/x": forge("o/r ref=x"),
    "github:o/r/x/y": forge("o/r ref=x/y"),
    "github:o/r//x//y/": forge("o/r ref=x/y"),
    "github:o/r/a%2Fb": forge("o/r ref=a/b"),
    "github:o/r/refs/heads/main": forge("o/r ref=refs/heads/main"),
    f"github:o/r/{REV}": forge(f"o/r rev={REV}"),
    f"github:o/r/{REV.upper()}": forge(f"o/r rev={REV.upper()}"),
    f"github:o/r/{REV}/x": forge(f"o/r ref={REV}/x"),
    f"github:o/r/{REV[1:]}": forge(f"o/r ref={REV[1:]}"),
    f"github:o/r?rev={REV}": forge(f"o/r rev={REV}"),
    f"github:o/r?rev=sha1:{REV}": forge(f"o/r rev=sha1:{REV}"),
    f"github:o/r?ref={REV}": forge(f"o/r ref={REV}"),
    "github:o/r?ref=x/y": forge("o/r ref=x/y"),
    "github:o/r?ref=a&ref=b": forge("o/r ref=a"),
    "github:o/r?dir=a/b": forge("o/r dir=a/b"),
    "github:o/r?dir=%2e%2e": forge("o/r dir=.."),
    "github:o/r?%64ir=x": forge("o/r dir=x"),
    "github:o/r?dir=&x&submodules=1&DIR=x&lastModified=5": forge("o/r"),
    "github:o/r?host=git.example": forge("o/r host=git.example"),
    f"github:o/r?narHash={HASH}": forge(f"o/r narHash={HASH}"),
    "github:o/r?narHash=foo": forge("o/r narHash=foo"),
    "github:o/r#": forge("o/r"),
    "github:o/r/": forge("o/r"),
    "github:///o/r": forge("o/r"),
    # the first of two slashes begins a host, which nobody looks at
    "github://o/r/x": forge("r/x"),
    "gitlab:g%2Fsub/r": {"type": "gitlab", "owner": "g/sub", "repo": "r"},
    "gitlab:g%252Fsub/r": {"type": "gitlab", "owner": "g%2Fsub", "repo": "r"},
    "gitlab:g/sub/r": {"type": "gitlab", "owner": "g", "repo": "sub", "ref": "r"},
    "sourcehut:~u/r/main": {"type": "sourcehut", "owner": "~u", "repo": "r", "ref": "main"},
    "github:o/r/%C3%A9": forge("o/r ref=é"),
}


def git(url: str, **more: Attribute) -> dict[str, Attribute]:
    return {"type": "git", "url": url, **more}


GIT: dict[str, dict[str, Attribute]] = {
    "git+https://h/r": git("https://h/r"),
    "git+https://H.Example/R/": git("https://H.Example/R/"),
    f"git+https://h/r?ref=x&rev={REV}": git("https://h/r", ref="x", rev=REV),
    "git+https://h/r?rev=any": git("https://h/r", rev="any"),
    "git+https://h/r?submodules=1&lfs=0&shallow=true": git(
        "https://h/r", submodules=True, lfs=False, shallow=False
    ),
    "git+https://h/r?foo=bar&dir=d": git("https://h/r?foo=bar", dir="d"),
    "git+https://h/r?z=1&a=2&&b": git("https://h/r?a=2&z=1"),
    "git+https://h/r?x=a%26b%2Fc?d:e@f": git("https://h/r?x=a%26b/c?d:e@f"),
    "git+https://h/r?narHash=x&name=y&url=z": git("https://h/r?name=y&narHash=x&url=z"),
    'git+https://h/r?ref=a"b': git("https://h/r", ref='a"b'),
    "git+https://h/r?ref=a+b": git("https://h/r", ref="a+b"),
    "git+https://h/a+b:c@d": git("https://h/a%2Bb:c@d"),
    "git+https://h/a!$&'()*,;=b": git("https://h/a%21%24%26%27%28%29%2A%2C%3B%3Db"),
    "git+https://h/%41%2Fb/~u": git("https://h/A%2Fb/~u"),
    "git+https://u:p@h:080/r": git("https://u:p@h:80/r"),
    "git+https://@h:/r": git("https://@h/r"),
    "git+https://[::1]:80/r": git("https://[::1]:80/r"),
    "git+https://h%20_x/r": git("https://h%20_x/r"),
    "git+ssh://git@h/r": git("ssh://git@h/r"),
    "git://h/r?ref=b": git("git://h/r", ref="b"),
    "git+git://h/r": git("git://h/r"),
    "git+what://h/r": git("what://h/r"),
    "git+HTTPS://h/r": git("HTTPS://h/r"),
    "git+file:///r?dir=x": git("file:///r", dir="x"),
    "git+file:./r": git("file:./r"),
    "git+file:": git("file:/"),
    "git+file://": git("file:///"),
    "hg+https://h/r?ref=x&type=1": {"type": "hg", "url": "https://h/r?type=1", "ref": "x"},
    "hg+file:r": {"type": "hg", "url": "file:r"},
}

DOWNLOADS: dict[str, dict[str, Attribute]] = {
    "https://h/x.tar.gz": {"type": "tarball", "url": "https://h/x.tar.gz"},
    "https://h/x": {"type": "tarball", "url": "https://h/x"},
    "https:h": {"type": "tarball", "url": "https:h"},
    "file:///x": {"type": "tarball", "url": "file:///x"},
    "tarball+https://h/x": {"type": "tarball", "url": "https://h/x"},
    "file+https://h/x.tar.gz": {"type": "file", "url": "https://h/x.tar.gz"},
    "file+file:///x": {"type": "file", "url": "file:///x"},
    "https://flakehub.com/f/o/r/*": {"type": "tarball", "url": "https://flakehub.com/f/o/r/%2A"},
    "http://localhost:8181/test/+3d.tar.gz": {
        "type": "tarball",
        "url": "http://localhost:8181/test/%2B3d.tar.gz",
    },
    "https://h/x.zip?a=b c": {"type": "tarball", "url": "https://h/x.zip?a=b%20c"},
    f"https://h/x?foo=1&rev=r&narHash={HASH}&revCount=%2B05&lastModified=x&name=n&unpack=0&url=u&type=t&dir=d": {
        "type": "tarball",
        "url": "https://h/x?foo=1&type=t",
        "rev": "r",
        "narHash": HASH,
        "revCount": 5,
        "dir": "d",
    },
    "https://h/x?revCount=-5&lastModified=18446744073709551616": {"type": "tarball", "url": "https://h/x"},
}


def path(text: str, **more: Attribute) -> dict[str, Attribute]:
    return {"type": "path", "path": text, **more}


PATHS: dict[str, dict[str, Attribute]] = {
    "path:./x": path("./x"),
    "path:x?dir=y": path("x", dir="y"),
    "path:/x": path("/x"),
    "path:///x": path("/x"),
    "path:": path("/"),
    "path:a//b/": path("a/b/"),
    "path:./x%20y": path("./x y"),
    f"path:./x?rev=any&revCount=1&lastModified=2&narHash={HASH}": path(
        "./x", rev="any", revCount=1, lastModified=2, narHash=HASH
    ),
    "/x": path("/x"),
    "//x/": path("/x/"),
    "/": path("/"),
    "/x y?dir=a b": path("/x y", dir="a b"),
    "/x%20y": path("/x%20y"),
    '/é"^:y': path('/é"^:y'),
    # relative ones, as flake.nix may have them
    ".": path("."),
    "./x": path("./x"),
    "../x?dir=y": path("../x", dir="y"),
    "./x:y": path("./x:y"),
    "~/x": path("~/x"),
    "a.b/c": path("a.b/c"),
    "": path("/"),
    # what is written wrongly is one, too
    "github:o": path("github:o"),
    "github:o/r/x~1": path("github:o/r/x~1"),
    f"github:o/r/x?rev={REV}": path("github:o/r/x", rev=REV),
    "git@h:o/r": path("git@h:o/r"),
    "git+ssh://git@h:o/r": path("git+ssh:/git@h:o/r"),
    "git+https://h x/r": path("git+https:/h x/r"),
    "https://h/x y": path("https:/h/x y"),
    "flake:1x": path("flake:1x"),
    "1a:b": path("1a:b"),
    "path:./x%2Fy": path("path:./x%2Fy"),
    "file://h/x": path("file:/h/x"),
}


def entry(name: str, **more: Attribute) -> dict[str, Attribute]:
    return {"type": "indirect", "id": name, **more}


NAMES: dict[str, dict[str, Attribute]] = {
    "nixpkgs": entry("nixpkgs"),
    "nix_pkgs-1": entry("nix_pkgs-1"),
    "nixpkgs#": entry("nixpkgs"),
    "nixpkgs/nixos-24.11": entry("nixpkgs", ref="nixos-24.11"),
    "nixpkgs/@x": entry("nixpkgs", ref="@x"),
    "nixpkgs/x/": entry("nixpkgs", ref="x"),
    f"nixpkgs/{REV.upper()}": entry("nixpkgs", rev=REV),
    f"nixpkgs/x//{REV}//": entry("nixpkgs", ref="x", rev=REV),
    f"nixpkgs/{REV}/{REV}": entry("nixpkgs", ref=REV, rev=REV),
    "o/r": entry("o", ref="r"),
    "flake:nixpkgs": entry("nixpkgs"),
    "flake:/nixpkgs///x": entry("nixpkgs", ref="x"),
    "flake:nixpkgs/a%2Fb": entry("nixpkgs", ref="a/b"),
    "flake:nixpkgs?ref=x&foo=1&dir=d": entry("nixpkgs", dir="d"),
}


@pytest.mark.parametrize(("text", "expected"), {**FORGE, **GIT, **DOWNLOADS, **PATHS, **NAMES}.items())
def test_what_a_text_says(text: str, expected: dict[str, Attribute]) -> None:
    found = read(text)
    assert found == expected
    assert {name: type(value) for name, value in found.items()} == {
        name: type(value) for name, value in expected.items()
    }


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://h/x", "file"),
        ("https://h/x.tar.gz", "tarball"),
        ("https://h/x.zip?a=b", "tarball"),
        ("https://h/x.TAR.GZ", "file"),
        ("https://h/x.tar.gz/", "file"),
        ("https://h/x?y=.tar.gz", "file"),
        ("tarball+https://h/x", "tarball"),
        ("file+https://h/x.zip", "file"),
    ],
)
def test_what_is_no_flake_is_a_file_unless_it_is_an_archive(text: str, kind: str) -> None:
    assert read(text, flake=False)["type"] == kind


@pytest.mark.parametrize(
    "text",
    [
        "github:o/r/x?ref=y",
        f"github:o/r?ref=x&rev={REV}",
        "github:o/r?rev=abc",
        "github:o/r?rev=",
        "github:o/r?ref=",
        "github:o/r?ref=a..b",
        "github:o/r?host=a_b",
        "github:o/r#x",
        "github:o/r/#x",
        "github:o/r/%FF",
        "GitHub:o/r",
        "git+https://h/r?ref=a^b",
        "git+https://h/r?ref=é",
        "git+https://h/r?x=%zz",
        "git+https://h/r?ref=-x",
        "git+https://h/r?verifyCommit=1",
        "git+https://h/r?publicKey=x",
        "git+https://h/r#x",
        "Git+https://h/r",
        "hg+ftp://h/r",
        "hg://h/r",
        "hg+https://h/r?ref=a b",
        "ssh://git@h/r",
        "ftp://h/x.tar.gz",
        "HTTPS://h/x",
        "file+git:///x",
        "tarball+git+https://h/x",
        "path://h/x",
        "path:./x?ref=y",
        "path:./x?revCount=a",
        "/x?foo=1",
        "./x?foo=1",
        "./x#y",
        "nixpkgs#hello",
        "nixpkgs/x/y",
        f"nixpkgs/{REV}/x",
        "nixpkgs/x.lock",
        "nixpkgs/a..b",
        "foo:bar",
        "gitea:o/r",
        "indirect:nixpkgs",
    ],
)
def test_what_nix_refuses(text: str) -> None:
    refused(text)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("ssh://git@h/r", "`git+ssh:`"),
        ("GitHub:o/r", "`github:`"),
        ("HTTPS://h/x", "`https:`"),
        ("github:o/r/x?ref=y", "twice"),
        ("github:o/r?ref=a..b", "`a..b`"),
        ("nixpkgs#hello", "`#`"),
        ("git+https://h/r?ref=a^b", "`^`"),
        ("path:./x?ref=y", "parameters"),
    ],
)
def test_the_reason_helps(text: str, part: str) -> None:
    assert part in refused(text)


@given(st.text(max_size=60) | st.text("githubflake+:/?#&=@%.2FaA0 []~-", max_size=40))
def test_any_text_has_an_answer(text: str) -> None:
    found = parse_reference(text)
    if isinstance(found, Reference):
        canonical(found)
        assert same_request(found, found)


@pytest.mark.parametrize(
    "text", ["%" * 50_000, "a:" * 50_000, "github:" + "a/" * 50_000, "path:?a=" + "&" * 50_000]
)
def test_long_texts_are_no_work(text: str) -> None:
    parse_reference(text)
    parse_reference("https://h?revCount=" + "0" * 50_000)
    parse_reference("https://h:" + "1" * 50_000)


# ---------------------------------------------------------------- canonical texts


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        (forge("o/r ref=a/b"), "github:o/r/a%2Fb"),
        (forge(f"o/r rev={REV.upper()} dir=b host=h"), f"github:o/r/{REV}?dir=b&host=h"),
        (forge(f"o/r rev={'1' * 32}"), "github:o/r/2184104208218410420821841042082184104208"),
        (forge(f"o/r rev=sha1-{'A' * 27}"), f"github:o/r/{'0' * 40}"),
        (forge("a%2Fb/r"), "github:a%252Fb/r"),
        (forge("o/r narHash="), "github:o/r?narHash=sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D"),
        (
            forge(f"o/r narHash={HASH[:-1]}"),
            "github:o/r?narHash=sha256-JuOd/nDrNafuqEg8hscYcyciHcE0fd9nrE%2BXTkOkRuE%3D",
        ),
        (git("git@h:o/r"), "git+ssh://git@h/o/r"),
        (git("git@h:22:r"), "git+ssh://git@h:22/r"),
        (git("/a b?c"), "git+file:///a%20b%3Fc"),
        (git("../r"), "git+file:../r"),
        (git(""), "git+file:/"),
        (git("git://h/r"), "git://h/r"),
        (git("git+https://h/r"), "git+https://h/r"),
        (
            git("https://h/r?b=1&ref=y", ref="x", shallow=True, allRefs=True),
            "git+https://h/r?b=1&ref=x&shallow=1",
        ),
        (git("https://h/r#f", name="n", submodules=False), "git+https://h/r#f"),
        ({"type": "hg", "url": "https://h/a+b", "ref": "x"}, "hg+https://h/a%2Bb?ref=x"),
        ({"type": "tarball", "url": "https://h/x?dir=p", "dir": "q", "rev": "any"}, "https://h/x?dir=p"),
        (
            {"type": "file", "url": "https://h/x?narHash=z", "narHash": HASH},
            "https://h/x?narHash=" + "sha256-JuOd/nDrNafuqEg8hscYcyciHcE0fd9nrE%2BXTkOkRuE%3D",
        ),
        (path("./a b", lastModified=7, narHash=""), "path:./a%20b?lastModified=7&narHash="),
        (path("//x", rev="any", revCount=1.5), "path://x?rev=any&revCount=1"),
        (entry("nixpkgs", ref="a/b", rev=REV, narHash="x"), f"flake:nixpkgs/a%2Fb/{REV}"),
    ],
)
def test_canonical_texts(attributes: dict[str, Attribute], text: str) -> None:
    assert canonical(Reference(attributes)) == text


@pytest.mark.parametrize(
    "attributes",
    [
        {"type": "gitea", "url": "x"},
        {},
        forge("o/r rev=main"),
        forge("o/r narHash=md5-x"),
        git("host:r"),
        git("https://h/r", rev="main"),
        git("https://h/r", lfs=1),
        {"type": "tarball", "url": "no url"},
        {"type": "tarball"},
        entry("nixpkgs", rev="x"),
    ],
)
def test_what_is_no_reference_is_shown_as_it_stands(attributes: dict[str, Attribute]) -> None:
    assert canonical(Reference(attributes)) == str(Reference(attributes))


def test_a_number_without_end_is_no_trouble() -> None:
    canonical(Reference(path("/x", lastModified=float("inf"))))
    assert same_request(Reference(path("/x", revCount=1e400)), Reference(path("/x", revCount=0)))


TEXTS = st.text("abAB01 .-_~+é%/?#&=@", min_size=1, max_size=8)
REFS = st.text("abAB01-_+é", min_size=1, max_size=8).filter(lambda text: not text.startswith("-"))


@st.composite
def references(draw: st.DrawFn) -> dict[str, Attribute]:
    more: dict[str, Attribute] = draw(st.fixed_dictionaries({}, optional={"dir": TEXTS}))
    match draw(st.sampled_from(("github", "gitlab", "git", "tarball", "path", "indirect"))):
        case "git":
            more |= draw(st.fixed_dictionaries({}, optional={"ref": REFS, "submodules": st.just(True)}))
            return git(f"https://h/{draw(st.text('abAB01.-_~', max_size=8))}", **more)
        case "tarball":
            return {"type": "tarball", "url": f"https://h/{draw(st.text('ab01.-_~', max_size=8))}", **more}
        case "path":
            segments = draw(st.lists(st.text("ab .é%?#&", min_size=1, max_size=5), min_size=1, max_size=3))
            return path(draw(st.sampled_from(("/", "./", ""))) + "/".join(segments), **more)
        case "indirect":
            return entry(f"n{draw(st.text('ab01_-', max_size=5))}", **more)
        case kind:
            more |= draw(
                st.fixed_dictionaries(
                    {}, optional={"ref": REFS, "host": st.text("ab.-", min_size=1, max_size=8)}
                )
            )
            return {"type": kind, "owner": draw(TEXTS), "repo": draw(TEXTS), **more}


@given(references())
def test_what_is_written_is_read_again(attributes: dict[str, Attribute]) -> None:
    assert read(canonical(Reference(attributes))) == attributes


# ---------------------------------------------------------------- the same request

SAME = [
    ("github:o/r", forge("o/r")),
    ("github:o/r", {**forge("o/r"), "dir": ""}),
    ("github:o/r?ref=x", forge("o/r ref=x")),
    ("nixpkgs", entry("nixpkgs")),
    (f"nixpkgs/{REV.upper()}", entry("nixpkgs", rev=REV)),
    ("git+https://h/r", git("git+https://h/r")),
    ("git+https://h/r?dir=d", git("https://h/r?dir=d", dir="d")),
    ("git+https://h/r?dir=d&a=b", git("https://h/r?dir=d&a=b", dir="d")),
    ("git+https://h/a+b", git("https://h/a+b")),
    ("git+https://h/a%2bb", git("https://h/a%2Bb")),
    ("git+https://h/~u", git("https://h/%7Eu")),
    ("git+https://h:/r?b=1&a=2", git("https://h/r?a=2&b=1")),
    ("git+ssh://git@h/o/r", git("git@h:o/r")),
    ("git+file:///x", git("/x")),
    ("https://h/x.tar.gz?dir=d", {"type": "tarball", "url": "https://h/x.tar.gz?dir=d", "dir": "d"}),
    ("https://h/x.tar.gz?a= b", {"type": "tarball", "url": "https://h/x.tar.gz?a= b"}),
    ("https://h/x?revCount=5", {"type": "tarball", "url": "https://h/x", "revCount": 5.7}),
    ("tarball+https://h/x", {"type": "tarball", "url": "https://h/x"}),
]

OTHER = [
    ("github:O/r", forge("o/r")),
    ("github:o/r/HEAD", forge("o/r")),
    ("github:o/r/x", forge("o/r ref=X")),
    ("github:o/r?dir=d", {**forge("o/r"), "dir": "d/"}),
    (f"github:o/r/{REV.upper()}", forge(f"o/r rev={REV}")),
    ("github:o/r?host=github.com", forge("o/r")),
    ("github:o/r", forge(f"o/r narHash={HASH}")),
    ("github:o/r", {**forge("o/r"), "lastModified": 5}),
    ("gitlab:o%2Fs/r", {"type": "gitlab", "owner": "o%2Fs", "repo": "r"}),
    ("git+https://h/r", git("https://h/r/")),
    ("git+https://h:443/r", git("https://h/r")),
    ("git+https://h/r?submodules=0", git("https://h/r")),
    ("git+https://h/r?submodules=1", git("https://h/r", submodules=1)),
    ("git+https://h/r?ref=refs/heads/x", git("https://h/r", ref="x")),
    ("git+https://h/r?dir=d", git("https://h/r?dir=e", dir="d")),
    ("git+https://h/r?dir=d", git("https://h/r?dir=d")),
    ("git+file:///x", git("file:/x")),
    ("path:/x/", path("/x")),
    ("Nixpkgs", entry("nixpkgs")),
]


@pytest.mark.parametrize(("text", "original"), SAME)
def test_a_lock_that_was_made_for_it(text: str, original: dict[str, Attribute]) -> None:
    assert same_request(Reference(read(text)), Reference(original))
    assert same_request(Reference(original), Reference(read(text)))


@pytest.mark.parametrize(("text", "original"), OTHER)
def test_a_lock_that_was_made_for_another(text: str, original: dict[str, Attribute]) -> None:
    assert not same_request(Reference(read(text)), Reference(original))


def test_comparing_changes_nothing() -> None:
    one = Reference(git("git@h:o/r?dir=d", dir="d"))
    assert same_request(one, one)
    assert one.attributes == git("git@h:o/r?dir=d", dir="d")


# ---------------------------------------------------------------- Nix itself


def oracle(name: str) -> Any:
    return json.loads((ORACLE / name).read_text("utf-8"))


needs_oracle = pytest.mark.skipif(
    not (ORACLE / "flakeref").is_dir(), reason="the shared oracles are not here"
)


@needs_oracle
def test_the_vectors_of_nix() -> None:
    vectors = oracle("flakeref/vectors.json")["parse"]
    assert len(vectors) == 23
    for vector in vectors:
        url = vector["url"]
        found = parse_reference(url)
        if "fragment" in vector:  # accepted on the command line, not in flake.nix
            assert isinstance(found, str)
            found = parse_reference(url.partition("#")[0])
        if vector.get("error"):
            assert isinstance(found, str), url
            continue
        assert isinstance(found, Reference), url
        assert canonical(found) == vector["to_string"]
        assert found.attributes == vector.get("attrs", found.attributes)
        assert found.attributes.items() >= vector.get("attrs_has", {}).items()


@needs_oracle
def test_real_references_are_written_as_nix_writes_them() -> None:
    pairs = oracle("flakeref/real-refs-2.34.8.json")
    assert len(pairs) == 1500
    assert [pair["url"] for pair in pairs if canonical(Reference(pair["attrs"])) != pair["url"]] == []


@needs_oracle
def test_the_urls_of_another_tool() -> None:
    for vector in oracle("nix-auto-follow/expected.json")["url_vectors"]:
        assert read(vector["url"]) == vector["original"]


@pytest.mark.skipif(not (ORACLE / "real").is_dir(), reason="the shared real locks are not here")
def test_real_requests_survive_being_written() -> None:
    """Every `original` of the real locks, but a branch that is called like a commit, which Nix cannot write either."""
    count = 0
    for lock in sorted((ORACLE / "real").rglob("*.lock")):
        for node in json.loads(lock.read_text("utf-8"))["nodes"].values():
            original = Reference(node.get("original") or {})
            if not original.attributes or len(original.ref or "") == 40:
                continue
            again = parse_reference(canonical(original), flake=original.type != "file")
            assert isinstance(again, Reference)
            assert same_request(again, original)
            count += 1
    assert count > 10_000
