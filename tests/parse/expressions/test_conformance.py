"""GitHub's own known answers for its expression language."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scanner.parse.expressions.evaluate import Failed, contexts, evaluate
from scanner.parse.expressions.names import Names
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.expressions.values import Array, Object, Value
from tests.support import SHARED

ORACLE = SHARED / "oracles" / "expressions"
FILES = sorted(ORACLE.glob("*.json"))

pytestmark = pytest.mark.skipif(
    not FILES, reason="the conformance cases of actions/languageservices are not here"
)

KINDS = {
    type(None): "Null",
    bool: "Boolean",
    float: "Number",
    str: "String",
    Array: "Array",
    Object: "Object",
}


def plain(value: Value) -> Any:
    match value:
        case Array():
            return [plain(item) for item in value.items]
        case Object():
            return {key: plain(item) for key, item in value.pairs()}
    return value


def cases(file: Path) -> Iterator[dict[str, Any]]:
    for group in json.loads(file.read_text("utf-8")).values():
        yield from group


def test_all_of_them_are_here() -> None:
    assert sum(1 for file in FILES for _ in cases(file)) == 1020


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_answers(file: Path) -> None:
    for case in cases(file):
        text, given = case["expr"], case.get("contexts") or {}
        tree = parse(text, Names(name.lower() for name in given))
        expected = case.get("err")
        if isinstance(tree, Malformed):
            if not text:
                assert case["result"]["kind"] == "Null"  # an empty text is nothing to parse for us
                continue
            assert expected is not None, (text, tree)
            assert expected["kind"] in ("lexing", "parsing"), (text, tree)
            at = re.search(r"Located at position (\d+) within", expected["value"])
            # An end that comes too early is said there, not at the token before.
            if at is not None and not expected["value"].startswith("Unexpected end"):
                assert tree.at + 1 == int(at[1]), text
            continue
        answer = evaluate(tree, contexts(given))
        if isinstance(answer, Failed):
            assert expected is not None, (text, answer)
            assert expected["kind"] == "evaluation", (text, answer)
            continue
        assert expected is None, (text, answer)
        result = case["result"]
        assert KINDS[type(answer)] == result["kind"], text
        ours, theirs = plain(answer), _floats(result["value"])
        assert ours == theirs or repr(ours) == repr(theirs), text  # NaN equals nothing


def _floats(data: Any) -> Any:
    """JSON's numbers as ours."""
    match data:
        case bool():
            return data
        case int():
            return float(data)
        case list():
            return [_floats(item) for item in data]
        case dict():
            return {key: _floats(item) for key, item in data.items()}
    return data
