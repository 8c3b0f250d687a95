"""Lists against expressions: what may be used is what somebody who chooses freely may use."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.licenses.expressions import Both, Either, Expression, License, read
from scanner.analysis.licenses.lists import Lists
from scanner.model.online import NotKnown


@pytest.mark.parametrize(
    ("allow", "deny", "text", "taken"),
    [
        ("MIT", "", "MIT", True),
        ("MIT", "", "ISC", False),
        ("", "ISC", "MIT", True),
        ("", "ISC", "isc", False),
        ("MIT", "MIT", "MIT", False),
        ("MIT", "", "MIT OR GPL-3.0-only", True),
        ("MIT", "", "MIT AND GPL-3.0-only", False),
        ("", "GPL-3.0-only", "MIT OR GPL-3.0-only", True),
        ("", "GPL-3.0-only", "MIT AND GPL-3.0-only", False),
        # a choice of versions
        ("GPL-3.0-only", "", "GPL-2.0-or-later", True),
        ("GPL-2.0-or-later", "", "GPL-3.0-only", True),
        ("GPL-3.0-or-later", "", "GPL-2.0-only", False),
        ("", "GPL-2.0-only", "GPL-2.0-or-later", True),
        ("", "GPL-3.0-only", "GPL-3.0-or-later", False),
        ("", "GPL-2.0-or-later", "GPL-2.0-or-later", False),
        ("", "GPL-2.0-or-later", "GPL-3.0-only", False),
        ("", "GPL-2.0-only", "GPL-2.0", False),
        # exceptions
        ("GPL-2.0-only", "", "GPL-2.0-only WITH Classpath-exception-2.0", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "", "GPL-2.0-only", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "", "GPL-2.0-only WITH Font-exception-2.0", False),
        ("", "GPL-2.0-only", "GPL-2.0-only WITH Classpath-exception-2.0", False),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "GPL-2.0-only",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            True,
        ),
        (
            "GPL-2.0-only",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            False,
        ),
        ("GPL-2.0-only", "GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only", True),
        # own licences
        ("LicenseRef-Ours", "", "LicenseRef-Ours", True),
        ("LicenseRef-Ours", "", "LicenseRef-Theirs", False),
    ],
)
def test_cases(allow: str, deny: str, text: str, taken: bool) -> None:
    lists = Lists(filter(None, [allow]), filter(None, [deny]))
    assert lists.take(read(text)) == taken
    assert bool(lists.refused(read(text))) != taken


def test_what_stands_in_the_way() -> None:
    lists = Lists(["MIT", "Apache-2.0"], ["GPL-3.0-only"])
    refused = lists.refused(read("MIT AND (GPL-3.0-only OR ISC) AND ISC"))
    assert [str(one) for one in refused] == ["GPL-3.0-only", "ISC"]
    assert [lists.denies(one) for one in refused] == [True, False]
    assert lists.says(refused) == "does not allow"
    assert lists.says(refused[:1]) == "denies"


def test_a_text_that_is_no_expression() -> None:
    lists = Lists([], ["MIT"])
    assert isinstance(lists.judge("whatever"), NotKnown)
    assert lists.judge("ISC") == ()
    assert lists.judge("MIT") == (License("MIT"),)


NAMES = ("MIT", "ISC", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "MPL-1.1+", "MPL-2.0")
names = st.sampled_from(NAMES)
expressions: st.SearchStrategy[str] = st.recursive(
    names,
    lambda inner: st.builds(
        lambda sign, parts: f"({sign.join(parts)})",
        st.sampled_from([" OR ", " AND "]),
        st.lists(inner, min_size=2, max_size=3),
    ),
    max_leaves=6,
)

VERSIONS = {
    "MIT": {"MIT"},
    "ISC": {"ISC"},
    "GPL-2.0-only": {"GPL-2"},
    "GPL-3.0-only": {"GPL-3"},
    "GPL-2.0-or-later": {"GPL-2", "GPL-3"},
    "MPL-1.1+": {"MPL-1.1", "MPL-2"},
    "MPL-2.0": {"MPL-2"},
}
"""What each name is a choice of, told here once more by hand."""


def ways(expression: Expression) -> list[frozenset[str]]:
    """Every set of versions that somebody can choose to hold to."""
    match expression:
        case Either(parts):
            return [way for part in parts for way in ways(part)]
        case Both(parts):
            return [frozenset().union(*several) for several in product(*(ways(part) for part in parts))]
        case License():
            return [frozenset([one]) for one in sorted(VERSIONS[str(expression)])]


@given(st.lists(names, max_size=4), st.lists(names, max_size=4), expressions)
def test_as_somebody_who_tries_every_way(allow: list[str], deny: list[str], text: str) -> None:
    allowed = {one for name in allow for one in VERSIONS[name]}
    denied = {one for name in deny for one in VERSIONS[name]}

    def fine(way: frozenset[str]) -> bool:
        return not way & denied and (not allow or way <= allowed)

    expression = read(text)
    lists = Lists(allow, deny)
    assert lists.take(expression) == any(fine(way) for way in ways(expression))
    assert lists.take(expression) != bool(lists.refused(expression))
