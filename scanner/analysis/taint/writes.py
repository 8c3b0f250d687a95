"""Lines of others' in the files by which a step sets variables, the PATH and outputs for what comes behind it.

A file takes `NAME=value` in a line, or `NAME<<WORD`, the lines of the value, and `WORD`; GITHUB_PATH takes a folder in a line
(GitHub: "Workflow commands"). So who can bring a line break into a value can bring another entry, unless the word
that ends the value cannot be guessed.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from scanner.analysis.scripts.commands import POWERSHELL, Ran
from scanner.analysis.scripts.env_files import redirections
from scanner.analysis.scripts.shells import shell_of
from scanner.analysis.taint.lines import starts_with
from scanner.analysis.taint.printed import MAX_GROUP, Printed, Printing, Said, diverted, printing_of
from scanner.analysis.taint.taint import Taint
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.source import Span

Part = Literal["lines", "value"]
"""What others decide: whole lines, and with them any entry; or the value of one entry alone."""

_ENTRY: Final = re.compile(r"\s*([A-Za-z_][\w-]*)=")
_BLOCK: Final = re.compile(r"\s*([^\s=<]+)<<(\S+)")


class Written(NamedTuple):
    """A text of others' in a line of `file`. `at` names the file, `text` is the place of what is printed; `name` is the entry in whose
    value it stands, None where a line begins with it. `ends` is the word of the script that ends the value, which others can write too."""

    at: Span
    file: str
    part: Part
    name: str | None
    said: Said
    text: Span
    ends: str = ""


class _Open(NamedTuple):
    """A value of several lines that is being written: the word that ends it, and its name."""

    ends: str
    name: str


def written(graph: Graph, taint: Taint, node: StepNode, files: Sequence[str]) -> Iterator[Written]:
    """What others write into some files by a step, in order."""
    printing: Printing | None = None
    opened: dict[str, _Open] = {}
    for index, target, file in redirections(graph, node, files):
        printing = printing or printing_of(graph, taint, node)
        at = printing.found[index].at(target)
        for printed in _contents(printing, node, index):
            for part, name, said, ends in _lines(printed, file, opened):
                yield Written(at, file, part, name, said, printed.at, ends)


def _contents(printing: Printing, node: StepNode, index: int) -> Iterator[Printed]:
    """What a command that writes to a file puts there."""
    found = printing.found
    if shell_of(node).name in POWERSHELL:
        command = found[index].command
        sources = [index]
        if command.pipe is not None and index > 0:
            sources.insert(0, index - 1)
        for one in sources:
            for word in found[one].command.words:
                said = tuple(printing.said(one, word))
                if said:
                    yield Printed(found[one].at(word), word.text, said)
    elif found[index].command.bare == "exec":
        command = found[index].command
        for after in printing.printing(index + 1, _next_exec(found, index), command.shell):
            yield from printing.of(after)
    elif found[index].command.program == "tee" and found[index].command.pipe is None:
        return
    else:
        yield from printing.of(index)


def _next_exec(found: Sequence[Ran], index: int) -> int:
    """The number of the next `exec` of the same shell that sends what it prints to a file, by which the one before it ends."""
    end = min(len(found), index + 1 + MAX_GROUP)
    for after in range(index + 1, end):
        command = found[after].command
        if command.bare == "exec" and command.shell == found[index].command.shell and diverted(command):
            return after
    return end


def _lines(
    printed: Printed, file: str, opened: "dict[str, _Open]"
) -> Iterator[tuple[Part, str | None, Said, str]]:
    """The lines of what is printed that others have a hand in. `opened` is the value that is being written, by file; the last
    text is the word that ends it."""
    if printed.text is None:
        value = opened.get(file)
        for said in printed.said:
            if value is None:
                yield "lines", None, said, ""
            elif not _is_computed(value.ends):
                yield ("lines" if said.line is False else "value"), value.name, said, value.ends
        return
    text = printed.text.replace("\\n", "\n") if printed.broken else printed.text
    for line in text.split("\n")[:MAX_GROUP]:
        value = opened.get(file)
        if value is not None:
            if _bare(line) == value.ends:
                del opened[file]
            elif _is_computed(line) and not _is_computed(value.ends):
                for said in printed.said:
                    yield ("lines" if said.line is False else "value"), value.name, said, value.ends
            continue
        block = _BLOCK.match(line)
        if block is not None and file != "GITHUB_PATH":
            opened[file] = _Open(_bare(block[2]), block[1])
            for said in printed.said if _is_computed(line) else ():
                if said.line is False:  # its line breaks end this line, and the value with it
                    yield "lines", None, said, ""
            continue
        if not _is_computed(line):
            continue
        for said in printed.said:
            entry = _ENTRY.match(line) or _ENTRY.match(starts_with(said.origin) if said.first else "")
            if file == "GITHUB_PATH" or (
                entry is None and said.name and said.first and _begins_computed(line)
            ):
                # What is picked out of an answer in one line need not stand at its beginning.
                picked = said.line is True and said.origin.kind == "fetched" and said.origin.is_field
                yield ("value" if picked and file != "GITHUB_PATH" else "lines"), None, said, ""
            elif said.line is False:
                yield "lines", entry[1] if entry is not None else None, said, ""
            else:
                yield "value", entry[1] if entry is not None else None, said, ""


def _is_computed(text: str) -> bool:
    return "$" in text or "`" in text


def _begins_computed(line: str) -> bool:
    return line.lstrip()[:1] in ("$", "`", "%")


def _bare(text: str) -> str:
    """A word that ends a value, so that `$X` and `${X}` are one."""
    text = text.strip().strip("'\"")
    return (
        "$" + text[2:-1]
        if text.startswith("${") and text.endswith("}") and text[2:-1].isidentifier()
        else text
    )
