"""Control checks: what lets only some people's runs through, and against what each helps.

Source of the table of what helps: the control checks of CodeQL for Actions 2.26.2 (MIT, GitHub), and GitHub's "Events that trigger
workflows".
"""

from typing import Final, Literal, NamedTuple

from scanner.model.source import Span

Kind = Literal[
    "actor",
    "author",
    "association",
    "permission",
    "repository",
    "event",
    "merged",
    "label",
    "environment",
    "time",
    "branch",
]
"""What is asked about. `actor`: who causes the event. `author`: who wrote the issue or pull request that somebody comments on.
`time`: whether a comment is younger than the last commit. `branch`: a name that outsiders can choose."""

Against = Literal["text", "code", "change"]
"""`text` and `code` of somebody who is not let through; a `change` made between the look at something and its use."""


class Check(NamedTuple):
    """Something that is true whenever a step runs; `at` is the condition, step or environment that sees to it."""

    kind: Kind
    at: Span


_OF_COMMENTS: Final = frozenset(("issue_comment", "pull_request_comment"))
_OF_FORKS: Final = frozenset(("pull_request", "pull_request_review", "pull_request_review_comment"))
_WITH_HEADS: Final = frozenset(
    (
        "pull_request",
        "pull_request_target",
        "pull_request_review",
        "pull_request_review_comment",
        "workflow_run",
    )
)


def protects(check: Check, event: str, against: Against) -> bool:
    """Whether a check helps in runs of an event.

    Who comments is not who writes the code that the comment is about, so that a change after the comment gets through;
    a label and an approval stay when the code changes, and anybody may comment on what bears a label; what a fork's branch is called says nothing.
    """
    match check.kind:
        case "branch":
            return False
        case "time":
            return against == "change" and event in _OF_COMMENTS
        case "author":
            return against == "code" if event in _OF_COMMENTS else True
        case "repository":
            return event in _WITH_HEADS
        case "label":
            return against != "change" and event not in _OF_COMMENTS
        case "environment":
            # A pull request brings the workflow along that names the environment.
            return against != "change" and event not in _OF_FORKS
        case _:
            return against != "change" or event not in _OF_COMMENTS
