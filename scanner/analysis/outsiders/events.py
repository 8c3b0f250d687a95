"""Events that people outside a repository can cause: one table for all who ask.

Sources: GitHub's "Events that trigger workflows" (who causes an event, on which commit its run stands) and "Read-only Actions
cache for untrusted triggers" (2026-06-26). Of the 15 events that CodeQL for Actions 2.26.2 calls externally triggerable,
`pull_request_comment` is none of GitHub's, `workflow_dispatch` and `schedule` take rights, and `workflow_call` has the events
of its callers.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from scanner.parse.workflow import Trigger


class OutsiderEvent(NamedTuple):
    """`privileged`: the run has what the repository has, else what a fork has. `who` is in whose hands it is, for people. `insiders`
    are the types of activity that take rights in the repository: then an outsider decides on what, not when."""

    privileged: bool
    who: str
    insiders: frozenset[str] = frozenset()


_SORTING: Final = frozenset(
    "assigned category_changed demilestoned labeled locked milestoned pinned transferred unassigned unlabeled unlocked unpinned".split()
)
_MERGING: Final = frozenset(
    "auto_merge_disabled auto_merge_enabled dequeued enqueued review_request_removed review_requested".split()
)
_REQUEST: Final = "whoever opens a pull request"

EVENTS: Final[Mapping[str, OutsiderEvent]] = {
    "pull_request": OutsiderEvent(False, _REQUEST, _SORTING | _MERGING),
    "pull_request_review": OutsiderEvent(False, "whoever reviews a pull request"),
    "pull_request_review_comment": OutsiderEvent(False, "whoever comments on a pull request"),
    "pull_request_target": OutsiderEvent(True, _REQUEST, _SORTING | _MERGING),
    "issue_comment": OutsiderEvent(True, "whoever comments on an issue or pull request"),
    "issues": OutsiderEvent(True, "whoever opens an issue", _SORTING | {"deleted"}),
    "discussion": OutsiderEvent(True, "whoever opens a discussion", _SORTING | {"deleted"}),
    "discussion_comment": OutsiderEvent(True, "whoever comments on a discussion"),
    "commit_comment": OutsiderEvent(True, "whoever comments on a commit"),
    "workflow_run": OutsiderEvent(True, "whoever starts the workflow before it"),
    "fork": OutsiderEvent(True, "whoever forks the repository"),
    "watch": OutsiderEvent(True, "whoever stars the repository"),
}
"""Events that somebody without any role in a public repository can cause."""

OUTSIDER_EVENTS: Final[Mapping[str, bool]] = {name: event.privileged for name, event in EVENTS.items()}
"""The same: whether the run has the privileges of the repository."""

POSSIBLE_EVENTS: Final[Mapping[str, str]] = {
    "workflow_call": "whoever starts a caller, which is not in this repository",
    "gollum": "whoever may edit the wiki, which a setting decides",
    "check_run": "an app that answers to pull requests",
    "check_suite": "an app that answers to pull requests",
    "status": "an app that answers to pull requests",
}
"""Privileged events of which the files do not tell whether an outsider can be behind them, with who starts them."""


def started_by_insiders(trigger: Trigger) -> bool:
    """Whether only people with rights decide when an outsider's event starts a run, for the types of activity that it names:
    `issues: {types: [labeled]}`. What it is about is still an outsider's."""
    event = EVENTS.get(trigger.event.value)
    types = trigger.filter("types")
    return event is not None and bool(types) and event.insiders.issuperset(types or ())


def narrowed(trigger: Trigger) -> bool:
    """Whether a `workflow_run` has a filter of branches: it compares a name that a fork chooses for its own branch."""
    return trigger.event.value == "workflow_run" and (
        trigger.filter("branches") is not None or trigger.filter("branches-ignore") is not None
    )
