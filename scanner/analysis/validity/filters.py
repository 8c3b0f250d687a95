"""Filter patterns of events (`branches`, `tags`, `paths`): patterns that match nothing, or not what they say.

Source: "Workflow syntax for GitHub Actions", filter pattern cheat sheet; git-check-ref-format(1) for what no name of a branch can hold.
"""

from typing import Final

_NOT_IN_REFS: Final = " ~^:"


def fault(pattern: str, *, paths: bool) -> str | None:
    """What is wrong with a pattern, as what follows "the pattern"; None for nothing."""
    text = pattern.removeprefix("!")
    if not text:
        return "is empty"
    if paths:
        if text.startswith(("./", "../")) or text in (".", ".."):
            return "starts with `./`: paths begin at the root of the repository without it, so it matches nothing"
        if text != text.strip():
            return "has a space at its end, so it matches nothing"
    return _characters(text, paths)


def _characters(text: str, paths: bool) -> str | None:
    before, at = "", 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            before, at = "\\", at + 2
            continue
        if char == "[":
            end = text.find("]", at + 1)
            if end < 0:
                return "has a `[` without `]`"
            if end == at + 1:
                return "has an empty `[]`"
            before, at = "]", end + 1
            continue
        if char in "?+" and before in ("", "/"):
            return f"has a `{char}` with nothing before it: `?` and `+` repeat the character before them, `*` stands for any"
        if not paths and char in _NOT_IN_REFS:
            return f"has `{char}`, which no branch or tag has in its name, so it matches nothing"
        before, at = char, at + 1
    return None
