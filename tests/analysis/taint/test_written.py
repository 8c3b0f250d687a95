"""What others bring into the files of a step: whole lines, or the value of one entry."""

import pytest

from scanner.analysis.taint.taint import taint_of
from scanner.analysis.taint.writes import written
from scanner.graph.nodes.workflows import StepNode
from tests.memory import KNOWLEDGE, repository

HEAD = """\
on: issue_comment
jobs:
  a:
    runs-on: ubuntu-latest
    env:
      BODY: ${{ github.event.comment.body }}
      TITLE: ${{ github.event.issue.title }}
      NUMBER: ${{ github.event.issue.number }}
    steps:
      - run: |
"""


def parts(*script: str) -> list[tuple[str, str | None]]:
    text = HEAD + "".join(f"          {line}\n" for line in script)
    graph, _ = repository({".github/workflows/a.yml": text})
    (node,) = graph.of(StepNode)
    found = written(graph, taint_of(graph, KNOWLEDGE), node, ("GITHUB_ENV",))
    return [(one.part, one.name) for one in found]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('echo "A=$BODY" >> $GITHUB_ENV', [("lines", "A")]),
        ("echo A=$BODY >> $GITHUB_ENV", [("value", "A")]),
        ('echo "$TITLE" >> $GITHUB_ENV', [("lines", None)]),
        ('echo "A=$TITLE" >> $GITHUB_ENV', [("value", "A")]),
        ('echo -e "A=$TITLE" >> $GITHUB_ENV', [("lines", "A")]),
        ("printf 'A=%s\\n' \"$BODY\" >> $GITHUB_ENV", [("lines", "A")]),
        ('echo "A=$(echo "$BODY" | wc -c)" >> $GITHUB_ENV', []),
        ('echo "$BODY" | head -n 1 | tee -a $GITHUB_ENV', [("lines", None)]),
        ('echo "$BODY" > other; echo "A=$BODY"', []),
    ],
)
def test_lines_and_values(script: str, expected: list[tuple[str, str | None]]) -> None:
    assert parts(script) == expected


def test_a_value_ends_at_a_word_that_can_be_guessed() -> None:
    assert parts(
        'echo "A<<EOF" >> $GITHUB_ENV', 'echo "$BODY" >> $GITHUB_ENV', 'echo "EOF" >> $GITHUB_ENV'
    ) == [("lines", "A")]


def test_a_random_word_keeps_the_value_together() -> None:
    block = ('echo "A<<$WORD"', 'echo "$BODY"', 'echo "${WORD}"', 'echo "B=$TITLE"')
    assert parts("WORD=$(uuidgen)", "{", *block, "} >> $GITHUB_ENV") == [("value", "B")]


def test_text_of_the_script_in_front_names_the_entry() -> None:
    assert parts('LINE="A=$TITLE"', 'echo "$LINE" >> $GITHUB_ENV') == [("value", "A")]
