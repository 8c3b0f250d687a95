"""A script is read once, with what its commands run."""

import pytest

from scanner.model.source import Source
from scanner.parse import yaml
from scanner.parse.nix import script as module
from scanner.parse.nix.script import MAX_DEPTH, Executed, Script, scripts_of
from scanner.parse.nodes import Mapping, Scalar
from scanner.parse.workflow import Defaults, Run


def scalar(text: str) -> Scalar:
    node = yaml.compose(Source("a.yml", "workflow", f"run: {text}\n"), [])
    assert isinstance(node, Mapping)
    value = node.get("run")
    assert isinstance(value, Scalar)
    return value


def shown(one: Executed) -> str:
    return " ".join(one.command.texts)


def test_commands_and_what_they_run() -> None:
    script = Script(scalar("""bash -c 'cd x; nix develop -c make'; nix build"""))
    assert [shown(one) for one in script.commands] == ["bash -c cd x; nix develop -c make", "nix build"]
    assert [shown(one) for one in script.all][1:] == ["cd x", "nix develop -c make", "make", "nix build"]
    assert [one.call is not None for one in script.all] == [False, False, True, False, True]
    last = script.all[-1]
    assert last.between(*last.command.words).text == "nix build"


def test_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(scalar("nix build"))
    first = script.all
    monkeypatch.setattr(module, "commands", None)
    assert script.all is first
    assert script.commands


def test_depth_is_bounded() -> None:
    script = Script(scalar("nix develop -c " * 50 + "make"))
    assert len(script.all) == MAX_DEPTH + 1


@pytest.mark.parametrize(
    ("shell", "default", "texts"),
    [
        (None, None, ["nix build"]),
        ("bash", None, ["nix build"]),
        ("python", None, []),
        ("/usr/bin/python3 {0}", None, []),
        ("deno run {0}", None, []),
        ("/usr/bin/pwsh {0}", None, []),
        ("/usr/bin/bash -e {0}", None, ["nix build"]),
        ("nushell-like {0}", None, ["nix build"]),
        (None, "pwsh", []),
        ("bash", "pwsh", ["nix build"]),
        ("nix develop -c bash {0}", None, ["nix develop -c bash {0}", "nix build"]),
    ],
)
def test_scripts_of_a_step(shell: str | None, default: str | None, texts: list[str]) -> None:
    run = Run(scalar("nix build"), None if shell is None else scalar(shell), None)
    defaults = [Defaults(None if default is None else scalar(default), None)]
    assert [script.text for script in scripts_of(run, defaults)] == texts


def test_what_find_runs_is_read_once() -> None:
    assert len(Script(scalar("find" + " -exec find" * 3000)).all) == MAX_DEPTH + 1
