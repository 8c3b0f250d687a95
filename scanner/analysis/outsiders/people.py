"""What texts of scripts say about who is behind a run: the words for each kind of check, and calls of GitHub's API that look people up.

Calls: the control checks of CodeQL for Actions 2.26.2 (MIT, GitHub).
"""

from typing import Final, Literal

from scanner.analysis.outsiders.checks import Kind

Sign = Kind | Literal["sender", "fork", "level", "route", "pushed", "said"]
"""`sender`: who caused the event, also a bot. `fork`: true or false. `route`: an address of a lookup; `level`: of one that answers for
everybody. `pushed` and `said`: when a commit came, and when somebody commented."""

ROUTES: Final = ("/collaborators/", "/memberships/", "/members/")
CALLS: Final = (
    "getCollaboratorPermissionLevel",
    "checkCollaborator",
    "checkMembershipForUser",
    "getMembershipForUser",
)
THROWING: Final = ("checkCollaborator", "checkMembershipForUser", "getMembershipForUser")
"""Calls that fail for somebody who is none, by a 404."""

LOW: Final = frozenset(("none", "read", "triage", "", "false", "404", "null"))
"""What a lookup answers about somebody without rights."""

_WORDS: Final[tuple[tuple[Sign, tuple[str, ...]], ...]] = (
    ("association", ("author_association", "authorAssociation")),
    (
        "sender",
        (
            "github.actor",
            "GITHUB_ACTOR",
            "triggering_actor",
            "TRIGGERING_ACTOR",
            "context.actor",
            "sender.login",
        ),
    ),
    ("actor", ("user.login", "author.login")),
    ("fork", ("head.repo.fork", "isCrossRepository")),
    ("repository", ("head.repo.full_name", "head.repo.owner", "head_repository")),
    ("label", ("labels.*", ".labels", "label.name")),
    ("pushed", ("pushed_at", "committer.date", "author.date", "committedDate", "pushedDate")),
    ("said", ("created_at", "updated_at", "submitted_at")),
)

_SAME: Final[dict[Sign, Kind]] = {"sender": "actor", "fork": "repository"}


def signs_in(text: str) -> frozenset[Sign]:
    """What code or an expression names."""
    return frozenset(sign for sign, words in _WORDS if any(word in text for word in words))


def kinds_of(signs: frozenset[Sign]) -> frozenset[Kind]:
    """The kinds of checks that a comparison of this can be."""
    found: set[Kind] = set()
    for sign in signs:
        match sign:
            case "sender" | "fork":
                found.add(_SAME[sign])
            case "actor" | "association" | "permission" | "repository" | "label":
                found.add(sign)
    return frozenset(found)
