"""Whether a text of others can hold a line break: where a file is read line by line, one more line is one more entry."""

import re
from typing import Final

from scanner.analysis.scripts.filled_in import fixed_start
from scanner.analysis.taint.origin import Origin
from scanner.model.source import Span

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
    depth = 0
    for index in range(at.start + start + 1, min(len(source), at.start + MAX_TEXT)):
        depth += {"(": 1, ")": -1}.get(source[index], 0)
        if depth == 0:
            return source[at.start : index + 1]
    return source[at.start : at.start + MAX_TEXT]


def joined(text: str) -> bool:
    """Whether the last commands in a piece of a script make one line of what they are given."""
    text = text[-MAX_TEXT:]
    if "${" in text and _REPLACED.search(text) is not None:
        return True
    if "$(" not in text and "`" not in text:
        return False
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
        if not hop.message.startswith(("kept in", "handed over as")):
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


def is_ref(origin: Origin) -> bool:
    """Whether a script has git check that a text is the name of a branch: then it holds no spaces and does not begin with `-`."""
    for hop in origin.hops:
        if not hop.message.startswith("kept in `"):
            continue
        name, text = hop.message.split("`")[1], hop.at.source.text
        at = text.find("check-ref-format", hop.at.end, hop.at.end + MAX_TEXT)
        line = text[at : text.find("\n", at)] if at >= 0 else ""
        if f"${name}" in line or f"${{{name}}}" in line:
            return True
    return False
