"""Where a command writes: standard output and error, files, and what the terminal can show."""

import errno
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from scanner.model.errors import UsageError
from scanner.model.quoting import quoted

_OPEN: Final = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,6})")

_SHOWN: Final = 200
"""Characters of a path in a message."""


def terminal_width() -> int | None:
    """The columns of the terminal; None elsewhere, so that what is written does not depend on one."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None
    except (OSError, ValueError):
        return None


def unicode() -> bool:
    """Whether standard output takes more than ASCII."""
    return (sys.stdout.encoding or "utf-8").lower().replace("-", "").startswith("utf")


def colour() -> bool:
    """NO_COLOR and FORCE_COLOR (no-color.org, force-color.org) before what the terminal says."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


_BEFORE: Final[list[Callable[[], None]]] = []


def before_writing(do: Callable[[], None]) -> None:
    """Has this done before anything is written to standard output or error: a line of progress stands in its way."""
    _BEFORE.append(do)


def make_way() -> None:
    """Does what is to be done before writing."""
    for do in _BEFORE:
        do()


def warn(text: str) -> None:
    """A remark on standard error, safe for a terminal."""
    from scanner.report.escape import bounded, inert

    make_way()
    sys.stderr.write(inert(f"snowfence: {bounded(text)}\n"))


def emit(
    text: str,
    output: str | None,
    *,
    format: str = "text",
    scanned: Iterable[Path] = (),
    obeyed: bool = False,
) -> None:
    """Writes to a file, or to standard output when none is named. A runner of GitHub Actions listens to that, and files are printed there,
    too: what it would take for a command is made inert as the `format` can have it, unless it shall be `obeyed`. No link in one of the
    `scanned` repositories is followed.

    Raises:
        UsageError: the file cannot be written; what was there before still is.
    """
    if not obeyed:
        text = _inert(text, format)
    if output is None or output == "-":
        say(text)
    else:
        if scanned:
            from scanner.cli.committed_links import refuse_committed_links

            refuse_committed_links(output, scanned)
        _write_file(output, text)


_JSON: Final = frozenset(("json", "sarif", "cyclonedx-json", "spdx-json", "github-snapshot"))
_XML: Final = frozenset(("cyclonedx-xml", "graphml", "svg"))


def _inert(text: str, format: str) -> str:
    """The same document, holding no workflow command. A text must not tell what it is: it may begin with what a repository named."""
    from scanner.report.escape import inert, inert_json, inert_xml

    if format in _JSON:
        return inert_json(text)
    return inert_xml(text) if format in _XML else inert(text)


def say(text: str) -> None:
    """Writes to standard output as it is. A reader that has seen enough (`| head`) ends the output and not the run: the
    gate still decides the exit code.

    Raises:
        OSError: it cannot be written, on a full disk for one.
    """
    make_way()
    if text and isinstance(sys.stdout, _Closed):
        raise OSError(errno.EBADF, "standard output is closed")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()


_LINKS: Final = frozenset(
    ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio", "WarpTerminal", "mintty")
)
"""Values of TERM_PROGRAM of terminals that open links in their text (OSC 8)."""

_LINKS_BY_TERM: Final = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "contour", "wezterm")
_LINKS_BY_NAME: Final = ("WT_SESSION", "KONSOLE_VERSION", "KITTY_WINDOW_ID", "DOMTERM")
_VTE: Final = 5000
"""The version of VTE (GNOME Terminal and its like) since which it has links."""


def links() -> bool:
    """Whether names may be links: FORCE_HYPERLINK before what is known of the terminal. A log of CI never has any."""
    forced = os.environ.get("FORCE_HYPERLINK")
    if forced:
        return forced != "0"
    term = os.environ.get("TERM", "dumb")
    if (
        not sys.stdout.isatty()
        or os.environ.get("CI")
        or term.startswith(("dumb", "screen", "tmux", "linux"))
    ):
        return False
    vte = os.environ.get("VTE_VERSION", "")
    return (
        os.environ.get("TERM_PROGRAM") in _LINKS
        or term.startswith(_LINKS_BY_TERM)
        or any(os.environ.get(name) for name in _LINKS_BY_NAME)
        or (vte.isascii() and vte.isdecimal() and len(vte) < 9 and int(vte) >= _VTE)
    )


class _Closed(TextIOWrapper):
    """What stands for an output that the caller has closed."""


def open_closed() -> None:
    """Puts something in the place of outputs that the caller has closed (`>&-`), so that no file gets their numbers and whatever else is
    to be done is done."""
    if sys.stdout is None or sys.stderr is None:
        null = os.open(os.devnull, os.O_RDWR)
        while null < 2:
            null = os.dup(null)
    if sys.stdout is None:
        sys.stdout = _Closed(open(os.devnull, "wb"), "utf-8")  # noqa: PTH123, SIM115
    if sys.stderr is None:
        sys.stderr = _Closed(open(os.devnull, "wb"), "utf-8")  # noqa: PTH123, SIM115


def drop_output() -> None:
    """What is still buffered goes nowhere, since it would fail once more at exit."""
    with suppress(OSError, ValueError):  # no descriptor: a test has put something else there
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def told_apart(outputs: Iterable[tuple[str, str]]) -> None:
    """Sees to it that every format has a file of its own: of two that were written to one, only the last would be there.

    Raises:
        UsageError: two of them go to one file.
    """
    known: dict[str, str] = {}
    for format, file in outputs:
        if file != "-" and not _is_special(file):
            real = os.path.realpath(file)
            other = known.get(real)
            known[real] = format
            if other is not None:
                raise UsageError(
                    f"two outputs, {other} and {format}, go to the same file {quoted(file, _SHOWN)}; name one for each"
                )


def _write_file(output: str, text: str) -> None:
    """A file is there as a whole or not at all; a pipe or device is written to as it is, and what is written already (`/dev/stdout`, which
    may be a file) goes on."""
    data = text.encode("utf-8", "backslashreplace")
    try:
        descriptor = _descriptor(output)
        if descriptor is not None:
            make_way()
            sys.stdout.flush()
            with open(descriptor, "wb", closefd=False) as opened:
                opened.write(data)
            return
        if _is_special(output):
            Path(output).write_bytes(data)
            return
        if Path(output).is_file() and not os.access(output, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        from scanner.adapters.whole_file import write_whole

        write_whole(Path(os.path.realpath(output)), data, private=False)
    except BrokenPipeError:
        pass
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, "name a file in a folder that you can write to")
        raise UsageError(f"cannot write {quoted(output, _SHOWN)}: {error.strerror}; {advice}") from error


_ADVICE: Final = {
    errno.ENAMETOOLONG: "give it a shorter name",
    errno.EISDIR: "name a file in it",
    errno.EBUSY: "it is mounted by itself, so mount its folder and name a file there",
    errno.ENOSPC: "make room there, or name a file elsewhere",
}


def _descriptor(output: str) -> int | None:
    """The open output that a path is a name of (`/dev/stdout`, `/dev/fd/3`): another opening of its file would begin at the file's start."""
    named = _OPEN.fullmatch(output)
    if named is not None and os.name == "posix":
        return int(named[1])
    try:
        asked = Path(output).stat()
    except (OSError, ValueError):
        return None
    for descriptor in (1, 2):
        with suppress(OSError):
            if stat.S_ISREG(asked.st_mode) and os.path.samestat(asked, os.fstat(descriptor)):
                return descriptor
    return None


def _is_special(output: str) -> bool:
    try:
        mode = Path(output).stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
