"""nix.conf as Nix reads it: words, comments, includes, what it refuses, and where everything stands."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.finding import Problem
from scanner.model.source import Source, Span
from scanner.parse.nix.conf import NixConf, read_nix_conf, settings_in, words_in
from scanner.parse.nix.setting import Setting
from tests.support import clean_environment, run


def read(text: str) -> tuple[NixConf, list[Problem]]:
    problems: list[Problem] = []
    conf = read_nix_conf(Source("nix.conf", "nix-conf", text), problems)
    assert conf is not None
    return conf, problems


def plain(text: str) -> list[tuple[str, ...]]:
    return [(setting.name, *(word.text for word in setting.words)) for setting in read(text)[0].settings]


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("sandbox = true", [("sandbox", "true")]),
        ("  sandbox\t=  true  \r\n", [("sandbox", "true")]),
        ("substituters = https://a https://b # c\n", [("substituters", "https://a", "https://b")]),
        ("substituters = https://a#b", [("substituters", "https://a")]),
        ("extra-substituters =", [("extra-substituters",)]),
        ("a = b = c", [("a", "b", "=", "c")]),
        ("# sandbox = false\n\n   \n", []),
        ("include other.conf\n!include /etc/more.conf", []),
        ("include = x\ninclude", []),
        ("sandbox = false\nsandbox = true", [("sandbox", "false"), ("sandbox", "true")]),
    ],
)
def test_settings(text: str, settings: list[tuple[str, ...]]) -> None:
    assert plain(text) == settings


@pytest.mark.parametrize(
    "line", ["sandbox", "sandbox=true", "sandbox true", "sandbox =true", "include", "include a b"]
)
def test_a_line_that_nix_refuses_is_a_problem_and_the_rest_is_read(line: str) -> None:
    conf, problems = read(f"cores = 1\n{line}  # no\ncores = 2\n")
    assert [problem.at.text for problem in problems] == [line]
    assert [setting.words[0].text for setting in conf.settings] == ["1", "2"]
    assert "`name = value`" in problems[0].message


def test_a_problem_does_not_repeat_control_characters_or_long_lines() -> None:
    _, problems = read("\x1b[31m`" + "x" * 10_000)
    assert problems[0].message.startswith("`?[31m?xxx")
    assert len(problems[0].message) < 200


@pytest.mark.skipif(shutil.which("nix") is None, reason="there is no Nix to ask")
@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("cores = 1 # x", True),
        ("cores =1", False),
        ("cores\t=\t1\r", True),
        ("substituters = a\n  b", False),
        ("!include /does/not/exist", True),
        ("!include a b", False),
        ("no-such-setting = 1", True),
    ],
)
def test_nix_agrees(text: str, accepted: bool) -> None:
    command = ["nix", "--extra-experimental-features", "nix-command", "show-config"]
    nix = run(command, env=clean_environment(NIX_CONFIG=text), expect=(0, 1))
    assert (nix.returncode == 0) == accepted
    assert (not read(text)[1]) == accepted


@given(st.text(alphabet="ab=# \t\r\n${}!\x0bé\u2028", max_size=60))
def test_every_span_holds_its_text(text: str) -> None:
    source = Source("x", "nix-conf", text)
    for line in settings_in(text, lambda start, end: Span(source, start, end)):
        assert "\n" not in line.at.text
        if isinstance(line, Setting):
            assert line.at.text == line.name
            assert all(word.at.text == word.text for word in line.words)


@given(st.text(alphabet="ab \t\n", max_size=40))
def test_words_are_those_between_blanks(text: str) -> None:
    assert [text[slice(*word)] for word in words_in(text, 0, len(text))] == text.split()


def test_an_expression_is_part_of_a_word() -> None:
    text = "github.com=${{ secrets.A }}:${{ secrets.B }} x ${{ open"
    words = [text[slice(*word)] for word in words_in(text, 0, len(text))]
    assert words == ["github.com=${{ secrets.A }}:${{ secrets.B }}", "x", "${{ open"]
