"""`snowfence policy check`: what is wrong, all of it, and what is valid and surely not meant."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.cli.main import main
from tests.support import NOW

Check = Callable[..., tuple[int, str, str]]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """The exit code, standard output and standard error of `policy check` over files by their names."""
    monkeypatch.chdir(tmp_path)

    def check(*arguments: str, **files: str) -> tuple[int, str, str]:
        for name, text in files.items():
            (tmp_path / f"{name}.yaml").write_text(f"snowfence: 1\n{text}")
        code = main(["policy", "check", *arguments, "--now", NOW])
        said = capsys.readouterr()
        return code, said.out, said.err

    return check


def remarks(check: Check, text: str) -> list[str]:
    code, out, err = check(snowfence=text)
    assert (code, err) == (0, "")
    first, *others = out.splitlines()
    assert first.startswith("snowfence.yaml: valid")
    return others


def test_a_valid_policy_says_what_it_holds(check: Check) -> None:
    assert check(
        snowfence="extends: [strict]\n"
        "rules: {artipacked: off, stale-input: {options: {days: 3}}, diff-added: off}\n"
        "exceptions:\n"
        "- {rule: unpinned-uses, reason: so, expires: 2026-12-04}\n"
        "- {rule: unpinned-uses, reason: so, path: a/**}\n"
        "checks: {mine: {title: t, severity: low, select: action, require: {pinned: true}}}\n"
    ) == (
        0,
        "snowfence.yaml: valid: 3 rules changed, 2 exceptions (1 expires in 12 days), 1 check; extends strict\n",
        "",
    )


def test_a_value_that_no_check_uses(check: Check) -> None:
    mine = "checks: {mine: {title: t, severity: low, select: action, require: {owner: {in: {value: allowed-owners}}}}}\n"
    assert remarks(
        check, f"extends: []\nvalues: {{allowed-owners: [a], allowed-owner: [b], unlike: 5}}\n{mine}"
    ) == [
        "snowfence.yaml:3:31: no check uses the value `allowed-owner`; did you mean `allowed-owners`?",
        "snowfence.yaml:3:51: no check uses the value `unlike`; there is `allowed-owners`",
    ]


def test_a_check_that_is_replaced(check: Check) -> None:
    mine = "checks: {mine: {title: t, severity: low, select: action, require: {pinned: true}}}\n"
    code, out, _ = check(
        "snowfence.yaml", team=f"extends: []\n{mine}", snowfence=f"extends: ./team.yaml\n{mine}"
    )
    assert code == 0
    assert out.splitlines()[1:] == [
        "snowfence.yaml:3:10: `mine` stands in place of the check at `team.yaml:3`"
    ]
    assert main(["policy", "show", "--explain", "mine", "--policy", "snowfence.yaml"]) == 0


def test_each_file_has_its_own_line(check: Check) -> None:
    code, out, err = check(
        "team.yaml",
        "snowfence.yaml",
        team='extends: []\nrules: {"*": {severity: low}}\n',
        snowfence="extends: ./team.yaml\n",
    )
    assert (code, err) == (0, "")
    assert out == (
        "team.yaml: valid: every rule changed; extends nothing\nsnowfence.yaml: valid; extends team.yaml\n"
    )


def test_a_repository_without_a_policy(check: Check) -> None:
    code, out, _ = check()
    assert code == 0
    assert out == (
        ".: has no policy, neither `snowfence.yaml` nor `.github/snowfence.yaml`, so `recommended` holds\n"
    )


def test_the_policy_of_another_folder(check: Check, tmp_path: Path) -> None:
    (tmp_path / "repository" / ".github").mkdir(parents=True)
    (tmp_path / "repository" / ".github" / "snowfence.yaml").write_text("snowfence: 1\n")
    code, out, _ = check("repository")
    assert (code, out) == (
        0,
        "repository/.github/snowfence.yaml: valid; extends recommended\n",
    )


def test_all_mistakes_are_named(check: Check) -> None:
    code, out, err = check(
        snowfence="fail-on: hihg\n"
        "rules:\n"
        "  artipaked: off\n"
        "  stale-input: {severity: bad, options: {days: soon, day: 1}}\n"
        "exceptions:\n"
        "  - rule: artipacked\n"
        "  - {rule: unpined-uses, reason: so}\n"
        "checks:\n"
        "  mine: {title: t, severity: low, select: actoin, require: {pinned: true}}\n"
        "  other: {title: t, severity: low, select: action, require: {pined: true}}\n"
        "score: {areas: {pinnig: 1}}\n"
    )
    assert (code, out) == (2, "")
    # Not the rule of the second exception: it is looked for when all exceptions can be read.
    assert [line.split(": ")[1] for line in err.splitlines()] == [
        f"snowfence.yaml:{place}"
        for place in ("2:10", "4:3", "5:27", "5:48", "5:54", "7:5", "10:43", "11:62", "12:17")
    ]


def test_mistakes_of_one_file_do_not_hide_those_of_another(check: Check) -> None:
    code, out, err = check("a.yaml", "b.yaml", "c.yaml", a="rule: {}\n", b="", c="check: {}\n")
    assert code == 2
    assert out.startswith("b.yaml: valid; ")
    assert [line.split(": ")[1] for line in err.splitlines()] == ["a.yaml:2:1", "c.yaml:2:1"]


def test_what_cannot_be_extended_is_not_the_fault_of_who_names_its_checks(check: Check) -> None:
    code, _, err = check(
        snowfence="extends: [./team.yaml]\nrules: {mine: off}\nfail-on: hihg\n", team="rule: {}\n"
    )
    assert code == 2
    assert [line.split(": ")[1] for line in err.splitlines()] == ["snowfence.yaml:4:10", "team.yaml:2:1"]


def test_thousands_of_mistakes_are_not_looked_for(check: Check) -> None:
    code, _, err = check(snowfence="rules:\n" + "".join(f"  artipacked{n}: off\n" for n in range(20_000)))
    assert code == 2
    assert len(err.splitlines()) == 50


def test_a_policy_of_the_repository_extends_nothing_outside(check: Check, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    for name in ("snowfence", "team"):
        (inner / f"{name}.yaml").write_text("snowfence: 1\nextends: ../team.yaml\n")
    code, _, err = check("inner/snowfence.yaml", team="")
    assert (code, err.split(": ")[1]) == (2, "inner/snowfence.yaml:2:10")
    code, out, _ = check("inner/team.yaml")
    assert (code, out) == (0, "inner/team.yaml: valid; extends recommended, team.yaml\n")


# ---------------------------------------------------------------- remarks


def test_off_for_what_is_off(check: Check) -> None:
    assert remarks(check, "rules:\n  self-repository: off\n  artipacked: off\n") == [
        "snowfence.yaml:3:3: `self-repository` is off already, by `recommended:18`"
    ]
    assert remarks(check, "extends: []\nrules:\n  artipacked: off\n") == [
        "snowfence.yaml:4:3: `artipacked` is off without this line, nothing switches it on"
    ]
    assert remarks(check, 'rules:\n  "*": off\n  artipacked: off\n') == [
        "snowfence.yaml:4:3: `artipacked` is off already, by `snowfence.yaml:3`"
    ]


def test_a_setting_that_stronger_ones_hide(check: Check) -> None:
    tag = 'extends: [strict]\nrules:\n  "tag:CWE-345": {severity: low}\n'
    assert not remarks(check, tag)
    named = tag + "".join(f"  {id}: {{severity: high}}\n" for id in _tagged("CWE-345"))
    [said] = remarks(check, named)
    assert said.startswith("snowfence.yaml:4:3: `tag:CWE-345` changes nothing, what is said of")


def _tagged(tag: str) -> list[str]:
    from scanner.engine import load, places

    return [id for id, place in places().items() if tag in load(place).tags]


def test_a_pattern_that_a_later_one_hides(check: Check) -> None:
    paths = "rules:\n  artipacked:\n    paths:\n      examples/small/**: {}\n      examples/: {}\n"
    assert not remarks(check, paths.replace("small/**: {}", "small/**: {severity: low}"))
    [said] = remarks(
        check,
        paths.replace("small/**: {}", "small/**: {severity: low}").replace("examples/: {}", "examples/: off"),
    )
    assert said.startswith(
        "snowfence.yaml:3:3: `examples/small/**` in `paths` of `artipacked` changes nothing: `examples/` below it"
    )


def test_exceptions_that_except_nothing(check: Check) -> None:
    said = remarks(
        check,
        "exceptions:\n"
        "  - {rule: artipacked, reason: so, expires: 2026-11-21}\n"
        "  - {rule: artipacked, reason: so, expires: 2026-11-22}\n"
        "  - {rule: [self-repository, mixed-pins], reason: so}\n"
        "  - {rule: [self-repository, artipacked], reason: so}\n"
        "  - {rule: '*', reason: so}\n",
    )
    assert said == [
        "snowfence.yaml:3:5: the exception is over since 2026-11-21. Remove it, or look again and give it a new day",
        "snowfence.yaml:5:5: the exception is for `self-repository`, `mixed-pins`, which is off",
    ]
