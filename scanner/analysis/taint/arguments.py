"""Where a command takes a text of others for more than a value: for its program, for a script, for an option."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from scanner.analysis.scripts.commands import POWERSHELL, Ran
from scanner.analysis.scripts.filled_in import fixed_start, is_split
from scanner.analysis.scripts.shells import shell_of
from scanner.analysis.taint.lines import BRANCHES, is_word, starts_with
from scanner.analysis.taint.printed import Printing, Said, printing_of
from scanner.analysis.taint.taint import Taint
from scanner.analysis.taint.weight import Weighed, weigh_all
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.knowledge.text_sinks import Program
from scanner.model.source import Span

if TYPE_CHECKING:
    from scanner.parse.shell_words import Command, Word

Kind = Literal["code", "option", "words", "handed", "quoted"]
"""`code`: the text is part of a program. `option`: the argument can begin with `-`. `words`: the shell splits the text, and one of
its words can. `handed`: so does `xargs`. `quoted`: it would be code, if single quotes did not keep the variable's name from being filled in."""

_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_PLAIN: Final = re.compile(r"\$\w+")
_XARGS: Final = re.compile(r"\bxargs\b")
_FILLED: Final = re.compile(r"\bxargs\b[^|\n]*?\s(?:-I\s*|--replace=?|-i)([^\s-]\S{0,20})?(?=\s)")
MAX_LEAD: Final = 200
"""Characters between a pipe and a program in which `xargs` is looked for."""
_SWITCHES: Final = re.compile(
    r"--|-[a-zA-Z0]{0,8}[aAgGiIjJkLlnNqrRsSvVxzZ#]|-qO-|--(?:no-\w[\w-]*|a(?:ll|rchive|tomic)|bare|check|compressed?|content-disposition|"
    r"create|delete|dry-run|extract|fail(?:-with-body)?|force(?:-with-lease)?|full|get|global|globoff|head|include|"
    r"insecure|keep|location|mirror|paginate|progress(?:-bar)?|prune|quiet|recursive|rm|shallow|show-error|silent|slurp|tags|"
    r"update|verbose|write)"
)
"""Options without a value; behind others the next word is taken for one."""
_SECRET: Final = re.compile(r"\b(?:authorization|private-token|x-api-key|job-token)\s*:|\bbearer\b", re.I)
_WITH_SECRET: Final = frozenset(("-u", "--user", "--oauth2-bearer", "--netrc", "-n"))
_CLIENTS: Final = frozenset(("curl", "wget"))
_FILLS: Final = frozenset(("sed", "gsed"))
"""Programs in whose own language `${NAME}` means nothing, so that who writes it means the shell's variable."""


class Argument(NamedTuple):
    """`at` is the word, or the variable in it; `program` is the command's name."""

    at: Span
    kind: Kind
    program: str
    facts: Program
    said: Said
    weighed: Weighed


@per_graph
def arguments(graph: Graph, knowledge: Knowledge, taint: Taint, node: StepNode) -> tuple[Argument, ...]:
    """The arguments of the commands of a step by which others say more than a value."""
    return tuple(_find(graph, knowledge, taint, node))


def _find(graph: Graph, knowledge: Knowledge, taint: Taint, node: StepNode) -> Iterator[Argument]:
    run = node.step.run
    if run is None or ("$" not in run.script.value and "`" not in run.script.value):
        return
    programs = knowledge.text_sinks.programs
    printing = printing_of(graph, taint, node)
    powershell = shell_of(node).name in POWERSHELL
    for index, ran in enumerate(printing.found):
        command = ran.command
        if not command.words:
            continue
        name = command.program.lower().removesuffix(".exe")
        words, shown = command.words[1:], name
        if command.words[0].computed and command.words[0].text.startswith("$"):
            name, shown, words = "$", command.words[0].text, command.words[:1]
        facts = programs.get(name)
        if facts is None:
            continue
        if facts.verbs:
            verb = _verb(words)
            if verb is None:
                continue
            shown = f"{name} {words[verb].text}"
            if words[verb].text not in facts.verbs:
                facts = programs.get(shown)
                if facts is None:
                    continue
            words = words[verb + 1 :]
        given = _handed_on(printing, index, words, run.script.value) if facts.such is not None else None
        if given is not None:
            found = weigh_all(
                taint, node, [one for one in printing.read_by(index) if _matters(one, "words", given)]
            )
            if found is not None:
                yield Argument(ran.at(given), "handed", shown, facts, found[1], found[0])
                continue
        # Where it sends what proves who asks is worse: `request-forgery`.
        sends = name in _CLIENTS and hands_over(command)
        if any("$" in word.text or "`" in word.text for word in words):
            for word, kind in _places(facts, words, run.script.value, powershell):
                if sends and _is_address(words, word, kind):
                    continue
                answer = _answer(printing, taint, node, index, word, kind, name)
                if answer is not None:
                    yield Argument(place_of(ran, word), kind, shown, facts, *answer)
        read = _read_as_code(printing, index, facts, run.script.value)
        if read is not None:
            found = weigh_all(taint, node, printing.read_by(index))
            if found is not None:
                yield Argument(ran.at(read), "code", shown, facts, found[1], found[0])


def _read_as_code(printing: Printing, index: int, facts: Program, script: str) -> "Word | None":
    """The word that says that a command takes what it reads for code: its name, or the `{}` that `xargs` fills in."""
    command = printing.found[index].command
    if not facts.input or (command.pipe is None and command.input is None):
        return None
    words = command.words[1:]
    if command.pipe is not None:
        filled = _FILLED.search(script, command.pipe, min(command.words[0].start, command.pipe + MAX_LEAD))
        if filled is not None:
            token = filled[1] or "{}"
            return next((word for word in words if len(word.text) > len(token) and token in word.text), None)
        if _XARGS.search(script, command.pipe, min(command.words[0].start, command.pipe + MAX_LEAD)):
            return None
    plain = all(word.text[:1] == "-" and word.text not in facts.flags for word in words)
    stdin = any(word.text in ("-", "-s", "/dev/stdin") for word in words)
    return command.words[0] if plain or stdin else None


def _handed_on(printing: Printing, index: int, words: "tuple[Word, ...]", script: str) -> "Word | None":
    """The word at which `xargs` hands what it reads to a command as its arguments: the `{}` that stands for it, else the name of the
    command; None where it does not, or where no option can be among them."""
    command = printing.found[index].command
    if command.pipe is None or command.words[0].text in ("xargs", "gxargs"):
        return None
    end = min(command.words[0].start, command.pipe + MAX_LEAD)
    if _XARGS.search(script, command.pipe, end) is None or any(word.text == "--" for word in words):
        return None
    filled = _FILLED.search(script, command.pipe, end)
    if filled is None:
        return command.words[0]
    token = filled[1] or "{}"
    return next((word for word in words if word.text == token), None)


def _is_address(words: "tuple[Word, ...]", word: "Word", kind: Kind) -> bool:
    """Whether a word that a variable begins says where a request goes."""
    if kind == "option" or fixed_start(word.text):
        return kind == "option"
    before = next((one.text for one, after in pairwise(words) if after is word), "")
    return kind == "words" and not takes_value(before)


def hands_over(command: "Command") -> bool:
    """Whether a request sends along something that proves who asks."""
    return any(text in _WITH_SECRET or _SECRET.search(text) is not None for text in command.texts[1:])


def _answer(
    printing: Printing, taint: Taint, node: StepNode, index: int, word: "Word", kind: Kind, program: str
) -> tuple[Said, Weighed] | None:
    if kind == "quoted":
        if program not in _FILLS or not _VARIABLE.search(word.text):
            return None
        word = word._replace(computed=True)
    if kind in ("option", "words") and printing.is_ref(index, word):
        return None
    said = [one for one in printing.said(index, word) if _matters(one, kind, word)]
    found = weigh_all(taint, node, said)
    return (found[1], found[0]) if found is not None else None


def _matters(said: Said, kind: Kind, word: "Word") -> bool:
    """Whether a text does in a word what a kind says: `option` is for what the word begins with."""
    if said.origin.ref and kind in ("option", "words"):
        return False
    match kind:
        case "option":
            return said.first and not is_word(said.origin) and not starts_with(said.origin)
        case "words":
            begins = said.first and not fixed_start(word.text) and not starts_with(said.origin)
            return not is_word(said.origin) or (begins and said.origin.path[-1] not in BRANCHES)
        case _:
            return True


def takes_value(option: str) -> bool:
    """Whether the word behind an option may be its value, as far as the look of the option tells."""
    return option.startswith("-") and "=" not in option and not _SWITCHES.fullmatch(option)


def place_of(ran: Ran, word: "Word") -> Span:
    """The place of the first variable in a word."""
    start = len(fixed_start(word.text))
    variable = _VARIABLE.match(word.text, start) or _PLAIN.match(word.text, start)
    return ran.at(word.part(start, variable.end())) if variable is not None else ran.at(word)


def _verb(words: "tuple[Word, ...]") -> int | None:
    """The number of the sub-command."""
    skip = False
    for number, word in enumerate(words):
        if skip:
            skip = False
        elif word.text.startswith("-"):
            skip = word.text in ("-C", "-c", "--git-dir", "--work-tree", "--prefix")
        else:
            return number
    return None


def _places(
    facts: Program, words: "tuple[Word, ...]", script: str, powershell: bool
) -> "Iterator[tuple[Word, Kind]]":
    """The words that a program takes for code or that it can take for options."""
    ended = False
    positional = 0
    brought = False  # an option has brought the code
    expects: Literal["", "code", "value"] = ""
    before = ""
    for word in words:
        text, last = word.text, before
        before = text
        if expects:
            if expects == "code":
                yield word, "code" if word.computed else "quoted"
            expects = ""
            continue
        if facts.all:
            if word.computed:
                yield word, "code"
            continue
        if not ended and text == "--":
            ended = not facts.loose
            continue
        if not ended and text.startswith("-") and len(text) > 1:
            flag, equals, _ = text.partition("=")
            if flag in facts.flags or (facts.joined and _is_joined(flag, facts.flags)):
                brought = True
                if equals and flag.startswith("--"):
                    yield word, "code" if word.computed else "quoted"
                else:
                    expects = "code"
            elif text in facts.values:
                brought = brought or (facts.first and text in ("-f", "--file"))
                expects = "value"
            elif word.computed and not powershell and is_split(script, word):
                yield word, "words"
            continue
        positional += 1
        if facts.first and positional == 1 and not brought:
            yield word, "code" if word.computed else "quoted"
            continue
        if facts.behind and positional > 1:
            if word.computed:
                yield word, "code"
            continue
        if facts.assigned and word.computed and fixed_start(text).rstrip(":+?").partition("=")[1]:
            yield word, "code"
            continue
        if not word.computed or facts.such is None or powershell:
            continue
        if facts.script and positional > 1:
            return
        # Code came as an option before: what follows are its arguments, not options.
        if facts.flags and brought and not facts.first:
            continue
        if not ended and not fixed_start(text) and (is_split(script, word) or not takes_value(last)):
            yield word, "words" if is_split(script, word) else "option"
        elif not ended and is_split(script, word):
            yield word, "words"


def _is_joined(flag: str, flags: frozenset[str]) -> bool:
    """Whether a group of short options ends with one whose value is code."""
    return flag[:2] != "--" and len(flag) > 2 and flag[1:].isalpha() and f"-{flag[-1]}" in flags
