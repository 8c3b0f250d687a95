"""What the pages of the rules about ages, releases and copies cannot show: pins, large locks, and how the rules divide."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.locks.inputs import inputs
from scanner.engine import Context, load, places
from scanner.model.finding import Hit, Unknown
from tests.memory import KNOWLEDGE, NOW, options_of, repository

HASH = "sha256-pQ7YeoB96bBl3iJGRdUWjdOFwahPUMwNN1yl9fwJufY="
DAY = 24 * 60 * 60
TODAY = int(datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC).timestamp())


def answers(id: str, files: dict[str, str], now: date = NOW, **options: Any) -> list[Hit | Unknown]:
    rule = load(places()[id])
    graph, problems = repository(files)
    return list(rule.check(Context(graph, problems, KNOWLEDGE, now, options_of(rule, options))))


def said(found: list[Hit | Unknown]) -> list[str]:
    return [one.message if isinstance(one, Hit) else one.reason for one in found]


def node(
    owner: str, repo: str, rev: int, inputs: dict[str, Any] | None = None, ref: str | None = None
) -> dict[str, Any]:
    base = {"type": "github", "owner": owner, "repo": repo}
    return {
        "inputs": inputs or {},
        "original": base if ref is None else {**base, "ref": ref},
        "locked": {**base, "rev": f"{rev:040x}", "narHash": HASH, "lastModified": TODAY - DAY},
    }


def lock_of(root: dict[str, Any], nodes: dict[str, Any]) -> str:
    return json.dumps({"nodes": {**nodes, "root": {"inputs": root}}, "root": "root", "version": 7}, indent=1)


def test_the_date_of_an_old_lock_stands_beside_what_is_locked() -> None:
    nixpkgs = node("NixOS", "nixpkgs", 1)
    nixpkgs["info"] = {"lastModified": nixpkgs["locked"].pop("lastModified") - 100 * DAY, "narHash": HASH}
    lock = json.loads(lock_of({"nixpkgs": "nixpkgs"}, {"nixpkgs": nixpkgs}))
    (found,) = answers("stale-input", {"flake.lock": json.dumps({**lock, "version": 5}, indent=1)})
    assert found.at.text == str(TODAY - 101 * DAY)


# ---------------------------------------------------------------- pins

NPINS = json.dumps(
    {
        "pins": {
            "nixpkgs": {
                "type": "Channel",
                "name": "nixos-25.05",
                "url": "https://releases.nixos.org/nixos/25.05/nixos-25.05.812242.ac62194c3917/nixexprs.tar.xz",
                "hash": HASH,
            },
            "newest": {
                "type": "Git",
                "repository": {"type": "GitHub", "owner": "NixOS", "repo": "nixpkgs"},
                "branch": "master",
                "submodules": False,
                "revision": "a" * 40,
                "url": f"https://github.com/NixOS/nixpkgs/archive/{'a' * 40}.tar.gz",
                "hash": HASH,
            },
        },
        "version": 7,
    },
    indent=1,
)
NIV = json.dumps(
    {
        name: {
            "branch": "release-24.05",
            "owner": owner,
            "repo": name,
            "rev": "c" * 40,
            "sha256": "0" * 52,
            "type": "tarball",
            "url": f"https://github.com/{owner}/{name}/archive/{'c' * 40}.tar.gz",
            "url_template": "https://github.com/<owner>/<repo>/archive/<rev>.tar.gz",
        }
        for name, owner in (("nixpkgs", "NixOS"), ("home-manager", "nix-community"), ("other", "example"))
    },
    indent=1,
)


def test_pins_on_the_branch_of_an_ended_release() -> None:
    found = answers("unsupported-nixpkgs-branch", {"npins/sources.json": NPINS, "sub/nix/sources.json": NIV})
    assert [one.at.text for one in found] == ["nixos-25.05", "release-24.05", "release-24.05"]
    assert [one.variant for one in found if isinstance(one, Hit)] == [None, None, "companion"]
    npins, niv, companion = said(found)
    assert "move to `nixos-26.05` in npins/sources.json and run `npins update nixpkgs`" in npins
    assert "move to `nixos-26.05` in sub/nix/sources.json and run `cd sub && niv update nixpkgs`" in niv
    assert "move to `release-26.05`" in companion
    assert "flake.nix" not in "".join(said(found))


def test_a_pin_that_is_on_no_channel() -> None:
    (found,) = answers("non-channel-nixpkgs", {"npins/sources.json": NPINS})
    assert found.at.text == "master"
    assert "npins update newest" in said([found])[0]


def test_pins_without_dates_are_one_undecided_question_and_no_finding() -> None:
    (found,) = answers("stale-input", {"npins/sources.json": NPINS})
    assert isinstance(found, Unknown)
    assert "`nixpkgs`, `newest`" in found.reason
    assert "npins writes no date" in found.reason
    assert not answers("stale-input", {"npins/sources.json": NPINS}, nixpkgs_days=0)
    assert not answers("undated-input", {"npins/sources.json": NPINS})
    (fresh,) = answers("fresh-input", {"npins/sources.json": NPINS}, days=3)
    assert isinstance(fresh, Unknown)


def test_a_pin_with_a_date_has_an_age() -> None:
    """lon writes one for what it clones."""
    pin = {
        "type": "Git",
        "fetchType": "git",
        "branch": "nixos-unstable",
        "revision": "d" * 40,
        "url": "https://github.com/NixOS/nixpkgs.git",
        "hash": HASH,
        "lastModified": TODAY - 61 * DAY,
        "submodules": False,
    }
    (found,) = answers("stale-input", {"lon.lock": json.dumps({"version": "1", "sources": {"nixpkgs": pin}})})
    assert isinstance(found, Hit)
    assert "61 days old (limit 60 days)" in found.message
    assert "run `lon update nixpkgs`" in found.message


def test_pins_are_no_copies_of_each_other_or_of_a_lock() -> None:
    lock = lock_of({"nixpkgs": "nixpkgs"}, {"nixpkgs": node("NixOS", "nixpkgs", 1)})
    assert not answers("duplicate-input", {"npins/sources.json": NPINS, "flake.lock": lock}, elsewhere=True)


# ---------------------------------------------------------------- how stale-input and undated-input divide

DATES = st.sampled_from([None, 0, 1, -5, "x", True, TODAY, TODAY - 400 * DAY, TODAY + 400 * DAY, 1e300])
KINDS = st.sampled_from(
    [
        {"type": "github", "owner": "a", "repo": "b", "rev": "a" * 40},
        {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "rev": "a" * 40},
        {"type": "git", "url": "https://example.org/x", "rev": "a" * 40},
        {"type": "tarball", "url": "https://example.org/x.tar.gz"},
        {"type": "tarball", "url": "https://channels.nixos.org/nixos-unstable/nixexprs.tar.xz"},
        {"type": "file", "url": "https://example.org/x"},
        {"type": "path", "path": "/nix/store/x"},
        {"type": "path", "path": "./x"},
        {"type": "hg", "url": "https://example.org/x"},
    ]
)


@given(st.lists(st.tuples(KINDS, DATES), max_size=8), st.sampled_from(["flake.lock", "devenv.lock"]))
def test_every_input_with_a_limit_has_an_age_or_is_spoken_of_once(
    drawn: list[tuple[dict[str, Any], Any]], path: str
) -> None:
    nodes = {}
    for index, (reference, modified) in enumerate(drawn):
        locked = reference if modified is None else {**reference, "lastModified": modified}
        nodes[f"i{index}"] = {
            "original": {name: value for name, value in reference.items() if name != "rev"},
            "locked": locked,
        }
    files = {path: lock_of({name: name for name in nodes}, nodes)}
    graph, _ = repository(files)
    stale = answers("stale-input", files, limits={"*": 30})
    undated = answers("undated-input", files)
    asked = said([one for one in stale if isinstance(one, Unknown)])
    many = [one for one in undated if isinstance(one, Hit) and one.variant == "lock"]
    assert len(asked) <= 1
    for input in inputs(graph):
        modified = input.node.input.locked.attributes.get("lastModified")
        aged = not isinstance(modified, bool | str) and modified in (TODAY, TODAY - 400 * DAY)
        old = [one for one in stale if isinstance(one, Hit) and one.subject == input.node.id]
        spoken = [one for one in undated if one.subject == input.node.id]
        listed = [
            note
            for one in many
            for note in (one.at, *(n.at for n in one.related))
            if note == input.key("locked")
        ]
        question = [text for text in asked if f"`{input.name}`" in text or " more may be" in text]
        if input.relative:
            assert not old
            assert not spoken
        elif aged:
            assert not spoken
            assert bool(old) == (modified != TODAY)
        elif input.node.input.locked.type == "path":
            assert not old
            assert not spoken, "local-path-input speaks of it"
        else:
            assert not old
            assert len(spoken) + len(listed) == 1 or (question and not spoken)


# ---------------------------------------------------------------- copies


def test_a_thousand_copies_in_ten_thousand_nodes_are_one_finding() -> None:
    root = {"nixpkgs": "nixpkgs"}
    nodes = {"nixpkgs": node("NixOS", "nixpkgs", 1)}
    for number in range(1000):
        root[f"t{number}"] = f"t{number}"
        below: dict[str, Any] = {"nixpkgs": f"p{number}"}
        for other in range(8):
            below[f"r{other}"] = f"r{number}-{other}"
            nodes[f"r{number}-{other}"] = node("b", f"r{number}-{other}", other)
        nodes[f"t{number}"] = node("a", f"t{number}", number, below)
        nodes[f"p{number}"] = node("NixOS", "nixpkgs", number + 2)
    (found,) = answers("duplicate-input", {"flake.lock": lock_of(root, nodes)})
    assert isinstance(found, Hit)
    assert found.variant == "nixpkgs"
    assert "locked 1001 times, at 1001 revisions" in found.message
    assert "and 999 more lines of that kind" in found.message
    assert len(found.related) == 20


@pytest.mark.parametrize("depth", [9, 10_000])
def test_copies_that_no_line_can_reach(depth: int) -> None:
    """An attribute of so many names cannot be written; where all are copies, those near the root can."""
    nodes = {f"x{step}": node("a", f"x{step}", step, {"y": f"x{step + 1}"}) for step in range(depth)}
    nodes[f"x{depth}"] = node("NixOS", "nixpkgs", 2)
    nodes["nixpkgs"] = node("NixOS", "nixpkgs", 1)
    text = lock_of({"nixpkgs": "nixpkgs", "x": "x0"}, nodes)
    assert not answers("duplicate-input", {"flake.lock": text})
    (found,) = answers("duplicate-input", {"flake.lock": text}, elsewhere=True)
    assert isinstance(found, Hit)
    assert found.variant == "elsewhere"


def test_no_line_makes_a_cycle() -> None:
    """The flake's own `x` is what a copy of it brings."""
    nodes = {
        "tools": node("a", "tools", 1, {"x": "x1"}),
        "x1": node("a", "x", 1, {"older": "x2"}),
        "x2": node("a", "x", 2),
    }
    text = lock_of({"tools": "tools", "x": ["tools", "x", "older"]}, nodes)
    assert not answers("duplicate-input", {"flake.lock": text})


REPOSITORIES = [
    ("NixOS", "nixpkgs", None),
    ("NixOS", "nixpkgs", "nixos-26.05"),
    ("a", "x", None),
    ("a", "y", None),
]


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A lock that is a tree: every node but the first ones is an input of an earlier one."""
    nodes: dict[str, Any] = {}
    root: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 10))):
        owner, repo, ref = draw(st.sampled_from(REPOSITORIES))
        label = f"n{number}"
        nodes[label] = node(owner, repo, draw(st.integers(1, 3)), ref=ref)
        above = draw(st.sampled_from(["root", *list(nodes)[:-1]]))
        (root if above == "root" else nodes[above]["inputs"])[f"i{number}"] = label
    return root, nodes


@given(trees())
def test_the_lines_of_a_finding_are_all_that_it_takes(tree: tuple[dict[str, Any], dict[str, Any]]) -> None:
    root, nodes = tree
    for _ in range(len(nodes)):
        found = [
            one
            for one in answers("duplicate-input", {"flake.lock": lock_of(root, nodes)})
            if isinstance(one, Hit)
        ]
        if not found:
            return
        for one in found:
            for text in (one.message, *(note.message for note in one.related)):
                if ".follows = " not in text:
                    continue
                line = text.partition("`inputs.")[2].partition("`")[0]
                path = [part for part in line.partition(".follows")[0].split(".") if part != "inputs"]
                assert path
                target = line.split('"')[1]
                assert target in root
                below = root
                for step in path[:-1]:
                    below = nodes[below[step]]["inputs"] if isinstance(below[step], str) else {}
                if path[-1] in below:
                    below[path[-1]] = [target]
    pytest.fail("there is always another line")


def test_a_line_is_for_flake_nix_of_the_lock() -> None:
    nodes = {
        "nixpkgs": node("NixOS", "nixpkgs", 1),
        "tools": node("a", "tools", 1, {"nixpkgs": "nixpkgs_2"}),
        "nixpkgs_2": node("NixOS", "nixpkgs", 2),
    }
    lock = lock_of({"nixpkgs": "nixpkgs", "tools": "tools"}, nodes)
    flake = '{ inputs.tools.inputs.nixpkgs.follows = "nixpkgs"; outputs = inputs: { }; }'
    (here,) = answers("duplicate-input", {"dev/flake.lock": lock, "dev/flake.nix": flake})
    assert "dev/flake.nix has" in said([here])[0]
    assert "nix flake lock ./dev" in said([here])[0]
    (elsewhere,) = answers("duplicate-input", {"dev/flake.lock": lock, "flake.nix": flake})
    assert "in dev/flake.nix" in said([elsewhere])[0]


def test_no_line_leads_an_input_to_what_it_brings_itself() -> None:
    """`x` follows `w/x`, which follows what `c/d` brings: were `c/d` to follow `x`, all of it would go round in a circle."""
    nodes = {
        "c": node("a", "c", 1, {"d": "d"}),
        "d": node("a", "x", 2, {"n": "n"}),
        "n": node("a", "x", 1),
        "w": node("a", "w", 1, {"x": ["c", "d", "n"]}),
    }
    root = {"c": "c", "w": "w", "x": ["w", "x"]}
    for one in answers("duplicate-input", {"flake.lock": lock_of(root, nodes)}, elsewhere=True):
        assert ".follows" not in said([one])[0]


# ---------------------------------------------------------------- releases that have ended


@pytest.mark.parametrize("extra", [{}, {"transitive": True}, {"limits": {"*": 1}}])
def test_an_ended_release_is_one_finding(extra: dict[str, Any]) -> None:
    nixpkgs = node("NixOS", "nixpkgs", 1, ref="nixos-24.05")
    nixpkgs["locked"]["lastModified"] = TODAY - 900 * DAY
    files = {"flake.lock": lock_of({"nixpkgs": "nixpkgs"}, {"nixpkgs": nixpkgs})}
    assert not answers("stale-input", files, **extra)
    assert len(answers("unsupported-nixpkgs-branch", files)) == 1
    (old,) = answers("stale-input", files, **extra, after_end=True)
    assert isinstance(old, Hit)


def test_a_branch_of_other_software_that_looks_like_a_release_has_not_ended() -> None:
    tools = node("a", "tools", 1, ref="24.05")
    tools["locked"]["lastModified"] = TODAY - 900 * DAY
    (old,) = answers(
        "stale-input", {"flake.lock": lock_of({"tools": "tools"}, {"tools": tools})}, flake_days=30
    )
    assert isinstance(old, Hit)


def test_an_accepted_lock_without_dates_hides_no_later_input() -> None:
    def evidence(count: int) -> tuple[str, ...]:
        nodes = {f"i{number}": node("a", f"r{number}", 1) for number in range(count)}
        for one in nodes.values():
            del one["locked"]["lastModified"]
        (found,) = answers("undated-input", {"flake.lock": lock_of({name: name for name in nodes}, nodes)})
        assert isinstance(found, Hit)
        return found.evidence

    assert evidence(6) != evidence(7)
