"""dependabot.yml: what its reader keeps, and that nothing upsets it or its neighbours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.source import Source
from scanner.parse.dependabot import Dependabot
from scanner.parse.document import parse


def read(text: str) -> Dependabot:
    parsed = parse(Source(".github/dependabot.yml", "dependabot", text))
    assert isinstance(parsed.document, Dependabot)
    return parsed.document


def test_updates() -> None:
    first, second = read(
        """updates:
- {package-ecosystem: nix, directory: /, cooldown: {default-days: 7}}
- {package-ecosystem: [], directories: [/a, [], /b], cooldown: 3}
"""
    ).updates
    assert (first.name, first.globs, first.cooldown is None) == ("nix", False, False)
    assert (second.name, second.globs, second.cooldown) == ("", True, None)
    assert [one.value for one in second.directories] == ["/a", "/b"]


def test_what_is_merged_in_counts() -> None:
    first, second = read(
        """updates:
- &first {package-ecosystem: nix, directory: /, cooldown: {default-days: 7}}
- {<<: *first, directory: /b}
"""
    ).updates
    assert (second.name, [one.value for one in second.directories]) == ("nix", ["/b"])
    assert second.cooldown is not None and first.cooldown is second.cooldown


@pytest.mark.parametrize("kind", ["dependabot", "pre-commit", "code-owners", "renovate"])
@given(text=st.text(alphabet="abru:-[]{}<*&!#@/\\\"' \n", max_size=60))
def test_any_text_has_an_answer(kind: str, text: str) -> None:
    for one in (text, f"updates:\n- {text}", f"repos:\n- {text}"):
        parsed = parse(Source("x", kind, one))
        assert parsed.document is not None or parsed.problems
