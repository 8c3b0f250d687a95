"""Settings of Nix that scripts make: options of commands, `NIX_CONFIG`, and what they write to nix.conf.

Read where it can be read plainly: `echo`, `printf`, here-documents, alone or in one group, behind `>`, `>>` or `tee`.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.nix.conf import settings_in, words_in
from scanner.parse.nix.script import Executed, Script
from scanner.parse.nix.setting import Setting, Word
from scanner.parse.scalars import Places
from scanner.parse.shell_words import Command
from scanner.parse.shell_words import Word as ShellWord

Kind = Literal["conf", "environment", "option"]

_PROGRAMS: Final = frozenset(
    "colmena darwin-rebuild devenv home-manager nh nix nixos-anywhere nixos-rebuild nom nom-build nom-shell".split()
)
_VARIABLE: Final = "NIX_CONFIG"
_TAIL: Final = 300
"""Characters behind a command in which its output is seen to go somewhere."""


def settings_of_script(script: Script, knowledge: Knowledge) -> Iterator[tuple[Setting, Kind]]:
    """The settings that a script makes, each with how."""
    text, places = script.text, script.places
    writes = "nix.conf" in text or _VARIABLE in text
    installs = "--extra-conf" in text
    if not writes and not ("--" in text and "nix" in text):
        return
    for one in script.all:
        command = one.command
        for word in (*command.assignments, *command.words[1:]):
            if word.text.startswith(_VARIABLE + "=") and command.program not in ("echo", "printf"):
                value = _Text(places, (word,), len(_VARIABLE) + 1)
                for setting in value.settings():
                    yield setting, "environment"
        if installs:
            # The Determinate installer puts the text into nix.conf (`nix-installer install --help`).
            for flag, word in zip(command.words, command.words[1:], strict=False):
                if flag.text == "--extra-conf":
                    for setting in _Text(places, (word,)).settings():
                        yield setting, "conf"
                elif word.text.startswith("--extra-conf="):
                    for setting in _Text(places, (word,), len("--extra-conf=")).settings():
                        yield setting, "conf"
        if command.program in _PROGRAMS or command.program.startswith("nix-"):
            words = [_placed(places, word) for word in _own_words(command)]
            for setting in options_in(words, knowledge):
                yield setting, "option"
    if writes:
        yield from _written(text, script.commands, places)


def options_in(words: Sequence[Word], knowledge: Knowledge) -> Iterator[Setting]:
    """The settings that options of a Nix command make; `at` is the whole option of a switch, else the setting's name."""
    at = 0
    while at < len(words):
        text, place = words[at]
        at += 1
        if not text.startswith("--"):
            continue
        name = text[2:]
        if name in ("option", "nix-option"):
            if at + 1 < len(words):
                yield Setting(words[at].text, words[at].at, (words[at + 1],))
            at += 2
        elif name == "relaxed-sandbox":
            yield Setting("sandbox", place, (Word("relaxed", place),))
        elif (switch := knowledge.nix_setting(name.removeprefix("no-"))) is not None and switch.boolean:
            value = "false" if name.startswith("no-") else "true"
            yield Setting(switch.name, place, (Word(value, place),))
        elif at < len(words) and _takes_value(name, knowledge):
            yield Setting(name, place, (words[at],))
            at += 1


def _takes_value(name: str, knowledge: Knowledge) -> bool:
    if knowledge.nix_setting(name) is not None:
        return True
    setting = knowledge.nix_setting(name.removeprefix("extra-"))
    return setting is not None and setting.appendable


def split(word: Word) -> Iterator[Word]:
    """The words of one that was quoted together, each at its place where the text stands there letter by letter."""
    parts = list(words_in(word.text, 0, len(word.text)))
    if parts == [(0, len(word.text))]:
        yield word
        return
    exact = word.at.text == word.text
    for start, end in parts:
        at = Span(word.at.source, word.at.start + start, word.at.start + end) if exact else word.at
        yield Word(word.text[start:end], at)


def _own_words(command: Command) -> Iterator[ShellWord]:
    """The words that the program itself reads: not those of a command that it runs."""
    for word in command.words[1:]:
        if word.text in ("--", "-c", "--command", "--run"):
            return
        yield word


def _placed(places: Places, word: ShellWord) -> Word:
    return Word(word.text, places.span(word.start, word.end))


class _Text:
    """Words of a script read as one text, from the character `skip` of the first."""

    def __init__(
        self, places: Places, words: Sequence[ShellWord], skip: int = 0, escapes: bool = False
    ) -> None:
        self._places = places
        self._words = [word.part(skip if number == 0 else 0) for number, word in enumerate(words)]
        self._starts: list[int] = []
        at = 0
        for word in self._words:
            self._starts.append(at)
            at += len(word.text) + 1
        text = " ".join(word.text for word in self._words)
        self.text: Final = text.replace("\\n", " \n") if escapes else text

    def locate(self, start: int, end: int) -> Span:
        """The place of a part, as far as it stands in one word."""
        number = bisect_right(self._starts, start) - 1
        word, begin = self._words[number], start - self._starts[number]
        last = min(end - self._starts[number], len(word.text)) - 1
        return self._places.span(word.offset(begin), word.offset(max(begin, last)) + 1)

    def settings(self) -> Iterator[Setting]:
        for line in settings_in(self.text, self.locate):
            if isinstance(line, Setting):
                yield line


class _Group(NamedTuple):
    """`{ …; } >> file`: every output between two offsets goes to one place."""

    start: int
    end: int
    target: str


def _written(script: str, found: Sequence[Executed], places: Places) -> Iterator[tuple[Setting, Kind]]:
    groups = sorted(_groups(script))
    reading: str | None = None  # the word that ends a `NIX_CONFIG<<EOF`
    for one in found:
        command = one.command
        content = _content(command, places)
        if content is None:
            continue
        target = _target(command, script, groups)
        if target == "nix.conf":
            for setting in content.settings():
                yield setting, "conf"
        elif target == "GITHUB_ENV":
            text = content.text.strip()
            if text.startswith(_VARIABLE + "<<") and "\n" not in text:
                reading = text.partition("<<")[2]
            elif text == reading:
                reading = None
            elif reading is not None:
                for setting in content.settings():
                    yield setting, "environment"
            elif _VARIABLE in text:
                for setting in _of_environment(content):
                    yield setting, "environment"


def _of_environment(content: _Text) -> Iterator[Setting]:
    """`NIX_CONFIG=…` or `NIX_CONFIG<<EOF …` in what is written to the file of variables."""
    start = content.text.find(_VARIABLE) + len(_VARIABLE)
    begin = start + 1
    if content.text.startswith("<<", start):
        begin = content.text.find("\n", start) + 1
    elif not content.text.startswith("=", start):
        return
    for line in settings_in(
        content.text[begin:], lambda start, end: content.locate(begin + start, begin + end)
    ):
        if isinstance(line, Setting):
            yield line


def _content(command: Command, places: Places) -> _Text | None:
    """What a command prints, as far as it says it itself."""
    match command.program:
        case "echo" | "printf":
            words, escapes = list(command.words[1:]), command.program == "printf"
            while words and words[0].text in ("-e", "-n", "-ne", "-en", "-E", "--"):
                escapes = escapes or "e" in words.pop(0).text
            return _Text(places, words, escapes=escapes) if words else None
        case "cat" | "tee":
            return _Text(places, (command.input,)) if command.input is not None else None
    return None


def _target(command: Command, script: str, groups: Sequence[_Group]) -> str | None:
    """Where the output goes, of the places that matter here."""
    if command.program == "tee":
        return next((name for word in command.words[1:] if (name := _named(word.text))), None)
    end = command.words[-1].end
    own = _redirected(script[end : end + _TAIL].partition("\n")[0])
    if own is not None:
        return own
    start = command.words[0].start
    number = bisect_right(groups, start, key=lambda group: group.start) - 1
    return groups[number].target if number >= 0 and start < groups[number].end else None


def _redirected(tail: str) -> str | None:
    """The target of `> file`, `>> file`, `| tee -a file` behind a command."""
    for stop in ("&&", "||", ";", "#"):
        tail = tail.partition(stop)[0]
    words = tail.replace(">", " > ").replace("|", " | ").split()
    writes = False
    for word in words:
        writes = writes or word in (">", "tee") or word.endswith("/tee")
        name = _named(word) if writes else None
        if name is not None:
            return name
    return None


def _named(word: str) -> str | None:
    word = word.strip("\"'}")
    if word.endswith("/nix.conf") or word == "nix.conf":
        return "nix.conf"
    return "GITHUB_ENV" if word.endswith("GITHUB_ENV") else None


def _groups(script: str) -> Iterator[_Group]:
    """The groups of commands whose output goes to a place that matters; one in another is not looked for."""
    opened: list[int] = []
    start = 0
    while start < len(script):
        newline = script.find("\n", start)
        newline = len(script) if newline < 0 else newline
        at = start
        for word in script[start:newline].split(" "):
            if word in ("{", "(") or (not opened and word.startswith("(")):
                opened.append(at)
            elif word[:1] in ("}", ")") and opened:
                target = _redirected(script[at + 1 : min(newline, at + _TAIL)])
                begin = opened.pop()
                if target is not None:
                    yield _Group(begin, at, target)
            at += len(word) + 1
        start = newline + 1
