"""Show what is known of the world and how old it is, and bring it up to date."""

from argparse import SUPPRESS, ArgumentParser, Namespace
from importlib import import_module
from types import ModuleType
from typing import Final

from scanner.model.errors import UsageError

COMMANDS: Final = {
    "show": "show the tables: what each is about, its source, licence and age (this is what `snowfence knowledge` alone does)",
    "update": "ask the sources for newer tables, and keep them for later scans",
}
DEFAULT: Final = "show"


def configure(parser: ArgumentParser) -> None:
    _module(DEFAULT).configure(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, about in COMMANDS.items():
        module = _module(name)
        # What stands before the command as well must not be unset behind it.
        module.configure(
            commands.add_parser(
                name,
                help=about,
                description=module.__doc__,
                allow_abbrev=False,
                argument_default=SUPPRESS if name == DEFAULT else None,
            )
        )


def run(arguments: Namespace) -> int:
    command: str = arguments.command or DEFAULT
    if command != DEFAULT:
        for name in ("format", "knowledge", "now"):
            if getattr(arguments, name) is not None:
                raise UsageError(f"`--{name}` goes with `snowfence knowledge {DEFAULT}` alone")
    code: int = _module(command).run(arguments)
    return code


def _module(command: str) -> ModuleType:
    return import_module(f"scanner.cli.knowledge.{command}")
