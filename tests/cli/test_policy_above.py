"""A folder of a checkout is judged by its own policy; that the one above is not used is said."""

from pathlib import Path

import pytest

from scanner.cli.main import main
from tests.support import NOW, git_environment, run

POLICY = "snowfence: 1\nrules: {stale-input: off}\n"
SAID = "is not used: a policy holds for the scan of the folder that it stands in; give it with `--policy`, or scan that folder"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with two folders, whose root has a policy; so has the folder around it, which is none of it."""
    checkout = tmp_path / "checkout"
    for name in ("a", "b"):
        (checkout / "svc" / name / ".github" / "workflows").mkdir(parents=True)
        (checkout / "svc" / name / ".github" / "workflows" / "ci.yml").write_text("on: push\njobs: {}\n")
    run(["git", "init", "-q", checkout], env=git_environment())
    for folder in (tmp_path, checkout):
        (folder / "snowfence.yaml").write_text(POLICY)
    monkeypatch.chdir(checkout)
    return checkout


@pytest.mark.parametrize("command", ["scan", "score", "sbom"])
def test_the_policy_above_a_folder_is_remarked_on(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def said(*arguments: str) -> str:
        assert main([command, *arguments, "--now", NOW]) in (0, 1)
        return "".join(capsys.readouterr())

    assert f"`snowfence.yaml` {SAID}" in said("svc/a")
    assert SAID not in said(".")
    assert SAID not in said("svc/a", "--policy", "snowfence.yaml")
    assert SAID not in said("svc/a", "--no-repository-policy")
    monkeypatch.chdir("svc/a")
    assert f"`../../snowfence.yaml` {SAID}" in said(".")
    (checkout / "svc" / "snowfence.yaml").write_text(POLICY)
    assert f"`../snowfence.yaml` {SAID}" in said(".")
    Path("snowfence.yaml").write_text(POLICY)
    assert SAID not in said(".")


def test_who_asks_what_holds_is_told(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, told in (
        (("svc/a",), True),
        ((".",), False),
        (("svc/a", "--policy", "snowfence.yaml"), False),
    ):
        assert main(["policy", "show", *arguments]) == 0
        assert (SAID in capsys.readouterr().err) == told


def test_it_is_said_once(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "svc/a", "svc/b", "--now", NOW]) in (0, 1)
    assert capsys.readouterr().out.count(SAID) == 1


def test_a_file_is_judged_by_the_policy_of_the_checkout(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", "svc/a/.github/workflows/ci.yml", "--now", NOW]) in (0, 1)
    assert SAID not in capsys.readouterr().out


def test_what_is_above_the_checkout_is_no_policy_of_it(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "snowfence.yaml").unlink()
    for path in (".", "svc/a"):
        assert main(["scan", path, "--now", NOW]) in (0, 1)
        assert SAID not in capsys.readouterr().out
