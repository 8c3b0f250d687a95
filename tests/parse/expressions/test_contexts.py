"""Which contexts can be part of a value."""

import pytest

from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Malformed, parse


def flows(text: str) -> list[str]:
    tree = parse(text)
    assert not isinstance(tree, Malformed)
    return [".".join((str(context), *context.fields)) for context in flowing(tree)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.x", ["a.x"]),
        ("a['X'].y[0]", ["a.x.y.*"]),
        ("a.x || b.y", ["a.x", "b.y"]),
        ("'' || b.y", ["b.y"]),
        ("'x' || b.y", []),
        ("a.x && b.y", ["b.y"]),
        ("true && b.y", ["b.y"]),
        ("false && b.y", []),
        ("!true && b.y || 'z'", []),
        ("'a' == 'b' && b.y", []),
        ("'a' == 'A' && b.y", ["b.y"]),
        ("a.x == 'y' && 'a' || 'b'", []),
        ("contains(a.x, 'y')", []),
        ("format('{0}', a.x)", ["a.x"]),
        ("toJSON(a)", ["a"]),
        ("fromJSON(a.x)", ["a.x"]),
        ("fromJSON(a.x).y.Z", ["a.x.y.z"]),
        ("fromJSON(a.x)['y'][0]", ["a.x.y.*"]),
        ("fromJSON(toJSON(a.x)).y", ["a.x.y"]),
        ("(a.x || b).y", ["a.x.y", "b.y"]),
        ("case(true, a.x, b.y)", ["a.x"]),
        ("case(false, a.x, b.y)", ["b.y"]),
        ("case(c.z, a.x, b.y)", ["a.x", "b.y"]),
    ],
)
def test_flowing(text: str, found: list[str]) -> None:
    assert flows(text) == found
