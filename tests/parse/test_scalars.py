"""Every character of a YAML text is found in its file."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.source import Source
from scanner.parse.nodes import Mapping, Scalar
from scanner.parse.scalars import Places
from scanner.parse.yaml import compose


def scalar(text: str) -> Scalar:
    node = compose(Source("x.yml", "workflow", text), [])
    assert isinstance(node, Mapping)
    value = node.get("run")
    assert isinstance(value, Scalar)
    return value


@pytest.mark.parametrize(
    "text",
    [
        "run: nix build .#one",
        "run: 'it''s nix build .#one'",
        'run: "say \\"x\\" \\u0041 \\x41\\t nix build .#one"',
        'run: "nix \\\n    build .#one"',
        "run: |\n    a\n      b\n\n    nix build .#one\n",
        "run: |2\n      a\n    nix build .#one\n",
        "run: |-\r\n  a\r\n\r\n  nix build .#one\r\n",
        "run: >\n  a b\n  c\n\n  nix build\n  .#one\n",
        "run: >-\n  a\n    b\n  nix build .#one\n",
        "run: a\n  nix build\n  .#one",
        "run: 'a\n\n  nix build\n  .#one'",
        "run: | # a comment\n  nix build .#one\n",
    ],
)
def test_words_are_found(text: str) -> None:
    value = scalar(text)
    places = Places(value)
    for word in ("nix", "build", ".#one"):
        at = value.value.index(word)
        assert places.span(at, at + len(word)).text == word
        assert value.source.text.count(word) == 1


def test_a_place_is_on_one_line() -> None:
    value = scalar("run: |\n  a \\\n  b\n")
    assert Places(value).span(0, 5).text == "a \\"


words = st.lists(st.text("ab'\"\\ü😀#", min_size=1, max_size=4), min_size=1, max_size=6)


@given(words, st.sampled_from([" ", "\n", "\n\n", "\t"]))
def test_double_quotes_and_literal_blocks(parts: list[str], separator: str) -> None:
    text = separator.join(parts)
    quoted = scalar(f"run: {json.dumps(text, ensure_ascii=False)}\n")
    block = scalar("run: |2-\n" + "\n".join(f"  {line}" if line else "" for line in text.split("\n")) + "\n")
    for value in (quoted, block):
        assert value.value.strip() == text.strip()
        places = Places(value)
        for at, char in enumerate(value.value):
            if char.isalpha() and char.isascii() and separator != "\t":
                assert places.span(at, at + 1).text == char
