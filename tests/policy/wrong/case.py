"""What a wrong policy is."""

from typing import NamedTuple


class Wrong(NamedTuple):
    """A policy with one mistake. `at` is its line and column, `said` are words of the message. `blind`: a schema cannot see it, since
    it lies between two places, in a name that the schema does not know, or in what YAML itself is."""

    name: str
    text: str
    at: str
    said: str
    blind: bool = False


def rules(name: str, text: str, at: str, said: str, *, blind: bool = False) -> Wrong:
    """A mistake below `rules:`, whose first line is 3; the text is indented by two."""
    return Wrong(name, f"snowfence: 1\nrules:\n{_indented(text)}", at, said, blind)


def check(name: str, text: str, at: str, said: str, *, blind: bool = False) -> Wrong:
    """A mistake in a check `mine`, whose first line is 4; the text is indented by four."""
    return Wrong(name, f"snowfence: 1\nchecks:\n  mine:\n{_indented(_indented(text))}", at, said, blind)


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
