"""JSON as Nix reads it, and where its keys and values stand."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.finding import Problem
from scanner.model.json import Json
from scanner.model.source import Position, Source
from scanner.parse.json import Positions, load


def read(text: str) -> tuple[Json, list[Problem]]:
    problems: list[Problem] = []
    return load(Source("flake.lock", "flake-lock", text), problems), problems


def positions(text: str) -> Positions:
    return Positions(Source("flake.lock", "flake-lock", text))


@given(st.text(st.sampled_from('{}[]",:1 a\n'), max_size=30))
def test_no_problem_stands_behind_the_last_line_with_text(text: str) -> None:
    lines = max(text.rstrip().count("\n") + 1, 1)
    assert all(problem.at.begin.line <= lines for problem in read(text)[1])


def test_a_text_that_ends_too_early_is_shown_at_its_last_character() -> None:
    [problem] = read('{"a": [\n\n')[1]
    assert (problem.at.begin, problem.at.text) == ((1, 7), "[")


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", {}),
        (' \t\r\n{"a" : [1, -2.5e3, true, null, "b"]}\r\n', {"a": [1, -2500.0, True, None, "b"]}),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ('{"\\u0061": "\\ud83d\\ude00 \\n"}', {"a": "\U0001f600 \n"}),
        ('{"é\u2028": "\x85"}', {"é\u2028": "\x85"}),
    ],
)
def test_values(text: str, value: Json) -> None:
    assert read(text) == (value, [])


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("", (1, 1), "the file is empty"),
        (" \n ", (1, 1), "the file is empty"),
        ('{\n  "a": 1\n  "b": 2\n}', (3, 3), "not JSON"),
        ('{\n  "a": 1\n} // why', (3, 3), "not JSON"),
        ('{\n  "a": tru\n}', (2, 8), "not JSON"),
        ("{'a': 1}", (1, 2), "not JSON"),
        ('{"a": "b\n"}', (1, 9), "not JSON"),
        ('{\n<<<<<<< HEAD\n  "a": 1\n=======\n  "a": 2\n>>>>>>> main\n}', (2, 1), "unresolved merge"),
        ('{"a": NaN}', (1, 1), "`NaN` is not JSON"),
        ('{"a": -Infinity}', (1, 1), "`-Infinity` is not JSON"),
        ('{"a": 1e999}', (1, 1), "too large"),
        ('{"a": ' + "9" * 5000 + "}", (1, 1), "too large"),
        ('{"a": -' + "9" * 309 + "}", (1, 1), "too large"),
        ('{"a": "\\ud800"}', (1, 1), "half of a surrogate pair"),
        ('{"\\udc00\\ud800": 1}', (1, 1), "half of a surrogate pair"),
        ("[" * 100_000, (1, 1), "nested too deeply"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, (1, 1), "nested too deeply"),
    ],
)
def test_what_nix_refuses_is_a_problem_with_a_place(text: str, at: tuple[int, int], said: str) -> None:
    value, problems = read(text)
    assert value is None
    (problem,) = problems
    assert problem.at.begin == Position(*at)
    assert said in problem.message
    assert "sys." not in problem.message


@given(st.text(max_size=30))
def test_no_text_raises(text: str) -> None:
    value, problems = read(text)
    assert not problems or value is None


# ---------------------------------------------------------------- positions

SPACES = st.text(" \t\r\n", max_size=3)
NAMES = st.one_of(
    st.sampled_from(["a", "b", "", "nodes", 'a"b', "\\", "\U0001f600", "é"]), st.text("ab", max_size=2)
)
Value = Any  # text, number, boolean, None, or a list of values or of members


@st.composite
def written(draw: st.DrawFn, depth: int = 3) -> str:
    """An object with members given twice, keys escaped or not, and any space."""

    def space() -> str:
        return draw(SPACES)

    members = []
    for name in draw(st.lists(NAMES, max_size=5)):
        key = json.dumps(name, ensure_ascii=draw(st.booleans()))
        if name == "a" and draw(st.booleans()):
            key = '"\\u0061"'
        kind = draw(st.integers(0, 3))
        if kind == 0 and depth:
            value = draw(written(depth - 1))
        elif kind == 1:
            value = f"[{space()}{json.dumps(draw(NAMES))}{space()},{space()}{{}}]"
        else:
            plain = draw(
                st.one_of(
                    NAMES, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False, width=16)
                )
            )
            value = json.dumps(plain if plain not in (float("inf"), float("-inf")) else 0)
        members.append(f"{space()}{key}{space()}:{space()}{value}{space()}")
    return f"{{{','.join(members) or space()}}}"


def paths(value: Json, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Json]]:
    """Every path through objects, with its value."""
    found = []
    if isinstance(value, dict):
        for name, inner in value.items():
            found.append(((*path, name), inner))
            found += paths(inner, (*path, name))
    return found


@given(written(), SPACES)
def test_places_hold_the_keys_and_values(text: str, before: str) -> None:
    found = positions(before + text)
    for path, value in paths(json.loads(text)):
        at = found.value(*path).text
        assert json.loads(f'"{at}"' if isinstance(value, str) and value else at) == value
        assert json.loads(found.key(*path).text) == path[-1]


@given(written())
def test_a_path_that_is_not_there_ends_at_the_deepest_key(text: str) -> None:
    found = positions(text)
    assert found.value("no such key") == found.key("no such key") == (found.source, 0, 0)
    for path, value in paths(json.loads(text)):
        if not isinstance(value, dict):
            assert found.key(*path, "more", "still") == found.key(*path)
            assert found.value(*path, "more") == found.key(*path)


def test_the_last_of_two_members_has_the_place() -> None:
    found = positions('{"a": {"b": 1}, "\\u0061": {"b": 22}}')
    assert found.value("a", "b").text == "22"
    assert found.key("a").text == '"\\u0061"'


def test_columns_count_utf_16_units() -> None:
    found = positions('{"\U0001f600": "x",\r\n "é": "y"}')
    assert found.value("\U0001f600").begin == Position(1, 9)
    assert found.value("é").begin == Position(2, 8)


def test_an_object_is_walked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up many members of one object costs no more than looking up one."""
    walked = 0
    decoder = json.JSONDecoder()

    class Counting:
        def raw_decode(self, text: str, at: int) -> tuple[Any, int]:
            nonlocal walked
            walked += 1
            return decoder.raw_decode(text, at)

    monkeypatch.setattr("scanner.parse.json._DECODER", Counting())
    found = positions(json.dumps({"nodes": {str(number): {"a": number} for number in range(1000)}}))
    for number in range(1000):
        assert found.value("nodes", str(number), "a").text == str(number)
    assert walked == 1 + 1000 + 1000
