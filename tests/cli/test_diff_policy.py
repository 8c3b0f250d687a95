"""`snowfence diff` where the change edits the policy: it is reported, and does not judge itself."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.main import main
from tests.support import NOW, git_environment
from tests.support import run as start
from tests.views.locks import nodes, text

HEAD = "snowfence: 1\n"
FINGERPRINT = "0123456789abcdef0123456789abcdef:1"


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["diff", *arguments, "--now", NOW])
    return code, out.getvalue(), err.getvalue()


def git(folder: Path, *arguments: str) -> str:
    return start(["git", *arguments], cwd=folder, env=git_environment()).stdout.strip()


class Repository:
    """A checkout on which states are committed, one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        git(folder, "init", "-q", "-b", "main")

    def commit(self, files: dict[str, str | None]) -> None:
        for name, content in files.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                file.unlink()
            else:
                file.write_text(content, "utf-8")
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", "x")

    def judged(self, *arguments: str) -> list[dict[str, Any]]:
        """The judgments of the policy between the last two commits."""
        code, out, err = run("HEAD~1..HEAD", "-C", str(self.folder), "--format", "json", *arguments)
        assert code in (0, 1), err
        found: list[dict[str, Any]] = json.loads(out)["policy"]
        return found

    def between(self, old: dict[str, str | None], new: dict[str, str | None]) -> list[dict[str, Any]]:
        self.commit(old)
        self.commit(new)
        return self.judged()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def accepted(*fingerprints: str, **more: object) -> str:
    entry = {"rule": "stale-input", "path": "flake.lock", "message": "old", "since": NOW, "severity": "high"}
    entries = [{"fingerprint": one, **entry, **more} for one in fingerprints]
    return json.dumps({"schema": 1, "accepted": entries}, indent=2) + "\n"


CASES = {
    "a rule is off": ("rules: {artipacked: on}", "rules: {artipacked: off}", "loosened", "`artipacked` is off"),
    "a rule is on": ("rules: {artipacked: off}", "rules: {}", "tightened", "`artipacked` is on"),
    "all rules are off": ("", 'rules: {"*": off}', "loosened", "rules are off ("),
    "another pack": ("extends: [strict]", "extends: [minimal]", "loosened", "rules are off ("),
    "less severe": (
        "", "rules: {unpinned-uses: {severity: info}}", "loosened", "`unpinned-uses` is info and was",
    ),
    "a higher floor": (
        "", "rules: {unpinned-uses: {confidence: high}}", "loosened",
        "`unpinned-uses` leaves out what is below high confidence",
    ),
    "questions are no findings any more": (
        "rules: {stale-input: {unknown: high}}", "rules: {stale-input: on}", "loosened",
        "`stale-input` no longer reports what it cannot decide",
    ),
    "other options": (
        "rules: {stale-input: {options: {days: 30}}}", "rules: {stale-input: {options: {days: 300}}}",
        "loosened", "`stale-input` has other options and may report less",
    ),
    "fewer days": (
        "rules: {stale-input: {options: {days: 300}}}", "rules: {stale-input: {options: {days: 30}}}",
        "tightened", "`stale-input` has stricter options",
    ),
    "no limit of days": (
        "rules: {stale-input: {options: {days: 300}}}", "rules: {stale-input: {options: {days: 0}}}",
        "loosened", "`stale-input` has other options",
    ),
    "a shorter cooldown": (
        "rules: {dependabot-cooldown: {options: {days: 7}}}",
        "rules: {dependabot-cooldown: {options: {days: 1}}}",
        "loosened", "`dependabot-cooldown` has other options",
    ),
    "everybody is trusted": (
        "", "rules: {unpinned-uses: {options: {trusted: ['**']}}}", "loosened",
        "`unpinned-uses` has other options and may report less",
    ),
    "fewer are trusted": (
        "rules: {unpinned-uses: {options: {trusted: [a/*, b/*]}}}",
        "rules: {unpinned-uses: {options: {trusted: [b/*]}}}",
        "tightened", "`unpinned-uses` has stricter options",
    ),
    "stricter here and milder there": (
        "rules: {stale-input: {options: {days: 30, nixpkgs_days: 30}}}",
        "rules: {stale-input: {options: {days: 20, nixpkgs_days: 90}}}",
        "loosened", "`stale-input` has other options",
    ),
    "off where it was on": (
        "extends: [minimal]\nrules: {'tag:supply-chain': {paths: {'x/*': on}}}", "extends: [minimal]", "loosened",
        "rules are off",
    ),
    "another order of files": (
        "rules: {artipacked: {paths: {'x/*': off, 'x/y': on}}}",
        "rules: {artipacked: {paths: {'x/y': on, 'x/*': off}}}",
        "loosened", "`artipacked` has its settings for files in another order",
    ),
    "milder in some files": (
        "", "rules: {artipacked: {paths: {'x/*': {severity: info}}}}", "loosened",
        "`artipacked` is judged in another way, which may be less, in `x/*`",
    ),
    "on in more files": (
        "rules: {artipacked: {paths: {'x/*': off}}}",
        "rules: {artipacked: {paths: {'x/*': off, 'x/y': on}}}",
        "tightened", "`artipacked` is on in `x/y`",
    ),
    "off in some files": (
        "", "rules: {artipacked: {paths: {'x/*': off}}}", "loosened", "`artipacked` is off in `x/*`",
    ),
    "a higher gate": ("fail-on: low", "fail-on: critical", "loosened", "`fail-on` is critical and was low"),
    "a lower gate": ("", "fail-on: low", "tightened", "`fail-on` is low and was high"),
    "an exception more": (
        "", "exceptions: [{rule: artipacked, reason: x}]", "loosened", "`artipacked` has an exception more",
    ),
    "an exception less": (
        "exceptions: [{rule: artipacked, reason: x}]", "", "tightened", "`artipacked` has an exception less",
    ),
    "an exception lasts longer": (
        "exceptions: [{rule: artipacked, reason: x, expires: 2026-12-01}]",
        "exceptions: [{rule: artipacked, reason: x, expires: 2027-12-01}]",
        "loosened",
        "`artipacked` has an exception that holds until 2027-12-01, and did until 2026-12-01",
    ),
    "a folder is left out": ("", "paths: {exclude: [vendor/]}", "loosened", "`vendor/` is excluded"),
    "only some files": ("", "paths: {include: ['x/**']}", "loosened", "only `x/**` is read"),
    "a value": ("values: {ours: [a]}", "values: {ours: [a, evil]}", None, "`ours` is another value"),
    "the weights": ("", "score: {unknown: 0.1}", None, "the score has other weights"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "variant", "says"), CASES.values(), ids=CASES)
def test_what_a_change_of_the_policy_does(
    repository: Repository, old: str, new: str, variant: str | None, says: str
) -> None:
    [one] = repository.between({"snowfence.yaml": f"{HEAD}{old}\n"}, {"snowfence.yaml": f"{HEAD}{new}\n"})
    assert (one["rule"], one["variant"], one["path"]) == ("diff-policy-changed", variant, "snowfence.yaml")
    assert says in one["message"]
    assert one["severity"] == {"loosened": "high", "tightened": "info", None: "medium"}[variant]


CHECK = """checks:
  mine:
    title: Ours
    severity: SEVERITY
    select: action
    forbid: { owner: OWNER }
"""


@pytest.mark.parametrize(
    ("old", "new", "variant", "says"),
    [
        ("", CHECK, "tightened", "`mine` is a new check"),
        (CHECK, "", "loosened", "`mine` is a check no more"),
        (CHECK, CHECK.replace("SEVERITY", "low"), "loosened", "`mine` is low and was high"),
        (CHECK, CHECK.replace("SEVERITY", "critical"), "tightened", "`mine` is critical and was high"),
        (CHECK, CHECK.replace("OWNER", "good"), "loosened", "`mine` asks something else and may report less"),
    ],
    ids=("new", "gone", "milder", "graver", "another"),
)
def test_own_checks(repository: Repository, old: str, new: str, variant: str | None, says: str) -> None:
    before, after = (
        HEAD + found.replace("SEVERITY", "high").replace("OWNER", "evil") for found in (old, new)
    )
    [one] = repository.between({"snowfence.yaml": before}, {"snowfence.yaml": after})
    assert (one["variant"], says in one["message"]) == (variant, True)


LISTS = """values: {ours: VALUES}
checks:
  mine:
    title: Ours
    severity: high
    select: action
    CONDITION
"""


@pytest.mark.parametrize(
    ("condition", "old", "new", "variant"),
    [
        ("require: { owner: { in: { value: ours } } }", "[a, b]", "[a]", "tightened"),
        ("require: { owner: { in: { value: ours } } }", "[a]", "[a, b]", "loosened"),
        ("forbid: { owner: { in: { value: ours } } }", "[a, b]", "[a]", "loosened"),
        ("forbid: { owner: { in: { value: ours } } }", "[a]", "[a, b]", "tightened"),
        ("require: { owner: { not-in: { value: ours } } }", "[a, b]", "[a]", "loosened"),
        ("require: { not: { owner: { in: { value: ours } } } }", "[a, b]", "[a]", "loosened"),
        (
            "where: { owner: { in: { value: ours } } }\n    require: { pinned: true }",
            "[a, b]", "[a]", "loosened",
        ),
    ],
)  # fmt: skip
def test_values_of_checks(repository: Repository, condition: str, old: str, new: str, variant: str) -> None:
    before, after = (
        HEAD + LISTS.replace("CONDITION", condition).replace("VALUES", one) for one in (old, new)
    )
    [one] = repository.between({"snowfence.yaml": before}, {"snowfence.yaml": after})
    assert one["variant"] == variant, one["message"]


def test_an_extended_file_with_another_name(repository: Repository) -> None:
    off = f"{HEAD}rules: {{artipacked: off}}\n"
    old: dict[str, str | None] = {"snowfence.yaml": f"{HEAD}extends: [./a.yaml]\n", "a.yaml": off}
    new: dict[str, str | None] = {
        "snowfence.yaml": f"{HEAD}extends: [./b.yaml]\n", "a.yaml": None, "b.yaml": off,
    }  # fmt: skip
    assert repository.between(old, new) == []


@pytest.mark.parametrize("name", ["snowfence.yaml", ".snowfence-accepted.json"])
def test_what_is_a_folder_cannot_be_read(repository: Repository, name: str) -> None:
    content = HEAD if name == "snowfence.yaml" else accepted()
    repository.commit({name: content})
    repository.commit({name: None})
    repository.commit({f"{name}/x": ""})
    [one] = [one for one in repository.judged() if one["variant"] != "tightened"]
    assert (one["variant"], one["path"], one["severity"]) == ("unreadable", name, "high")
    code, out, _ = run("HEAD~2", "-C", str(repository.folder), "--format", "json")
    assert code == 1
    assert [one["variant"] for one in json.loads(out)["policy"]] == ["unreadable"]


@pytest.mark.parametrize(
    ("old", "new", "variant"),
    [
        ({"severity": "low"}, {"severity": "critical"}, "loosened"),
        ({"severity": "critical"}, {"severity": "low"}, "tightened"),
        ({"path": "flake.lock"}, {"path": "other/flake.lock"}, "loosened"),
        ({}, {"stakes": ["secret A"]}, "loosened"),
        ({"stakes": ["secret A", "secret B"]}, {"stakes": ["secret A"]}, "tightened"),
    ],
)
def test_an_entry_that_accepts_worse(
    repository: Repository, old: dict[str, object], new: dict[str, object], variant: str
) -> None:
    name = ".snowfence-accepted.json"
    [one] = repository.between({name: accepted(FINGERPRINT, **old)}, {name: accepted(FINGERPRINT, **new)})
    assert one["variant"] == variant
    says = (
        "accepts what is worse than before at 1 finding" if variant == "loosened" else "only what is milder"
    )
    assert says in one["message"]
    assert one["start"]["line"] == 5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (HEAD, f"# why\n\n{HEAD}"),
        (f"{HEAD}rules: {{artipacked: off}}\n", f"{HEAD}rules:\n  artipacked: off  # no\n"),
        (
            f"{HEAD}exceptions: [{{rule: artipacked, reason: x}}]\n",
            f"{HEAD}exceptions: [{{rule: artipacked, reason: another}}]\n",
        ),
    ],
)
def test_what_changes_nothing_is_silent(repository: Repository, old: str, new: str) -> None:
    assert repository.between({"snowfence.yaml": old}, {"snowfence.yaml": new}) == []


def test_the_place_is_that_of_the_change(repository: Repository) -> None:
    [one] = repository.between(
        {"snowfence.yaml": f"{HEAD}rules:\n  stale-input: on\n"},
        {"snowfence.yaml": f"{HEAD}rules:\n  stale-input: on\n  artipacked: off\n  unpinned-uses: off\n"},
    )
    assert one["start"] == {"line": 4, "column": 3}
    assert [(note["start"]["line"], note["message"]) for note in one["related"]] == [
        (4, "`artipacked` is off"),
        (5, "`unpinned-uses` is off"),
    ]


def test_files_that_a_policy_extends(repository: Repository) -> None:
    main = f"{HEAD}extends: [./policy/team.yaml]\n"
    [one] = repository.between(
        {".github/snowfence.yaml": main, ".github/policy/team.yaml": HEAD},
        {".github/policy/team.yaml": f"{HEAD}rules: {{artipacked: off}}\n"},
    )
    assert (one["path"], one["variant"]) == (".github/policy/team.yaml", "loosened")


def test_a_new_policy_and_a_gone_one(repository: Repository) -> None:
    [new] = repository.between({"x": ""}, {"snowfence.yaml": f"{HEAD}extends: [minimal]\n"})
    assert (new["variant"], "is new" in new["message"]) == ("loosened", True)
    repository.commit({"snowfence.yaml": f"{HEAD}extends: [strict]\n"})
    repository.commit({"snowfence.yaml": None})
    [gone] = repository.judged()
    assert (gone["path"], gone["variant"], gone["start"]) == (
        "snowfence.yaml", "loosened", {"line": 1, "column": 1},
    )  # fmt: skip
    assert "is gone, so that the default judges" in gone["message"]


def test_a_policy_that_cannot_be_used_any_more(repository: Repository) -> None:
    [one] = repository.between(
        {"snowfence.yaml": HEAD}, {"snowfence.yaml": f"{HEAD}rules:\n  artipackd: off\n"}
    )
    assert (one["variant"], one["severity"], one["start"]) == (
        "unreadable", "high", {"line": 3, "column": 3},
    )  # fmt: skip
    repository.commit({"snowfence.yaml": f"{HEAD}rules:\n  artipacked: off\n"})
    [mended] = repository.judged()
    assert (mended["variant"], mended["severity"]) == (None, "medium")
    assert "cannot be read" in mended["message"]


def test_two_policies_and_none_that_counts(repository: Repository) -> None:
    [one] = repository.between({"snowfence.yaml": HEAD}, {".github/snowfence.yaml": HEAD})
    assert (one["variant"], "two policies" in one["message"]) == ("unreadable", True)


def test_accepted_findings(repository: Repository) -> None:
    [more] = repository.between({"x": ""}, {".snowfence-accepted.json": accepted(FINGERPRINT)})
    assert (more["path"], more["variant"]) == (".snowfence-accepted.json", "loosened")
    assert "accepts 1 finding more (`stale-input`)" in more["message"]
    assert more["start"]["line"] == 5
    repository.commit({".snowfence-accepted.json": accepted()})
    assert [one["variant"] for one in repository.judged()] == ["tightened"]
    repository.commit({".snowfence-accepted.json": "{"})
    assert [one["variant"] for one in repository.judged()] == ["unreadable"]


# ---------------------------------------------------------------- who judges


def tampered() -> str:
    found = nodes()
    found["tool"]["locked"]["owner"] = "evil"
    return text(found)


def rules(folder: Path, *arguments: str) -> set[str]:
    _, out, _ = run("HEAD~1..HEAD", "-C", str(folder), "--format", "json", *arguments)
    found = json.loads(out)
    [lock] = found["locks"]
    return {
        one["rule"]
        for one in (
            *found["findings"],
            *found["policy"],
            *(j for i in lock["inputs"] for j in i["judgments"]),
        )
    }


def test_a_change_does_not_switch_off_its_judge(repository: Repository) -> None:
    repository.commit({"flake.lock": text(nodes()), "snowfence.yaml": HEAD})
    off = f'{HEAD}rules: {{"*": off, diff-source-changed: off, diff-policy-changed: off}}\n'
    repository.commit({"flake.lock": tampered(), "snowfence.yaml": off})
    everything = {"diff-source-changed", "diff-policy-changed", "lock-tampered"}
    assert everything <= rules(repository.folder)
    assert everything <= rules(repository.folder, "--no-repository-policy")


def test_the_old_policy_judges(repository: Repository) -> None:
    repository.commit(
        {"flake.lock": text(nodes()), "snowfence.yaml": f"{HEAD}rules: {{lock-tampered: off}}\n"}
    )
    repository.commit({"flake.lock": tampered(), "snowfence.yaml": HEAD})
    assert "lock-tampered" not in rules(repository.folder)
    assert "lock-tampered" in rules(repository.folder, "--no-repository-policy")
    policy = repository.folder.parent / "given.yaml"
    policy.write_text(f"{HEAD}rules: {{diff-policy-changed: off}}\n", "utf-8")
    given = rules(repository.folder, "--policy", str(policy))
    assert "lock-tampered" in given
    assert "diff-policy-changed" not in given


def test_what_a_change_accepts_for_itself_does_not_count(repository: Repository) -> None:
    repository.commit({"flake.lock": text(nodes())})
    repository.commit({"flake.lock": tampered()})
    _, out, _ = run("HEAD~1..HEAD", "-C", str(repository.folder), "--format", "json")
    fresh = [one["fingerprint"] for one in json.loads(out)["findings"] if one["rule"] == "lock-tampered"]
    git(repository.folder, "reset", "-q", "--hard", "HEAD~1")
    repository.commit({"flake.lock": tampered(), ".snowfence-accepted.json": accepted(*fresh)})
    assert {"lock-tampered", "diff-policy-changed"} <= rules(repository.folder)


def test_links_and_sizes_in_a_revision(repository: Repository) -> None:
    repository.commit({"policies/own.yaml": f"{HEAD}rules: {{artipacked: off}}\n"})
    (repository.folder / "snowfence.yaml").symlink_to("policies/own.yaml")
    repository.commit({})
    [one] = repository.judged()
    assert (one["variant"], one["path"]) == ("loosened", "policies/own.yaml")
    (repository.folder / "snowfence.yaml").unlink()
    (repository.folder / "snowfence.yaml").symlink_to("../outside.yaml")
    repository.commit({})
    assert [one["variant"] for one in repository.judged()] == ["unreadable"]
    (repository.folder / "snowfence.yaml").unlink()
    repository.commit({"snowfence.yaml": HEAD})
    repository.commit({"snowfence.yaml": "#" * (1024 * 1024 + 1)})
    [large] = repository.judged()
    assert "larger than 1 MB" in large["message"]


@pytest.mark.parametrize("format", ["text", "markdown", "sarif"])
def test_every_format_says_it(repository: Repository, format: str) -> None:
    repository.commit({"snowfence.yaml": HEAD})
    repository.commit({"snowfence.yaml": f"{HEAD}rules: {{artipacked: off}}\n"})
    code, out, _ = run("HEAD~1..HEAD", "-C", str(repository.folder), "--format", format)
    assert code == 1
    assert "`artipacked` is off" in out
    assert "diff-policy-changed" in out


def test_a_stricter_policy_is_a_remark(repository: Repository) -> None:
    repository.commit({"snowfence.yaml": f"{HEAD}rules: {{artipacked: off}}\n"})
    repository.commit({"snowfence.yaml": HEAD})
    code, out, _ = run("HEAD~1..HEAD", "-C", str(repository.folder))
    assert code == 0
    assert "note: `snowfence.yaml` has changed, and more is reported" in out


def test_words_for_people_in_an_entry_change_nothing(repository: Repository) -> None:
    name = ".snowfence-accepted.json"
    new = accepted(FINGERPRINT, message="new", since="2026-01-01")
    assert repository.between({name: accepted(FINGERPRINT)}, {name: new}) == []
