"""`snowfence COMMAND …`: finds the command, runs it, turns what happens into an exit code.

0 clean, 1 findings at or above the gate, 2 wrong usage or configuration, 3 a bug of ours, 130 Ctrl-C.
"""

import gc
import os
import sys
from argparse import ArgumentParser, Namespace
from importlib import import_module
from types import ModuleType
from typing import Final, NoReturn

from scanner import __version__
from scanner.cli.terminal import drop_output, make_way, open_closed, say
from scanner.model.errors import PolicyError, UsageError

# Only the module of the command that was asked for is imported: a user waits for every import.
COMMANDS: Final = {
    "scan": "check repositories, report findings",
    "inputs": "list the locked inputs: revision, age, branch, findings",
    "diff": "compare two states of the locked inputs and judge the changes",
    "exposure": "show who can start each job, what it holds, and what of theirs gets there",
    "comment": "write a report as a comment on a pull request, or update it there",
    "sbom": "write the software bill of materials of a repository",
    "graph": "export the dependency graph of a repository",
    "why": "show why a dependency is there: every shortest path to it",
    "score": "show the posture of a repository: points per area, and what is lost for what",
    "policy": "validate, show, test, begin policies; accept today's findings",
    "knowledge": "show what is known of the world and how old it is; update it",
    "schema": "print what policies can say: their format, nodes and edges with their attributes",
    "rules": "list the rules",
    "explain": "show the page of a rule",
}


class _Parser(ArgumentParser):
    """An argument may hold anything, and what is wrong with it is shown on one line that nobody obeys, not behind the whole usage."""

    def error(self, message: str) -> NoReturn:
        from scanner.report.escape import bounded, inert

        self.exit(2, inert(f"{self.prog}: {bounded(message)}; see `{self.prog} --help`\n"))


def parser_of(command: str) -> ArgumentParser:
    """The argument parser of one command."""
    module = _module(command)
    parser = _Parser(prog=f"snowfence {command}", description=module.__doc__, allow_abbrev=False)
    module.configure(parser)
    return parser


def main(arguments: list[str]) -> int:
    """Runs a command line (without the program's name) and answers with the exit code."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        say(_usage())
        return 0 if arguments else 2
    if arguments[0] in ("-V", "--version"):
        say(f"snowfence {__version__}\n")
        return 0
    command = arguments[0]
    if command not in COMMANDS:
        from scanner.model.nearest import nearest

        _complain(
            f"there is no command `{command}`{nearest(command, list(COMMANDS))}. See `snowfence --help`"
        )
        return 2
    parsed: Namespace = parser_of(command).parse_args(arguments[1:])
    try:
        code: int = _module(command).run(parsed)
    except UsageError as error:
        _complain(str(error))
        if isinstance(error, PolicyError) and error.more:
            more = "is one more mistake" if len(error.more) == 1 else f"are {len(error.more)} more mistakes"
            _complain(f"there {more}; `snowfence policy check` names all of them")
        return 2
    return code


def entry() -> None:
    """The console script."""
    # A run is short and its data lives to its end: the collector would look at all of it and find nothing.
    gc.disable()
    code = 2
    try:
        open_closed()
        # What cannot be encoded for this terminal is shown escaped instead of failing the run.
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        code = main(sys.argv[1:])
        make_way()
        sys.stdout.flush()
    except KeyboardInterrupt:
        make_way()
        code = 130
    except BrokenPipeError:
        drop_output()
    except OSError as error:
        drop_output()
        what = f" `{os.fsdecode(error.filename)}`" if isinstance(error.filename, str | bytes) else ""
        _complain(f"cannot go on{what}: {error.strerror or error}")
        code = 2
    except Exception:
        import traceback

        make_way()
        traceback.print_exc()
        _complain(
            "this is a bug of snowfence, not of your files. Please report it with the lines above and "
            f"`snowfence {__version__}`, Python {sys.version.split()[0]}"
        )
        code = 3
    sys.exit(code)


def _module(command: str) -> ModuleType:
    return import_module(f"scanner.cli.{command}")


def _usage() -> str:
    lines = [
        "usage: snowfence COMMAND [ARGUMENTS]",
        "",
        "Checks repositories built on Nix flakes and GitHub Actions.",
        "",
    ]
    width = max(map(len, COMMANDS))
    lines += [f"  {name:<{width}}  {text}" for name, text in COMMANDS.items()]
    lines += ["", "`snowfence COMMAND --help` shows what a command takes. Start with `snowfence scan`."]
    return "\n".join(lines) + "\n"


def _complain(message: str) -> None:
    from contextlib import suppress

    from scanner.cli.terminal import warn

    with suppress(OSError):  # nobody listens
        warn(message)
        sys.stderr.flush()
