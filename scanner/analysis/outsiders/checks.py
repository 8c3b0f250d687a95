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
    "several",
    "bot",
]
"""What is asked about. `actor`: who causes the event. `author`: who wrote the issue or pull request that somebody comments on.
`time`: whether a comment is younger than the last commit. `branch`: a name that outsiders can choose. `several`: alternatives
of which each alone would let some outsiders through. `bot`, beside `actor`: that a bot is asked for counts too, which outsiders can
make act."""

WHO: Final[frozenset[Kind]] = frozenset(
    ("actor", "association", "author", "event", "label", "merged", "permission", "repository")
)
"""The kinds that tell who is behind a run, or who has let it through, by what the files say."""

Against = Literal["text", "code", "change"]
"""`text` and `code` of somebody who is not let through; a `change` made between the look at something and its use."""


LETTING: Final[frozenset[Kind]] = frozenset(("label", "environment", "merged"))
"""Checks by which somebody lets in what another one wrote."""


class Check(NamedTuple):
    """Something that is true whenever a step runs; `at` is the condition, step or environment that sees to it. `of` are the
    kinds that are `several`."""

    kind: Kind
    at: Span
    of: tuple[Kind, ...] = ()

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Its kind, or those that it takes."""
        return self.of or (self.kind,)

    @property
    def weakest(self) -> Kind:
        """Its kind; of several the one by which somebody else lets in what an outsider brings, if there is one."""
        return next((kind for kind in self.of if kind in LETTING), self.kinds[0])


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
        case "several":
            # Each of them lets some through, so that the weakest decides.
            return bool(check.of) and all(
                protects(Check(kind, check.at), event, against) for kind in check.of
            )
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
