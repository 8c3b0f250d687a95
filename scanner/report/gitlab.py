"""GitLab's code-quality report: a JSON list of issues."""

from scanner.results import Report


def write(report: Report) -> str:
    raise NotImplementedError
