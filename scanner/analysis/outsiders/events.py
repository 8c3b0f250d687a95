"""Events that people outside a repository can cause.

Source: GitHub's "Events that trigger workflows".
"""

from collections.abc import Mapping
from typing import Final

OUTSIDER_EVENTS: Final[Mapping[str, bool]] = {
    # event: whether the run has the privileges of the repository (else: a fork's)
    "pull_request": False,
    "pull_request_review": False,
    "pull_request_review_comment": False,
    "pull_request_target": True,
    "issue_comment": True,
    "issues": True,
    "discussion": True,
    "discussion_comment": True,
    "commit_comment": True,
    "workflow_run": True,
    "fork": True,
    "watch": True,
}
"""Events that somebody without any role in a public repository can cause."""
