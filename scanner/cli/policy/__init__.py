"""Work on policies: validate one, show what holds and why, test its checks, begin one, accept today's findings."""

from argparse import ArgumentParser, Namespace
from importlib import import_module
from types import ModuleType
from typing import Final

COMMANDS: Final = {
    "check": "validate policies",
    "show": "show what holds for each rule, and which policy says so",
    "test": "run the examples inside policies",
    "init": "write a policy that fits the present findings",
    "accept": "accept today's findings, so that later scans report new ones only",
}


def configure(parser: ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, about in COMMANDS.items():
        module = _module(name)
        module.configure(
            commands.add_parser(name, help=about, description=module.__doc__, allow_abbrev=False)
        )


def run(arguments: Namespace) -> int:
    code: int = _module(arguments.command).run(arguments)
    return code


def _module(command: str) -> ModuleType:
    return import_module(f"scanner.cli.policy.{command}")
