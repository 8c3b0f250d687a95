"""What the rules about locks tell people to write and to run: that it works, and that nothing of it is cut off."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from scanner.analysis.locks.inputs import inputs
from scanner.analysis.locks.moving import stays
from scanner.analysis.locks.releases import is_kept_by_name, is_named_after, names_release
from scanner.engine import Context, load, places
from scanner.model.finding import Hit
from scanner.parse.nix.reference import Reference
from tests.memory import KNOWLEDGE, NOW, options_of, repository

HASH = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="
DAY = 24 * 60 * 60
TODAY = int(datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC).timestamp())


def hits(id: str, files: dict[str, str], **options: Any) -> list[Hit]:
    rule = load(places()[id])
    graph, problems = repository(files)
    found = rule.check(Context(graph, problems, KNOWLEDGE, NOW, options_of(rule, options)))
    return [one for one in found if isinstance(one, Hit)]


def node(
    path: str, number: int, inputs: dict[str, Any] | None = None, *, days: int = 1, **original: Any
) -> dict[str, Any]:
    owner, repo = path.split("/")
    base = {"type": "github", "owner": owner, "repo": repo}
    return {
        "inputs": inputs or {},
        "original": {**base, **original},
        "locked": {**base, "rev": f"{number:040x}", "narHash": HASH, "lastModified": TODAY - days * DAY},
    }


def lock_of(root: dict[str, Any], **nodes: Any) -> str:
    return json.dumps({"nodes": {**nodes, "root": {"inputs": root}}, "root": "root", "version": 7}, indent=1)


NIXPKGS = "NixOS/nixpkgs"


# ---------------------------------------------------------------- copies


def test_a_target_that_is_older_than_the_copy_is_updated_as_well() -> None:
    def said(days: int) -> str:
        text = lock_of(
            {"nixpkgs": "nixpkgs", "a": "a"},
            nixpkgs=node(NIXPKGS, 1, ref="nixos-unstable", days=days),
            a=node("x/a", 1, {"nixpkgs": "nixpkgs_2"}),
            nixpkgs_2=node(NIXPKGS, 2, ref="nixos-unstable", days=20),
        )
        (found,) = hits("duplicate-input", {"flake.lock": text})
        return found.message

    assert said(30).endswith("run `nix flake update nixpkgs`, for yours is the older one")
    assert said(10).endswith("run `nix flake lock`")


def test_of_two_targets_the_one_that_is_as_new_as_the_copy_is_taken() -> None:
    text = lock_of(
        {"nixpkgs": "nixpkgs", "unstable": "unstable", "a": "a"},
        nixpkgs=node(NIXPKGS, 1, ref="nixos-unstable", days=90),
        unstable=node(NIXPKGS, 3, ref="nixpkgs-unstable", days=5),
        a=node("x/a", 1, {"nixpkgs": "nixpkgs_2"}),
        nixpkgs_2=node(NIXPKGS, 2, ref="nixos-unstable", days=20),
    )
    (found,) = hits("duplicate-input", {"flake.lock": text})
    assert '`inputs.a.inputs.nixpkgs.follows = "unstable";`' in found.message


@pytest.mark.parametrize(
    ("mine", "copy", "reason"),
    [
        ("master", "nixos-unstable", "is on `master`, which is no channel that gets updates"),
        ("nixos-24.05", "nixos-24.05", "is on `nixos-24.05`, which is no channel that gets updates"),
        ("release-26.05", "nixos-26.05", "is on `release-26.05`"),
        ("nixos-26.05", "nixos-unstable", "yours is on another branch"),
        ("master", "master", None),
        ("nixos-26.05", "nixos-26.05-small", None),
    ],
)
def test_nothing_is_led_to_a_branch_that_is_worse(mine: str, copy: str, reason: str | None) -> None:
    text = lock_of(
        {"nixpkgs": "nixpkgs", "a": "a"},
        nixpkgs=node(NIXPKGS, 1, ref=mine),
        a=node("x/a", 1, {"nixpkgs": "nixpkgs_2"}),
        nixpkgs_2=node(NIXPKGS, 2, ref=copy, days=20),
    )
    (found,) = hits("duplicate-input", {"flake.lock": text}, elsewhere=True)
    assert (found.variant == "elsewhere") == (reason is not None)
    assert (reason or ".follows = ") in found.message
    assert bool(hits("duplicate-input", {"flake.lock": text})) == (reason is None)


def test_a_deep_copy_is_never_a_line() -> None:
    text = lock_of(
        {"nixpkgs": "nixpkgs", "a": "a", "c": "c"},
        nixpkgs=node(NIXPKGS, 1, ref="nixos-unstable"),
        a=node("x/a", 1, {"b": "b"}),
        b=node("x/b", 1, {"nixpkgs": "deep"}),
        c=node("x/c", 1, {"nixpkgs": "near"}),
        deep=node(NIXPKGS, 2, ref="nixos-unstable", days=20),
        near=node(NIXPKGS, 3, ref="nixos-unstable", days=20),
    )
    (found,) = hits("duplicate-input", {"flake.lock": text})
    assert '`inputs.c.inputs.nixpkgs.follows = "nixpkgs";` in flake.nix' in found.message
    assert not any(".follows" in note.message for note in found.related)


def test_what_is_pinned_stays() -> None:
    hexes = "a1" * 20
    for reference, expected in (
        ({"type": "tarball", "url": f"https://github.com/NixOS/nixpkgs/archive/{hexes}.tar.gz"}, True),
        ({"type": "tarball", "url": "https://github.com/NixOS/nixpkgs/archive/master.tar.gz"}, False),
        ({"type": "tarball", "url": "https://flakehub.com/f/NixOS/nixpkgs/%3D0.1.812242"}, True),
        ({"type": "tarball", "url": "https://flakehub.com/f/NixOS/nixpkgs/=0.1.812242.tar.gz"}, True),
        ({"type": "tarball", "url": "https://flakehub.com/f/NixOS/nixpkgs/0.1.%2A"}, False),
        ({"type": "tarball", "url": "https://channels.nixos.org/nixos-unstable/nixexprs.tar.xz"}, False),
        ({"type": "github", "owner": "a", "repo": "b", "rev": hexes}, True),
        ({"type": "github", "owner": "a", "repo": "b", "ref": "v1.2"}, True),
        ({"type": "github", "owner": "a", "repo": "b", "ref": "main"}, False),
        ({"type": "indirect", "id": "nixpkgs"}, False),
    ):
        assert stays(Reference(reference)) is expected, reference


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("nixpkgs-2505", "25.05"),
        ("nixpkgs-23-11", "23.11"),
        ("nixos-24_05", "24.05"),
        ("nixpkgs-22.11-small", "22.11"),
        ("nixpkgs", None),
        ("nixpkgs-1234", None),
        ("x2-505", None),
        ("24-tools-05", None),
    ],
)
def test_the_release_that_a_name_says(name: str, release: str | None) -> None:
    assert names_release(name) == release


def test_what_a_name_says_about_its_branch() -> None:
    names = [
        "nixpkgs",
        "nixpkgs-stable",
        "nixpkgs-for-bootstrap",
        "nixpkgs-old-ibus",
        "nixpkgs_latest",
        "staging",
    ]
    text = lock_of({name: name for name in names}, **{name: node(NIXPKGS, 1) for name in names})
    graph, _ = repository({"flake.lock": text})
    by_name = {input.name: input for input in inputs(graph)}
    assert [name for name in names if is_kept_by_name(by_name[name])] == names[2:4]
    assert [name for name in names if is_named_after(by_name[name], "master")] == ["nixpkgs_latest"]
    assert [name for name in names if is_named_after(by_name[name], "staging")] == ["staging"]


# ---------------------------------------------------------------- ages


def test_a_pin_is_low_only_beside_a_newer_nixpkgs_and_without_a_limit_of_its_own() -> None:
    def variants(days: int, **options: Any) -> list[str | None]:
        text = lock_of(
            {"nixpkgs": "nixpkgs", "nixpkgs-23-11": "old"},
            nixpkgs=node(NIXPKGS, 1, ref="nixos-unstable", days=days),
            old=node(NIXPKGS, 2, ref="nixos-unstable", days=900),
        )
        return [one.variant for one in hits("stale-input", {"flake.lock": text}, **options)]

    assert variants(3) == ["pinned"]
    assert variants(100) == [None, "pinned"]
    assert variants(950) == [None, None]
    assert variants(3, limits={"nixpkgs-23-11": 30}) == [None]


def test_a_pin_of_an_input_is_for_its_owner() -> None:
    text = lock_of(
        {"nix": "nix"},
        nix=node("NixOS/nix", 1, {"nixpkgs-regression": "old"}),
        old=node(NIXPKGS, 2, rev=f"{2:040x}", days=900),
    )
    assert not hits("stale-input", {"flake.lock": text}, transitive=True)
    (found,) = hits("stale-input", {"flake.lock": text}, limits={"nix/*": 30})
    assert found.message.endswith("`nix` pins it, so only its owner can raise it")


# ---------------------------------------------------------------- branches


def test_a_follows_is_named_by_its_line() -> None:
    def said(id: str, path: str = NIXPKGS, **original: Any) -> str:
        text = lock_of(
            {"nix": "nix", "nixpkgs": ["nix", "nixpkgs"]},
            nix=node("NixOS/nix", 1, {"nixpkgs": "nixpkgs"}),
            nixpkgs=node(path, 2, **original),
        )
        (found,) = hits(id, {"flake.lock": text})
        return found.message

    line = 'replace `inputs.nixpkgs.follows = "nix/nixpkgs";` in flake.nix by an input of your own that '
    assert f"{line}is supported" in said("unsupported-nixpkgs-branch", ref="nixos-25.05-small")
    assert "is on the branch `nixos-25.05-small`" in said(
        "unsupported-nixpkgs-branch", ref="nixos-25.05-small"
    )
    assert f"{line}is on a channel" in said("non-channel-nixpkgs", ref="master")
    assert f"{line}comes from NixOS" in said("forked-nixpkgs", "example/nixpkgs")


def test_a_pull_request_is_pinned_to_its_commit() -> None:
    text = lock_of({"nixpkgs": "nixpkgs"}, nixpkgs=node(NIXPKGS, 7, ref="refs/pull/1/head"))
    (found,) = hits("non-channel-nixpkgs", {"flake.lock": text})
    assert f"write `github:NixOS/nixpkgs/{7:040x}` in flake.nix" in found.message


def test_a_release_that_a_name_says_is_kept() -> None:
    def found(**other: Any) -> Hit:
        text = lock_of(
            {"nixpkgs": "nixpkgs", "nixpkgs-2505": "old"},
            nixpkgs=node(NIXPKGS, 1, **other),
            old=node(NIXPKGS, 2, ref="nixos-25.05"),
        )
        *_, last = hits("unsupported-nixpkgs-branch", {"flake.lock": text})
        return last

    assert found(ref="nixos-26.05").variant == "kept"
    assert "move to" not in found(ref="nixos-26.05").message
    assert found(rev=f"{1:040x}").variant is None
    text = lock_of(
        {"nixpkgs": "nixpkgs", "a": "a"},
        nixpkgs=node(NIXPKGS, 1, ref="nixos-26.05"),
        a=node("x/a", 1, {"nixpkgs-2505": "old"}),
        old=node(NIXPKGS, 2, ref="nixos-25.05"),
    )
    (below,) = hits("unsupported-nixpkgs-branch", {"flake.lock": text}, transitive=True)
    assert "follow" not in below.message


def test_what_flake_nix_asks_for_is_said_once() -> None:
    """The lock has the old branch as well, or is on another one."""
    flake = '{ inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-24.05"; outputs = inputs: { }; }'
    alone = hits("unsupported-nixpkgs-branch", {"flake.nix": flake})
    assert [one.at.source.path for one in alone] == ["flake.nix"]
    same = lock_of({"nixpkgs": "nixpkgs"}, nixpkgs=node(NIXPKGS, 1, ref="nixos-24.05"))
    both = hits("unsupported-nixpkgs-branch", {"flake.nix": flake, "flake.lock": same})
    assert [one.at.source.path for one in both] == ["flake.lock"]
    new = lock_of({"nixpkgs": "nixpkgs"}, nixpkgs=node(NIXPKGS, 1, ref="nixos-26.05"))
    behind = hits("unsupported-nixpkgs-branch", {"flake.nix": flake, "flake.lock": new})
    assert [one.at.source.path for one in behind] == ["flake.nix"]


# ---------------------------------------------------------------- references


def test_an_indirect_input_is_not_led_to_an_ended_release() -> None:
    flake = '{ inputs.nixpkgs.url = "nixpkgs/nixos-21.05"; outputs = inputs: { }; }'
    (found,) = hits("indirect-input", {"flake.nix": flake})
    assert 'inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";' in found.message
    indirect = node(NIXPKGS, 1)
    indirect["original"] = {"type": "indirect", "id": "nixpkgs", "ref": "release-21.05"}
    (locked,) = hits("indirect-input", {"flake.lock": lock_of({"nixpkgs": "nixpkgs"}, nixpkgs=indirect)})
    assert "21.05" not in locked.message


def test_an_input_for_others_to_set_gets_a_stand_in() -> None:
    flake = "{ inputs.parsers = { flake = false; }; outputs = inputs: { }; }"
    files = {"flake.nix": flake, "flake.lock": lock_of({})}
    (found,) = hits("indirect-input", files)
    assert '`inputs.parsers.url = "file+file:///dev/null";`' in found.message
    assert not hits("lock-out-of-sync", files)
    known = {"flake.nix": flake.replace("parsers", "nixpkgs"), "flake.lock": lock_of({})}
    assert hits("lock-out-of-sync", known)


def test_a_file_of_a_branch_is_found_in_the_repository() -> None:
    url = "https://raw.githubusercontent.com/example/data/main/lists/robots.json"
    data = {
        "flake": False,
        "original": {"type": "file", "url": url},
        "locked": {"type": "file", "url": url, "narHash": HASH},
    }
    (found,) = hits("mutable-tarball", {"flake.lock": lock_of({"data": "data"}, data=data)})
    assert "`github:example/data/main`" in found.message
    assert '`"${inputs.data}/lists/robots.json"`' in found.message


def test_a_url_that_flake_nix_has_already_is_only_locked() -> None:
    tools = {
        "original": {"type": "path", "path": "/home/me/tools"},
        "locked": {"type": "path", "path": "/home/me/tools", "narHash": HASH, "lastModified": TODAY},
    }
    flake = '{ inputs.tools.url = "github:example/tools"; outputs = inputs: { }; }'
    lock = lock_of({"tools": "tools"}, tools=tools)
    (found,) = hits("local-path-input", {"flake.nix": flake, "flake.lock": lock})
    assert "flake.nix has `github:example/tools` for it" in found.message
    assert "run `nix flake lock`" in found.message
    (alone,) = hits("local-path-input", {"flake.lock": lock})
    assert "write a URL" in alone.message


def test_a_commit_is_never_cut() -> None:
    url = f"github:an-organisation-with-a-long-name/a-repository-with-a-long-name/{'b' * 40}"
    flake = f'{{ inputs.tools.url = "{url}"; outputs = inputs: {{ }}; }}'
    lock = lock_of({"tools": "tools"}, tools=node("x/tools", 1))
    (found,) = hits("lock-out-of-sync", {"flake.nix": flake, "flake.lock": lock})
    assert f"`{url}`" in found.message
