"""docs/policies.md is followed from top to bottom by somebody who has nothing else: every file is written, every command run,
every policy loaded, every output compared.

The words behind the language of a fence say what it is: `file=NAME` is written to that file, `wrong` is a policy that must be
refused with the text that follows, `workflow` is no policy. A text behind commands is what the last one prints; `…` alone
on a line stands for any lines.
"""

import io
import re
import shlex
import shutil
import textwrap
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from scanner.cli.main import main
from scanner.policy.load import load_policy
from tests.support import ROOT

GUIDE = ROOT / "docs" / "policies.md"
NOW = "2026-11-22"
DATED = {"scan", "score"}
"""Commands that are given the date, since what they print depends on it."""


class Block(NamedTuple):
    line: int
    language: str
    words: tuple[str, ...]
    text: str


def blocks() -> list[Block]:
    found = []
    lines = GUIDE.read_text("utf-8").splitlines()
    at = 0
    while at < len(lines):
        opening = re.match(r"```(\w+) ?(.*)", lines[at])
        at += 1
        if opening:
            start = at
            while lines[at] != "```":
                at += 1
            text = textwrap.dedent("\n".join(lines[start:at])) + "\n"
            found.append(Block(start, opening[1], tuple(opening[2].split()), text))
            at += 1
    return found


def run(line: str) -> tuple[int, str]:
    words = shlex.split(line, comments=True)
    assert words[0] == "snowfence", line
    dated = words[1] in DATED or words[1:3] == ["policy", "accept"]
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = main([*words[1:], *(["--now", NOW] if dated else [])])
    return code, out.getvalue() + err.getvalue()


def test_the_guide_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "fixtures" / "demo", tmp_path, dirs_exist_ok=True)
    (tmp_path / "snowfence.yaml").unlink()
    monkeypatch.chdir(tmp_path)
    said = ""
    for block in blocks():
        where = f"docs/policies.md:{block.line}"
        match block.language:
            case "yaml" if "workflow" in block.words:
                continue  # tests/docs/test_workflows.py lints it
            case "yaml" if "wrong" in block.words:
                (tmp_path / "wrong").mkdir()
                (tmp_path / "wrong" / "snowfence.yaml").write_text(block.text, "utf-8")
                monkeypatch.chdir(tmp_path / "wrong")
                code, said = run("snowfence scan")
                monkeypatch.chdir(tmp_path)
                shutil.rmtree(tmp_path / "wrong")
                assert code == 2, where
            case "yaml":
                name = next((word.removeprefix("file=") for word in block.words), "other.yaml")
                (tmp_path / name).write_text(block.text, "utf-8")
                load_policy(tmp_path / name, name)
                for command in (f"policy test {name}", f"scan --policy {name} --fail-on none"):
                    code, said = run(f"snowfence {command}")
                    assert code == 0, f"{where}: `{command}` exits with {code}: {said}"
            case "sh":
                for line in block.text.splitlines():
                    code, said = run(line)
                    # Findings are what a scan of the demo is for; the rest has to succeed.
                    expected = (0, 1) if line.startswith("snowfence scan") else (0,)
                    assert code in expected, f"{where}: `{line}` exits with {code}: {said}"
                    assert said.strip(), f"{where}: `{line}` says nothing"
            case "text":
                wanted = (
                    re.escape(block.text.rstrip("\n"))
                    .replace("…\\\n", "(?s:.*?)")
                    .replace("\\\n…", "(?s:.*)")
                )
                assert re.search(wanted, said), f"{where}: not what is printed:\n{said}"
            case other:
                pytest.fail(f"{where}: nobody tests `{other}`")


def test_every_policy_of_the_guide_is_complete() -> None:
    """A reader may copy any of them."""
    for block in blocks():
        if block.language == "yaml" and "workflow" not in block.words:
            assert block.text.startswith("snowfence: 1\n"), block.line
