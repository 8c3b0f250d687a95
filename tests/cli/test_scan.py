"""The command as a user runs it: arguments, gates, several outputs, roots and files."""

import io
import json
import os
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.main import COMMANDS, main
from tests.support import NOW

LOCK = {
    "nodes": {
        "root": {"inputs": {"a": "a"}},
        "a": {
            "locked": {"type": "tarball", "url": "https://example.org/a.tar.gz"},
            "original": {"type": "tarball", "url": "https://example.org/a.tar.gz"},
        },
    },
    "root": "root",
    "version": 7,
}
"""One finding: `unlocked-input`, high."""


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(list(arguments))
    return code, out.getvalue(), err.getvalue()


def scan(*arguments: str) -> tuple[int, dict[str, Any]]:
    code, out, _ = run("scan", *arguments, "--now", NOW, "--format", "json")
    found: dict[str, Any] = json.loads(out)
    return code, found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "flake.lock").write_text(json.dumps(LOCK), "utf-8")
    return tmp_path


def rules(found: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in found["findings"]}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 1),
        (["--fail-on", "high"], 1),
        (["--fail-on", "critical"], 0),
        (["--fail-on", "info"], 1),
        (["--fail-on", "none"], 0),
        (["--min-severity", "critical"], 1),
    ],
)
def test_the_gate(root: Path, arguments: list[str], code: int) -> None:
    assert scan(str(root), *arguments)[0] == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "fails the gate: 1 finding at or above high"),
        (["--fail-on", "critical"], "passes the gate (critical)"),
        (["--min-severity", "critical"], "fails the gate: 1 finding at or above high"),
        (["--fail-on", "none"], None),
        (["--quiet"], None),
    ],
)
def test_the_last_line_says_whether_the_gate_fails(
    root: Path, arguments: list[str], said: str | None
) -> None:
    out = run("scan", str(root), *arguments, "--now", NOW)[1]
    assert "the gate" not in out if said is None else out.endswith(f"\n{said}\n")


def test_what_is_said_of_the_knowledge_is_known_as_such(root: Path) -> None:
    """A comment has it in its last line."""
    out = run("scan", str(root), "--now", "2035-01-01", "--format", "markdown")[1]
    assert "<br>The knowledge used is old" in out.splitlines()[-1]
    assert out.count("knowledge used is old") == 1


def test_a_clean_repository_passes(tmp_path: Path) -> None:
    code, out, _ = run("scan", str(tmp_path))
    assert code == 0
    assert "No findings in 0 files" in out
    assert "nothing was checked" in out


def test_quiet_says_nothing_about_a_clean_repository(tmp_path: Path) -> None:
    assert run("scan", str(tmp_path), "--quiet") == (0, "", "")


def test_min_severity_leaves_out(root: Path) -> None:
    assert not scan(str(root), "--min-severity", "critical")[1]["findings"]


def test_several_outputs_of_one_run(root: Path, tmp_path: Path) -> None:
    files = {format: tmp_path / f"out.{format}" for format in ("json", "sarif", "text", "github")}
    outputs = [f"--output={format}={file}" for format, file in files.items()]
    code, printed, _ = run("scan", str(root), *outputs, "--now", NOW)
    assert code == 1
    assert json.loads(files["json"].read_text())["findings"]
    assert json.loads(files["sarif"].read_text())["version"] == "2.1.0"
    assert files["text"].read_text() == printed
    assert files["github"].read_text().startswith("::error ")


def test_same_input_same_bytes(root: Path) -> None:
    for format in ("text", "json", "sarif", "github"):
        arguments = ("scan", str(root), "--format", format, "--now", NOW)
        assert run(*arguments) == run(*arguments)


# ---------------------------------------------------------------- policies


def test_the_policy_at_the_root_is_found(root: Path) -> None:
    (root / "snowfence.yaml").write_text(
        "snowfence: 1\nfail-on: critical\nrules: {unlocked-input: {severity: medium}}\n"
    )
    code, found = scan(str(root))
    assert code == 0
    assert [finding["severity"] for finding in found["findings"] if finding["rule"] == "unlocked-input"] == [
        "medium"
    ]
    assert scan(str(root), "--fail-on", "medium")[0] == 1


def test_a_named_policy_replaces_it(root: Path, tmp_path: Path) -> None:
    (root / "snowfence.yaml").write_text("snowfence: 1\nrules: {unlocked-input: off}\n")
    assert "unlocked-input" not in rules(scan(str(root))[1])
    named = tmp_path / "named.yaml"
    named.write_text("snowfence: 1\nextends: [strict]\n")
    assert "unlocked-input" in rules(scan(str(root), "--policy", str(named))[1])


def test_a_policy_with_a_mistake_is_exit_2_with_place_and_advice(root: Path) -> None:
    (root / "snowfence.yaml").write_text("snowfence: 1\nrules:\n  unlockd-input: off\n")
    code, out, err = run("scan", str(root))
    assert (code, out) == (2, "")
    assert (
        err
        == "snowfence: snowfence.yaml:3:3: there is no rule `unlockd-input`; did you mean `unlocked-input`?\n"
    )


# ---------------------------------------------------------------- roots and files


def test_paths_are_relative_to_the_root_that_is_named(root: Path) -> None:
    found = scan(str(root))[1]
    assert found["root"] == str(root)
    assert {finding["path"] for finding in found["findings"]} == {"flake.lock"}


def test_several_roots_share_a_report_and_keep_their_identities_apart(root: Path) -> None:
    for name in ("one", "two"):
        (root / name).mkdir()
        (root / name / "flake.lock").write_text(json.dumps(LOCK))
    found = scan(str(root / "one"), str(root / "two"))[1]
    mine = [finding for finding in found["findings"] if finding["rule"] == "unlocked-input"]
    assert [finding["path"] for finding in mine] == ["one/flake.lock", "two/flake.lock"]
    assert len({finding["fingerprint"] for finding in mine}) == 2


def test_sarif_and_annotations_name_files_from_the_root_of_the_checkout(root: Path) -> None:
    (root / ".git").mkdir()
    (root / "sub").mkdir()
    (root / "sub" / "flake.lock").write_text(json.dumps(LOCK))
    _, sarif, _ = run("scan", str(root / "sub"), "--format", "sarif")
    (result,) = json.loads(sarif)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "sub/flake.lock"
    assert "file=sub/flake.lock," in run("scan", str(root / "sub"), "--format", "github")[1]
    assert scan(str(root / "sub"))[1]["findings"][0]["path"] == "flake.lock"


STEPS = "on: push\npermissions: {{}}\njobs:\n  a:\n    runs-on: x\n    steps: [{}{{uses: a/b@v1}}, {{uses: a/b@v1}}]\n"


def test_a_step_that_is_inserted_does_not_change_the_identity_of_others(root: Path) -> None:
    file = root / ".github/workflows/a.yml"
    file.parent.mkdir(parents=True)
    prints = []
    for inserted in ("", "{run: make}, "):
        file.write_text(STEPS.format(inserted))
        prints.append(
            [one["fingerprint"] for one in scan(str(file))[1]["findings"] if one["rule"] == "unpinned-uses"]
        )
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == 2


def test_roots_that_overlap_are_refused(root: Path) -> None:
    (root / "sub").mkdir()
    for paths in ([root, root / "sub"], [root / "sub", root]):
        code, _, err = run("scan", *map(str, paths))
        assert (code, "overlap" in err) == (2, True)


def test_a_linked_workflow_is_reported_at_its_target(root: Path) -> None:
    (root / "real.yml").write_text(STEPS.format(""))
    link = root / ".github/workflows/a.yml"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../real.yml")
    for path in (root, link):
        found = scan(str(path))[1]
        assert "real.yml" in {one["path"] for one in found["findings"] if one["rule"] == "unpinned-uses"}


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_a_policy_that_is_no_file_is_refused(root: Path, make: Callable[[Path], None]) -> None:
    make(root / "snowfence.yaml")
    code, _, err = run("scan", str(root))
    assert (code, "not a regular file" in err) == (2, True)


def test_a_file_narrows_the_report_and_the_repository_is_read_whole(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflows = root / ".github/workflows"
    workflows.mkdir(parents=True)
    (workflows / "a.yml").write_text("on: push\njobs: {a: {runs-on: x, steps: [{uses: a/b@v1}]}}\n")
    pin = f"{{ref: v1, commit: sha1-{'1' * 40}, owner_id: 1, repo_id: 1}}"
    (workflows / "actions.lock").write_text(
        f"version: v0.0.2\nworkflows: {{.github/workflows/a.yml: [a/b@v1]}}\ndependencies: {{a/b@v1: {pin}}}\n"
    )
    monkeypatch.chdir(root)
    found = scan(".github/workflows/a.yml")[1]
    assert {finding["path"] for finding in found["findings"]} == {".github/workflows/a.yml"}
    assert "unpinned-uses" not in rules(found)


@pytest.mark.parametrize(
    ("name", "reported"), [("flake.nix", True), ("snowfence.yaml", True), ("README.md", False)]
)
def test_files_that_stand_for_others(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str, reported: bool
) -> None:
    (root / name).write_text("snowfence: 1\n")
    monkeypatch.chdir(root)
    code, out, _ = run("scan", name, "--now", NOW)
    assert ("unlocked-input" in out) == reported
    assert code == int(reported)
    assert ("nothing to report on it" in out) == (not reported)


def test_a_flake_stands_for_itself_and_for_the_lock_beside_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "flake.nix").write_text("{ outputs = { self, nixpkgs }: { }; }\n")
    (root / "sub").mkdir()
    (root / "sub" / "flake.lock").write_text(json.dumps(LOCK))
    monkeypatch.chdir(root)
    (root / ".git").mkdir()
    found = scan("flake.nix")[1]
    assert {finding["path"] for finding in found["findings"]} == {"flake.nix", "flake.lock"}
    assert {"implicit-input", "unlocked-input"} <= rules(found)
    assert {finding["path"] for finding in scan("flake.lock")[1]["findings"]} == {"flake.lock"}


def test_a_workflow_outside_any_checkout_finds_its_root(root: Path) -> None:
    file = root / ".github/workflows/a.yml"
    file.parent.mkdir(parents=True)
    file.write_text("on: push\njobs: {a: {runs-on: x, steps: [{uses: a/b@v1}]}}\n")
    found = scan(str(file))[1]
    assert {finding["path"] for finding in found["findings"]} == {".github/workflows/a.yml"}


# ---------------------------------------------------------------- usage


def test_no_command_shows_the_usage() -> None:
    code, out, _ = run()
    assert code == 2
    assert all(f"  {command} " in out for command in COMMANDS)
    assert run("--help")[0] == 0


def test_version() -> None:
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("snowfence ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scna"], "did you mean `scan`?"),
        (["scan", "/nowhere"], "there is no file or folder `/nowhere`"),
        (["scan", ".", "--policy", "/nowhere.yaml"], "cannot be read"),
        (["scan", "fixtures/clean", "--output", "json=/nowhere/x"], "cannot write `/nowhere/x`"),
        (["explain", "unpined-uses"], "did you mean `unpinned-uses`?"),
        (["why", "nixpkg", "fixtures/demo"], "did you mean `nixpkgs`?"),
        (["sbom", "README.md"], "is not a folder"),
    ],
)
def test_wrong_usage_is_exit_2_with_advice(arguments: list[str], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan", "--format", "xml"],
        ["scan", "--now", "today"],
        ["scan", "--output", "x"],
        ["scan", "--fail-on", "bad"],
    ],
)
def test_wrong_arguments_are_exit_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(*arguments)
    assert stopped.value.code == 2


def test_source_date_epoch_stamps_documents_and_judges_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Development shells of Nix set it to 1980."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert json.loads(run("sbom", str(root))[1])["metadata"]["timestamp"].startswith("2001-09-09")
    assert json.loads(run("scan", str(root), "--format", "json")[1])["now"] > "2001-09-09"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert run("sbom", str(root))[0] == 2


def checked_by(root: Path, title: str, gate: str) -> None:
    folder = root / ".github" / "workflows"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ci.yml").write_text(
        "on: push\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: make\n"
    )
    (root / "snowfence.yaml").write_text(
        f"snowfence: 1\nextends: []\nfail-on: {gate}\nchecks:\n  mine:\n    title: {title}\n"
        "    severity: high\n    select: job\n    require: {name: {exists: true}}\n"
    )


def test_each_repository_has_its_own_gate_and_its_own_page_of_a_check(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    checked_by(one, "The first has no jobs", "critical")
    checked_by(other, "The second has no jobs", "critical")
    code, out, _ = run("scan", str(one), str(other), "--format", "sarif", "--now", NOW)
    assert code == 0, out
    [rule] = json.loads(out)["runs"][0]["tool"]["driver"]["rules"]
    assert all(title in rule["help"]["markdown"] for title in ("The first has", "The second has"))
    (other / "snowfence.yaml").write_text("snowfence: 1\nextends: []\nfail-on: low\n")
    code, out, _ = run("scan", str(one), str(other), "--now", NOW)
    assert code == 0
    assert out.endswith("\npasses the gates of the repositories (low or critical)\n")
    checked_by(other, "The second has no jobs", "high")
    assert run("scan", str(one), str(other), "--now", NOW)[0] == 1


def test_the_gate_of_several_repositories_counts_what_is_reported(tmp_path: Path) -> None:
    """An exception that one of them needs is unused in the other, which is no finding of both."""
    for name, step in (("one", "uses: own/action@v1"), ("other", "run: make")):
        (tmp_path / name / ".github" / "workflows").mkdir(parents=True)
        (tmp_path / name / ".github" / "workflows" / "ci.yml").write_text(
            f"on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{step}]\n".replace("[", "[{").replace(
                "]", "}]"
            )
        )
    policy = tmp_path / "shared.yaml"
    policy.write_text(
        "snowfence: 1\nextends: []\nrules: {unpinned-uses: {severity: high}, unused-exception: {severity: low}}\nexceptions:\n"
        "  - {rule: unpinned-uses, path: '**/ci.yml', target: own/action@v1, reason: ours, expires: 2026-12-31}\n"
    )
    both = (str(tmp_path / "one"), str(tmp_path / "other"))
    given = ("--policy", str(policy), "--fail-on", "low", "--now", NOW)
    assert [one["rule"] for one in scan(both[1], *given[:-2])[1]["findings"]] == ["unused-exception"]
    code, out, _ = run("scan", *both, *given)
    assert code == 0, out
    assert out.startswith("No findings") and out.endswith("\npasses the gate (low)\n")
    code, out, _ = run("scan", *both, *given, "--format", "json")
    assert json.loads(out)["gate"] == {"least": ["low"], "failing": 0}


def test_a_policy_under_another_name_is_remarked_on(tmp_path: Path) -> None:
    (tmp_path / "snowfence.yml").write_text("snowfence: 1\n")
    said = "`snowfence.yml` is not read: a policy is called `snowfence.yaml`, so rename it"
    assert said in run("scan", str(tmp_path))[1]
    assert said not in run("scan", str(tmp_path), "--no-repository-policy")[1]


def test_an_exception_for_an_input_covers_what_is_said_of_it_in_flake_nix(tmp_path: Path) -> None:
    (tmp_path / "flake.lock").write_text(json.dumps(LOCK))
    (tmp_path / "flake.nix").write_text(
        '{ inputs.a.url = "https://example.org/a.tar.gz"; inputs.b.url = "github:o/b"; outputs = _: { }; }\n'
    )
    for input, there in (("b", False), ("missing", True), ("a", True)):
        (tmp_path / "snowfence.yaml").write_text(
            "snowfence: 1\nextends: []\nrules: {lock-out-of-sync: on}\nexceptions:\n"
            f"  - {{ rule: lock-out-of-sync, input: {input}, reason: it is meant }}\n"
        )
        found = scan(str(tmp_path))[1]
        assert ("lock-out-of-sync" in rules(found)) is there
        assert ("unused-exception" in rules(found)) is there  # whatever packs the policy builds on
        assert all(one["at"] == one[one["by"]] for one in found["ignored"])


def test_an_exception_is_not_too_broad_and_unused_at_once(tmp_path: Path) -> None:
    (tmp_path / "flake.lock").write_text(json.dumps(LOCK))
    start = "snowfence: 1\nextends: []\nrules: {unlocked-input: on, stale-input: on}\nexceptions:\n"
    for entry, said in (
        ("rule: stale-input", {"broad-exception", "unlocked-input"}),
        ("rule: stale-input, path: other/flake.lock", {"unused-exception", "unlocked-input"}),
        ("rule: unlocked-input", {"broad-exception"}),
    ):
        (tmp_path / "snowfence.yaml").write_text(f"{start}  - {{ {entry}, reason: x }}\n")
        assert rules(scan(str(tmp_path))[1]) == said
    (tmp_path / "snowfence.yaml").unlink()
    found = scan(str(tmp_path))[1]["findings"]
    [identity] = (one["fingerprint"] for one in found if one["rule"] == "unlocked-input")
    (tmp_path / "snowfence.yaml").write_text(
        f"{start}  - {{ rule: '*', fingerprint: '{identity}', reason: x }}\n"
    )
    assert rules(scan(str(tmp_path))[1]) == set()
