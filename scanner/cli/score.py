"""Show the posture of a repository: points from 0 to 10 per area, and what each lost point is for."""

from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")


def run(arguments: Namespace) -> int:
    raise NotImplementedError
