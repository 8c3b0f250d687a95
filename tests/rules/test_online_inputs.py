"""Stories of attacks on inputs and owners, told to a whole scan: what `--online` says of each, and what it leaves unsaid."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from scanner.analysis.remotes.locked import MOST_COMMITS
from scanner.discover import kind_of
from scanner.model.finding import Finding
from scanner.model.online import NotKnown, Remote
from scanner.model.source import Source
from scanner.pipeline import check, read_sources
from scanner.policy.load import pack
from scanner.policy.policy import Policy
from scanner.results import Report
from tests.memory import KNOWLEDGE, NOW
from tests.online import InMemory

RULES: Final = (
    "unreachable-revision",
    "not-on-branch",
    "archived-input",
    "moved-repository",
    "moved-tag",
    "re-registered-owner",
)
HASH: Final = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="
LOCKED, TIP, OTHER = "1" * 40, "2" * 40, "3" * 40
IN_SEPTEMBER: Final = 1790000000
"""2026-09-21."""
WORKFLOW: Final = ".github/workflows/ci.yml"


def github(name: str, rev: str = LOCKED, *, ref: str | None = None, **more: Any) -> dict[str, Any]:
    owner, _, repo = name.partition("/")
    where = {"owner": owner, "repo": repo, "type": "github"}
    locked = {**where, "rev": rev, "narHash": HASH, "lastModified": IN_SEPTEMBER}
    return {"locked": locked, "original": where | ({"ref": ref} if ref else {}), **more}


def lock(**nodes: dict[str, Any]) -> dict[str, str]:
    """A lock in which the root has every node that no other one has."""
    below = {name for node in nodes.values() for name in node.get("inputs", {}).values()}
    root = {"inputs": {name: name for name in nodes if name not in below}}
    data = {"nodes": {**nodes, "root": root}, "root": "root", "version": 7}
    return {"flake.lock": json.dumps(data, indent=2)}


def workflow(*uses: str) -> dict[str, str]:
    steps = "".join(f"      - uses: {one}\n" for one in uses)
    return {WORKFLOW: f"on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"}


def report(
    files: Mapping[str, str], world: Mapping[str, Any] | InMemory, policy: Policy | None = None
) -> Report:
    sources = [Source(path, kind_of(path) or "", text) for path, text in sorted(files.items())]
    online = world if isinstance(world, InMemory) else InMemory(world)
    repository = read_sources(sources, [], KNOWLEDGE)
    return check("x", repository, policy or pack("recommended"), KNOWLEDGE, NOW, online=online)


def said(
    files: Mapping[str, str], world: Mapping[str, Any] | InMemory, policy: str = "recommended"
) -> list[Finding]:
    return [one for one in report(files, world, pack(policy)).findings if one.rule in RULES]


def told(found: list[Finding]) -> list[str]:
    return [one.rule if one.variant is None else f"{one.rule}/{one.variant}" for one in found]


NIXPKGS: Final = {
    "refs": {"branches": {"master": OTHER, "nixos-unstable": TIP}, "default": "master"},
    "about": {"created": "2012-01-01"},
    "commits": {LOCKED: "2026-09-21"},
}


# ---------------------------------------------------------------- stories


def test_a_commit_of_a_fork_in_the_name_of_nixpkgs() -> None:
    """Somebody opens a pull request "update flake.lock" whose commit only their fork has."""
    files = lock(nixpkgs=github("NixOS/nixpkgs", ref="nixos-unstable"))
    (one,) = said(files, {"nixos/nixpkgs": {**NIXPKGS, "holds": {"master": [TIP]}}})
    assert (one.rule, str(one.severity), str(one.confidence)) == ("unreachable-revision", "high", "high")
    assert one.at.text == LOCKED


def test_another_commit_of_a_fork_is_another_finding() -> None:
    prints = {
        said(lock(nixpkgs=github("NixOS/nixpkgs", rev)), {"nixos/nixpkgs": world})[0].fingerprint
        for rev in (LOCKED, "4" * 40)
        for world in ({**NIXPKGS, "commits": {rev: "2026-09-21"}, "holds": {"master": []}},)
    }
    assert len(prints) == 2


def test_a_branch_that_was_rewritten() -> None:
    files = lock(tools=github("example/tools", ref="main"))
    refs = {"branches": {"main": TIP, "backup": OTHER}, "default": "main"}
    world = {"refs": refs, "commits": {LOCKED: "2026-09-21"}, "about": {}}
    assert told(said(files, {"example/tools": {**world, "holds": {"backup": [LOCKED]}}})) == ["not-on-branch"]
    # Nothing has it: that it is not on the branch goes without saying.
    (one,) = said(files, {"example/tools": {**world, "holds": {"backup": []}}})
    assert (one.rule, str(one.confidence)) == ("unreachable-revision", "medium")


def test_history_that_was_deleted() -> None:
    refs = {"branches": {"main": TIP}, "default": "main"}
    world = {"example/tools": {"refs": refs, "holds": {"main": []}, "commits": {}, "about": {}}}
    assert told(said(lock(tools=github("example/tools")), world)) == ["unreachable-revision/gone"]


def test_a_name_that_was_given_up_and_registered_by_somebody_else() -> None:
    refs = {"branches": {"main": TIP}, "default": "main"}
    new = {"refs": refs, "about": {"created": "2026-11-05"}, "account": {"id": 7, "created": "2026-11-04"}}
    files = lock(tools=github("example/tools"))
    lazy = said(files, {"example/tools": {**new, "holds": {"main": []}, "commits": {}}})
    assert told(lazy) == ["re-registered-owner", "unreachable-revision/gone"]
    # Who brings the old history along looks like a mirror: said in `strict`.
    thorough = {"example/tools": {**new, "holds": {"main": [LOCKED]}}}
    assert not said(files, thorough)
    assert told(said(files, thorough, "strict")) == ["re-registered-owner"]


def test_a_transfer_to_an_organisation_that_is_younger_than_the_commit() -> None:
    world = {
        "refs": {"branches": {"main": LOCKED}, "default": "main", "moved": "young-org/tools"},
        "about": {"name": "young-org/tools", "created": "2019-01-01"},
        "account": {"name": "young-org", "created": "2026-11-04"},
    }
    (one,) = said(lock(tools=github("example/tools", ref="main")), {"example/tools": world}, "strict")
    assert one.rule == "moved-repository"
    assert "`github:young-org/tools/main` at `inputs.tools.url` in flake.nix" in one.message


def test_every_place_that_must_be_edited_after_a_move() -> None:
    moved = {"refs": {"branches": {"main": TIP}, "tags": {"v1": TIP}, "moved": "new/Tool"}}
    files = workflow("Old/Tool@v1", "old/tool/sub/action@v1", "fine/tool@v1") | {
        ".pre-commit-config.yaml": "repos:\n  - repo: https://github.com/old/tool.git\n    rev: v1\n    hooks:\n      - id: a\n"
    }
    found = said(files, {"old/tool": moved, "fine/tool": {"refs": {"branches": {"main": TIP}}}})
    assert [one.message.rpartition("write ")[2] for one in found] == [
        "`new/tool@v1`",
        "`new/tool/sub/action@v1`",
        "`https://github.com/new/tool.git`",
    ]


def test_the_new_name_in_the_words_of_each_kind_of_input() -> None:
    url = {"url": "git+ssh://git@github.com/old/tool", "type": "git"}
    clone = {
        "original": {**url, "url": "ssh://git@github.com/old/tool", "ref": "next"},
        "locked": {"type": "git", "url": "ssh://git@github.com/old/tool", "rev": LOCKED, "narHash": HASH},
    }
    registered = github("old/tool", ref="main") | {"original": {"id": "tool", "type": "indirect"}}
    world = {"old/tool": {"refs": {"branches": {"main": LOCKED}, "moved": "new/tool"}}}
    found = {one.subject: one.message for one in said(lock(clone=clone, registered=registered), world)
             if one.rule == "moved-repository"}  # fmt: skip
    assert (
        "`git+https://github.com/new/tool?ref=next` at `inputs.clone.url`"
        in found["flake-input:flake.lock#clone"]
    )
    assert "`github:new/tool` at `inputs.registered.url`" in found["flake-input:flake.lock#registered"]


@pytest.mark.parametrize(
    ("owner", "repository", "expected"),
    [
        (11, 22, []),
        (99, 22, []),  # transferred
        (11, 98, ["re-registered-owner/recreated"]),
        (99, 98, ["re-registered-owner/replaced"]),
    ],
)
def test_the_ids_of_githubs_lock(owner: int, repository: int, expected: list[str]) -> None:
    actions = (
        "version: v0.0.2\n"
        f"workflows:\n  {WORKFLOW}: [example/tool@v1]\n"
        "dependencies:\n  example/tool@v1:\n"
        f"    ref: v1\n    commit: sha1-{LOCKED}\n    owner_id: 11\n    repo_id: 22\n"
    )
    files = workflow("example/tool@v1") | {".github/workflows/actions.lock": actions}
    # By dates it would be a finding, too: what the ids say counts.
    world = {
        "refs": {"branches": {"main": LOCKED}, "tags": {"v1": LOCKED}},
        "commits": {LOCKED: "2020-01-01"},
        "about": {"id": repository, "owner_id": owner, "created": "2026-11-05"},
        "account": {"id": owner, "created": "2026-11-04"},
    }
    assert told(said(files, {"example/tool": world}, "strict")) == expected


def test_one_finding_for_all_uses_of_a_repository_that_changed_hands() -> None:
    world = {
        "refs": {"branches": {"main": TIP}, "default": "main"},
        "holds": {"main": []},
        "commits": {LOCKED: "2024-01-01", OTHER: "2025-01-01"},
        "about": {"created": "2026-11-05"},
        "account": {"created": "2026-11-04"},
    }
    files = workflow(f"example/tool@{OTHER}", f"example/tool@{LOCKED}", f"example/tool/sub@{LOCKED}")
    (one,) = said(files, {"example/tool": world})
    assert (one.rule, one.at.text) == ("re-registered-owner", f"example/tool@{LOCKED}")
    assert len(one.related) == 2


def test_the_commit_that_the_new_repository_has_not_tells_most() -> None:
    world = {
        "refs": {"branches": {"main": TIP}, "default": "main"},
        "holds": {"main": [LOCKED]},
        "commits": {},
        "about": {"created": "2026-11-05"},
        "account": {"created": "2026-11-04"},
    }
    files = lock(a=github("example/tools"), b=github("example/tools", OTHER))
    (one,) = [one for one in said(files, {"example/tools": world}) if one.rule == "re-registered-owner"]
    assert (one.subject, str(one.confidence)) == ("flake-input:flake.lock#b", "medium")


def test_a_commit_of_which_a_date_is_far_away() -> None:
    """Nothing checks `lastModified`."""
    for modified in (0, 1, -5, 10**10, 253402300799, 10**18):
        node = github("example/tools")
        node["locked"]["lastModified"] = modified
        world = {
            "refs": {"branches": {"main": LOCKED}, "default": "main"},
            "commits": {LOCKED: "2026-09-21"},
            "about": {"created": "9999-12-30"},
            "account": {"created": "9999-12-30"},
        }
        report(lock(tools=node), {"example/tools": world}, pack("strict"))


# ---------------------------------------------------------------- what is not asked, and not known


ACTIONS_LOCK: Final = ".github/workflows/actions.lock"


def entry(ref: str, commit: str, owner: int, repository: int, host: str = "") -> str:
    named = f", hostname: {host}" if host else ""
    return f"  example/tool@{ref}: {{ref: {ref}, commit: sha1-{commit}, owner_id: {owner}, repo_id: {repository}{named}}}\n"


def locked_actions(*entries: str) -> dict[str, str]:
    return {ACTIONS_LOCK: f"version: v0.0.3\nworkflows: {{}}\ndependencies:\n{''.join(entries)}"}


@pytest.mark.parametrize("order", [1, -1])
def test_an_entry_whose_ids_are_right_says_nothing_of_the_others(order: int) -> None:
    entries = (entry("v1", LOCKED, 1, 1), entry("v1.1", LOCKED, 1, 1), entry("v2", TIP, 9, 9))
    world = {"refs": {"tags": {"v1": LOCKED, "v1.1": LOCKED, "v2": TIP}}, "about": {"id": 9, "owner_id": 9}}
    (one,) = said(locked_actions(*entries[::order]), {"example/tool": world})
    assert (one.rule, one.variant, len(one.related)) == ("re-registered-owner", "replaced", 1)


def test_an_entry_whose_ids_are_right_says_nothing_of_other_commits() -> None:
    """The lock was written after the name had changed hands, a pin elsewhere before that."""
    files = workflow(f"example/tool@{LOCKED}") | locked_actions(entry("v2", TIP, 9, 9))
    world = {
        "refs": {"branches": {"main": TIP}, "tags": {"v2": TIP}},
        "commits": {LOCKED: "2020-01-01", TIP: "2020-01-01"},
        "holds": {"main": []},
        "about": {"id": 9, "owner_id": 9, "created": "2026-11-05"},
        "account": {"id": 9, "created": "2026-11-04"},
    }
    (one,) = [one for one in said(files, {"example/tool": world}) if one.rule == "re-registered-owner"]
    assert one.at.path == WORKFLOW
    assert not one.related


def test_of_what_no_server_can_tell_nothing_is_left_open() -> None:
    """Only GitHub says whose a repository is, and whether it is archived."""
    where = {"owner": "example", "repo": "tools", "type": "gitlab"}
    locked = {**where, "rev": LOCKED, "narHash": HASH, "lastModified": IN_SEPTEMBER}
    files = (
        lock(tools={"locked": locked, "original": where})
        | {
            ".pre-commit-config.yaml": f"repos:\n  - repo: https://gitlab.com/example/hooks\n    rev: {TIP}\n    hooks:\n      - id: a\n"
        }
        | locked_actions(entry("v1", LOCKED, 1, 1, "git.example.org"))
    )
    refs = {"refs": {"branches": {"main": LOCKED}, "tags": {"v1": TIP, "v1.0": LOCKED}, "default": "main"}}
    hosts = ("gitlab.com/example/tools", "gitlab.com/example/hooks", "git.example.org/example/tool")
    online = InMemory(dict.fromkeys(hosts, refs))
    assert not [one for one in report(files, online, pack("strict")).unknowns if one.rule in RULES]
    assert "about" not in {topic for topic, _ in online.asked}
    assert "about" not in {one.topic for one in online.prepared}


# ---------------------------------------------------------------- tags that inputs ask for


def tagged(ref: str, refs: dict[str, Any], policy: str = "recommended", **original: str) -> list[Finding]:
    input = github("example/tools", ref=ref)
    input["original"] |= original
    world = {"refs": {"default": "main", **refs}, "holds": {"main": [LOCKED]}, "commits": {}, "about": {}}
    return said(lock(tools=input), {"example/tools": world}, policy)


@pytest.mark.parametrize(
    ("ref", "branches", "tags", "expected"),
    [
        ("v1.0.0", {}, {"v1.0.0": TIP}, ["moved-tag"]),
        ("refs/tags/v1.0.0", {"v1.0.0": LOCKED}, {"v1.0.0": TIP}, ["moved-tag"]),
        ("v1.0.0", {}, {"v1.0.0": TIP, "v1.0.0.1": LOCKED}, ["moved-tag"]),
        ("v1.0.0", {"v1.0.0": LOCKED}, {"v1.0.0": TIP}, ["moved-tag"]),
        ("v1.0.0", {"v1.0.0": TIP}, {}, ["moved-tag/gone"]),
        ("v1.0.0", {}, {}, ["moved-tag/gone"]),
        ("refs/tags/stable", {}, {}, ["moved-tag/gone"]),
        ("v1.0", {}, {"v1.0": TIP}, ["moved-tag/short"]),
        ("v1.0.0", {"v1.0.0": TIP}, {"v1.0.0": LOCKED}, []),
        ("v4", {}, {"v4": TIP, "v4.0.1": TIP}, []),
        ("latest", {}, {"latest": TIP}, []),
        ("refs/tags/latest", {}, {"latest": TIP}, []),
        ("next", {}, {}, ["not-on-branch/no-branch"]),
        ("pull/1/head", {}, {}, []),
    ],
)
def test_an_input_that_asks_for_a_tag(
    ref: str, branches: dict[str, str], tags: dict[str, str], expected: list[str]
) -> None:
    refs = {"branches": {"main": OTHER, **branches}, "tags": tags}
    assert told(tagged(ref, refs, "strict")) == expected
    if expected in (["moved-tag"], ["moved-tag/gone"]):
        assert told(tagged(ref, refs)) == expected


def test_who_names_the_commit_as_well_asks_for_no_tag() -> None:
    refs = {"branches": {"main": OTHER}, "tags": {"v1.0.0": TIP}}
    assert not tagged("v1.0.0", refs, "strict", rev=LOCKED)


def git_input(ref: str) -> dict[str, Any]:
    where = {"type": "git", "url": "https://git.example.org/a/b", "ref": ref}
    return {"original": where, "locked": {**where, "rev": LOCKED, "narHash": HASH, "revCount": 1}}


def test_nix_writes_the_id_of_an_annotated_tag() -> None:
    class Peeling(InMemory):
        def commits(self, of: Remote, ids: Any) -> Any:
            found = super().commits(of, [TIP])
            assert not isinstance(found, NotKnown)
            return dict.fromkeys(ids, found[TIP])

    refs = {"branches": {"main": OTHER}, "tags": {"v1.0.0": TIP}}
    world = {
        "git.example.org/a/b": {"refs": refs, "commits": {TIP: "2026-01-01"}, "holds": {"main": [LOCKED]}}
    }
    files = lock(b=git_input("refs/tags/v1.0.0"))
    assert told(said(files, InMemory(world))) == ["moved-tag"]
    assert not said(files, Peeling(world))


def test_a_bare_name_is_a_branch_for_the_fetcher_of_git() -> None:
    refs = {"branches": {"main": OTHER, "v1.0.0": LOCKED}, "tags": {"v1.0.0": TIP}}
    assert not said(lock(b=git_input("v1.0.0")), {"git.example.org/a/b": {"refs": refs}})


def test_a_pin_of_npins_holds_the_tag_of_a_release() -> None:
    pin = {
        "type": "GitRelease",
        "repository": {"type": "GitHub", "owner": "example", "repo": "tools"},
        "pre_releases": False,
        "version_upper_bound": None,
        "version": "v1.0.0",
        "revision": LOCKED,
        "url": "https://api.github.com/repos/example/tools/tarball/v1.0.0",
        "hash": HASH,
    }
    files = {"npins/sources.json": json.dumps({"version": 3, "pins": {"tools": pin}}, indent=2)}
    refs = {"branches": {"main": LOCKED}, "default": "main"}
    for tip, expected in ((LOCKED, []), (TIP, ["moved-tag"])):
        world = {"refs": {**refs, "tags": {"v1.0.0": tip}}, "about": {}}
        assert told(said(files, {"example/tools": world})) == expected


# ---------------------------------------------------------------- what is asked, and what is another finding


def test_only_the_branch_is_asked_whatever_tag_has_its_name() -> None:
    refs = {"branches": {"main": TIP}, "tags": {"main": LOCKED}, "default": "main"}
    files = lock(tools=github("example/tools", ref="main"))
    world = InMemory({"example/tools": {"refs": refs, "holds": {"main": []}, "about": {}}})
    assert told(said(files, world)) == ["not-on-branch"]


ACCEPTED: Final = {
    "another commit that the branch does not have": [
        (
            lock(tools=github("example/tools", rev)),
            {"holds": {"main": [], "dev": [LOCKED, "4" * 40]}, "commits": {}},
        )
        for rev in (LOCKED, "4" * 40)
    ],
    "another commit that the server does not have": [
        (lock(tools=github("example/tools", rev)), {"holds": {"main": [], "dev": []}, "commits": {}})
        for rev in (LOCKED, "4" * 40)
    ],
    "another new name": [
        (workflow("example/tools@v1"), {"refs": {"branches": {"main": TIP}, "moved": name}})
        for name in ("new/tools", "evil/tools")
    ],
    "another repository in the place of the one that was replaced": [
        (
            locked_actions(entry("v1", LOCKED, 1, 1).replace("example/tool@", "example/tools@")),
            {"about": {"id": id, "owner_id": 9}, "refs": {"tags": {"v1": LOCKED}}},
        )
        for id in (98, 99)
    ],
}
"""Twice a file with the answers about what it names: the second is not what was accepted in the first."""


@pytest.mark.parametrize("cases", ACCEPTED.values(), ids=ACCEPTED)
def test_accepting_one_finding_hides_no_other(cases: list[tuple[dict[str, str], dict[str, Any]]]) -> None:
    usual = {"refs": {"branches": {"main": TIP, "dev": OTHER}, "default": "main"}, "about": {}}
    prints = [
        [one.fingerprint for one in said(files, {"example/tools": {**usual, **world}})]
        for files, world in cases
    ]
    assert [len(one) for one in prints] == [1, 1]
    assert prints[0] != prints[1]


def test_a_name_in_another_case_is_the_same_finding() -> None:
    """The case of a new name is known where the budget of the API has sufficed."""
    moved = {"refs": {"branches": {"main": TIP}, "moved": "new/tools"}}
    first, second = (
        said(workflow("example/tools@v1"), {"example/tools": {**moved, **more}})[0]
        for more in ({}, {"about": {"name": "New/Tools"}})
    )
    assert first.message != second.message
    assert first.fingerprint == second.fingerprint


def test_nothing_is_asked_for_what_is_no_repository() -> None:
    files = lock(
        folder={"locked": {"type": "path", "path": "./a"}, "original": {"type": "path", "path": "./a"}},
        file={
            "locked": {"type": "tarball", "url": "https://example.org/a-1.tar.gz", "narHash": HASH},
            "original": {"type": "tarball", "url": "https://example.org/a-1.tar.gz"},
        },
    )
    online = InMemory({})
    assert not said(files, online, "strict")
    assert not online.asked


def test_an_input_that_is_up_to_date_is_asked_two_things() -> None:
    world = InMemory(
        {"nixos/nixpkgs": {**NIXPKGS, "refs": {"branches": {"nixos-unstable": LOCKED}, "default": "master"}}}
    )
    assert not said(lock(nixpkgs=github("NixOS/nixpkgs", ref="nixos-unstable")), world)
    assert {topic for topic, _ in world.asked} == {"refs", "about"}


def test_what_is_not_known_is_said_once_of_a_repository_by_each_rule() -> None:
    files = lock(
        a=github("example/tools", ref="v1.0.0"),
        b=github("example/tools", OTHER),
        c=github("Example/Tools", TIP),
    )
    found = [one for one in report(files, {}).unknowns if one.rule in RULES]
    assert sorted(one.rule for one in found) == sorted(RULES)
    assert all("nothing is known of example/tools" in one.reason for one in found)


def test_a_question_that_is_open_beside_a_branch_that_has_not_got_it() -> None:
    """The default branch does not have it, and what the others have nobody can tell."""

    class Silent(InMemory):
        def held(self, of: Remote, commit: str) -> bool | NotKnown | None:
            return NotKnown("the server is too old")

        def holds(self, of: Remote, ref: str, commit: str) -> bool | NotKnown:
            return ref == "x"

    branches = {f"b{number}": TIP for number in range(20)} | {"main": TIP}
    world = Silent(
        {
            "example/tools": {
                "refs": {"branches": branches, "default": "main"},
                "about": {},
                "commits": {LOCKED: "2026-09-21"},
            }
        }
    )
    found = report(lock(tools=github("example/tools")), world)
    assert [one.rule for one in found.findings if one.rule in RULES] == ["not-on-branch"]
    assert [one.rule for one in found.unknowns if one.rule in RULES] == ["unreachable-revision"]
    assert "likeliest branches and tags, and of the others the server is too old" in found.unknowns[0].reason


def test_a_hostile_server_is_quoted() -> None:
    evil = "new/`name`\x1b[31m\nx"
    world = {"example/tools": {"refs": {"branches": {"main": LOCKED}, "default": "main", "moved": evil}}}
    for one in said(lock(tools=github("example/tools")), world):
        assert one.message.isprintable()


def test_a_lock_with_very_many_commits_of_one_repository_is_asked_about_some() -> None:
    """Whoever opens a pull request writes the lock: it does not decide how much is asked."""
    ids = [f"{number:040x}" for number in range(3 * MOST_COMMITS)]
    world = {"refs": {"branches": {"main": TIP}, "default": "main"}, "holds": {"main": ids}, "about": {}}
    online = InMemory({"example/tools": world})
    found = report(lock(**{f"n{id}": github("example/tools", id) for id in ids}), online, pack("strict"))
    assert not [one for one in found.findings if one.rule in RULES]
    assert sum(topic == "holds" for topic, _ in online.asked) <= 3 * MOST_COMMITS
    assert [one.rule for one in found.unknowns if "more than 100 commits" in one.reason] == [
        "not-on-branch",
        "unreachable-revision",
    ]
    assert len({one for one in online.prepared if one.topic == "holds"}) == MOST_COMMITS
