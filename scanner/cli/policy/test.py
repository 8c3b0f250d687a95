"""Run the examples inside policies. Exits with 1 when one is not as it says."""

from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")


def run(arguments: Namespace) -> int:
    raise NotImplementedError
