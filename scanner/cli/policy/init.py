"""Write a commented policy that fits the present findings."""

from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")


def run(arguments: Namespace) -> int:
    raise NotImplementedError
