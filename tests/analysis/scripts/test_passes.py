"""What programs print of what they are given."""

import pytest

from scanner.analysis.scripts.passes import may_print_input, passes, prints_nothing
from scanner.parse.shell import commands


@pytest.mark.parametrize(
    ("command", "files", "read", "arguments"),
    [
        ("cat f", 0, True, False),
        ("jq .a f", 1, True, False),
        ("tr a b", None, True, False),
        ("dirname f", None, False, True),
        ("xxd -r f", 0, True, False),
    ],
)
def test_programs_that_print_it(command: str, files: int | None, read: bool, arguments: bool) -> None:
    (one,) = commands(command)
    assert passes(one) == (files, read, arguments)
    assert not prints_nothing(one)


@pytest.mark.parametrize(
    "command", ["cd d", "wc -l f", "sha256sum f", "base64 f", "go env GOPATH", "openssl rand -hex 4", "pwd"]
)
def test_programs_that_print_none_of_it(command: str) -> None:
    (one,) = commands(command)
    assert prints_nothing(one)


@pytest.mark.parametrize("command", ["python3 -c x", "./tool", "openssl enc -d", "go run ."])
def test_programs_of_which_nothing_is_known(command: str) -> None:
    (one,) = commands(command)
    assert passes(one) is None
    assert not prints_nothing(one)


def test_what_answers_prints_no_input() -> None:
    (one,) = commands("curl -d @- https://example.com")
    assert not may_print_input(one)


def test_letters_may_still_be_lines_that_set_something() -> None:
    (one,) = commands("tr -cd 'A-Z=\\n'")
    assert prints_nothing(one)
    assert not prints_nothing(one, lines=True)
