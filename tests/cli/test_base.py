"""`snowfence scan --base` as a user runs it: what is new, what is gone, and what then counts."""

import json
import shutil
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.main import main
from scanner.policy.accepted import FILE_NAME
from tests.cli.test_scan import run
from tests.support import NOW, git_environment
from tests.support import run as start

WORKFLOW = """\
name: build
on: push
permissions: {{}}
jobs:
  build:
    name: build
    runs-on: ubuntu-24.04
    steps:
      - run: echo hello{steps}
"""
CHECKOUT = "\n      - uses: someone/{}@v1{}"
POLICY = "snowfence: 1\nextends: []\nrules:\n  unpinned-uses: {severity: high}\n"


def git(folder: Path, *arguments: str) -> str:
    return start(["git", *arguments], cwd=folder, env=git_environment()).stdout.strip()


def write(folder: Path, *names: str, comment: str = "") -> None:
    file = folder / ".github/workflows/ci.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(WORKFLOW.format(steps="".join(CHECKOUT.format(name, comment) for name in names)), "utf-8")


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "x")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One finding about `old` in its only commit; in it stands the policy of the tests."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.yaml").write_text(POLICY, "utf-8")
    git(tmp_path, "init", "-q", "-b", "main")
    write(tmp_path, "old")
    commit(tmp_path)
    return tmp_path


def scan(folder: Path | str, *arguments: str) -> tuple[int, dict[str, Any]]:
    code, out, error = run(
        "scan", str(folder), "--now", NOW, "--policy", "policy.yaml", "--format", "json", *arguments
    )
    assert not error
    found: dict[str, Any] = json.loads(out)
    return code, found


def subjects(found: list[dict[str, Any]]) -> list[str]:
    return [one["message"].partition("@")[0].rpartition("/")[2] for one in found]


def states(found: dict[str, Any]) -> dict[str, bool]:
    return dict(zip(subjects(found["findings"]), [one["new"] for one in found["findings"]], strict=True))


def test_without_a_base_nothing_is_said_of_one(checkout: Path) -> None:
    _, found = scan(checkout)
    assert "base" not in found
    assert subjects(found["findings"]) == ["old"]
    assert "new" not in found["findings"][0]


def test_new_known_and_gone(checkout: Path) -> None:
    write(checkout, "old", "kept")
    commit(checkout)
    write(checkout, "new", "kept")
    code, found = scan(checkout, "--base", "HEAD")
    assert code == 1
    assert states(found) == {"new": True, "kept": False}
    assert found["base"]["name"] == "HEAD"
    assert subjects(found["base"]["gone"]) == ["old"]


def test_nothing_of_the_checkout_is_touched_and_the_bytes_are_the_same(checkout: Path) -> None:
    write(checkout, "new")
    before = git(checkout, "status", "--porcelain")
    assert scan(checkout, "--base", "main") == scan(checkout, "--base", "main")
    assert git(checkout, "status", "--porcelain") == before


def test_only_new_findings_reach_the_gate(checkout: Path) -> None:
    assert scan(checkout, "--base", "HEAD")[0] == 1
    code, found = scan(checkout, "--base", "HEAD", "--only-new")
    assert code == 0
    assert states(found) == {"old": False}  # a program is told of all of them
    write(checkout, "old", "new")
    assert scan(checkout, "--base", "HEAD", "--only-new")[0] == 1


def test_only_new_is_what_people_see(checkout: Path) -> None:
    write(checkout, "old", "new")
    options = ("scan", str(checkout), "--now", NOW, "--base", "HEAD", "--policy", "policy.yaml")
    _, text, _ = run(*options)
    assert "\nhigh[unpinned-uses]" in f"\n{text}"
    assert "new high[unpinned-uses]" in text
    assert "2 findings in 1 of 1 file: 2 high; 1 new, 0 gone" in text
    _, text, _ = run(*options, "--only-new")
    assert "someone/old" not in text.replace("uses: someone/old", "")
    assert "1 new finding in 1 of 1 file: 1 high; 1 more that `HEAD` has too, 0 gone" in text
    for format in ("github", "markdown"):
        _, text, _ = run(*options, "--only-new", "--format", format)
        assert "someone/new" in text
        assert "someone/old" not in text


def test_a_comment_that_is_taken_away_makes_its_finding_new(checkout: Path) -> None:
    write(checkout, "old", comment=" # snowfence: ignore[unpinned-uses] we know")
    commit(checkout)
    write(checkout, "old")
    assert states(scan(checkout, "--base", "HEAD")[1]) == {"old": True}


def test_a_comment_that_is_added_makes_nothing_gone(checkout: Path) -> None:
    write(checkout, "old", comment=" # snowfence: ignore[unpinned-uses] we know")
    _, found = scan(checkout, "--base", "HEAD")
    assert found["base"]["gone"] == []
    _, text, _ = run(
        "scan", str(checkout), "--base", "HEAD", "--format", "markdown", "--policy", "policy.yaml"
    )
    assert "**1 finding of it is silenced now**" in text


def test_what_was_accepted_and_is_no_more_is_new(checkout: Path) -> None:
    assert main(["policy", "accept", str(checkout), "--now", NOW, "--policy", "policy.yaml"]) == 0
    assert scan(checkout, "--base", "HEAD")[1]["base"]["gone"] == []  # accepted now, reported before
    commit(checkout)
    (checkout / FILE_NAME).unlink()
    assert states(scan(checkout, "--base", "HEAD")[1]) == {"old": True}


def test_files_and_severities_narrow_what_is_gone(checkout: Path) -> None:
    shutil.copy(checkout / ".github/workflows/ci.yml", checkout / ".github/workflows/other.yml")
    commit(checkout)
    write(checkout)
    (checkout / ".github/workflows/other.yml").unlink()
    _, found = scan(checkout, "--base", "HEAD")
    assert len(found["base"]["gone"]) == 2
    _, found = scan(checkout / ".github/workflows/ci.yml", "--base", "HEAD")
    assert len(found["base"]["gone"]) == 1
    _, found = scan(checkout, "--base", "HEAD", "--min-severity", "critical")
    assert found["base"]["gone"] == []


def test_folders_of_a_checkout_are_compared_each_with_itself(checkout: Path) -> None:
    for name in ("a", "b"):
        write(checkout / name, "old")
    (checkout / "b/.github/workflows/ci.yml").write_text("", "utf-8")
    commit(checkout)
    write(checkout / "b", "old")
    _, found = scan(checkout / "b", "--base", "HEAD")
    assert states(found) == {"old": True}
    code, out, _ = run("scan", str(checkout / "a"), str(checkout / "b"), "--base", "HEAD", "--policy", "policy.yaml", "--format", "json")  # fmt: skip
    assert code == 1
    news = {one["path"]: one["new"] for one in json.loads(out)["findings"] if one["rule"] == "unpinned-uses"}
    assert news == {"a/.github/workflows/ci.yml": False, "b/.github/workflows/ci.yml": True}


def test_a_file_that_could_not_be_read_before_either_is_known(checkout: Path) -> None:
    file = checkout / ".github/workflows/broken.yml"
    file.symlink_to("../../../outside")
    commit(checkout)
    _, out, _ = run("scan", str(checkout), "--base", "HEAD", "--format", "json", "--now", NOW)
    broken = [one for one in json.loads(out)["findings"] if one["rule"] == "unreadable-input"]
    assert [one["new"] for one in broken] == [False]
    _, text, _ = run("scan", str(checkout), "--base", "HEAD", "--only-new", "--now", NOW)
    assert "problem" not in text


def test_links_are_followed_as_in_the_folder(checkout: Path) -> None:
    (checkout / "shared").mkdir()
    shutil.move(checkout / ".github/workflows/ci.yml", checkout / "shared/ci.yml")
    (checkout / "way").symlink_to("shared")
    (checkout / ".github/workflows/ci.yml").symlink_to("../../way/ci.yml")
    commit(checkout)
    assert states(scan(checkout, "--base", "HEAD")[1]) == {"old": False}


@pytest.mark.parametrize("revision", ["nope", "--help", "", "HEAD:x"])
def test_no_such_revision(checkout: Path, revision: str) -> None:
    code, out, error = run("scan", str(checkout), f"--base={revision}")
    assert (code, out) == (2, "")
    assert "is no revision of this repository" in error
    assert "git branch --all" in error


@pytest.mark.parametrize(
    "revision", [":/first", ":/fir.t", "v1", "v1^{}", "HEAD^{/first}", "HEAD~1", "HEAD@{1}", "main~1"]
)
def test_whatever_git_knows_as_a_commit_is_a_revision(checkout: Path, revision: str) -> None:
    git(checkout, "commit", "-q", "--allow-empty", "-m", "the first")
    git(checkout, "tag", "-a", "v1", "-m", "x")
    write(checkout, "old", "new")
    commit(checkout)
    assert states(scan(checkout, "--base", revision)[1]) == {"old": False, "new": True}


def test_the_beginning_of_an_id_means_a_commit(checkout: Path) -> None:
    """Whatever else begins so: a file or a folder is no revision."""
    head = git(checkout, "rev-parse", "HEAD").strip()
    at = 0
    while not object_of(f"{at}\n").startswith(head[:4]):
        at += 1
    (checkout / "other").write_text(f"{at}\n")
    git(checkout, "add", "other")
    assert states(scan(checkout, "--base", head[:4])[1]) == {"old": False}


def object_of(text: str) -> str:
    """The id of a file with this text in git."""
    data = text.encode()
    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def test_a_shallow_clone_gets_advice(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    commit(checkout)
    clone = tmp_path_factory.mktemp("clones") / "shallow"
    git(checkout, "clone", "-q", "--depth", "1", f"file://{checkout}", str(clone))
    code, _, error = run("scan", str(clone), "--base", "HEAD^1")
    assert code == 2
    assert "`fetch-depth: 0` of actions/checkout (2 is enough for `HEAD^1`)" in error


def test_no_checkout(tmp_path: Path) -> None:
    code, _, error = run("scan", str(tmp_path), "--base", "HEAD")
    assert code == 2
    assert "is not in a git repository" in error


def test_only_new_needs_a_base(checkout: Path) -> None:
    code, _, error = run("scan", str(checkout), "--only-new")
    assert code == 2
    assert "`--only-new` needs `--base REVISION`" in error


# ---------------------------------------------------------------- clones that hold only a part


def cloned(origin: Path, filter: str) -> Path:
    """A partial clone: of older commits it holds what the newest one has, too."""
    git(origin, "config", "uploadpack.allowFilter", "true")
    clone = origin / "clone"
    git(origin, "clone", "-q", f"--filter={filter}", f"file://{origin}", str(clone))
    return clone


def test_a_partial_clone_that_lacks_what_no_scan_needs(checkout: Path) -> None:
    (checkout / "README").write_text("first", "utf-8")
    (checkout / "link").symlink_to("first")
    commit(checkout)
    (checkout / "README").write_text("second", "utf-8")
    (checkout / "link").unlink()
    (checkout / "link").symlink_to("second")
    commit(checkout)
    clone = cloned(checkout, "blob:none")
    write(clone, "old", "new")
    found = scan(clone, "--base", "HEAD~1")[1]
    assert states(found) == {"old": False, "new": True}


@pytest.mark.parametrize("filter", ["blob:none", "tree:0"])
def test_a_partial_clone_that_lacks_more(
    checkout: Path, filter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(checkout, "other")
    commit(checkout)
    clone = cloned(checkout, filter)
    assert main(["scan", str(clone), "--base", "HEAD~1"]) == 2
    said = capsys.readouterr().err
    assert "this clone is partial" in said and "clone without `--filter`" in said
    assert "lazy fetching disabled" not in said


def test_a_damaged_repository_is_not_called_partial(checkout: Path) -> None:
    object = git(checkout, "rev-parse", "HEAD:.github/workflows/ci.yml")
    (checkout / ".git" / "objects" / object[:2] / object[2:]).unlink()
    code, _, error = run("scan", str(checkout), "--base", "HEAD")
    assert code == 2
    assert "1 file of `HEAD` cannot be read, since objects are missing from this repository" in error
    assert "partial" not in error
