"""`snowfence policy test`: the examples of checks, and what is said when one is not as it says."""

import os
import sys
from pathlib import Path

import pytest

from tests.support import NOW, ROOT, clean_environment, run, snowfence

CHECK = """\
snowfence: 1
values:
  allowed-owners: [actions, github]
checks:
  allowed-owners:
    title: Actions come from owners that we have looked at
    severity: high
    select: action
    where: { remote: true }
    require: { owner: { in: { value: allowed-owners } } }
    message: "nobody has allowed {owner}"
"""


def workflow(*uses: str) -> str:
    steps = ", ".join(f"{{uses: {one}}}" for one in uses)
    return f'{{.github/workflows/ci.yml: "on: push\\njobs: {{a: {{runs-on: ubuntu-latest, steps: [{steps}]}}}}"}}'


RIGHT = f"""\
    examples:
      good: [{{files: {workflow("actions/checkout@v4")}}}, {{files: {workflow("github/a@v1")}}}]
      bad: {{files: {workflow("evil/a@v1", "actions/b@v1", "evil/c@v1")}, at: [evil/a@v1, evil/c@v1]}}
"""

WRONG = f"""\
    examples:
      good:
        - files: {workflow("actions/checkout@v4")}
        - files: {workflow("evil/a@v1")}
      bad:
        - files: {workflow("evil/a@v1", "evil/x@v1", "evil/c@v1")}
          at: [evil/a@v1, new/b@v1, evil/c@v1]
        - files: {{.github/workflows/ci.yml: "on: [push"}}
          at: evil/a@v1
      unknown:
        - files: {workflow("actions/checkout@v4")}
"""


def policy(folder: Path, text: str, name: str = "snowfence.yaml") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def printed(folder: Path, *arguments: str, expect: int = 0) -> str:
    """What the command prints in a folder, as a team would run it."""
    command = [sys.executable, "-m", "scanner", "policy", "test", "--now", NOW, *arguments]
    environment = clean_environment(PYTHONPATH=os.fspath(ROOT))
    done = run(command, cwd=folder, env=environment, expect=(expect,))
    return done.stdout + done.stderr


def test_good_examples(tmp_path: Path) -> None:
    policy(tmp_path, CHECK + RIGHT)
    assert printed(tmp_path) == ("ok    allowed-owners: 2 good, 1 bad\n\n3 examples: all as they say\n")


def test_what_differs_is_said_with_both_places(tmp_path: Path) -> None:
    policy(tmp_path, CHECK + WRONG)
    assert printed(tmp_path, expect=1) == (
        "fail  allowed-owners: 2 good, 2 bad, 1 unknown\n"
        "      snowfence.yaml:15:11: a good example must be silent: + is not expected\n"
        "        + `evil/a@v1`  .github/workflows/ci.yml:2:51: nobody has allowed `evil`\n"
        "      snowfence.yaml:17:11: a bad example must report exactly what it lists: - is missing, + is not expected\n"
        "          `evil/a@v1`  .github/workflows/ci.yml:2:51\n"
        "        - `new/b@v1`\n"
        "        + `evil/x@v1`  .github/workflows/ci.yml:2:70: nobody has allowed `evil`\n"
        "          `evil/c@v1`  .github/workflows/ci.yml:2:89\n"
        "      snowfence.yaml:19:11: a bad example must report exactly what it lists: - is missing, + is not expected\n"
        "        .github/workflows/ci.yml:1:5: cannot be read, so the example proves nothing: not YAML: while parsing a flow "
        "sequence; did not find expected ',' or ']'. GitHub refuses this file as well\n"
        "        - `evil/a@v1`\n"
        "      snowfence.yaml:22:11: an unknown example must leave the question open, and nothing else: - is missing, + is not "
        "expected\n"
        "        - undecided anywhere\n"
        "\n"
        "5 examples: 4 not as they say\n"
    )


def test_a_check_without_examples(tmp_path: Path) -> None:
    policy(tmp_path, CHECK)
    said = "allowed-owners: no examples; snowfence.yaml:5:3 declares it, and nothing shows what it finds\n"
    assert printed(tmp_path) == f"none  {said}\nno examples: nothing was tested\n"
    assert printed(tmp_path, "--require-examples", expect=1).startswith(f"fail  {said}")


def test_examples_hold_with_the_values_of_their_own_file(tmp_path: Path) -> None:
    """Who extends a policy and allows others does not break the examples of that policy."""
    policy(tmp_path, CHECK + RIGHT, "team.yaml")
    policy(tmp_path, "snowfence: 1\nextends: ./team.yaml\nvalues: {allowed-owners: [evil]}\n")
    assert "ok    allowed-owners: 2 good, 1 bad\n" in printed(tmp_path)


def test_a_check_that_is_replaced_is_tested_as_well(tmp_path: Path) -> None:
    policy(tmp_path, CHECK + RIGHT, "team.yaml")
    replaced = CHECK.replace("snowfence: 1\n", "snowfence: 1\nextends: ./team.yaml\n") + WRONG
    policy(tmp_path, replaced)
    said = printed(tmp_path, expect=1)
    assert [line for line in said.splitlines() if line.startswith(("ok", "fail"))] == [
        "ok    allowed-owners: 2 good, 1 bad",
        "fail  allowed-owners: 2 good, 2 bad, 1 unknown",
    ]


def test_a_file_that_needs_values_of_those_above_it(tmp_path: Path) -> None:
    bare = CHECK.replace("values:\n  allowed-owners: [actions, github]\n", "")
    policy(tmp_path, bare + RIGHT, "team.yaml")
    policy(tmp_path, "snowfence: 1\nextends: ./team.yaml\nvalues: {allowed-owners: [actions, github]}\n")
    assert "ok    allowed-owners: 2 good, 1 bad\n" in printed(tmp_path)


TEAM = f"""\
snowfence: 1
extends: [recommended]
rules:
  unpinned-uses: {{ severity: low, options: {{ trusted: [actions/*] }} }}
  excessive-permissions: off
exceptions:
  - {{ rule: unpinned-uses, target: known/*, reason: it is ours }}
paths: {{ exclude: vendor/ }}
examples:
  good:
    - files: {workflow("actions/checkout@v4", "known/b@v1")}
    - files: {{vendor/action.yml: "runs: {{using: composite, steps: [{{uses: evil/a@v1}}]}}"}}
    - files: {workflow("evil/a@v1")}
      rules: artipacked
  bad:
    - files: {workflow("evil/a@v1", "known/b@v1")}
      findings: {{ rule: unpinned-uses, at: evil/a@v1, severity: low }}
"""


def test_a_policy_as_a_whole(tmp_path: Path) -> None:
    """Settings, options, exceptions, paths and comments count in examples of the policy itself."""
    policy(tmp_path, TEAM)
    assert (
        printed(tmp_path) == "ok    the policy snowfence.yaml: 3 good, 1 bad\n\n4 examples: all as they say\n"
    )


def test_a_whole_policy_that_says_something_else(tmp_path: Path) -> None:
    policy(tmp_path, TEAM.replace("severity: low }", "severity: high }").replace("rules: artipacked", ""))
    said = printed(tmp_path, expect=1)
    at = ".github/workflows/ci.yml:2:51"
    assert (
        f"        - `unpinned-uses (high): evil/a@v1`\n        + `unpinned-uses (low): evil/a@v1`  {at}: "
        in said
    )
    assert (
        f"snowfence.yaml:13:7: a good example must be silent: + is not expected\n        + `unpinned-uses: evil/a@v1`  {at}: "
        in said
    )
    assert said.endswith("\n4 examples: 2 not as they say\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "{ rule: unpinned-uses, at: evil",
            "{ rule: unpined-uses, at: evil",
            "snowfence.yaml:17:25: there is no rule `unpined-uses`; did you mean `unpinned-uses`?",
        ),
        (
            "rules: artipacked",
            "rules: [excessive-permissions, artipaked]",
            "snowfence.yaml:14:38: there is no rule `artipaked`; did you mean `artipacked`?",
        ),
        (
            "at: evil/a@v1, ",
            "",
            "snowfence.yaml:17:17: an expected finding needs `at`: the text that the rule reports",
        ),
    ],
)
def test_wrong_examples_of_a_policy(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in TEAM
    policy(tmp_path, TEAM.replace(old, new))
    assert said in printed(tmp_path, expect=2)


def test_packs_are_tested_when_they_are_named(tmp_path: Path) -> None:
    policy(tmp_path, "snowfence: 1\nextends: organisation\n")
    assert printed(tmp_path).startswith("no examples: ")
    said = printed(tmp_path, "organisation", "--require-examples")
    assert said.endswith(": all as they say\n")
    assert "fail" not in said


def test_comments_and_settings_do_not_answer_for_the_check(tmp_path: Path) -> None:
    text = CHECK + RIGHT.replace("evil/c@v1}", "evil/c@v1} # snowfence: ignore[allowed-owners]\\n  ")
    policy(tmp_path, f"{text}rules: {{allowed-owners: off}}\n")
    assert "ok    allowed-owners: 2 good, 1 bad\n" in printed(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            CHECK + RIGHT.replace(".github/workflows/ci.yml", ".github/workflow/ci.yml", 1),
            "snowfence.yaml:13:23: `.github/workflow/ci.yml` is no file that snowfence reads; did you mean "
            "`.github/workflows/ci.yml`?",
        ),
        ("snowfence: 2\n", "snowfence.yaml:1:12: a policy begins with `snowfence: 1`"),
    ],
)
def test_a_wrong_policy(text: str, said: str, tmp_path: Path) -> None:
    policy(tmp_path, text)
    assert said in printed(tmp_path, expect=2)


def test_no_policy(tmp_path: Path) -> None:
    assert "there is no `snowfence.yaml`; name the policy to test" in printed(tmp_path, expect=2)
    (tmp_path / ".github").mkdir()
    policy(tmp_path, CHECK + RIGHT, ".github/snowfence.yaml")
    assert printed(tmp_path).startswith("ok ")
    policy(tmp_path, CHECK)
    assert "there are two policies" in printed(tmp_path, expect=2)


def test_hostile_texts_are_inert(tmp_path: Path) -> None:
    file = policy(
        tmp_path,
        CHECK
        + "    examples:\n      good:\n        - files:\n            .github/workflows/ci.yml: |\n"
        + '              {"on": "push", "jobs": {"a": {"runs-on": "x", "steps": [{"uses": "e\\u001b[31m\\n::error::x/a@v1"}]}}}\n',
    )
    said = snowfence("policy", "test", file, expect=(0, 1)).stdout
    assert "\x1b" not in said
    assert not any(line.lstrip().startswith("::") for line in said.splitlines())
