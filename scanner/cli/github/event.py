"""The event that a run of GitHub Actions is of: which repository, which pull request, which head.

https://docs.github.com/en/actions/reference/workflows-and-actions/variables
https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from scanner.model.json import is_id
from scanner.model.safe_file import read_file

_REPOSITORY: Final = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_REF: Final = re.compile(r"refs/pull/([0-9]{1,10})/(?:merge|head)")
MOST_NUMBER: Final = 10**10 - 1
"""More than any pull request has."""

_MOST: Final = 32 << 20
"""Octets of the file of an event."""


def is_repository(name: str) -> bool:
    """Whether it can be the `owner/name` of a repository on GitHub."""
    return _REPOSITORY.fullmatch(name) is not None and not {".", ".."} & set(name.split("/"))


def repository_of(environment: Mapping[str, str]) -> str | None:
    """The repository that a run is of."""
    name = environment.get("GITHUB_REPOSITORY", "").strip()
    return name if is_repository(name) else None


def number_of(environment: Mapping[str, str]) -> int | None:
    """The number of the pull request that a run is of; None for a run of none, or of several."""
    number = _of_event(event_of(environment))
    if number is None:
        found = _REF.fullmatch(environment.get("GITHUB_REF", ""))
        number = int(found[1]) if found else None
    return number or None


def head_of(environment: Mapping[str, str]) -> str | None:
    """The commit at the head of the pull request that the event is about; None where it tells none."""
    match event_of(environment):
        case {"pull_request": {"head": {"sha": str(sha)}}}:
            return sha
    return None


def event_of(environment: Mapping[str, str]) -> object:
    """The event, as JSON has it; None where there is none, or its file cannot be read."""
    path = environment.get("GITHUB_EVENT_PATH", "")
    if not path:
        return None
    try:
        data = read_file(path, _MOST)
        return json.loads(data) if len(data) <= _MOST else None
    except (OSError, ValueError, RecursionError):
        return None


def _of_event(event: object) -> int | None:
    match event:
        case {"pull_request": {"number": number}} if is_id(
            number, MOST_NUMBER
        ):  # pull_request, pull_request_target, …_review
            return number
        case {"issue": {"number": number, "pull_request": dict()}} if is_id(
            number, MOST_NUMBER
        ):  # issue_comment on one
            return number
        case {"workflow_run": {"pull_requests": list(several)}, **rest}:
            # Those of a fork are not named; a run of a branch may be of requests in other repositories, too.
            numbers = {one["number"] for one in several if _is_of(one, rest.get("repository"))}
            return numbers.pop() if len(numbers) == 1 else None
    return None


def _is_of(one: Any, repository: object) -> bool:
    match one, repository:
        case {"number": number, "base": {"repo": {"id": base}}}, {"id": here}:
            return is_id(number, MOST_NUMBER) and is_id(base) and is_id(here) and base == here
    return False
