"""The formats of a scan: which there are, and what each is given."""

from argparse import Namespace
from importlib import import_module
from typing import Final, NamedTuple

from scanner.knowledge.tables import Knowledge
from scanner.pipeline import Read
from scanner.policy.policy import Policy
from scanner.results import Report

FORMATS: Final = ("text", "json", "sarif", "github", "markdown", "html", "junit", "csv", "gitlab")


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


def render(scan: Finished, format: str, *, colour: bool = False, width: int | None = None) -> str:
    """A scan in a format; `colour` and `width` are the terminal's."""
    report, options = scan.report, scan.options
    match format:
        case "text":
            from scanner.report.text import write as write_text

            return write_text(
                report,
                colour=colour,
                quiet=options.quiet,
                width=width,
                show_accepted=options.show_accepted,
            )
        case "sarif":
            from scanner.report.sarif import write as write_sarif

            return write_sarif(report)
        case "html":
            from scanner.views.html.page import Part
            from scanner.views.html.page import write as write_html

            parts = [
                Part(one.prefix, one.report, one.read.graph, one.read.kinds, one.policy)
                for one in scan.repositories
            ]
            return write_html(report, parts, scan.knowledge)
    text: str = import_module(f"scanner.report.{format}").write(report)
    return text
