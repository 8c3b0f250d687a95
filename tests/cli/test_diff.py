"""`snowfence diff` as a user runs it: files, folders, revisions, formats, gates."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.main import main
from scanner.knowledge.tables import Knowledge
from scanner.report.gfm import LIMIT
from tests.support import CORPUS, NOW, git_environment
from tests.support import run as start
from tests.views.locks import Nodes, node, nodes, text, update


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["diff", *arguments, "--now", NOW])
    return code, out.getvalue(), err.getvalue()


def data(*arguments: str) -> tuple[int, dict[str, Any]]:
    code, out, _ = run(*arguments, "--format", "json")
    found: dict[str, Any] = json.loads(out)
    return code, found


def evil() -> Nodes:
    found = nodes()
    found["tool"]["locked"]["owner"] = "evil"
    return found


def forward() -> Nodes:
    found = nodes()
    update(found, "tool")
    update(found, "utils")
    return found


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "old.lock").write_text(text(nodes()), "utf-8")
    (tmp_path / "new.lock").write_text(text(forward()), "utf-8")
    (tmp_path / "evil.lock").write_text(text(evil()), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    return start(["git", *arguments], cwd=folder, env=git_environment()).stdout.strip()


def commit(folder: Path, found: Nodes | str, message: str = "x") -> str:
    (folder / "flake.lock").write_text(found if isinstance(found, str) else text(found), "utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two commits: the lock, and one that somebody has tampered with."""
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path, nodes())
    commit(tmp_path, evil())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kinds(found: dict[str, Any]) -> set[str]:
    return {
        one["rule"]
        for lock in found["locks"]
        for place in (lock, *lock["inputs"])
        for one in place["judgments"]
    }


# ---------------------------------------------------------------- what is compared


def test_two_files(files: Path) -> None:
    code, found = data("old.lock", "new.lock")
    [lock] = found["locks"]
    assert (code, found["schema"], lock["status"]) == (0, 1, "changed")
    tool, utils = lock["inputs"]
    assert (tool["name"], tool["own"], utils["path"]) == ("tool", True, ["home", "utils"])
    assert (tool["changes"], tool["moved"], tool["severity"]) == (["updated"], 9, "info")
    assert tool["compare"] == f"https://github.com/somebody/tool/compare/{'1' * 40}...{'2' * 40}"
    assert (tool["old"]["date"], tool["new"]["date"]) == ("2025-05-01", "2025-05-10")
    assert found["findings"] == []  # both states are equally old


@pytest.mark.parametrize(
    "arguments",
    [
        ("HEAD~1",),
        ("HEAD~1", "HEAD"),
        ("HEAD~1..HEAD",),
        ("HEAD~1..",),
        ("HEAD~1...HEAD",),
        ("HEAD~1", "flake.lock"),
        ("HEAD~1", "."),
    ],
)
def test_revisions(checkout: Path, arguments: tuple[str, ...]) -> None:
    code, found = data(*arguments)
    assert code == 1
    assert "diff-source-changed" in kinds(found)


def test_the_other_way_round(checkout: Path) -> None:
    code, found = data("HEAD", "HEAD~1")
    [change] = found["locks"][0]["inputs"]
    assert (code, change["judgments"][0]["variant"]) == (0, "as-asked")


def test_three_dots_start_at_the_merge_base(checkout: Path) -> None:
    git(checkout, "checkout", "-q", "-b", "side", "HEAD~1")
    commit(checkout, forward())
    assert kinds(data("main...side")[1]) == {"diff-updated"}
    assert "diff-source-changed" in kinds(data("main..side")[1])


def test_two_folders(tmp_path: Path) -> None:
    for name, found in (("a", nodes()), ("b", evil())):
        (tmp_path / name).mkdir()
        (tmp_path / name / "flake.lock").write_text(text(found), "utf-8")
    (tmp_path / "b" / "sub").mkdir()
    (tmp_path / "b" / "sub" / "flake.lock").write_text(text(nodes()), "utf-8")
    code, found = data(str(tmp_path / "a"), str(tmp_path / "b"))
    assert code == 1
    assert [(lock["path"], lock["status"]) for lock in found["locks"]] == [
        ("flake.lock", "changed"),
        ("sub/flake.lock", "added"),
    ]
    _, back = data(str(tmp_path / "b"), str(tmp_path / "a"))
    assert [lock["status"] for lock in back["locks"]] == ["changed", "removed"]


def test_a_folder_of_a_checkout(checkout: Path) -> None:
    (checkout / "sub").mkdir()
    (checkout / "sub" / "flake.lock").write_text(text(nodes()), "utf-8")
    commit(checkout, evil())
    (checkout / "sub" / "flake.lock").write_text(text(forward()), "utf-8")
    _, found = data("HEAD", "-C", "sub")
    [lock] = found["locks"]
    assert (lock["path"], kinds(found)) == ("flake.lock", {"diff-updated"})
    _, out, _ = run("HEAD", "-C", "sub", "--format", "sarif", "--min-severity", "info")
    places = {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for one in json.loads(out)["runs"][0]["results"]
    }
    assert places == {"sub/flake.lock"}


def test_a_link_in_a_revision(checkout: Path) -> None:
    (checkout / "nix").mkdir()
    (checkout / "flake.lock").rename(checkout / "nix" / "flake.lock")
    (checkout / "flake.lock").symlink_to("nix/flake.lock")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-q", "-m", "link")
    code, found = data("HEAD~1", "HEAD")
    assert (code, found["problems"]) == (0, [])
    assert {lock["path"]: lock["status"] for lock in found["locks"]} == {
        "flake.lock": "unchanged",
        "nix/flake.lock": "added",
    }


def test_links_behind_links(checkout: Path) -> None:
    (checkout / "nix").mkdir()
    (checkout / "flake.lock").rename(checkout / "nix" / "real.lock")
    (checkout / "nix" / "flake.lock").symlink_to("real.lock")
    (checkout / "flake.lock").symlink_to("nix/flake.lock")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-q", "-m", "links")
    code, found = data("HEAD~1", "HEAD")
    assert (code, found["problems"]) == (0, [])
    code, found = data("HEAD~2", "flake.lock")
    assert code == 1
    code, found = data("HEAD", "flake.lock")
    assert (code, found["locks"][0]["status"]) == (0, "unchanged")


def test_what_cannot_be_compared_reaches_the_gate(checkout: Path) -> None:
    (checkout / "flake.lock").unlink()
    (checkout / "flake.lock").symlink_to("/etc/hostname")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-q", "-m", "link")
    (checkout / "other").write_text("x", "utf-8")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-q", "-m", "other")
    assert data("HEAD~1..HEAD")[0] == 1


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nope",), "no revision"),
        (("nope", "HEAD"), "no revision"),
        (("HEAD..nope",), "`nope` is no revision"),
        (("flake.lock",), "compared with what"),
        (("flake.lock", "."), "name two of a kind"),
        (("HEAD", "missing/flake.lock"), "no revision"),
        (("../nowhere",), "no file or folder"),
        (("HEAD:flake.lock", "HEAD"), "no revision"),
        (("",), "no revision"),
    ],
)
def test_a_mistake_is_said(checkout: Path, arguments: tuple[str, ...], said: str) -> None:
    code, out, error = run(*arguments)
    assert (code, out) == (2, "")
    assert said in error


def test_nothing_is_guessed(checkout: Path) -> None:
    (checkout / "main").mkdir()
    code, _, error = run("main", "HEAD")
    assert code == 2
    assert "both a path and a revision" in error
    assert run("main~0", "HEAD")[0] == 0
    assert run("HEAD~1", "./main")[0] == 0


@pytest.mark.parametrize("text", ["--output=pwned", "-O", "--all", "--upload-pack=touch pwned"])
def test_no_revision_becomes_an_option_of_git(
    checkout: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", "--now", NOW, "--", text]) == 2
    assert "no revision" in capsys.readouterr().err
    assert not (checkout / "pwned").exists()


def test_a_shallow_clone_gets_advice(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    clone = tmp_path_factory.mktemp("clones") / "shallow"
    git(checkout, "clone", "-q", "--depth", "1", checkout.resolve().as_uri(), str(clone))
    code, _, error = run("HEAD~1", "-C", str(clone))
    assert code == 2
    assert "fetch-depth: 0" in error


def test_a_merge_commit_with_its_parents_is_enough(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What docs/github.md recommends: the base has moved on since the branch was made, and that is no change of it."""
    git(checkout, "checkout", "-q", "-b", "side", "HEAD~1")
    (checkout / "other").write_text("x", "utf-8")
    update(found := nodes(), "utils")
    commit(checkout, found)
    git(checkout, "checkout", "-q", "main")
    git(checkout, "merge", "-q", "--no-edit", "side")
    clone = tmp_path_factory.mktemp("clones") / "merge"
    git(checkout, "clone", "-q", "--depth", "2", checkout.resolve().as_uri(), str(clone))
    assert kinds(data("HEAD^1..HEAD", "-C", str(clone))[1]) == {"diff-updated"}


def test_outside_of_a_repository(files: Path) -> None:
    code, _, error = run("HEAD~1")
    assert code == 2
    assert "not in a git repository" in error


@pytest.mark.parametrize(("old", "new", "side"), [("{", "", "old"), ("", "{", "new")])
def test_a_lock_that_cannot_be_read_is_not_gone(checkout: Path, old: str, new: str, side: str) -> None:
    (checkout / "other").mkdir()
    (checkout / "other" / "flake.lock").write_text(text(nodes()), "utf-8")
    commit(checkout, old or nodes())
    (checkout / "other" / "flake.lock").write_text(text(forward()), "utf-8")
    commit(checkout, new or nodes())
    code, found = data("HEAD~1", "HEAD")
    assert {lock["path"]: lock["status"] for lock in found["locks"]} == {
        "flake.lock": "unreadable",
        "other/flake.lock": "changed",
    }
    [problem] = found["problems"]
    assert (problem["side"], problem["path"], problem["line"]) == (side, "flake.lock", 1)
    # A lock that has become unreadable is a finding that was not there before.
    assert ("unreadable-input" in {one["rule"] for one in found["findings"]}) is bool(new)
    assert code == int(bool(new))
    assert "flake.lock" in run("HEAD~1", "HEAD")[1]


# ---------------------------------------------------------------- judgment


def test_the_gate(files: Path) -> None:
    assert run("old.lock", "evil.lock")[0] == 1
    assert run("old.lock", "evil.lock", "--fail-on", "none")[0] == 0
    assert run("old.lock", "new.lock")[0] == 0
    assert run("old.lock", "new.lock", "--fail-on", "info")[0] == 1


def test_new_findings_are_shown_and_count(files: Path) -> None:
    moved = nodes()
    moved["nixpkgs"]["original"]["ref"] = "nixos-24.05"
    (files / "moved.lock").write_text(text(moved), "utf-8")
    _, found = data("old.lock", "moved.lock")
    assert "unsupported-nixpkgs-branch" in {one["rule"] for one in found["findings"]}
    _, back = data("moved.lock", "old.lock")
    assert "unsupported-nixpkgs-branch" in {one["rule"] for one in back["gone"]}
    assert "unsupported-nixpkgs-branch" not in {one["rule"] for one in back["findings"]}


def test_a_new_label_makes_no_new_finding(files: Path) -> None:
    """The fingerprint of a finding names the label; the input is the same one."""
    moved = nodes()
    moved["nixpkgs"]["original"]["ref"] = "nixos-24.05"
    (files / "one.lock").write_text(text(moved), "utf-8")
    moved["nixpkgs_2"] = moved.pop("nixpkgs")
    moved["root"]["inputs"]["nixpkgs"] = "nixpkgs_2"
    (files / "two.lock").write_text(text(moved), "utf-8")
    _, found = data("one.lock", "two.lock")
    assert (found["findings"], found["gone"]) == ([], [])


# ---------------------------------------------------------------- formats


def test_sarif_stands_on_the_new_lock(checkout: Path) -> None:
    _, out, _ = run("HEAD~1", "--format", "sarif")
    [log] = json.loads(out)["runs"]
    rules = log["tool"]["driver"]["rules"]
    for result in log["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["help"]["text"]
        assert rule["shortDescription"]["text"]
    [moved] = [one for one in log["results"] if one["ruleId"].startswith("diff-source-changed")]
    place = moved["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "flake.lock"
    lines = (checkout / "flake.lock").read_text("utf-8").splitlines()
    assert "evil" in lines[place["region"]["startLine"] - 1]
    assert place["region"]["startLine"] == place["region"]["endLine"]


def test_sarif_leaves_ordinary_updates_out(files: Path) -> None:
    _, out, _ = run("old.lock", "new.lock", "--format", "sarif")
    assert json.loads(out)["runs"][0]["results"] == []
    _, out, _ = run("old.lock", "new.lock", "--format", "sarif", "--min-severity", "info")
    assert len(json.loads(out)["runs"][0]["results"]) == 2


def test_several_outputs(files: Path) -> None:
    run("old.lock", "new.lock", "--output", "markdown=x.md", "--output", "json=x.json")
    assert (files / "x.md").read_text("utf-8").startswith("<!-- snowfence diff -->\n")
    assert json.loads((files / "x.json").read_text("utf-8"))["schema"] == 1


def test_text(files: Path) -> None:
    known = Knowledge().digest[:12]
    _, out, _ = run("old.lock", "new.lock")
    assert "".join(line for line in out.splitlines(keepends=True) if not line.startswith("note: ")) == (
        f"Compared old.lock with new.lock; knowledge {known}\n"
        "\n"
        "new.lock: 2 updated\n"
        "  input       change   from                to                  days\n"
        "  tool        updated  1111111 2025-05-01  2222222 2025-05-10    +9\n"
        "  home/utils  updated  1111111 2025-05-01  2222222 2025-05-10    +9\n"
        "\n"
        "2 inputs of 1 lock changed: 2 info\n"
    )
    _, out, _ = run("old.lock", "old.lock")
    assert out.startswith(f"Compared old.lock with old.lock; knowledge {known}\n\n")
    assert out.endswith("\nNo locked input has changed\n")
    assert run("old.lock", "old.lock", "--quiet")[1] == ""


def test_text_fits_a_narrow_terminal(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The revision is always there, and the repository gives way before the owner."""
    monkeypatch.setattr("scanner.cli.diff.terminal_width", lambda: 66)
    _, out, _ = run("old.lock", "evil.lock")
    [row] = [line.split() for line in out.splitlines() if line.startswith("  tool")]
    assert [word for word in row if "…" in word] == ["github:som…", "github:evil…"]
    assert row.count("1" * 7) == 2
    added = nodes()
    added["root"]["inputs"]["new"] = "new"
    added["new"] = node("somebody-with-a-long-name", "project")
    (files / "added.lock").write_text(text(added), "utf-8")
    _, out, _ = run("old.lock", "added.lock")
    assert "1111111 2025-05-01 somebody-with-a-long-name/pro…\n" in out


def test_without_a_lock_one_thing_is_said(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    code, out, _ = run(a, b)
    assert (code, out) == (0, f"note: nothing was compared: there is no lock in {a} nor in {b}\n")
    _, out, _ = run(a, b, "--format", "markdown")
    assert "Nothing was compared" in out
    assert "No locked input" not in out


def test_the_summary_counts_what_is_shown(files: Path) -> None:
    """`lock-tampered` of the scan says the same as the judgment and is not printed."""
    _, found = data("old.lock", "evil.lock")
    assert found["summary"]["critical"] == 2
    _, out, _ = run("old.lock", "evil.lock")
    assert out.count("critical[") == 1
    assert "1 input of 1 lock changed: 1 critical\n" in out


def test_a_policy_decides_on_the_judgments(files: Path) -> None:
    policy = files / "policy.yaml"

    def judged(rules: str) -> tuple[int, list[tuple[str, str]], dict[str, Any]]:
        policy.write_text(f"snowfence: 1\nextends: []\nrules: {rules}\n", "utf-8")
        code, found = data("old.lock", "evil.lock", "--policy", str(policy))
        [change] = found["locks"][0]["inputs"]
        return code, [(one["rule"], one["severity"]) for one in change["judgments"]], change

    assert judged("{}")[:2] == (1, [("diff-source-changed", "critical")])
    assert judged('{"*": off}')[:2] == (1, [("diff-source-changed", "critical")])
    assert judged("{diff-source-changed: {severity: low}}")[:2] == (0, [("diff-source-changed", "low")])
    code, judgments, change = judged("{diff-source-changed: off}")
    assert (code, judgments, change["severity"], change["changes"]) == (0, [], None, ["source-changed"])
    _, out, _ = run("old.lock", "evil.lock", "--policy", str(policy), "--format", "sarif")
    [log] = json.loads(out)["runs"]
    assert not any(one["id"].startswith("diff-source-changed") for one in log["tool"]["driver"]["rules"])


def test_a_byte_order_mark_in_flake_nix_is_said_of_a_revision_too(checkout: Path) -> None:
    """Nix refuses it, so a scan of the working tree and one of a commit must say the same."""
    (checkout / "flake.nix").write_bytes(b"\xef\xbb\xbf{ outputs = _: { }; }\n")
    commit(checkout, nodes())
    for new in (".", "HEAD"):
        _, found = data("HEAD~1", new)
        assert "unreadable-input" in {one["rule"] for one in found["findings"]}, new


def test_markdown_obeys_nothing(files: Path) -> None:
    hostile = nodes()
    bad = "x|y`z<script>alert(1)</script>[a](http://evil.example)@somebody #1\n::error::x"
    hostile["root"]["inputs"][bad] = "new"
    hostile["new"] = node(bad, bad, ref=bad)
    (files / "bad.lock").write_text(text(hostile), "utf-8")
    _, out, _ = run("old.lock", "bad.lock", "--format", "markdown")
    assert "<script" not in out
    assert not any(line.startswith("::") for line in out.splitlines())
    row = next(line for line in out.splitlines() if line.startswith("| <code>x"))
    assert row.replace("\\|", "").count("|") == 6


def test_markdown_of_a_large_update_fits_a_comment(files: Path) -> None:
    """GitHub takes 65,536 characters."""
    large, after = nodes(), nodes()
    for number in range(3000):
        for found, owner in ((large, "a"), (after, "b")):
            name = f"input-{number}-with-a-long-name"
            found[name] = node(owner, f"repository-{number}")
            found["root"]["inputs"][name] = name
    (files / "large.lock").write_text(text(large), "utf-8")
    (files / "after.lock").write_text(text(after), "utf-8")
    code, out, _ = run("large.lock", "after.lock", "--format", "markdown")
    assert code == 1
    assert len(out.encode()) <= LIMIT < 65_536
    assert "which do not fit here" in out
    assert "<details>" in out
    assert out.count("<details>") == out.count("</details>")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside this checkout")
def test_the_history_of_a_real_repository() -> None:
    files = sorted((CORPUS / "blazedots-history").glob("*.lock"))
    found = [data(str(old), str(new))[1]["locks"][0]["inputs"] for old, new in pairwise(files)]
    names = [[one["name"] for one in inputs if one["own"]] for inputs in found]
    assert names == [["noctalia", "quickshell"], ["devenv"], ["nix-direnv"]]
    assert {word for inputs in found for one in inputs for word in one["changes"]} == {"added"}


def judged(*arguments: str) -> tuple[set[str], list[str]]:
    _, found = data("old.lock", "evil.lock", *arguments)
    [lock] = found["locks"]
    return {one["rule"] for input in lock["inputs"] for one in input["judgments"]}, found["notes"]


def test_exceptions_for_kinds_of_change(files: Path) -> None:
    exception = "snowfence: 1\nextends: []\nexceptions: [{ rule: RULE, input: tool, reason: ours }]\n"
    note = "1 judgment is left out by exceptions of the policy"
    for rule, left in (("diff-source-changed", (set(), [note])), ("'*'", ({"diff-source-changed"}, []))):
        (files / "p.yaml").write_text(exception.replace("RULE", rule), "utf-8")
        assert judged("--policy", "p.yaml") == left


def test_what_is_said_of_a_kind_of_change_may_differ_by_file(files: Path) -> None:
    rules = "rules: { diff-source-changed: { paths: { 'evil.*': off } } }\n"
    (files / "p.yaml").write_text(f"snowfence: 1\nextends: []\n{rules}", "utf-8")
    assert judged("--policy", "p.yaml")[0] == set()
