"""CSV for spreadsheets (RFC 4180): a row for each finding."""

from scanner.results import Report


def write(report: Report) -> str:
    raise NotImplementedError
