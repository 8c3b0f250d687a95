"""The commands of PowerShell scripts, and where each of their characters stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.parse.powershell import commands


def words(script: str) -> list[str]:
    return [" ".join(command.texts) for command in commands(script) if command.words]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("npm install lodash", ["npm install lodash"]),
        ("a; b && c || d | e\nf", ["a", "b", "c", "d", "e", "f"]),
        ("& npm install x\n. npm install y", ["npm install x", "npm install y"]),
        ("npm install `\n  --no-fund `\r\n  lodash", ["npm install --no-fund lodash"]),
        ("npm install <# why #> lodash # not this", ["npm install lodash"]),
        ("npm install > log.txt lodash", ["npm install lodash"]),
        ("npm 'install it''s' \"a `\"b`\"\"", ['npm install it\'s a "b"']),
        (
            "if (Test-Path x) { npm ci } else { npm i y }",
            ["Test-Path x", "npm ci", "npm i y", "if ( { else {"],
        ),
        ("$x = gem push a.gem", ["gem push a.gem"]),
        ("$x += 'a'; $y=b c", ["a", "b c"]),
        ("cargo build --% | cargo publish\ntwine upload", ["cargo build", "twine upload"]),
        ("echo ${{ a && b }} x", ["echo ${{ a && b }} x"]),
        ("echo @'\na; b\n'@; c", ["echo a; b", "c"]),
        ("a (b c) d", ["b c", "a ( d"]),
        ('a "b $(npm i "c $(d e) f") g"', ["d e", "npm i c $(d e) f", 'a b $(npm i "c $(d e) f") g']),
        ("a 2>&1 *> log 2> err b", ["a b"]),
        ("", []),
    ],
)
def test_commands(script: str, found: list[str]) -> None:
    assert words(script) == found


def test_redirections_and_pipes() -> None:
    first, second, third = commands('"X=$x" >> $env:GITHUB_ENV\na |\n Out-File -FilePath ${env:GITHUB_PATH}')
    assert [(one.operator, one.target.text) for one in first.redirections] == [(">>", "$env:GITHUB_ENV")]
    assert first.redirections[0].target.computed
    assert second.pipe is None
    assert third.pipe is not None
    assert third.texts == ("Out-File", "-FilePath", "${env:GITHUB_PATH}")


@pytest.mark.parametrize(
    ("word", "computed"),
    [
        ("plain", False),
        ("'$x'", False),
        ('"a `$x"', False),
        ("5$", False),
        ("${{ github.sha }}", False),
        ("$x", True),
        ('"a $env:X"', True),
        ("${x}", True),
        ('"a $(b) c"', True),
        ('@"\n$x\n"@', True),
        ('@"\nx\n"@', False),
    ],
)
def test_what_the_shell_computes(word: str, computed: bool) -> None:
    command = list(commands(f"echo {word}"))[-1]
    assert len(command.words) == 2
    assert command.words[1].computed is computed


@given(st.text(alphabet="a $(){}'\"`<>|&;#\n\t@=-%*", max_size=200))
def test_no_script_raises_and_places_hold_their_characters(script: str) -> None:
    for command in commands(script):
        targets = [one.target for one in command.redirections]
        for word in (*command.words, *command.assignments, *targets):
            assert 0 <= word.start <= word.end <= len(script) or not word.text
            for at, char in enumerate(word.text):
                assert script[word.offset(at)] == char
