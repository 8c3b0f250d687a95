"""What a script downloads and runs without having looked at it.

The forms are those that poutine (`unverified_script_exec`) and OpenSSF Scorecard (`downloadThenRun`) name: a pipe into an
interpreter, `<(curl …)`, `$(curl …)` as a script, a file that is run or made executable, `iwr … | iex`.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.analysis.scripts.commands import OTHERS, POWERSHELL, Ran, commands_of
from scanner.analysis.scripts.shells import shell_of
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.commit import is_commit
from scanner.model.source import Span

if TYPE_CHECKING:
    from scanner.parse.shell_words import Command, Word

MAX_PIPELINE: Final = 50
"""Commands of a pipeline that are looked back at."""

_CURL: Final = frozenset(("curl", "wget", "wget2"))
_SHELLS: Final = frozenset("bash sh dash zsh ksh ash fish".split())
_LANGUAGES: Final = ("python", "perl", "ruby", "node", "php")
_SOURCES: Final = frozenset((".", "source"))
_CHECKS: Final = frozenset(
    "sha256sum sha512sum sha384sum sha224sum sha1sum md5sum b2sum b3sum shasum sha256 gsha256sum gpg gpg2 gpgv cosign minisign "
    "signify openssl slsa-verifier rhash cksum".split()
)
_FETCHES: Final = frozenset("iwr irm invoke-webrequest invoke-restmethod curl wget".split())
_EVALUATES: Final = frozenset(("iex", "invoke-expression"))
_HERE: Final = frozenset(("localhost", "0.0.0.0"))

# Options of curl and wget that take a value, for finding the address among the words.
_VALUES: Final = frozenset(
    "-o -O -H -X -d -A -u -m -e -b -c -F -T -w -x -P -t --output --output-document --header --request --data --user-agent "
    "--user --max-time --referer --retry --retry-delay --retry-max-time --connect-timeout --timeout --tries --proto "
    "--write-out --cacert --cert --key --form --directory-prefix --tlsv1 --ciphers --waitretry".split()
) - {"--tlsv1"}


class Download(NamedTuple):
    """`url` is the address as it is written, None when the script computes all of it."""

    at: Span
    url: str | None


def mentions_download(script: str) -> bool:
    """Whether a text may hold such a command."""
    return "curl" in script or "wget" in script or "http" in script


def unverified(graph: Graph, node: StepNode) -> Iterator[Download]:
    """What a step runs of what it downloads."""
    name = shell_of(node).name
    if name in POWERSHELL:
        yield from _of_powershell(commands_of(graph, node))
    elif name not in OTHERS:
        found = commands_of(graph, node)
        if any(ran.command.program in _CURL for ran in found):
            yield from _of_bash(found)


# ---------------------------------------------------------------- bash


def _of_bash(found: Sequence[Ran]) -> Iterator[Download]:
    checked = any(ran.command.program in _CHECKS or _attests(ran.command) for ran in found)
    files: dict[str, Ran] = {}
    for index, ran in enumerate(found):
        command = ran.command
        if command.program in _CURL:
            files.update((name, ran) for name in _files(command))
            continue
        source: Ran | None = None
        if command.pipe is not None and _reads_script(command):
            source = _piped(found, index)
        if source is None and (word := _substituted(command)) is not None:
            source = _within(found, index, word)
        if source is None and files and not checked and (name := _runs(command)) is not None:
            source = files.pop(_path(name), None)
        if source is not None:
            yield _download(source)


def _attests(command: "Command") -> bool:
    return command.program == "gh" and command.texts[1:2] == ("attestation",)


def _piped(found: Sequence[Ran], index: int) -> Ran | None:
    """The download at the head of the pipeline that a command reads from."""
    for _ in range(MAX_PIPELINE):
        pipe = found[index].command.pipe
        if pipe is None:
            return None
        index -= 1
        while index >= 0 and not (found[index].command.words and found[index].command.words[0].start < pipe):
            index -= 1
        if index < 0:
            return None
        if found[index].command.program in _CURL:
            return found[index]
    return None


def _substituted(command: "Command") -> "Word | None":
    """The `<(…)` or `$(…)` whose output a command runs."""
    program, arguments = command.program, command.words[1:]
    if command.input is not None and _is_substitution(command.input):
        return command.input if _reads_script(command) or program in _SOURCES else None
    if program == "eval":
        return arguments[0] if arguments and _is_substitution(arguments[0]) else None
    shell = program in _SHELLS
    if not shell and program not in _SOURCES and not program.startswith(_LANGUAGES):
        return None
    for place, word in enumerate(arguments):
        if _has_letter(word.text, "c" if shell or program.startswith("python") else "e"):
            following = arguments[place + 1] if place + 1 < len(arguments) else None
            return following if following is not None and _is_substitution(following) else None
        if not word.text.startswith("-"):
            return word if word.text.startswith("<(") else None
    return None


def _is_substitution(word: "Word") -> bool:
    return word.computed and word.text.lstrip().startswith(("$(", "`"))


def _within(found: Sequence[Ran], index: int, word: "Word") -> Ran | None:
    """The download that is the last command of a substitution: its own commands stand in front of it."""
    for before in range(index - 1, -1, -1):
        words = found[before].command.words
        if not words or words[0].start < found[index].command.words[0].start:
            return None
        if word.start <= words[0].start <= word.offset(len(word.text) - 1):
            return found[before] if found[before].command.program in _CURL else _piped(found, before)
    return None


def _reads_script(command: "Command") -> bool:
    """Whether an interpreter runs what it reads from its input."""
    texts = command.texts[1:]
    if command.program in _SHELLS:
        skip = False
        for text in texts:
            if skip:
                skip = False
            elif text in ("-", "/dev/stdin") or _has_letter(text, "s"):
                return True
            elif _has_letter(text, "c") or not text.startswith(("-", "+")):
                return False
            else:
                skip = text in ("-o", "+o", "-O", "+O")
        return True
    if command.program.startswith(_LANGUAGES) and not command.program.endswith(("-config", "-build")):
        return all(text == "-" for text in texts[:1])
    return False


def _has_letter(text: str, letter: str) -> bool:
    """Whether a group of short options has one of them: `-ec` has `c`."""
    return text.startswith("-") and not text.startswith("--") and letter in text


def _runs(command: "Command") -> str | None:
    """The file that a command runs, or makes a program."""
    texts = command.texts
    if not texts:
        return None
    if command.program in _SHELLS or command.program in _SOURCES or command.program.startswith(_LANGUAGES):
        if command.program in _SHELLS and any(_has_letter(text, "c") for text in texts[1:]):
            return None
        return next((text for text in texts[1:] if not text.startswith(("-", "+"))), None)
    if command.program == "chmod" and len(texts) > 2:
        mode = texts[1] if not texts[1].startswith("-") else texts[2]
        makes = ("x" in mode and "+" in mode) or (
            mode.isdigit() and any(digit in "1357" for digit in mode[-3:])
        )
        return texts[-1] if makes else None
    return texts[0] if "/" in texts[0] else None


def _files(command: "Command") -> Iterator[str]:
    """The files that a download writes, where their names can be told."""
    curl = command.program == "curl"
    given = [one.target.text for one in command.redirections if one.writes]
    texts, remote = command.texts[1:], not curl
    for index, text in enumerate(texts):
        following = texts[index + 1] if index + 1 < len(texts) else ""
        long = ("--output", "--output-document")
        if text.startswith(tuple(f"{name}=" for name in long)):
            given.append(text.partition("=")[2])
        elif text in long or (
            _has_letter(text, "o" if curl else "O") and text[-1] in "oO" and not _letter_o(curl, text)
        ):
            given.append(following)
        elif curl and (text in ("--remote-name", "-O") or _has_letter(text, "O")):
            remote = True
    if given:
        yield from (_path(name) for name in given if name not in ("-", "/dev/stdout", "/dev/null"))
    elif remote and not (command.program != "curl" and any(text.endswith("O-") for text in texts)):
        url = _address(command)
        if url is not None:
            yield _path(url.text.partition("?")[0].rstrip("/").rpartition("/")[2])


def _letter_o(curl: bool, text: str) -> bool:
    """`-O` is another option in curl, `-o` (a log) in wget."""
    return text[-1] == ("O" if curl else "o")


def _path(name: str) -> str:
    return name.removeprefix("./")


def _address(command: "Command") -> "Word | None":
    skip = False
    rest: list[Word] = []
    for word in command.words[1:]:
        if "://" in word.text and not word.text.startswith("-"):
            return word
        if skip:
            skip = False
        elif word.text.startswith("-"):
            skip = word.text in _VALUES or _takes_value(command.program, word.text)
        else:
            rest.append(word)
    return rest[0] if rest else None


def _takes_value(program: str, text: str) -> bool:
    """Whether a group of short options ends with one that takes a value: `-fsSLo file`."""
    return text[:2] != "--" and len(text) > 2 and text[-1] in ("oHXdAum" if program == "curl" else "OPtTo")


def _download(ran: Ran) -> Download:
    word = _address(ran.command)
    if word is None:
        return Download(ran.whole(), None)
    return Download(ran.at(word), None if word.text.startswith(("$", "${{")) else word.text)


# ---------------------------------------------------------------- PowerShell


def _of_powershell(found: Sequence[Ran]) -> Iterator[Download]:
    for index, ran in enumerate(found):
        command = ran.command
        source: Download | None = None
        if command.program.lower() in _EVALUATES:
            source = _before(found, index, command.words[0].start)
        elif command.pipe is not None and _reads_script(command):
            source = _before(found, index, command.pipe)
        if source is not None:
            yield source


def _before(found: Sequence[Ran], index: int, start: int) -> Download | None:
    """The download in the brackets of a command (what they hold stands in front of it), or at the head of its pipeline."""
    for _ in range(min(index, MAX_PIPELINE)):
        pipe = found[index].command.pipe
        index -= 1
        words = found[index].command.words
        if not words or (words[0].start < start and pipe is None):
            return None
        download = _fetched(found[index])
        if download is not None:
            return download
    return None


def _fetched(ran: Ran) -> Download | None:
    """`irm https://…`, or the text that stands behind `DownloadString`."""
    words = ran.command.words
    url = next((word for word in words if word.text.lower().startswith(("http://", "https://"))), None)
    if ran.command.program.lower() in _FETCHES:
        url = url or next((word for word in words[1:] if not word.text.startswith("-")), None)
        return (
            Download(ran.at(url), None if url.computed and "://" not in url.text else url.text)
            if url
            else None
        )
    return Download(ran.at(url), url.text) if url is not None and words[0] is url else None


# ---------------------------------------------------------------- addresses


def is_here(url: str) -> bool:
    """Whether an address is the machine itself."""
    host = (url.partition("://")[2] or url).partition("/")[0]
    return host.partition(":")[0] in _HERE or host.startswith(("127.", "[::1]")) or url.startswith("file:")


def is_plain(url: str) -> bool:
    """Whether an address is fetched without encryption; without a scheme, curl and wget take http."""
    return url.startswith(("http://", "ftp://")) or ("://" not in url and not url.startswith(("$", "/")))


def is_fixed(url: str) -> bool:
    """Whether the address names its content: by a commit."""
    return any(is_commit(part) for part in url.split("/")) or "github.sha" in url or "GITHUB_SHA" in url


def is_versioned(url: str) -> bool:
    """Whether the path of an address holds the number of a version, or a variable for it."""
    path = url.partition("://")[2].partition("/")[2]
    if "$" in path and "version" in path.lower():
        return True
    return any(
        char == "." and path[at - 1 : at].isdigit() and path[at + 1 : at + 2].isdigit()
        for at, char in enumerate(path)
    )
