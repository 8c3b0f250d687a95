"""`snowfence inputs`: the table of what is locked."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.main import main
from scanner.views.facts import cut_source
from tests.support import CORPUS, NOW
from tests.views.locks import node, nodes, text

WORKFLOW = """
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: nix build
      - run: nix flake check
"""


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["inputs", *arguments, "--now", NOW])
    return code, out.getvalue(), err.getvalue()


def data(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--format", "json")[1])
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "flake.lock").write_text(text(nodes()), "utf-8")
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "ci.yml").write_text(WORKFLOW, "utf-8")
    return tmp_path


def test_own_inputs_by_name(root: Path) -> None:
    found = data(str(root))
    [lock] = found["locks"]
    assert (found["schema"], lock["path"], lock["tool"], lock["own"], lock["total"]) == (
        1,
        "flake.lock",
        "nix",
        3,
        4,
    )
    assert [one["name"] for one in lock["inputs"]] == ["home", "nixpkgs", "tool"]
    nixpkgs = lock["inputs"][1]
    assert (nixpkgs["source"], nixpkgs["type"], nixpkgs["branch"]) == (
        "github:NixOS/nixpkgs",
        "github",
        "nixos-unstable",
    )
    assert nixpkgs["support"] == {"status": "rolling", "end": None}
    assert (nixpkgs["date"], nixpkgs["age"], nixpkgs["followers"]) == ("2025-05-01", 570, 1)
    assert nixpkgs["severity"] == "medium"
    assert "stale-input" in {one["rule"] for one in nixpkgs["findings"]}
    assert [step["line"] for step in lock["steps"]] == [7, 8]


def test_inputs_of_inputs_on_request(root: Path) -> None:
    [lock] = data(str(root), "--transitive")["locks"]
    assert [one["name"] for one in lock["inputs"]] == ["home", "nixpkgs", "tool", "home/utils"]


def test_findings_on_inputs_that_are_not_listed_are_counted(root: Path) -> None:
    found = nodes()
    found["utils"]["locked"]["owner"] = "evil"
    (root / "flake.lock").write_text(text(found), "utf-8")
    [lock] = data(str(root))["locks"]
    assert lock["unlisted"] == 1
    assert "  1 finding on inputs of inputs: --transitive\n" in run(str(root))[1]
    assert "1 finding on inputs of inputs" in run(str(root), "--format", "markdown")[1]
    whole = data(str(root), "--transitive")
    [lock] = whole["locks"]
    assert (lock["unlisted"], lock["inputs"][3]["severity"]) == (0, "critical")
    assert whole["summary"] == data(str(root))["summary"]


def test_findings_in_flake_nix_are_at_its_lock(root: Path) -> None:
    (root / "flake.nix").write_text("{ outputs = { self, other }: { }; }\n", "utf-8")
    [lock] = data(str(root))["locks"]
    assert "implicit-input" in {one["rule"] for one in lock["findings"] if one["path"] == "flake.nix"}
    _, out, _ = run(str(root))
    assert "    flake.nix: medium implicit-input" in out
    assert "Findings on flake\\.nix: medium implicit" in run(str(root), "--format", "markdown")[1]


def test_a_flake_without_a_lock_is_shown(root: Path) -> None:
    (root / "sub").mkdir()
    (root / "sub" / "flake.nix").write_text("{ outputs = { self, other }: { }; }\n", "utf-8")
    [flake] = data(str(root))["unlocked"]
    assert flake["path"] == "sub/flake.nix"
    assert "implicit-input" in {one["rule"] for one in flake["findings"]}
    _, out, _ = run(str(root))
    assert "sub/flake.nix (no lock beside it)\n  findings: " in out
    assert data(str(root / "flake.lock"))["unlocked"] == []


def test_every_finding_of_a_scan_is_somewhere(root: Path) -> None:
    for fixture in ("demo", "pins", "malformed", "calls"):
        found = data(f"fixtures/{fixture}")
        there = sum(
            len(lock["findings"]) + lock["unlisted"] + sum(len(one["findings"]) for one in lock["inputs"])
            for lock in found["locks"]
        ) + sum(len(one["findings"]) for one in found["unlocked"])
        assert there == sum(found["summary"].values())
        files = {lock["path"] for lock in found["locks"]} | {one["path"] for one in found["unlocked"]}
        with redirect_stdout(io.StringIO()) as printed:
            main(["scan", f"fixtures/{fixture}", "--now", NOW, "--format", "json"])
        scanned = json.loads(printed.getvalue())["findings"]
        beside = {path.rpartition("/")[0] + "/flake.nix" for path in files}
        wanted = [one for one in scanned if one["path"] in files or f"/{one['path']}" in beside]
        assert there >= len(wanted)


def test_rows_and_sides_of_a_diff_have_the_same_words(root: Path) -> None:
    """A program that reads one reads the other."""
    (root / "old.lock").write_text(text(nodes()), "utf-8")
    changed = nodes()
    changed["tool"]["locked"]["owner"] = "evil"
    (root / "new.lock").write_text(text(changed), "utf-8")
    with redirect_stdout(io.StringIO()) as printed:
        main(["diff", str(root / "old.lock"), str(root / "new.lock"), "--now", NOW, "--format", "json"])
    difference = json.loads(printed.getvalue())
    [[change]] = [lock["inputs"] for lock in difference["locks"]]
    [lock] = data(str(root))["locks"]
    row = lock["inputs"][2]
    assert change["old"].keys() - {"label"} <= row.keys()
    assert {name: row[name] for name in change["old"] if name in row} == {
        name: value for name, value in change["old"].items() if name != "label"
    }
    assert difference["locks"][0]["old"].items() <= lock.items()
    assert change["subject"] == "flake-input:new.lock#tool"
    assert row["subject"] == "flake-input:flake.lock#tool"


@pytest.mark.parametrize(
    ("source", "room", "shown"),
    [
        ("github:nix-community/home-manager", 40, "github:nix-community/home-manager"),
        ("github:nix-community/home-manager", 30, "nix-community/home-manager"),
        ("github:nix-community/home-manager", 20, "nix-community/home-…"),
        ("github:o/flakes?host=ghe.example.org", 26, "ghe.example.org/o/flakes"),
        ("git+https://github.com/owner/project.git", 16, "owner/project.g…"),
        ("git+https://git.example.org/group/project.git", 30, "git.example.org/group/project…"),
        ("git+https://git.example.org/group/project.git", 20, "git.example.org/…"),
        ("git+https://git.example.org/group/project.git", 12, "…example.org"),
        ("https://a.example/o/archive/1/p.tar.gz", 28, "a.example/o/…/p.tar.gz"),
        ("https://a.example/o/archive/1/p.tar.gz", 18, "a.example/o/…/p.t…"),
        ("gitlab:group/project", 16, "gitlab:group/pr…"),
        ("sourcehut:~owner/project", 18, "sourcehut:~owner/…"),
        ("flake:nixpkgs", 8, "flake:n…"),
        ("github.com.example", 8, "github.…"),
    ],
)
def test_the_owner_and_another_host_than_github_stay(source: str, room: int, shown: str) -> None:
    assert cut_source(source, room) == shown
    assert len(shown) <= room


@pytest.mark.parametrize("width", [60, 80, 120])
def test_text_fits_into_the_terminal_and_names_whole_inputs(
    width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.cli.inputs.terminal_width", lambda: width)
    name = "an-input-with-a-name-that-is-longer-than-a-narrow-terminal-has-room-for"
    made = nodes()
    made["root"]["inputs"][name] = "new"
    made["new"] = node("noctalia-dev", "noctalia-shell-of-ours")
    (tmp_path / "flake.lock").write_text(text(made), "utf-8")
    (tmp_path / "snowfence.yaml").write_text("snowfence: 1\nextends: [strict]\n", "utf-8")
    shown = run(str(tmp_path))[1]
    assert max(map(len, shown.splitlines())) <= width
    assert "noctalia-dev/" in shown
    first = [line[2:].split("  ")[0] for line in shown.splitlines() if line.startswith("  ")]
    assert name in "".join(first)


def test_no_format_shows_a_token(root: Path) -> None:
    found = nodes()
    url = "https://user:hunter2-hunter2@git.example.org/tool.git"
    found["tool"]["locked"] = {"type": "git", "url": url, "rev": "1" * 40, "narHash": "sha256-x"}
    found["tool"]["original"] = {"type": "git", "url": url}
    (root / "flake.lock").write_text(text(found), "utf-8")
    for format in ("text", "json", "markdown"):
        _, out, _ = run(str(root), "--format", format)
        assert "git.example.org" in out
        assert "hunter2" not in out


def test_branches_that_end(root: Path) -> None:
    found = nodes()
    found["nixpkgs"]["original"]["ref"] = "nixos-25.05"
    found["tool"]["original"]["rev"] = "1" * 40
    (root / "flake.lock").write_text(text(found), "utf-8")
    [lock] = data(str(root))["locks"]
    _, nixpkgs, tool = lock["inputs"]
    assert nixpkgs["support"] == {"status": "ended", "end": "2025-12-31"}
    assert (tool["pinned"], tool["branch"], tool["support"]) == (True, None, None)


def test_copies(root: Path) -> None:
    found = nodes()
    found["nixpkgs_2"] = node("NixOS", "nixpkgs", rev="2" * 40)
    found["nixpkgs_3"] = node("nixos", "nixpkgs", rev="2" * 40)
    found["tool"]["inputs"] = {"nixpkgs": "nixpkgs_2"}
    found["utils"]["inputs"] = {"nixpkgs": "nixpkgs_3"}
    (root / "flake.lock").write_text(text(found), "utf-8")
    [lock] = data(str(root))["locks"]
    assert lock["inputs"][1]["copies"] == {"inputs": 3, "revisions": 2}
    assert "duplicate-input" in {one["rule"] for one in lock["findings"]}


def test_text(root: Path) -> None:
    _, out, _ = run(str(root))
    assert out.startswith(
        "flake.lock (nix, version 7: 3 own inputs, 4 in all)\n"
        "  input    from                   branch                   revision  date          age  followers\n"
        "  home     github:community/home                           1111111   2025-05-01  570 d\n"
        "  nixpkgs  github:NixOS/nixpkgs   nixos-unstable, rolling  1111111   2025-05-01  570 d          1\n"
        "  tool     github:somebody/tool                            1111111   2025-05-01  570 d\n"
        "  evaluated by 2 steps: ci.yml (2)\n"
    )


def test_several_locks_and_one_of_them(root: Path) -> None:
    (root / "sub").mkdir()
    (root / "sub" / "flake.lock").write_text(text(nodes()), "utf-8")
    assert [lock["path"] for lock in data(str(root))["locks"]] == ["flake.lock", "sub/flake.lock"]
    [lock] = data(str(root / "sub"))["locks"]
    assert lock["path"] == "flake.lock"


def test_no_lock_is_said(tmp_path: Path) -> None:
    code, out, _ = run(str(tmp_path))
    assert code == 0
    assert "no lock to list" in out
    assert data(str(tmp_path))["locks"] == []


def test_a_lock_that_cannot_be_read_is_said(root: Path) -> None:
    (root / "sub").mkdir()
    (root / "sub" / "flake.lock").write_text("{", "utf-8")
    found = data(str(root))
    assert len(found["locks"]) == 1
    assert [one["path"] for one in found["problems"]] == ["sub/flake.lock"]


def test_a_policy_decides_on_the_findings(root: Path) -> None:
    (root / "snowfence.yaml").write_text("snowfence: 1\nextends: []\nrules: {stale-input: on}\n", "utf-8")
    [lock] = data(str(root))["locks"]
    assert {one["rule"] for row in lock["inputs"] for one in row["findings"]} == {"stale-input"}


def test_markdown(root: Path) -> None:
    _, out, _ = run(str(root), "--format", "markdown")
    assert (
        "| `nixpkgs` | `github:NixOS/nixpkgs` | `nixos-unstable` (rolling) | `1111111` | 2025-05-01 |" in out
    )
    assert "Evaluated by 2 steps" in out


def test_hostile_names_stay_text(root: Path) -> None:
    found = nodes()
    bad = "a|b`c<img src=x>\x1b[31m@somebody\n::error::x"
    found["root"]["inputs"][bad] = "new"
    found["new"] = node(bad, bad, ref=bad)
    (root / "flake.lock").write_text(text(found), "utf-8")
    for format in ("text", "markdown"):
        _, out, _ = run(str(root), "--format", format)
        assert "\x1b" not in out
        assert not any(line.lstrip().startswith("::") for line in out.splitlines())
    assert "<img" not in run(str(root), "--format", "markdown")[1]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside this checkout")
def test_a_real_repository() -> None:
    [lock] = data(str(CORPUS / "blazedots"))["locks"]
    assert (lock["own"], lock["total"], len(lock["steps"])) == (9, 11, 12)
    assert [one["name"] for one in lock["inputs"]] == [
        "disko",
        "flake-parts",
        "home-manager",
        "impermanence",
        "nixpkgs",
        "noctalia",
        "quickshell",
        "sops-nix",
        "treefmt-nix",
    ]


def test_it_obeys_what_the_repository_says_of_itself_unless_told_not_to(root: Path) -> None:
    """As every command that judges: its policy, and what it has accepted."""

    def rules(*arguments: str) -> set[str]:
        [lock] = data(str(root), *arguments)["locks"]
        return {one["rule"] for input in lock["inputs"] for one in input["findings"]}

    assert "stale-input" in rules()
    assert main(["policy", "accept", str(root), "--now", NOW]) == 0
    assert "stale-input" not in rules()
    assert "stale-input" in rules("--no-repository-policy")
