"""Which programs print what they are given: their arguments, files, what they read; and which are known to print none of it.

From their manuals (POSIX.1-2024, GNU coreutils, util-linux, vim's `xxd`, PowerShell). Of a program that is not here nothing is known: it
may print all that it is given.
"""

from typing import Final, NamedTuple

from scanner.analysis.scripts.filters import SILENT, cleans
from scanner.analysis.scripts.left_over import is_clean
from scanner.parse.shell_words import Command


class Passes(NamedTuple):
    """`files` is the number of arguments before the first file that is printed, None for a program that takes no files. `read`
    says that it prints what it reads, `arguments` that it prints its arguments."""

    files: int | None = None
    read: bool = True
    arguments: bool = False


_PASSES: Final = {
    **dict.fromkeys(("echo", "printf", "write-output", "write-host"), Passes(None, False, True)),
    **dict.fromkeys(
        ("basename", "dirname", "expr", "join-path", "readlink", "realpath", "resolve-path", "split-path"),
        Passes(None, False, True),
    ),
    **dict.fromkeys(
        "base32 base64 basenc bat cat column comm cut expand fmt fold gc get-content gunzip gzip head iconv join less more nl paste rev "
        "shuf sort strings tac tail uniq unexpand xxd zcat".split(),
        Passes(0),
    ),
    **dict.fromkeys("awk egrep fgrep gawk grep jq mawk perl rg sed select-string yq".split(), Passes(1)),
    **dict.fromkeys("convertfrom-json convertto-json envsubst out-string tee tr xargs".split(), Passes()),
}
_ANSWERS: Final = frozenset("curl gh git http openssl ssh wget".split())
"""Programs that print what they are answered, not what they are given to read."""


def passes(command: Command) -> Passes | None:
    """What a program prints of what it is given; None where nothing is known of it."""
    return _PASSES.get(command.program.lower())


def prints_nothing(command: Command, *, lines: bool = False) -> bool:
    """Whether a command prints nothing of what it is given: nothing at all, or numbers, digests, letters alone. `lines` asks for more
    than harmless letters: no line of them must set anything."""
    if command.program.lower() in SILENT:
        return True
    if lines and command.program == "tr":
        return is_clean(command)
    return cleans(command) or (lines and is_clean(command))


def may_print_input(command: Command) -> bool:
    """Whether a program of which nothing is known may print what it reads."""
    return command.program.lower() not in _ANSWERS
