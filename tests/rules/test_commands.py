"""Every command that a message tells people to run: a shell reads it, it goes to the lock's tool, and in the lock's folder."""

import re
from collections.abc import Iterator

import pytest
from _pytest.mark.structures import ParameterSet

from scanner.engine import AnyRule, Context, places
from scanner.model.finding import Hit
from scanner.parse.nix.command import invocation
from scanner.parse.shell import commands
from scanner.rules.pages import Example
from tests.memory import KNOWLEDGE, NOW, options_of, repository
from tests.rules.test_pages import RULES

TOOLS = frozenset(("nix", "npins", "devenv", "niv", "lon"))
BEGINS = (*TOOLS, "git", "cd")
OF_LOCKS = {
    "flake.lock": "nix",
    "devenv.lock": "devenv",
    "npins/sources.json": "npins",
    "nix/sources.json": "niv",
}


def examples(*subjects: str) -> list[ParameterSet]:
    return [
        pytest.param(rule, example, id=f"{id}:{example.line}")
        for id, (rule, page) in RULES.items()
        for example in page.examples
        if example.verdict in ("bad", "unknown") and (not subjects or places()[id].subject in subjects)
    ]


def said(rule: AnyRule, example: Example, files: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The path and the message of every answer."""
    graph, problems = repository(files)
    now = NOW if example.now is None else type(NOW).fromisoformat(example.now)
    for answer in rule.check(Context(graph, problems, KNOWLEDGE, now, options_of(rule, example.options))):
        yield answer.at.path, answer.message if isinstance(answer, Hit) else answer.reason


def told(message: str) -> Iterator[str]:
    """The commands in a message."""
    for text in re.findall("`([^`]*)`", message):
        if text.split(" ")[0] in BEGINS and " " in text:
            yield text


def writers(text: str) -> Iterator[tuple[str, ...]]:
    """The words of those of its commands that write a lock."""
    for command in commands(text):
        if command.program in TOOLS - {"nix"}:
            yield command.texts
        found = invocation(command)
        if found is not None and found.verb in ("flake lock", "flake update"):
            yield command.texts


@pytest.mark.parametrize(("rule", "example"), examples())
def test_a_shell_reads_it(rule: AnyRule, example: Example) -> None:
    for _, message in said(rule, example, example.files):
        for text in told(message):
            words = [word.text for command in commands(text) for word in command.words]
            assert words
            assert "…" not in text.removesuffix("#…"), "a command that was cut off is another command"
            assert " ".join(words) == text.replace(" && ", " ").replace("'", ""), text


@pytest.mark.parametrize("folder", ["", "sub/", "my dir/"])
@pytest.mark.parametrize("file", ["flake.lock", "devenv.lock"])
@pytest.mark.parametrize(("rule", "example"), examples("flakes"))
def test_it_is_for_the_lock(rule: AnyRule, example: Example, file: str, folder: str) -> None:
    if any(path.rpartition("/")[2] != "flake.lock" for path in example.files) and file != "flake.lock":
        pytest.skip("flake.nix is for Nix alone")
    files = {
        f"{folder}{path[: -len('flake.lock')] + file if path.endswith('flake.lock') else path}": text
        for path, text in example.files.items()
    }
    for path, message in said(rule, example, files):
        for text in told(message):
            check_tool(path, text)
            check_folder(path, text)


def check_tool(path: str, text: str) -> None:
    programs = {words[0] for words in writers(text)}
    if programs:
        assert programs == {next((tool for end, tool in OF_LOCKS.items() if path.endswith(end)), "nix")}, text


def check_folder(path: str, text: str) -> None:
    folder = path.rpartition("/")[0]
    for words in writers(text):
        if not folder:
            assert "./" not in text
            assert "cd " not in text
            continue
        if text.startswith("cd "):
            (first, *_) = commands(text)
            assert first.texts == ("cd", folder)
        elif words[:3] == ("nix", "flake", "lock"):
            assert words[3:] == (f"./{folder}",)
        else:
            assert words[-2:] == ("--flake", f"./{folder}")
