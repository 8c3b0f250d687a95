"""Who decides the text of a `github.*` context.

GitHub's webhook schemas (the table of `Knowledge.context_capability`) say what a field may hold, not who fills it in
and which letters the platform lets through. Both are here.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from scanner.knowledge.tables import Knowledge

Path = tuple[str, ...]


class Sender(Enum):
    """Who can put text of their choice into a context."""

    NOBODY = "nobody"
    """The platform makes the value, or lets only harmless letters through."""
    LIMITED = "limited"
    """Somebody, within a form that leaves little room: an address, an e-mail."""
    ADMIN = "admin"
    """Only those who administer the repository or what it belongs to: its description, its default branch."""
    INSIDER = "insider"
    """Somebody with write access: branches, tags, releases, labels, what a dispatch is given."""
    ANYBODY = "anybody"
    UNKNOWN = "unknown"
    """No payload that is known has it: then it is empty, or newer than our table."""


_REVIEWS: Final = frozenset(("pull_request_review", "pull_request_review_comment"))
_REQUESTS: Final = frozenset(("pull_request", "pull_request_target"))
# Events that run on a branch or tag of somebody's naming, not on the default branch or `refs/pull/…`.
_REFS: Final = frozenset(
    "create delete deployment deployment_status merge_group push registry_package release workflow_dispatch".split()
)

EVENTS: Final[Mapping[str, frozenset[str]]] = {
    "answer": frozenset(("discussion",)),
    "changes": frozenset(
        ("issues", "issue_comment", "discussion", "discussion_comment", *_REQUESTS, *_REVIEWS)
    ),
    "client_payload": frozenset(("repository_dispatch",)),
    "comment": frozenset(
        ("issue_comment", "commit_comment", "discussion_comment", "pull_request_review_comment")
    ),
    "commits": frozenset(("push",)),
    "discussion": frozenset(("discussion", "discussion_comment")),
    "forkee": frozenset(("fork",)),
    "head_commit": frozenset(("push",)),
    "inputs": frozenset(("workflow_dispatch",)),
    "issue": frozenset(("issues", "issue_comment")),
    "merge_group": frozenset(("merge_group",)),
    "pages": frozenset(("gollum",)),
    "pull_request": _REQUESTS | _REVIEWS,
    "release": frozenset(("release",)),
    "review": frozenset(("pull_request_review",)),
    "workflow_run": frozenset(("workflow_run",)),
}
"""The events whose payload has an object (the part behind `github.event`)."""

# Names of accounts and repositories, ids, hashes, dates and enumerations: no letter of theirs means anything to a shell.
_HARMLESS: Final = frozenset(
    "action after author_association before conclusion full_name id login slug state status type visibility".split()
)
_HARMLESS_GITHUB: Final = frozenset(
    "action action_ref action_repository action_status actor api_url env event_path graphql_url output path "
    "ref_protected ref_type repository_visibility retention_days secret_source step_summary workflow workflow_ref "
    "workflow_sha".split()
)
# Written by the people who run the repository, whichever event shows it.
_INSIDERS: Final = frozenset(
    "base deployment enterprise environment installation label labels milestone organization "
    "pusher release repository requested_team target_commitish".split()
)
# What belongs to the settings of the repository, its owner or an app.
_SETTINGS: Final = frozenset("enterprise installation organization repository".split())
_REPOSITORIES: Final = frozenset(("repo", "repository", "head_repository"))
# GitHub makes the addresses of these out of names of accounts and repositories, numbers and hashes.
_ADDRESSED: Final = frozenset(
    "answer comment commits discussion forkee head_commit issue pull_request review sender workflow_run".split()
)
# Addresses that somebody fills in.
_GIVEN: Final = frozenset(("mirror_url", "target_url", "details_url", "environment_url", "log_url"))


def sender_of(path: Path, knowledge: Knowledge) -> Sender:
    """Who decides a context, given by its path in lower case (`*` for an index)."""
    if len(path) < 2 or path == ("github", "event"):
        return Sender.ANYBODY  # the whole payload
    name = ".".join(path)
    known = knowledge.context_capability(name)
    if known == "fixed":
        return Sender.NOBODY
    if path[1] != "event":
        if path[1] in _HARMLESS_GITHUB or path[1].endswith("_id"):
            return Sender.NOBODY
        return Sender.ANYBODY if path[1] in ("head_ref", "*") else Sender.INSIDER
    last = path[-1]
    if path[2] == "schedule":
        return Sender.NOBODY  # the workflow's own `cron:`
    if path[2] in ("client_payload", "inputs", "ref"):
        return Sender.INSIDER
    if last in _HARMLESS or last.endswith(("sha", "_id", "_oid", "_at")):
        return Sender.NOBODY
    if known is None and path[2] != "*" and not knowledge.is_context(".".join(path[:3])):
        return Sender.UNKNOWN
    if last == "name" and path[-2] in _REPOSITORIES:
        return Sender.NOBODY
    if _is_setting(path[2:]):
        return Sender.ADMIN
    if path[-2:] == ("head", "label"):
        return Sender.ANYBODY  # `account:branch`
    if not _INSIDERS.isdisjoint(path[2:]):
        return Sender.INSIDER
    if path[2] in _ADDRESSED and (last == "url" or last.endswith("_url")) and last not in _GIVEN:
        return Sender.NOBODY
    if known == "structured" or last == "url" or last.endswith("_url"):
        return Sender.LIMITED
    return Sender.ANYBODY


def _is_setting(path: Path) -> bool:
    """Whether a context behind `github.event` is a setting of the repository that the workflow stands in, or around it."""
    match path:
        case ("pull_request", "base", "repo", _, *_) | (
            "workflow_run" | "check_run" | "check_suite",
            "repository",
            _,
            *_,
        ):
            return True
    return len(path) > 1 and path[0] in _SETTINGS


def events_with(path: Path) -> frozenset[str] | None:
    """The events that bring a context along, None when it is not known or all of them do."""
    if path in (("github", "head_ref"), ("github", "base_ref")):
        return _REQUESTS
    if path in (("github", "ref"), ("github", "ref_name")):
        return _REFS
    if len(path) < 3 or path[1] != "event":
        return None
    return EVENTS.get(path[2])


_WORDS: Final[Mapping[Path, str]] = {
    ("issue",): "an issue",
    ("pull_request",): "a pull request",
    ("comment",): "a comment",
    ("discussion",): "a discussion",
    ("answer",): "an answer",
    ("review",): "a review",
    ("commits", "*"): "a commit",
    ("commits",): "the commits",
    ("head_commit",): "the commit",
    ("pages", "*"): "a page of the wiki",
    ("workflow_run",): "the run before this one",
    ("release",): "a release",
    ("merge_group",): "a merge group",
    ("forkee",): "a fork",
}
_NOUNS: Final[Mapping[str, str]] = {
    "body": "text",
    "display_title": "title",
    "head_branch": "name of the branch",
    "message": "message",
    "name": "name",
    "email": "e-mail",
    "description": "description",
    "page_name": "name",
    "title": "title",
}


def described(path: Path) -> str:
    """A context in a few words: `title of an issue`; a phrase as it is."""
    if len(path) < 2:
        return path[0] if path else ""
    if path[-2:] == ("head", "ref") or path == ("github", "head_ref"):
        return "name of the branch of a pull request"
    if path[:2] == ("github", "event"):
        for size in (2, 1):
            whole = _WORDS.get(path[2 : 2 + size])
            if whole is not None:
                rest = path[2 + size :]
                if not rest:
                    return f"all of {whole}"
                noun = _NOUNS.get(rest[-1])
                return (
                    f"{noun} of {whole}"
                    if noun is not None and len(rest) == 1
                    else f"`{'.'.join(rest)}` of {whole}"
                )
    return f"`{'.'.join(path)}`"
