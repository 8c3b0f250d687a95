"""`snowfence policy accept`, exceptions and paths of a policy, as a user runs them."""

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.policy.accepted import FILE_NAME
from tests.cli.test_scan import run
from tests.support import NOW, snowfence

CI = Path(".github/workflows/ci.yml")
POLICY = "snowfence: 1\nextends: []\nrules: { unpinned-uses: on, expired-exception: on, unused-exception: on, broad-exception: on }\n"


def workflow(*uses: str) -> str:
    """What is not pinned is a finding of `unpinned-uses`."""
    steps = "".join(f"      - uses: {one}\n" for one in uses)
    return f"on: push\npermissions: {{}}\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    steps:\n{steps}"


def write(root: Path, files: dict[Path | str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path, {CI: workflow("a/b@v1", "c/d@v1"), "snowfence.yaml": POLICY})


def accept(root: Path, *arguments: str) -> list[str]:
    code, out, err = run("policy", "accept", str(root), "--now", NOW, *arguments)
    assert (code, err) == (0, "")
    return out.splitlines()


def scan(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    code, out, _ = run("scan", *map(str, arguments), "--now", NOW, "--format", "json")
    found: dict[str, Any] = json.loads(out)
    return code, found


def said(report: dict[str, Any]) -> list[tuple[str, int]]:
    return [(one["rule"], one["start"]["line"]) for one in report["findings"]]


def policy(root: Path, more: str) -> None:
    (root / "snowfence.yaml").write_text(POLICY + more, "utf-8")


# ---------------------------------------------------------------- accepted findings


def test_what_is_accepted_is_reported_no_more_and_stops_no_gate(root: Path) -> None:
    assert scan(root)[0] == 1
    assert accept(root) == [f"2 findings accepted in {FILE_NAME}, 0 kept"]
    code, report = scan(root)
    assert (code, said(report)) == (0, [])
    assert [(one["by"], one["accepted"]["path"]) for one in report["ignored"]] == [
        ("accepted", FILE_NAME)
    ] * 2
    assert report["ignored"][0]["reason"] == f"accepted on {NOW}"
    _, text, _ = run("scan", str(root), "--now", NOW)
    assert text.startswith("No findings in 1 file; 2 accepted; knowledge ")
    assert accept(root) == [f"0 findings accepted in {FILE_NAME}, 2 kept"]


def test_accepted_findings_are_shown_on_request_and_marked(root: Path) -> None:
    accept(root)
    write(root, {CI: workflow("e/f@v1", "a/b@v1", "c/d@v1")})
    _, text, _ = run("scan", str(root), "--now", NOW, "--show-accepted")
    heads = [line.partition("]")[0] for line in text.splitlines() if "[unpinned-uses]" in line]
    assert heads == ["high[unpinned-uses", "accepted high[unpinned-uses", "accepted high[unpinned-uses"]
    assert "\n1 finding in 1 of 1 file: 1 high; 2 accepted; knowledge " in text


def test_new_findings_are_added_and_old_ones_keep_their_day(root: Path) -> None:
    accept(root)
    write(root, {CI: workflow("e/f@v1", "a/b@v1", "c/d@v1")})
    assert said(scan(root)[1]) == [("unpinned-uses", 7)]
    assert accept(root, "--now", "2026-12-24") == [f"1 finding accepted in {FILE_NAME}, 2 kept"]
    entries = json.loads((root / FILE_NAME).read_text("utf-8"))["accepted"]
    assert sorted(one["since"] for one in entries) == [NOW, NOW, "2026-12-24"]
    assert {one["path"] for one in entries} == {str(CI)}


def test_what_is_gone_is_said_and_pruned(root: Path) -> None:
    accept(root)
    write(root, {CI: workflow("a/b@v1", "e/f@v1")})
    note = "1 accepted finding is gone: run `snowfence policy accept --prune`, or it may hide new ones"
    assert scan(root)[1]["notes"] == [note]
    assert scan(root / CI)[1]["notes"] == []  # a narrowed run does not speak of the whole
    kept = (root / FILE_NAME).read_bytes()
    assert accept(root, "--prune") == [
        "1 finding removed that is gone, 1 kept",
        "1 new finding not accepted",
    ]
    assert len((root / FILE_NAME).read_bytes()) < len(kept)
    assert scan(root)[1]["notes"] == []
    assert said(scan(root)[1]) == [("unpinned-uses", 8)]
    assert accept(root, "--prune")[0] == "0 findings removed that are gone, 1 kept"


def test_accepting_more_keeps_what_is_gone_until_it_is_pruned(root: Path) -> None:
    accept(root)
    write(root, {CI: workflow("a/b@v1", "e/f@v1")})
    assert accept(root) == [
        f"1 finding accepted in {FILE_NAME}, 1 kept; 1 more is gone: `--prune` removes it"
    ]


def test_a_rule_that_is_off_and_a_file_that_is_left_out_are_not_gone(root: Path) -> None:
    accept(root)
    (root / "snowfence.yaml").write_text("snowfence: 1\nextends: []\nrules: { artipacked: on }\n", "utf-8")
    assert scan(root)[1]["notes"] == []
    policy(root, "paths: { exclude: .github/ }\n")
    assert scan(root)[1]["notes"] == ["1 file is left out by the policy's `paths`"]
    assert accept(root, "--prune") == ["0 findings removed that are gone, 2 kept"]


def test_what_only_servers_tell_is_not_gone_because_nobody_asked(root: Path) -> None:
    accept(root)
    file = root / FILE_NAME
    kept = json.loads(file.read_text("utf-8"))
    [one, *_] = kept["accepted"]
    kept["accepted"].append(one | {"rule": "impostor-commit", "fingerprint": f"{'0' * 64}:1"})
    file.write_text(json.dumps(kept), "utf-8")
    (root / "snowfence.yaml").write_text(
        POLICY.replace("unpinned-uses: on", "unpinned-uses: on, impostor-commit: on"), "utf-8"
    )
    assert accept(root, "--prune") == ["0 findings removed that are gone, 3 kept"]


def test_the_workflow_is_gone_and_so_are_its_findings(root: Path) -> None:
    accept(root)
    (root / CI).unlink()
    assert accept(root, "--prune") == ["2 findings removed that are gone, 0 kept"]


def test_critical_findings_are_named(tmp_path: Path) -> None:
    text = (
        "on: issue_comment\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    permissions: write-all\n    steps:\n"
        "      - run: echo ${{ github.event.comment.body }}\n"
    )
    lines = accept(write(tmp_path, {CI: text}))
    at = lines.index("Look at these once more, they stop no gate from now on:")
    assert lines[at + 1].startswith("  critical[template-injection] .github/workflows/ci.yml:7:")


def test_a_malformed_file_is_refused_with_its_place_and_left_alone(root: Path) -> None:
    (root / FILE_NAME).write_text('{"schema": 1,\n "accepted": [{}]}\n', "utf-8")
    for words in (["scan"], ["policy", "accept"], ["policy", "accept", "--prune"]):
        result = snowfence(*words, root, expect=(2,))
        assert f"{FILE_NAME}:2:15: an accepted finding needs `fingerprint`" in result.stderr
        assert "Traceback" not in result.stderr
    assert (root / FILE_NAME).read_text("utf-8") == '{"schema": 1,\n "accepted": [{}]}\n'


def test_no_file_is_left_beside_and_none_written_for_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"snowfence.yaml": POLICY})
    assert accept(tmp_path) == [f"0 findings accepted in {FILE_NAME}, 0 kept"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["snowfence.yaml"]
    accept(write(tmp_path, {CI: workflow("a/b@v1")}))
    assert sorted(one.name for one in tmp_path.iterdir()) == [".github", FILE_NAME, "snowfence.yaml"]


def test_nothing_that_the_repository_says_of_itself_counts_when_it_must_not(root: Path) -> None:
    accept(root)
    code, report = scan(root, "--no-repository-policy", "--policy", root / "snowfence.yaml")
    assert (code, said(report), report["ignored"]) == (1, [("unpinned-uses", 7), ("unpinned-uses", 8)], [])
    assert said(scan(root, "--no-ignores")[1]) == []


def test_several_repositories_have_accepted_each_for_itself(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, {CI: workflow("a/b@v1"), "snowfence.yaml": POLICY})
    accept(tmp_path / "one")
    _, report = scan(tmp_path / "one", tmp_path / "two")
    assert [one["path"] for one in report["findings"]] == [f"two/{CI}"]
    assert [one["accepted"]["path"] for one in report["ignored"]] == [f"one/{FILE_NAME}"]


def test_the_accepted_file_is_an_argument_that_concerns_every_file(root: Path) -> None:
    accept(root)
    assert scan(root / FILE_NAME)[1]["notes"] == []
    assert scan(root / FILE_NAME)[1]["ignored"]


def test_sarif_and_annotations_hold_what_is_left(root: Path) -> None:
    accept(root)
    _, sarif, _ = run("scan", str(root), "--now", NOW, "--format", "sarif")
    assert json.loads(sarif)["runs"][0]["results"] == []
    _, github, _ = run("scan", str(root), "--now", NOW, "--format", "github")
    assert github.startswith("No findings in 1 file; 2 accepted; knowledge ")


# ---------------------------------------------------------------- exceptions


def test_an_exception_is_listed_with_its_reason(root: Path) -> None:
    policy(
        root,
        "exceptions: [{ rule: unpinned-uses, target: 'a/*', reason: our own, expires: 2027-01-01 }]\n",
    )
    _, report = scan(root)
    assert said(report) == [("unpinned-uses", 8)]
    [one] = report["ignored"]
    assert (one["by"], one["reason"], one["exception"]["path"]) == ("exception", "our own", "snowfence.yaml")
    assert "1 excepted by the policy" in run("scan", str(root), "--now", NOW)[1]


def test_what_is_wrong_with_exceptions_is_a_finding_of_the_policy(root: Path) -> None:
    policy(
        root,
        "exceptions:\n"
        "  - { rule: unpinned-uses, target: 'a/*', reason: x, expires: 2026-01-01 }\n"
        "  - { rule: unpinned-uses, target: 'x/*', reason: x }\n"
        "  - { rule: unpinned-uses, reason: x }\n",
    )
    _, report = scan(root)
    assert [
        (one["rule"], one["path"], one["start"]["line"], one["severity"]) for one in report["findings"]
    ] == [
        ("expired-exception", "snowfence.yaml", 5, "medium"),
        ("unused-exception", "snowfence.yaml", 6, "low"),
        ("broad-exception", "snowfence.yaml", 7, "medium"),
    ]
    assert "nothing is left that it would take out" in report["findings"][0]["message"]
    assert said(scan(root / CI)[1]) == []  # a narrowed run does not speak of the policy


def test_an_exception_that_is_over_says_what_came_back(root: Path) -> None:
    policy(root, "exceptions: [{ rule: unpinned-uses, reason: x, expires: 2026-11-21 }]\n")
    _, report = scan(root)
    assert said(report) == [("unpinned-uses", 7), ("unpinned-uses", 8), ("expired-exception", 4)]
    assert "2 findings that it took out are reported again" in report["findings"][2]["message"]


def test_many_findings_and_no_end_is_too_broad(root: Path) -> None:
    write(root, {CI: workflow(*(f"a/b{number}@v1" for number in range(21)))})
    policy(root, "exceptions: [{ rule: unpinned-uses, path: .github/**, reason: x }]\n")
    [found] = scan(root)[1]["findings"]
    assert found["rule"] == "broad-exception"
    assert "21 findings and never ends" in found["message"]


def test_fingerprints_of_what_is_said_of_an_exception_survive_its_moves(root: Path) -> None:
    entry = "  - { rule: unpinned-uses, target: 'x/*', reason: x, expires: 2027-01-01 }\n"
    policy(root, f"exceptions:\n{entry}")
    [unused] = [one for one in scan(root)[1]["findings"] if one["rule"] == "unused-exception"]
    policy(root, f"# moved\nexceptions:\n  - {{ rule: unpinned-uses, target: 'y/*', reason: x }}\n{entry}")
    found = {one["fingerprint"] for one in scan(root)[1]["findings"]}
    assert unused["fingerprint"] in found
    assert len(found) == 4


def test_a_policy_of_elsewhere_that_judges_several_is_said_once(tmp_path: Path) -> None:
    policy(tmp_path, "exceptions: [{ rule: unpinned-uses, target: 'a/*', reason: x }]\n")
    given = tmp_path / "snowfence.yaml"
    for name in ("one", "two", "three"):
        write(tmp_path / name, {CI: workflow("c/d@v1")})
    repositories = [tmp_path / name for name in ("one", "two", "three")]
    _, report = scan("--policy", given, *repositories)
    assert [one["path"] for one in report["findings"] if one["rule"] == "unused-exception"] == [str(given)]
    write(tmp_path / "two", {CI: workflow("a/b@v1")})
    _, report = scan("--policy", given, *repositories)
    assert {one["rule"] for one in report["findings"]} == {"unpinned-uses"}


def test_the_policy_of_a_folder_in_a_checkout_is_named_as_other_files(root: Path) -> None:
    sub = write(root / "sub", {CI: workflow("a/b@v1"), "snowfence.yaml": POLICY})
    policy(sub, "exceptions: [{ rule: unpinned-uses, target: 'x/*', reason: x }]\n")
    alone = [one for one in scan(sub)[1]["findings"] if one["rule"] == "unused-exception"]
    write(root / "other", {CI: workflow("a/b@v1")})
    both = [one for one in scan(sub, root / "other")[1]["findings"] if one["rule"] == "unused-exception"]
    assert [one["path"] for one in (*alone, *both)] == ["snowfence.yaml", "sub/snowfence.yaml"]


# ---------------------------------------------------------------- files


def test_files_that_the_policy_leaves_out_are_not_read(root: Path) -> None:
    write(root, {".github/workflows/broken.yml": "on: [", "sub/flake.lock": "no lock"})
    policy(root, "paths: { exclude: ['**/broken.yml', sub/] }\n")
    code, report = scan(root)
    assert (code, report["files"], report["problems"]) == (1, 1, [])
    assert report["notes"] == ["2 files are left out by the policy's `paths`"]
    policy(root, "paths: { include: sub/ }\n")
    assert scan(root)[1]["files"] == 1
    policy(root, "paths: { include: nowhere/ }\n")
    assert scan(root)[1]["notes"] == ["3 files are left out by the policy's `paths`"]


def test_a_named_file_that_the_policy_leaves_out(root: Path) -> None:
    write(root, {".github/workflows/other.yml": workflow("a/b@v1")})
    policy(root, "paths: { exclude: .github/ }\n")
    code, report = scan(root / CI)
    assert (code, report["notes"]) == (0, [f"`{CI}` is left out by the policy's `paths`"])
    _, report = scan(root / CI, root / ".github/workflows/other.yml")
    assert report["notes"] == [f"`{CI}` and 1 more are left out by the policy's `paths`"]


def test_options_may_differ_by_file(root: Path) -> None:
    write(root, {".github/workflows/release.yml": workflow("a/b@v1", "c/d@v1")})
    rule = "{ options: { trusted: [a/b] }, paths: { '**/release.yml': { options: { trusted: [c/d] } }, '**/ci.yml': { severity: low } } }"
    (root / "snowfence.yaml").write_text(
        f"snowfence: 1\nextends: []\nrules:\n  unpinned-uses: {rule}\n", "utf-8"
    )
    found = [(one["path"], one["start"]["line"], one["severity"]) for one in scan(root)[1]["findings"]]
    assert found == [(str(CI), 8, "low"), (".github/workflows/release.yml", 7, "high")]


def test_too_many_different_options_are_refused(tmp_path: Path) -> None:
    names = [f"{number}.yml" for number in range(51)]
    write(tmp_path, {f".github/workflows/{name}": workflow("a/b@v1") for name in names})
    lines = [f"      '**/{name}': {{ options: {{ trusted: [a/b] }} }}\n" for name in names]
    text = f"snowfence: 1\nextends: []\nrules:\n  unpinned-uses:\n    paths:\n{''.join(lines)}"
    (tmp_path / "snowfence.yaml").write_text(text, "utf-8")
    result = snowfence("scan", tmp_path, expect=(2,))
    assert "`unpinned-uses` has different options for more than 50 sets of files" in result.stderr
    few = text.replace("".join(lines[49:]), "")
    (tmp_path / "snowfence.yaml").write_text(few, "utf-8")
    found = [one["path"] for one in scan(tmp_path)[1]["findings"]]
    assert found == [f".github/workflows/{name}" for name in names[49:]]


def test_exceptions_for_what_is_said_of_comments_and_exceptions(root: Path) -> None:
    commented = workflow(f"a/b@{'1' * 40} # snowfence: ignore[unpinned-uses]")
    write(root, {CI: commented})
    text = POLICY.replace("unpinned-uses: on,", "unpinned-uses: on, unused-ignore: on,")
    (root / "snowfence.yaml").write_text(text, "utf-8")
    assert said(scan(root)[1]) == [("unused-ignore", 7)]
    excepted = (
        "exceptions:\n"
        "  - { rule: unused-ignore, path: '**/ci.yml', reason: x }\n"
        "  - { rule: unpinned-uses, path: '**/no.yml', reason: x }\n"
    )
    (root / "snowfence.yaml").write_text(text + excepted, "utf-8")
    assert said(scan(root)[1]) == [("unused-exception", 6)]
    more = "  - { rule: unused-exception, path: snowfence.yaml, reason: x }\n"
    (root / "snowfence.yaml").write_text(text + excepted + more, "utf-8")
    assert said(scan(root)[1]) == [("unused-exception", 6)]  # of the same policy


def test_what_gets_worse_is_reported_again(root: Path) -> None:
    """The same text in the same script, which was harmless when it was accepted."""
    injected = "permissions: write-all\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ github.head_ref }}\n"
    write(root, {CI: f"on: pull_request\n{injected}", "snowfence.yaml": "snowfence: 1\n"})
    accept(root)
    assert scan(root)[1]["findings"] == []
    write(root, {CI: f"on: pull_request_target\n{injected}"})
    assert ("template-injection", 7) in said(scan(root)[1])
    accept(root)
    assert scan(root)[1]["findings"] == []
    write(root, {CI: f"on: pull_request\n{injected}"})
    assert scan(root)[1]["findings"] == []


def test_a_severity_that_there_is_not(root: Path) -> None:
    accept(root)
    text = (root / FILE_NAME).read_text("utf-8")
    (root / FILE_NAME).write_text(text.replace('"severity": "high"', '"severity": "huge"'), "utf-8")
    code, _, err = run("scan", str(root), "--now", NOW)
    assert code == 2
    assert f"{FILE_NAME}:10:20: `severity` must be one of info, low" in err


def test_a_link_to_the_file_stays_one(root: Path) -> None:
    write(root, {CI: workflow("a/b@v1"), "kept.json": '{"schema": 1, "accepted": []}\n'})
    (root / FILE_NAME).symlink_to("kept.json")
    accept(root)
    assert (root / FILE_NAME).is_symlink()
    assert json.loads((root / "kept.json").read_text("utf-8"))["accepted"]
