"""How a shell fills in the variables and commands of a word: as one piece of text, or split into several words."""

from typing import TYPE_CHECKING, Final

from scanner.parse.shell_words import behind_bracket

if TYPE_CHECKING:
    from scanner.parse.shell_words import Word

_NAMES: Final = "{(@*#?!-_0123456789"


def is_split(script: str, word: "Word") -> bool:
    """Whether a variable or command in a word stands outside of quotes: then spaces and line breaks in its text make several
    words of it. `script` is the text in which the word's offsets count."""
    if not word.computed:
        return False
    at, end = word.start, word.end
    quoted = script[at - 1 : at] == '"' if at > 0 else False
    while at < end:
        char = script[at]
        if char == "\\":
            at += 1
        elif char == '"':
            quoted = not quoted
        elif char == "'" and not quoted:
            close = script.find("'", at + 1, end)
            at = end if close < 0 else close
        elif char == "`" or (char == "$" and _begins(script[at + 1 : at + 2])):
            if not quoted:
                return True
            if script.startswith("$(", at):
                at = behind_bracket(script, at + 1, end) - 1
            elif char == "`":
                close = script.find("`", at + 1, end)
                at = end if close < 0 else close
        at += 1
    return False


def _begins(char: str) -> bool:
    return char.isalpha() or (char != "" and char in _NAMES)


def fixed_start(text: str) -> str:
    """What of a word's text stands in the script before the first variable, command or expression in it."""
    for index, char in enumerate(text):
        if char == "`" or (char == "$" and (_begins(text[index + 1 : index + 2]))):
            return text[:index]
    return text
