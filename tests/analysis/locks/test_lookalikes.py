"""Names that are nearly known ones, and the many that are not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.locks.lookalikes import HOSTS, Lookalikes
from scanner.analysis.locks.references import repository_of
from scanner.parse.nix.reference import Reference
from tests.memory import KNOWLEDGE
from tests.support import SHARED

LOOKALIKES = Lookalikes(KNOWLEDGE)
GITHUB = "github.com"


@pytest.mark.parametrize(
    ("owner", "repository", "meant", "sure"),
    [
        ("nix-comunity", "home-manager", "nix-community", True),
        ("nix-communiity", "home-manager", "nix-community", True),
        ("nix-cmomunity", "home-manager", "nix-community", True),
        ("nix-comminity", "home-manager", "nix-community", True),
        ("nixcommunity", "home-manager", "nix-community", True),
        ("nix_community", "home-manager", "nix-community", True),
        ("nix-cornmunity", "anything", "nix-community", True),
        ("NlXOS", "anything", "NixOS", True),
        ("Nix0S", "anything", "NixOS", True),
        ("n\u0456xos", "anything", "NixOS", True),
        ("NIXSO", "nixpkgs", "NixOS", True),
        ("nixox", "nixpkgs", "NixOS", True),
        ("hercules-cl", "flake-parts", "hercules-ci", True),
        ("edolstar", "something", "edolstra", False),
        ("numtyde", "something", "numtide", False),
        ("n\u00edemand", "something", "niemand", True),
    ],
)
def test_lookalikes(owner: str, repository: str, meant: str, sure: bool) -> None:
    found = LOOKALIKES.owner(GITHUB, owner, repository)
    assert found is not None
    assert (found.meant, found.sure) == (meant, sure)


@pytest.mark.parametrize(
    ("owner", "repository"),
    [
        ("nixos", "nixpkgs"),
        ("NIXOS", "nixpkgs"),
        ("nix-community", "whatever"),
        ("nixo", "dotfiles"),  # short, and nothing that NixOS has
        ("srib", "dotfiles"),
        ("haskell", "x"),
        ("ihaskell", "IHaskell"),  # seen in real locks
        ("", "nixpkgs"),
        ("example", "nixpkgs"),
        ("nixos-community", "home-manager"),
        ("a" * 10_000, "nixpkgs"),
    ],
)
def test_others(owner: str, repository: str) -> None:
    assert LOOKALIKES.owner(GITHUB, owner, repository) is None


def test_forges_have_names_of_their_own() -> None:
    assert LOOKALIKES.owner("gitlab.com", "nix-comunity", "home-manager") is None
    assert LOOKALIKES.owner("gitlab.com", "rycce", "nmd") is not None


@pytest.mark.parametrize(
    ("host", "meant"),
    [
        ("githib.com", "github.com"),
        ("github.co", "github.com"),
        ("git1ab.com", "gitlab.com"),
        ("github.com.example.org", "github.com"),
        ("g\u0456thub.com", "github.com"),
        ("channels.nix-os.org", "channels.nixos.org"),
        ("flakhub.com", "flakehub.com"),
    ],
)
def test_hosts(host: str, meant: str) -> None:
    found = LOOKALIKES.host(host)
    assert found is not None
    assert found.meant == meant


@pytest.mark.parametrize("host", [*HOSTS, "", "git.example.org", "github.example.com", "gitea.com", "[::1]"])
def test_other_hosts(host: str) -> None:
    assert LOOKALIKES.host(host) is None


KNOWN = sorted(owner.name for (host, _), owner in KNOWLEDGE.owners.items() if host == GITHUB and owner.known)


@given(st.sampled_from([name for name in KNOWN if len(name) >= 7]), st.data())
def test_every_single_error_is_found(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    wrong = data.draw(
        st.sampled_from(
            [name[:at] + name[at + 1 :], name[:at] + "q" + name[at:], name[:at] + "q" + name[at + 1 :]]
        )
    )
    if (GITHUB, wrong.lower()) not in KNOWLEDGE.owners:
        assert LOOKALIKES.owner(GITHUB, wrong, "something") is not None


@given(st.text(max_size=50), st.text(max_size=20))
def test_never_raises(owner: str, repository: str) -> None:
    LOOKALIKES.owner(GITHUB, owner, repository)
    LOOKALIKES.host(owner.lower())


def test_no_real_lock_has_one() -> None:
    """Every owner and host of every real lock that can be found."""
    if not SHARED.is_dir():
        pytest.skip("needs the real locks of ../shared")
    count = 0
    for file in sorted((SHARED / "oracles" / "nix" / "real").glob("*/*/flake.lock")):
        nodes = json.loads(file.read_text("utf-8"))["nodes"]
        for node in nodes.values():
            for part in ("original", "locked"):
                reference = Reference(node.get(part) or {})
                repository = repository_of(reference)
                if repository is not None:
                    count += 1
                    owner, _, name = repository.path.partition("/")
                    assert LOOKALIKES.owner(repository.host, owner, name) is None, (file, reference)
                    assert LOOKALIKES.host(repository.host) is None, (file, reference)
    assert count > 10_000
