"""References are read and written as Nix reads and writes them: `url` of flake.nix, and the attributes of a lock."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from scanner.parse.nix.canonical import canonical
from scanner.parse.nix.flakeref import parse_reference
from scanner.parse.nix.reference import Reference
from tests.nix.installed import Nix, lock_of, needs_nix, write_flake

pytestmark = [pytest.mark.registry, needs_nix]

HASH = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="
REV = "abcdef0123456789abcdef0123456789abcdef01"
OTHER = "12345678" * 5

READ = (
    "nixpkgs",
    "nixpkgs/nixos-26.05",
    f"nixpkgs/{REV}",
    f"nixpkgs/nixos-26.05/{REV}",
    "flake:nixpkgs",
    f"flake:nixpkgs/release/{REV}",
    "github:example/tools",
    "github:example/tools/v1.2",
    "github:example/tools/feature/of-ours",
    "github:example/tools?ref=v1.2",
    "github:example/tools?dir=sub/folder",
    f"github:example/tools/{REV}",
    f"github:example/tools?rev={REV}",
    "github:example/tools?host=git.example.org",
    "github:Example/Tools.nix",
    "gitlab:example/tools",
    "gitlab:example/tools/v1?host=gitlab.example.org",
    f"gitlab:example/tools/{REV}?dir=nix",
    "sourcehut:~example/tools",
    f"sourcehut:~example/tools/{REV}",
    "git+https://git.example.org/tools",
    "git+https://git.example.org/tools.git?ref=main",
    f"git+https://git.example.org/tools?ref=main&rev={REV}",
    f"git+https://git.example.org/tools?rev={REV}&shallow=1",
    "git+https://git.example.org:8443/tools",
    "git+ssh://git@git.example.org/tools",
    "git+http://git.example.org/tools",
    "git+file:///srv/tools",
    "git://git.example.org/tools",
    "hg+https://hg.example.org/tools",
    f"hg+https://hg.example.org/tools?ref=stable&rev={REV}",
    "https://example.org/tools.tar.gz",
    "https://example.org/tools.zip",
    "http://example.org/tools.tgz",
    "file:///srv/tools.tar.gz",
    "path:/srv/tools",
    f"path:/srv/tools?lastModified=5&rev={REV}",
)
# Nix 2.8 reads the parameters of these in another way.
READ_SINCE = (
    "git+https://git.example.org/tools?dir=nix&submodules=1",
    "git+https://git.example.org/tools?lfs=1",
    "https://example.org/tools.tar.xz?dir=nix",
    "https://example.org/download/tools",
    "tarball+https://example.org/tools",
    "file+https://example.org/data.json",
    "path:/srv/tools?dir=nix",
    "github:example/to%20ols/a%2Bb",
    "gitlab:group%2Fpart/tools",
)

REFUSED = (
    "github:example/tools#package",
    "github:example/tools?rev=main",
    f"github:example/tools?rev={REV[:-1]}",
    "github:example/tools/v1?ref=v2",
    "github:example/tools?host=example.org/x",
    "https://example.org/tools.tar.gz#package",
    "nixpkgs#hello",
    "nixpkgs/main/feature",
    "git+https://git.example.org/tools?ref=a..b",
    "git+https://git.example.org/tools#package",
    "ssh://git.example.org/tools",
    "forge:example/tools",
    "path:/srv/tools?ref=main",
    "path://srv/tools",
)

# What a node locks, by the attributes of its `locked`. Nix 2.8 does not show all that later versions show.
LOCKED: dict[str, dict[str, Any]] = {
    "branch": {"type": "git", "url": "https://git.example.org/a", "rev": REV, "ref": "refs/heads/main"},
    "folder": {"type": "path", "path": "/srv/a", "lastModified": 5, "narHash": HASH},
    "forge": {"type": "github", "owner": "example", "repo": "a", "rev": REV, "narHash": HASH},
    "host": {"type": "gitlab", "owner": "e", "repo": "a", "rev": REV, "narHash": HASH, "host": "git.e.org"},
    "mercurial": {"type": "hg", "url": "https://hg.example.org/a", "rev": REV, "revCount": 4},
    "shallow": {"type": "git", "url": "https://git.example.org/a", "rev": REV, "shallow": True},
    "source": {"type": "sourcehut", "owner": "~e", "repo": "a", "rev": REV, "narHash": HASH},
    "ssh": {"type": "git", "url": "ssh://git@git.example.org/a", "rev": REV, "submodules": True},
    "sub": {"type": "github", "owner": "E", "repo": "a.b", "rev": OTHER, "dir": "nix/x"},
    "zip": {"type": "tarball", "url": "https://example.org/a.zip", "narHash": HASH},
}


def overriding(url: str) -> str:
    """A flake that gives a URL to an input that its input does not have: Nix reads it, and needs nothing of it."""
    return (
        '{ inputs.a.url = "github:example/a"; inputs.a.inputs.b.url = '
        f"{json.dumps(url)}; outputs = _: {{ }}; }}\n"
    )


A = {
    "original": {"type": "github", "owner": "example", "repo": "a"},
    "locked": {"type": "github", "owner": "example", "repo": "a", "rev": REV, "narHash": HASH},
}


@pytest.mark.parametrize("url", REFUSED)
def test_what_nix_refuses_we_refuse(tmp_path: Path, url: str) -> None:
    flake = write_flake(tmp_path / "flake", overriding(url), lock_of({"a": A}, {"a": "a"}))
    assert Nix(tmp_path / "nix").metadata(flake, "--no-update-lock-file").returncode == 1
    assert isinstance(parse_reference(url), str)


def test_such_a_flake_is_good_with_another_url(tmp_path: Path) -> None:
    """So Nix refuses those above for their URL alone."""
    for url in READ:
        assert isinstance(parse_reference(url), Reference), url
    flake = write_flake(tmp_path / "flake", overriding(READ[0]), lock_of({"a": A}, {"a": "a"}))
    assert Nix(tmp_path / "nix").metadata(flake, "--no-update-lock-file").returncode == 0


def test_what_nix_reads_we_read_alike(tmp_path: Path) -> None:
    """Nix takes the attributes that we read for what the URLs in flake.nix say, or it would want to lock them anew."""
    inputs = {f"input{at}": url for at, url in enumerate(READ)}
    nix = Nix(tmp_path / "nix")

    def differ(folder: str, inputs: dict[str, str]) -> bool:
        declared = " ".join(f"inputs.{name}.url = {json.dumps(url)};" for name, url in inputs.items())
        nodes = {name: {**A, "original": _attributes(url)} for name, url in inputs.items()}
        flake = write_flake(
            tmp_path / folder,
            f"{{ {declared} outputs = _: {{ }}; }}",
            lock_of(nodes, {name: name for name in nodes}),
        )
        return nix.metadata(flake, "--no-update-lock-file").returncode != 0

    if differ("all", inputs):
        assert [url for name, url in inputs.items() if differ(name, {name: url})] == []


def _attributes(url: str) -> dict[str, Any]:
    found = parse_reference(url)
    assert isinstance(found, Reference), (url, found)
    return dict(found.attributes)


def test_what_is_locked_is_written_as_nix_shows_it(tmp_path: Path) -> None:
    """In the tree of inputs. What Nix does not show is not compared: its older versions leave some parameters out."""
    nodes = {name: {"original": _original(locked), "locked": locked} for name, locked in LOCKED.items()}
    flake = write_flake(
        tmp_path / "flake",
        "{ inputs = {"
        + " ".join(f"{name} = {_written(_original(locked))};" for name, locked in LOCKED.items())
        + "}; outputs = _: { }; }",
        lock_of(nodes, {name: name for name in nodes}),
    )
    told = Nix(tmp_path / "nix").metadata(flake, "--no-update-lock-file")
    assert told.returncode == 0, told.stderr
    text = re.sub(r"\x1b\[[0-9;]*m", "", told.stdout + told.stderr)
    shown = dict(re.findall(r"───(\w+): (\S+)", text))
    assert shown.keys() == LOCKED.keys()
    for name, locked in LOCKED.items():
        base, parameters = _parts(canonical(Reference(locked)))
        nix_base, nix_parameters = _parts(shown[name])
        assert (base, parameters & nix_parameters) == (nix_base, nix_parameters), name


def _original(locked: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in locked.items()
        if key not in ("rev", "narHash", "lastModified", "revCount")
    }


def _written(attributes: dict[str, Any]) -> str:
    return "{ " + " ".join(f"{name} = {json.dumps(value)};" for name, value in attributes.items()) + " }"


def _parts(url: str) -> tuple[str, set[tuple[str, str]]]:
    parts = urlsplit(url)
    # `+` is no space here
    return unquote(parts._replace(query="").geturl()), set(parse_qsl(parts.query.replace("+", "%2B")))


def test_the_functions_of_newer_versions(tmp_path: Path) -> None:
    """`builtins.parseFlakeRef` and `builtins.flakeRefToString`, where this Nix has them, in one evaluation."""
    nix = Nix(tmp_path / "nix")
    expression = f"""
        let
          read = map builtins.parseFlakeRef (builtins.fromJSON {_quoted((*READ, *READ_SINCE))});
          locked = builtins.fromJSON {_quoted(list(LOCKED.values()))};
        in
        if builtins ? parseFlakeRef
        then {{ inherit read; written = map builtins.flakeRefToString (read ++ locked); }}
        else null
    """
    answer = json.loads(nix.run("nix", "eval", "--json", "--expr", expression).stdout)
    if answer is None:
        pytest.skip("this Nix has no builtins.parseFlakeRef (before 2.19)")
    ours = [Reference(_attributes(url)) for url in (*READ, *READ_SINCE)]
    assert [dict(one.attributes) for one in ours] == answer["read"]
    every = [*ours, *map(Reference, LOCKED.values())]
    assert [canonical(one) for one in every] == answer["written"]


def _quoted(value: Any) -> str:
    """JSON as a text of the Nix language."""
    return json.dumps(json.dumps(value)).replace("${", "\\${")
