"""The path of a finding: from what outsiders write to the place of the finding."""

from typing import Final

from scanner.model.finding import Finding, Note

PATH_HEAD: Final = 15
PATH_TAIL: Final = 10
"""Places of a path that are shown to people when it is longer than both."""


def chain(finding: Finding) -> tuple[Note, ...]:
    """The places of the path, each once where the next says the same; empty for a finding without one."""
    return tuple(dict.fromkeys(finding.flow))


def in_one_line(finding: Finding) -> str:
    """`the title of an issue → kept in TITLE → becomes part of the code`; empty for a finding without a path."""
    return " → ".join(note.message for note in chain(finding))
