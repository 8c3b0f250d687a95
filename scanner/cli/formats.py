"""The formats of a scan: which there are, and what each is given."""

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

from scanner.adapters.git import Git
from scanner.cli.revisions.base_options import as_shown
from scanner.cli.terminal import warn
from scanner.knowledge.tables import Knowledge
from scanner.model.errors import UsageError
from scanner.model.quoting import quoted
from scanner.pipeline import Read
from scanner.policy.policy import Policy
from scanner.results import Report

FORMATS: Final = ("text", "json", "sarif", "github", "markdown", "html", "junit", "csv", "gitlab")

CATEGORY: Final = 200
"""Characters of a category of SARIF."""


def add_sarif(parser: ArgumentParser) -> None:
    """What only SARIF needs to be told."""

    def read(text: str) -> str:
        if not text.strip() or not text.isprintable() or len(text) > CATEGORY:
            raise ArgumentTypeError(
                f"{quoted(text)} is no category: write a short name without control characters, such as `flakes`"
            )
        return text

    parser.add_argument(
        "--sarif-category",
        type=read,
        metavar="NAME",
        help="with SARIF: the category of the upload; GitHub keeps the alerts of several apart, so that two scans of one commit do not "
        "close each other's (default: that of the action that uploads)",
    )
    parser.add_argument(
        "--sarif-suppressed",
        action="store_true",
        help="with SARIF: also write, as suppressed, what comments, exceptions and accepted findings take out; not for GitHub, which opens "
        "an alert for each",
    )


def check_sarif(arguments: Namespace) -> None:
    """Raises UsageError where an option is for SARIF and none is written."""
    given = {"--sarif-category": arguments.sarif_category, "--sarif-suppressed": arguments.sarif_suppressed}
    written = {arguments.format, *(format for format, _ in arguments.output)}
    wrong = next((name for name, value in given.items() if value), None)
    if wrong is not None and "sarif" not in written:
        raise UsageError(
            f"`{wrong}` is for SARIF, which is not written; add `--format sarif` or `--output sarif=FILE`, or leave it out"
        )


class Scanned(NamedTuple):
    """One of the repositories of a scan: what stands before its paths (nothing, for the only one), and its own report."""

    prefix: str
    report: Report
    read: Read
    policy: Policy


class Finished(NamedTuple):
    """A scan that is over: the report on all repositories together, and each by itself."""

    report: Report
    repositories: tuple[Scanned, ...]
    knowledge: Knowledge
    options: Namespace


def render(
    scan: Finished, format: str, *, colour: bool = False, width: int | None = None, links: bool = False
) -> str:
    """A scan in a format; `colour`, `width` and `links` are the terminal's."""
    options = scan.options
    report = as_shown(scan.report, format, options)
    match format:
        case "text":
            from scanner.report.text import write as write_text

            return write_text(
                report,
                colour=colour,
                quiet=options.quiet,
                width=width,
                show_accepted=options.show_accepted,
                links=links,
            )
        case "sarif":
            from scanner.report.sarif import written

            made = written(report, category=options.sarif_category, suppressed=options.sarif_suppressed)
            for cut in made.cut:
                warn(f"SARIF: {cut}; the other formats have everything")
            return made.text
        case "html":
            from scanner.views.html.page import write as write_html
            from scanner.views.html.part import Part

            parts = [
                Part(one.prefix, one.report, one.read.graph, one.read.kinds, one.policy)
                for one in scan.repositories
            ]
            return write_html(report, parts, scan.knowledge, only_new=options.only_new)
        case "markdown":
            from scanner.cli.github.blob_url import blob_url
            from scanner.report.markdown import write as write_markdown

            return write_markdown(report, blob_url=blob_url(os.environ, Path(report.root), Git()))
    text: str = import_module(f"scanner.report.{format}").write(report)
    return text
