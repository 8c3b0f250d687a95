"""Where a command writes: standard output and error, files, and what the terminal can show."""

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from scanner.model.errors import UsageError


def terminal_width() -> int | None:
    """The columns of the terminal; None elsewhere, so that what is written does not depend on one."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None
    except (OSError, ValueError):
        return None


def colour() -> bool:
    """NO_COLOR and FORCE_COLOR (no-color.org, force-color.org) before what the terminal says."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def warn(text: str) -> None:
    """A remark on standard error, safe for a terminal."""
    from scanner.report.escape import bounded, inert

    sys.stderr.write(inert(f"snowfence: {bounded(text)}\n"))


def emit(text: str, output: str | None) -> None:
    """Writes to a file, or to standard output when none is named: there a runner of GitHub Actions listens, so what
    it would take for a command is made inert.

    Raises:
        UsageError: the file cannot be written; what was there before still is.
    """
    if output is None or output == "-":
        from scanner.report.escape import inert, inert_json

        say(inert_json(text) if text.startswith(("{", "[")) else inert(text))
    else:
        _write_file(output, text)


def say(text: str) -> None:
    """Writes to standard output as it is. A reader that has seen enough (`| head`) ends the output and not the run: the
    gate still decides the exit code.

    Raises:
        OSError: it cannot be written, on a full disk for one.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()


def drop_output() -> None:
    """What is still buffered goes nowhere, since it would fail once more at exit."""
    with suppress(OSError, ValueError):  # no descriptor: a test has put something else there
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_file(output: str, text: str) -> None:
    """A file is there as a whole or not at all; a pipe or device (`/dev/stderr`) is written to as it is."""
    data = text.encode("utf-8", "backslashreplace")
    try:
        if _is_special(output):
            Path(output).write_bytes(data)
            return
        from scanner.adapters.whole_file import write_whole

        write_whole(Path(os.path.realpath(output)), data, private=False)
    except BrokenPipeError:
        pass
    except OSError as error:
        raise UsageError(
            f"cannot write `{output}`: {error.strerror}; name a file in a folder that you can write to"
        ) from error


def _is_special(output: str) -> bool:
    try:
        mode = Path(output).stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
