"""Validate policies. Exits with 2 at the first mistake, with its place."""

from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")


def run(arguments: Namespace) -> int:
    raise NotImplementedError
