"""The options of `scan` about a base, an earlier state to compare with, and which formats show what of the comparison."""

from argparse import ArgumentParser, Namespace
from typing import Final

from scanner.model.errors import UsageError
from scanner.results import Report

_FOR_PEOPLE: Final = ("text", "github", "markdown")
"""The formats that leave out what the base has too: people read them. Other programs compare by themselves, or are told what is new."""


def add_base(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--base",
        metavar="REVISION",
        help="tell which findings are new since this git revision (`main`; in a pull request's merge commit `HEAD^1`), and which are gone",
    )
    parser.add_argument(
        "--only-new",
        action="store_true",
        help="with --base: only new findings count for the exit code, and text, github and markdown show no others",
    )


def check_base(arguments: Namespace) -> None:
    """Raises UsageError for options that do not go together."""
    if arguments.only_new and arguments.base is None:
        raise UsageError("`--only-new` needs `--base REVISION`: new since when?")


def as_shown(report: Report, format: str, options: Namespace) -> Report:
    """The report as a format shows it: for people, without what the base has too when only what is new is wanted."""
    return report.without_known() if options.only_new and format in _FOR_PEOPLE else report
