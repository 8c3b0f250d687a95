"""What a scan prints in GitHub Actions holds no workflow command of the scanned repository, in no format.

The runner obeys a line that begins with `::` once white space is trimmed, and `##[` wherever it stands in a line
(actions/runner, ActionCommand.cs); it takes a carriage return for the end of a line as well.
"""

import re
from pathlib import Path

import pytest

from scanner.cli.formats import FORMATS
from tests.cli.test_scan import run
from tests.support import NOW, git_environment
from tests.support import run as start

COMMANDS = ("::add-mask::x", "\n::stop-commands::x", "\r::set-env name=A::b", "##[error]x", "  ::error::x", "\u2028::debug::x")  # fmt: skip
ANNOTATION = re.compile(r"::(error|warning|notice) file=[^,:]+,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,title=[^,:]+::")  # fmt: skip


def hostile(folder: Path) -> None:
    """A repository in which every name and text that can be shown is a command."""
    workflows = folder / ".github/workflows"
    workflows.mkdir(parents=True)
    for number, command in enumerate(COMMANDS):
        quoted = command.replace("\n", "\\n").replace("\r", "\\r").replace("\u2028", "\\u2028")
        (workflows / f"{number}{command.strip(' ')}.yml").write_text(
            f'name: "{quoted}"\non: issue_comment\njobs:\n  "{quoted}":\n    name: "{quoted}"\n    runs-on: x\n    steps:\n'
            f'      - name: "{quoted}"\n        uses: "{quoted}@{quoted}"\n'
            f"      - run: |\n          {command.strip()}\n          echo ${{{{ github.event.comment.body }}}}\n"
            f"          {command.strip()}\n",
            "utf-8",
        )
        (workflows / f"broken{number}{command.strip(' ')}.yml").write_text(f"{command}: [", "utf-8")
    (folder / "flake.lock").write_text('{"::error::x": [}', "utf-8")


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_of_the_repository_is_obeyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    hostile(tmp_path)
    environment = git_environment()
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "::error::x")):
        start(["git", *arguments], cwd=tmp_path, env=environment)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    Path(".github/workflows").joinpath("0::add-mask::x.yml").unlink()  # there is something that is gone
    code, out, error = run("scan", "--format", format, "--base", "HEAD", "--now", NOW)
    assert code == 1
    assert len(out) > 500
    commands = 0
    for line in re.split(r"[\r\n\u2028\u2029\x85]", f"{out}\n{error}"):
        if format == "github" and line.startswith("::"):
            assert ANNOTATION.match(line)
            commands += 1
            continue
        assert not line.strip().startswith("::"), line
        assert "##[" not in line
    assert commands > 0 or format != "github"
