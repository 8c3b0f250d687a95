"""JUnit XML for CI systems: a test case for each rule."""

from scanner.results import Report


def write(report: Report) -> str:
    raise NotImplementedError
