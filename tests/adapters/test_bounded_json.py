"""JSON that is parsed only when it stays small."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.adapters import bounded_json
from scanner.adapters.bounded_json import MOST_VALUES, TooManyValues, parsed

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=5),
    max_leaves=30,
)


def values_of(value: object) -> int:
    """How many values there are in one, with itself; names count too."""
    match value:
        case dict():
            return 1 + sum(1 + values_of(one) for one in value.values())
        case list():
            return 1 + sum(map(values_of, value))
    return 1


@given(VALUES)
def test_what_is_parsed_has_no_more_values_than_were_counted(value: object) -> None:
    body = json.dumps(value).encode()
    assert parsed(body) == value
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bounded_json, "MOST_VALUES", values_of(value) - 2)
        with pytest.raises(TooManyValues):
            parsed(body)


@pytest.mark.parametrize(
    "one",
    [b"{},", b"[],", b'{"":0},', b"[[[[]]]],", b"0,", b'"",'],
)
def test_many_small_values_are_not_parsed(one: bytes) -> None:
    with pytest.raises(TooManyValues):
        parsed(b"[" + one * (MOST_VALUES + 1) + b"0]")
