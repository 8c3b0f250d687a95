"""Texts that name the code of a pull request, of a fork or of the run before: by the context at which they enter.

Contexts: those of CodeQL for Actions 2.26.2 (MIT, GitHub), `security/UntrustedCheckoutQuery.qll`.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

from scanner.analysis.outsiders.senders import EVENTS, Sender, events_with, sender_of
from scanner.analysis.taint.foreign import ARTIFACT
from scanner.analysis.taint.origin import Origin
from scanner.analysis.taint.told import FILES
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Note
from scanner.model.source import Span

Sort = Literal["commit", "branch", "number", "repository", "text"]
"""`number`: of a pull request, so that `refs/pull/…` is meant. `text`: whatever others like."""

_REQUESTS: Final = frozenset(("pull_request", "pull_request_target"))
_CHECKS: Final = frozenset(("check_run", "check_suite"))
_OBJECTS: Final = frozenset(("pull_request", "workflow_run", "merge_group", *_CHECKS))
_NUMBERS: Final = frozenset(("number", "html_url", "url"))

_TRUSTED: Final = frozenset(
    "base baseline default main mainline master release released releases tag tagged tags target trunk upstream version versions".split()
)
_COMMITS: Final = frozenset("sha sha1 commit commitish oid rev revision".split())
_BRANCHES: Final = frozenset("branch head ref".split())
_PULLS: Final = frozenset("pr pull pullrequest".split())
_OTHERS: Final = frozenset("current fork from git last latest merge name new number request source".split())
_WORDS: Final = _TRUSTED | _COMMITS | _BRANCHES | _PULLS | _OTHERS
_LONGEST: Final = max(map(len, _WORDS))
MAX_NAME: Final = 100
"""Letters of a name in which words are looked for."""


class Head(NamedTuple):
    """What a text names. `events` bring it along (None: all, as far as is known). `fixed`: it stays the same from the event to its
    use. `guess`: only its name says so. `how` is the way from the event to the text. `told`: it was read from an artifact."""

    sort: Sort
    events: frozenset[str] | None
    fixed: bool
    guess: bool
    how: tuple[Note, ...]
    told: bool = False


def heads_of(
    origins: Iterable[Origin], knowledge: Knowledge, pulls: bool = False, field: str = ""
) -> tuple[Head, ...]:
    """What a text names, by the origins of its parts. `pulls`: it stands behind `pull/`, where every number means a pull
    request. `field` is what is read out of JSON or an output, for its name."""
    found = (_head_of(origin, knowledge, pulls, field) for origin in origins)
    # A number alone names nothing to fetch: `refs/pull/` must stand before it, be it on the way.
    heads = tuple(
        head
        for head in found
        if head is not None
        and (head.sort != "number" or pulls or any(_behind_pull(note.at) for note in head.how))
    )
    if pulls or len(heads) < 2 or any(head.events is not None for head in heads):
        return heads
    # Of an object with many fields the name says which.
    wanted = of_json(field)
    named = tuple(head for head in heads if head.sort == wanted)
    return named or heads


def _head_of(origin: Origin, knowledge: Knowledge, pulls: bool, field: str) -> Head | None:
    how = origin.hops
    match origin.kind:
        case "event":
            sort, events = _named(origin.path, knowledge)
            if sort is None:
                return Head("number", events_with(origin.path), False, False, how) if pulls else None
            return Head(sort, events, sort == "commit", sort == "text" and origin.doubt > 0, how)
        case "fetched":
            if origin.path[0] == "github":
                if len(origin.path) < 4:  # a whole object
                    sort = of_json(field)
                    if sort is None and field:
                        return None  # another of its fields
                    return Head(sort or "text", None, False, False, how)
                looked_up = _named(origin.path, knowledge)[0]
                return Head(looked_up, None, False, False, how) if looked_up is not None else None
            phrase = origin.path[0]
            if pulls:
                return Head("number", None, False, False, how)
            if phrase == FILES:
                return None
            return Head("text", None, False, origin.doubt >= 2, how, phrase == ARTIFACT)
        case "caller":
            guess = guessed(origin.path[-1])
            # A branch is looked up in the caller's repository, where strangers cannot push.
            return Head(guess, None, False, True, how) if guess in ("commit", "number") else None
        case "unknown":
            if pulls:
                return Head("number", None, False, False, how)
            guess = of_json(field) or guessed(origin.path[-1])
            # A commit that a comment names is the one that its author has looked at.
            named = guess == "commit" and any(note.kind == "matched" for note in how)
            return Head(guess, None, named, True, how) if guess is not None else None
    return None


def _behind_pull(at: Span) -> bool:
    """Whether the text of a place makes a ref of a pull request of its number, or stands where one is made."""
    return "pull/" in at.source.text[max(0, at.start - len("refs/pull/${{ '")) : at.end]


def of_json(field: str) -> Sort | None:
    """What a field of JSON is that may be a pull request of GitHub's API."""
    match field.lower().split("."):
        case ["head", "sha", *_]:
            return "commit"
        case ["head", "ref", *_]:
            return "branch"
        case ["head", _, *_]:
            return "repository"
    return guessed(field) if field else None


def guessed(name: str) -> Sort | None:
    """What the name of an output or variable, of which nothing more is known, says about it."""
    words = frozenset(_words(name[:MAX_NAME]))
    if not words.isdisjoint(_TRUSTED):
        return None
    if not words.isdisjoint(_COMMITS):
        return "commit"
    if not words.isdisjoint(_BRANCHES):
        return "branch"
    return None if words.isdisjoint(_PULLS) else "number"


def _words(name: str) -> Iterator[str]:
    """The words of `head-sha`, `headSha` and `headsha`; of `domain`, only itself."""
    for piece in name.lower().replace("-", "_").replace(".", "_").split("_"):
        found, rest = [], piece
        while rest:
            word = next((rest[:end] for end in range(_LONGEST, 1, -1) if rest[:end] in _WORDS), None)
            if word is None:
                found = [piece]
                break
            found.append(word)
            rest = rest[len(word) :]
        yield from found


def _named(path: tuple[str, ...], knowledge: Knowledge) -> tuple[Sort | None, frozenset[str] | None]:
    """What a field of the event names, and the events that have it."""
    if path == ("github", "head_ref"):
        return "branch", _REQUESTS
    if path[:2] != ("github", "event") or len(path) < 3:
        return None, None
    rest = path[2:]
    match rest:
        case ("number",):
            return "number", _REQUESTS
        case ("after",):
            return "commit", _REQUESTS  # of `synchronize`
        case ("issue", "number" | "html_url") | ("issue", "pull_request", *_):
            return "number", frozenset(("issue_comment",))
    if rest[0] not in _OBJECTS:
        anybody = sender_of(path, knowledge) is Sender.ANYBODY
        return ("text" if anybody else None), events_with(path)
    sort = _part(rest)
    if sort is None:
        return None, None
    events = _CHECKS if rest[0] in _CHECKS else EVENTS.get(rest[0])
    if knowledge.context_capability(".".join(path)) is None and "*" not in path:
        events = frozenset()  # there is no such field
    return sort, events


def _part(rest: tuple[str, ...]) -> Sort | None:
    if len(rest) < 2:
        return None
    last, before = rest[-1], rest[-2]
    if last in ("head_sha", "merge_commit_sha", "after") or (before, last) in (
        ("head", "sha"),
        ("head_commit", "id"),
    ):
        return "commit"
    if last in ("head_branch", "head_ref") or (before, last) == ("head", "ref"):
        return "branch"
    if "head_repository" in rest or ("head" in rest and not {"repo", "user", "label"}.isdisjoint(rest)):
        return "repository"
    if last in _NUMBERS and before in ("pull_request", "*"):
        return "number"
    return None
