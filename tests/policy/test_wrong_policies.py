"""Each wrong policy ends the command with 2, at the exact line and column, with the words that say what was meant."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.cli.main import main
from tests.policy.wrong.case import Wrong
from tests.policy.wrong.table import EVERY

Scan = Callable[[str | bytes], str]


@pytest.fixture
def scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Scan:
    """What a scan says of a policy that it must refuse."""
    monkeypatch.chdir(tmp_path)

    def scan(policy: str | bytes) -> str:
        data = policy.encode() if isinstance(policy, str) else policy
        (tmp_path / "snowfence.yaml").write_bytes(data)
        return refused(capsys)

    return scan


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["scan", "."]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("snowfence: ")
    assert "Traceback" not in said.err
    return said.err.removeprefix("snowfence: ").rstrip("\n")


@pytest.mark.parametrize("wrong", EVERY, ids=lambda wrong: wrong.name)
def test_a_wrong_policy(wrong: Wrong, scan: Scan) -> None:
    said = scan(wrong.text)
    assert said.startswith(f"snowfence.yaml:{wrong.at}: "), said
    assert wrong.said in said
    assert "\n" not in said


def test_every_mistake_is_another_one() -> None:
    assert len({one.name for one in EVERY}) == len(EVERY) >= 40
    assert len({one.text for one in EVERY}) == len(EVERY)


# ---------------------------------------------------------------- what is not a matter of text


def test_what_is_not_utf_8_is_named_at_its_place(scan: Scan) -> None:
    assert scan("snowfence: 1\n# é".encode("latin-1")).startswith(
        "snowfence.yaml:2:3: the policy is not UTF-8"
    )
    assert scan("snowfence: 1\n".encode("utf-16")).startswith("snowfence.yaml:1:1: the policy is not UTF-8")
    assert scan(b"\x7fELF\x00\x01").startswith("snowfence.yaml:1:1: not YAML")


def test_a_large_file_is_no_policy(scan: Scan) -> None:
    assert (
        scan("snowfence: 1\n" + "#" * 1024 * 1024) == "snowfence.yaml: larger than 1 MB, so it is no policy"
    )


def test_a_folder_is_no_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "snowfence.yaml").mkdir()
    assert refused(capsys) == "snowfence.yaml: the policy is not a regular file"


def test_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    monkeypatch.chdir(repository)
    link = repository / "snowfence.yaml"
    link.symlink_to("nowhere.yaml")
    assert refused(capsys).startswith("snowfence.yaml: the policy cannot be read: No such file")
    link.unlink()
    (tmp_path / "secret.yaml").write_text("password: hunter2\n")
    link.symlink_to("../secret.yaml")
    assert refused(capsys).startswith("snowfence.yaml: the policy lies outside of the repository")
    link.unlink()
    # what leads to the outside by a link lies outside as well, whether it is there or not
    (repository / "team.yaml").symlink_to("../secret.yaml")
    (repository / "none.yaml").symlink_to("../none.yaml")
    for name in ("team", "none"):
        link.write_text(f"snowfence: 1\nextends: [./{name}.yaml]\n")
        assert refused(capsys).startswith(
            f"snowfence.yaml:2:11: `./{name}.yaml` lies outside of the repository"
        )


def test_two_policies_in_one_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".github").mkdir()
    for name in ("snowfence.yaml", ".github/snowfence.yaml"):
        (tmp_path / name).write_text("snowfence: 1\n")
    assert refused(capsys) == (
        "there are two policies, `snowfence.yaml` and `.github/snowfence.yaml`; keep one of them"
    )


def test_circles(scan: Scan, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("snowfence: 1\nextends: [strict, policies/b.yaml]\n")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "b.yaml").write_text("snowfence: 1\nextends: ../a.yaml\n")
    assert scan("snowfence: 1\nextends: ./a.yaml\n") == (
        "policies/b.yaml:2:10: policies extend one another in a circle: `a.yaml` -> `policies/b.yaml` -> `a.yaml`"
    )


def test_a_circle_through_a_link_names_the_link(scan: Scan, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("snowfence: 1\nextends: ./link.yaml\n")
    (tmp_path / "link.yaml").symlink_to("a.yaml")
    assert scan("snowfence: 1\nextends: ./a.yaml\n") == (
        "a.yaml:2:10: policies extend one another in a circle: `a.yaml` -> `link.yaml`"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "recomended",
            "; did you mean `recommended`? A file is named by its path, as in `./recomended.yaml`",
        ),
        (".", ". A file is named by its path, as in `./team.yaml`"),
        ("qqqqqqqq", ". A file is named by its path, as in `./qqqqqqqq.yaml`"),
    ],
)
def test_advice_about_packs_ends_once(scan: Scan, name: str, said: str) -> None:
    assert scan(f'snowfence: 1\nextends: ["{name}"]\n').endswith(said)


def test_policies_are_bounded_together(scan: Scan, tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"p{number}.yaml").write_text("snowfence: 1\nextends: []\n#" + "x" * 1_000_000)
    names = ", ".join(f"./p{number}.yaml" for number in range(5))
    assert "more than 4,000,000 characters of policies are read" in scan(
        f"snowfence: 1\nextends: [{names}]\n"
    )


def test_a_long_chain(scan: Scan, tmp_path: Path) -> None:
    for number in range(1, 30):
        (tmp_path / f"{number}.yaml").write_text(f"snowfence: 1\nextends: ./{number + 1}.yaml\n")
    said = scan("snowfence: 1\nextends: ./1.yaml\n")
    assert said == "19.yaml:2:10: more than 20 policies extend one another"


def test_many_files(scan: Scan, tmp_path: Path) -> None:
    for number in range(150):
        (tmp_path / f"{number}.yaml").write_text("snowfence: 1\nextends: []\n")
    said = scan(f"snowfence: 1\nextends: [{', '.join(f'./{number}.yaml' for number in range(150))}]\n")
    assert said.endswith("more than 100 policies are read")


def test_a_mistake_in_an_extended_file_is_named_there(scan: Scan, tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "team.yaml").write_text("snowfence: 1\nrules: {artipaked: off}\n")
    assert scan("snowfence: 1\nextends: policies/team.yaml\n") == (
        "policies/team.yaml:2:9: there is no rule `artipaked`; did you mean `artipacked`?"
    )


def test_the_name_of_a_pack_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["scan", ".", "--policy", "strct"]) == 2
    assert capsys.readouterr().err == (
        "snowfence: strct: there is no file and no pack of this name; did you mean `strict`?\n"
    )


def test_a_pattern_that_other_engines_choke_on_is_none_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "snowfence.yaml").write_text(
        "snowfence: 1\nchecks:\n  mine: {title: t, severity: low, select: workflow, require: {name: {matches: '(a+)+$'}}}\n"
    )
    workflow = tmp_path / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(f"name: {'a' * 50_000}!\non: push\njobs: {{}}\n")
    assert main(["scan", ".", "--fail-on", "none"]) == 0


def test_secrets_of_a_policy_are_not_shown(scan: Scan) -> None:
    token = "ghp_" + "a1B2" * 9
    assert token not in scan(f"snowfence: 1\nfail-on: {token}\n")


_WORDS = st.sampled_from(
    "snowfence 1 extends rules exceptions checks values paths score artipacked stale-input severity options days "
    "high off on * tag:x rule reason expires title select action require pinned any all not reaches node where examples good bad files at findings count le value glob matches in owner runs-on job edge uses source target through within along message [] {} ~ 5 2026-01-01".split()
)  # fmt: skip
_YAML = st.recursive(
    _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=15,
)


def flow(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {flow(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(flow, value)) + "]"
    return str(value).replace("[]", "'[]'").replace("{}", "'{}'").replace("*", "'*'")


@given(st.dictionaries(_WORDS.filter(lambda word: word[0] not in "*[{"), _YAML, max_size=6))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_policy_is_a_traceback(tmp_path: Path, said: dict[str, object]) -> None:
    file = tmp_path / "snowfence.yaml"
    file.write_text("snowfence: 1\n" + "".join(f"{key}: {flow(value)}\n" for key, value in said.items()))
    assert main(["policy", "check", str(file)]) in (0, 2)
