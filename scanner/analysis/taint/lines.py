"""Whether a text of others can hold a line break: where a file is read line by line, one more line is one more entry."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from scanner.analysis.scripts.filled_in import fixed_start
from scanner.analysis.scripts.filters import SILENT, cleans
from scanner.analysis.scripts.word_parts import outline, parts_of
from scanner.analysis.taint.origin import Origin
from scanner.model.source import Span
from scanner.parse.shell_words import behind_bracket, start_of

if TYPE_CHECKING:
    from scanner.parse.shell_words import Command

# Git refuses line breaks in names of branches and people, GitHub in those of accounts and in addresses.
_ONE_LINE: Final = frozenset(
    "base_ref default_branch email head_branch head_ref homepage html_url label login name ref ref_name url user username".split()
)
# GitHub's pages take one line for these; no promise is known for what its API takes.
_TITLES: Final = frozenset(("title", "display_title", "page_name"))

_CUTS: Final = re.compile(
    r"""\b(?:head|tail)\s+(?:-n\s*|-{1,2}lines[=\s]\s*|-)1\b
    |\btr\s+(?:-d|--delete)\s+(?:-\w\s+)?['"]?[^'"|)]{0,80}\\n
    |\btr\s+(?:-s\s+)?['"]?[^'"|)\s]{0,20}\\n['"]?\s+['"]?(?!\\n)
    |\btr\s+-(?:cd|dc|Cd|dC)\s+(?:'[^'\n]{0,200}'|"[^"\n]{0,200}"|[^\s|)]{1,200})
    |\bwc\s+-[lwc]\b|\bgrep\s+(?:-\w+\s+)*(?:-\w*[cq]|-m\s*1)\b|\bbase64\s+-w\s*0\b|\bpaste\s+-\w*s
    |\bgit\s+(?:branch\s+--show-current|rev-parse|symbolic-ref|describe|log\s[^|\n]{0,40}-1\b[^|\n]{0,40}%[hHsta])
    |\bjoin\(\s*"[^"\\]{0,20}"\s*\)|\btojson\b|@(?:json|uri|base64|sh)\b
    |\bsed\s+(?:-n\s+)?['"]?1(?:p|q|!d)|\bNR\s*==\s*1\b|\b(?:sha\d+|md5)sum\b|\bjq\s+-c\b|%q""",
    re.X,
)
_BREAKS: Final = re.compile(r"\btr\s+\S+\s+['\"]?\\n|\bsed\b[^|]{0,200}\\n")
_JQ: Final = re.compile(r"(?<![-\w])jq\b")
_REPLACED: Final = re.compile(r"\$\{\w+(?://|%%)\[?(?:\$'[^']{0,8}\\n|\^)")
"""`${X//$'\\n'/ }`, `${X%%$'\\n'*}`, `${X//[^a-z]/}`."""
_READ: Final = re.compile(r"\bread\s+(?:-[erst]+\s+|-[tp]\s+\S+\s+)*[A-Za-z_]\w*\s*(?:<<<|<)\s*[\"']?$")
"""In front of the text out of which `read` takes the first line."""
_RAW: Final = re.compile(r"\bjq\b[^|]{0,200}\s(?:-\w*[rj]\w*|--raw-output|--join-output)\b")
MAX_TEXT: Final = 4_000
"""Characters of a piece that are looked at: its end."""
MAX_DEPTH: Final = 3
"""Substitutions in one another that are looked at."""
MAX_LEAD: Final = 200
"""Characters in front of a text that are looked at."""
_LINES_IN_CLASS: Final = ("\\n", "[:space:]", "[:cntrl:]", "\n")


def one_line(origin: Origin) -> bool | None:
    """Whether what an origin brings is one line for sure; None for a title, which is one as far as is known."""
    if any(joined(commands_at(hop.at)) or _is_read(hop.at) for hop in origin.hops):
        return True
    if origin.kind == "fetched" and not origin.is_field:
        return False
    last = origin.path[-1]
    if last in _TITLES:
        return None
    return last in _ONE_LINE


def _is_read(at: Span) -> bool:
    """Whether a text is what `read` takes one line of."""
    source = at.source.text
    start = max(source.rfind("\n", 0, at.start) + 1, at.start - MAX_LEAD)
    return _READ.search(source, start, at.start) is not None


def commands_at(at: Span) -> str:
    """The text of a place, or of all of the `$(…)` of which it is the first line."""
    text = at.text
    start = text.find("$(")
    if start < 0 or text.count("(") <= text.count(")"):
        return text
    source = at.source.text
    end = min(len(source), at.start + MAX_TEXT)
    return source[at.start : behind_bracket(source, at.start + start + 1, end)]


def joined(text: str, depth: int = 0) -> bool:
    """Whether what is printed in a piece of a script is made one line of: at the end of each of its pipes."""
    text = text[-MAX_TEXT:]
    if "${" in text and _REPLACED.search(text) is not None:
        return True
    begin = text.find("$(")
    if begin < 0:
        return "`" in text and _cut(text)
    inner = text[begin + 2 :]
    if not any(sign in inner for sign in (";", "&", "||", "\n", "$(")):
        return _cut(text)
    from scanner.parse.shell import commands

    found = [one for one in commands(text) if one.words]
    top = min((len(one.shell) for one in found if one.shell), default=0)
    shells = {one.shell for one in found if len(one.shell) == top > 0}
    return bool(shells) and all(
        _makes_one_line(text, [one for one in found if one.shell == shell], depth) for shell in shells
    )


def _makes_one_line(text: str, commands: "list[Command]", depth: int) -> bool:
    """Whether the pipes of a substitution print one line in all: one of them does, or one of several of which one is taken (`||`)."""
    pipes: list[tuple[int, list[Command]]] = []
    for command in commands:
        if command.pipe is not None and pipes:
            pipes[-1][1].append(command)
        else:
            pipes.append((start_of(command), [command]))
    ends = [start for start, _ in pipes[1:]] + [len(text)]
    lines = 0
    for (start, parts), end in zip(pipes, ends, strict=True):
        last = parts[-1]
        if last.program.lower() in SILENT:
            continue
        if len(parts) == 1 and last.program == "echo":
            # What it prints is what stands in its words.
            inner = [part for word in last.words for part in _filled(word.text)]
            if not all(depth < MAX_DEPTH and joined(part, depth + 1) for part in inner):
                return False
        elif not cleans(last) and not _cut(outline(text[start:end])):
            return False
        lines += not text[:start].rstrip().endswith("||")
    return lines <= 1


def _filled(text: str) -> Iterator[str]:
    """The variables, expressions and commands in a word."""
    for start, end, _ in parts_of(text):
        if text[start] in "$`":
            yield text[start:end]


def _cut(text: str) -> bool:
    """Whether the last command of a pipe makes one line of what it is given."""
    cuts = list(_CUTS.finditer(text))
    if not cuts:
        return _JQ.search(text) is not None and _RAW.search(text) is None
    cut = cuts[-1]
    if cut[0].startswith("tr") and _keeps_lines(cut[0]):
        return False
    return _BREAKS.search(text, cut.end()) is None


def _keeps_lines(command: str) -> bool:
    """Whether a `tr` that deletes all but some characters keeps line breaks among them."""
    return command.split()[1].lower() in ("-cd", "-dc") and any(one in command for one in _LINES_IN_CLASS)


def starts_with(origin: Origin) -> str:
    """What stands in front of a text of others where it was kept last, so that it cannot begin what is made of it."""
    for hop in reversed(origin.hops):
        if hop.kind not in ("kept", "handed over"):
            return ""
        text = hop.at.text
        start = fixed_start(text.partition("${{")[0])
        if start or not text.startswith("$") or text.startswith("$("):
            return start
    return ""


_WORD: Final = re.compile(
    r"\bawk\s+(?:-F\s*\S+\s+)?['\"]\{\s*print\s+\\?\$\d+\s*\}|\bcut\s+-d\s*['\"] ['\"]\s+-f\s*\d+\b"
)


def is_word(origin: Origin) -> bool:
    """Whether what an origin brings holds no spaces: the name of a branch, or a word that commands have picked."""
    if origin.path[-1] in BRANCHES:
        return True
    return any(_WORD.search(commands_at(hop.at)) is not None for hop in origin.hops)


BRANCHES: Final = frozenset(
    (
        "base_ref",
        "ref",
        "head_ref",
        "head_branch",
        "default_branch",
        "label",
        "login",
        "email",
        "html_url",
        "homepage",
    )
)
