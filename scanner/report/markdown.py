"""Markdown for comments on pull requests and summaries of runs: what was found, what of it is new, the worst first."""

from scanner.results import Report


def write(report: Report) -> str:
    raise NotImplementedError
