"""What commands tell of texts that others wrote: `gh`, `git`, requests to GitHub's API, the payload of the event.

The commands are those of CodeQL for Actions 2.26.2 (MIT, GitHub: `ext/config/untrusted_{git,gh}_command.yml`), the fields those of
the `gh` manual and of GitHub's REST API.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from scanner.parse.shell_words import Command, behind_bracket

Path = tuple[str, ...]

FILES: Final = "the names of changed files"
TEXT: Final = "the text of an issue, a pull request or a comment"
COMMITS: Final = "the messages of commits"
HISTORY: Final = "what git tells of the checked-out pull request"

_EVENT: Final = ("github", "event")
PULL_REQUEST: Final = (*_EVENT, "pull_request")
ISSUE: Final = (*_EVENT, "issue")
COMMENT: Final = (*_EVENT, "comment")
_RUN: Final = (*_EVENT, "workflow_run")


class Told(NamedTuple):
    """What others wrote: `path` is the field of an event that it is the same as, `what` says it for people where there is none."""

    what: str
    path: Path = ()


_FIELDS: Final[dict[str, dict[str, Told]]] = {
    "pr": {
        "headRefName": Told("", (*PULL_REQUEST, "head", "ref")),
        "headRefOid": Told("", (*PULL_REQUEST, "head", "sha")),
        "baseRefName": Told("", (*PULL_REQUEST, "base", "ref")),
        "title": Told("", (*PULL_REQUEST, "title")),
        "body": Told("", (*PULL_REQUEST, "body")),
        "number": Told("", (*PULL_REQUEST, "number")),
        "mergeCommit": Told("", (*PULL_REQUEST, "merge_commit_sha")),
        "potentialMergeCommit": Told("", (*PULL_REQUEST, "merge_commit_sha")),
        "files": Told(FILES),
        "comments": Told(TEXT),
        "reviews": Told(TEXT),
        "latestReviews": Told(TEXT),
        "commits": Told(COMMITS),
        "labels": Told("", (*PULL_REQUEST, "labels")),
        "milestone": Told("", (*PULL_REQUEST, "milestone", "title")),
    },
    "issue": {
        "title": Told("", (*ISSUE, "title")),
        "body": Told("", (*ISSUE, "body")),
        "number": Told("", (*ISSUE, "number")),
        "comments": Told(TEXT),
        "labels": Told("", (*ISSUE, "labels")),
        "milestone": Told("", (*ISSUE, "milestone", "title")),
    },
    "run": {
        "headBranch": Told("", (*_RUN, "head_branch")),
        "headSha": Told("", (*_RUN, "head_sha")),
        "displayTitle": Told("", (*_RUN, "display_title")),
    },
}
_LOWER: Final = {
    kind: {name.lower(): told for name, told in table.items()} for kind, table in _FIELDS.items()
}
_SHOWN: Final = {"pr": TEXT, "issue": TEXT}
_API: Final = re.compile(
    r"(?:https?://)?api\.github\.com(?=[/:?#]|$)|https?://[\w.-]{1,100}/api/v3/"
    r"|\$\{?GITHUB_API_URL\b|\$\{\{\s*(?:github\.api_url|env\.GITHUB_API_URL)\b"
    r"|\$\{\{\s*github\.event\.[\w.\[\]]{1,200}?(?:_url|\burl)\s*\}\}",
    re.I,
)
"""Addresses of GitHub's API (GitHub: "REST API", "Default environment variables"; GitHub Enterprise Server serves it at `/api/v3`)."""
_FILE_FIELDS: Final = frozenset(("filename", "previous_filename", "path"))

_PATH: Final = re.compile(r"\.[A-Za-z_][\w]*(?:\[\d*\])?(?:\??\.[A-Za-z_]\w*(?:\[\d*\])?)*")
_ENDPOINT: Final = re.compile(r"/(pulls|issues|comments|commits|compare|actions/runs|reviews|files)\b")
_BASES: Final[dict[str, Path]] = {
    "pulls": PULL_REQUEST,
    "issues": ISSUE,
    "comments": COMMENT,
    "reviews": (*_EVENT, "review"),
    "commits": (*_EVENT, "head_commit"),
    "actions/runs": _RUN,
}
_ADDRESSES: Final = {
    "pull_request.url": "pulls",
    "pull_request_url": "pulls",
    "comments_url": "comments",
    "commits_url": "commits",
    "issue.url": "issues",
    "issue_url": "issues",
    "comment.url": "comments",
    "workflow_run.url": "actions/runs",
}
"""Fields of an event that hold an address of the API (GitHub: "Webhook events and payloads")."""
_HARMLESS_GIT: Final = ("%H", "%h", "%T", "%t", "%ct", "%at", "%cI", "%aI", "%ci", "%cs", "%as", "%ai")
_COUNTED: Final = ("length", "type", "not", "tonumber", "@base64", "@uri")


def told(commands: Sequence[Command]) -> tuple[Told, ...] | None:
    """What a command prints of others' texts, the filters behind it in its pipe taken into account; None for a command of
    another kind."""
    command = commands[0]
    texts = command.texts
    match command.program.lower():
        case "gh":
            return _gh(texts, commands)
        case "curl" | "wget" | "http":
            url = next((text for text in texts[1:] if _is_api(text)), None)
            return _api(url, _filter(texts, commands)) if url is not None else None
        case "jq":
            if any("GITHUB_EVENT_PATH" in text for text in _read(command)):
                return _event(_filter(texts, commands))
        case "cat" | "":
            if any("GITHUB_EVENT_PATH" in text for text in _read(command)):
                return _event(_filter((), commands))
    return None


def picked(command: Command, path: Path) -> tuple[Path, ...] | None:
    """What `jq` takes of an object of GitHub's, given by its path; None where it is no object, or all of it is taken. What `gh`
    has printed of one is told apart by the names of its fields."""
    program = _filter(command.texts, (command,)) if command.program in ("jq", "yq") else None
    if program is None or path[:2] != _EVENT:
        return None
    fields = list(_fields(program))
    if not fields:
        return None
    if len(path) <= 3:
        return tuple((*path, *field) for field in fields)
    named = {
        table[name].path
        for table in _LOWER.values()
        for field in fields
        for name in field[:1]
        if name in table
    }
    if path[-1] in {field[-1] for field in fields}:
        return None  # the filter that has picked it already
    return None if not named or path in named else ()


def history(command: Command) -> bool:
    """Whether git prints names or texts of what is checked out."""
    texts = command.texts
    if command.program != "git":
        return False
    verb = next((word for word in texts[1:] if not word.startswith("-")), "")
    line = " ".join(texts)
    match verb:
        case "log" | "show":
            formats = [
                text.partition("=")[2] for text in texts if text.startswith(("--format=", "--pretty="))
            ]
            formats += [after for text, after in pairwise(texts) if text in ("--format", "--pretty")]
            if any(text in ("--name-only", "--name-status", "--stat") for text in texts):
                return True
            return not formats or not all(_only_ids(one) for one in formats)
        case (
            "diff"
            | "diff-tree"
            | "ls-files"
            | "ls-tree"
            | "shortlog"
            | "whatchanged"
            | "status"
            | "grep"
            | "cat-file"
        ):
            return not any(flag in texts for flag in ("--quiet", "--exit-code", "--shortstat"))
        case "branch":
            return "--show-current" in texts or "-a" in texts or "--format" in line
        case "rev-parse" | "symbolic-ref" | "name-rev":
            return "--abbrev-ref" in texts or verb != "rev-parse"
    return False


def _only_ids(format: str) -> bool:
    rest = format.strip("'\"").removeprefix("format:").removeprefix("tformat:")
    for one in _HARMLESS_GIT:
        rest = rest.replace(one, "")
    return "%" not in rest and rest.strip() not in (
        "oneline",
        "short",
        "medium",
        "full",
        "fuller",
        "reference",
        "raw",
    )


def _gh(texts: tuple[str, ...], commands: Sequence[Command]) -> tuple[Told, ...] | None:
    kind, verb = texts[1:2], texts[2:3]
    if kind == ("api",):
        url = next((text for text in texts[2:] if "/" in text and not text.startswith("-")), "")
        if "graphql" in texts[2:4]:
            return _graphql(" ".join(texts))
        return _api(url, _filter(texts, commands)) if _ENDPOINT.search(url) else None
    if kind == ("pr",) and verb == ("diff",):
        return (Told(FILES),)
    if kind not in (("pr",), ("issue",), ("run",), ("search",)) or verb not in (
        ("view",),
        ("list",),
        ("status",),
        ("prs",),
        ("issues",),
    ):
        return None
    table = _FIELDS.get("pr" if verb == ("prs",) else "issue" if verb == ("issues",) else kind[0], {})
    asked = next((after for text, after in pairwise(texts) if text == "--json"), None)
    asked = asked or next((text[7:] for text in texts if text.startswith("--json=")), None)
    if asked is None:
        return (Told(TEXT),) if kind[0] in _SHOWN else None
    fields = [field.strip() for field in asked.split(",")]
    program = _filter(texts, commands)
    if program is not None:
        if program.rstrip(" )").endswith(_COUNTED):
            return ()
        fields = [field for field in fields if re.search(rf"\.{re.escape(field)}\b", program)] or (
            fields if program.strip() in (".", ".[]", ".[0]") else []
        )
    return tuple(table[field] for field in fields if field in table)


def answered(url: str) -> Told | None:
    """What a request to the REST API answers as a whole."""
    kind = _kind(url)
    if kind is None:
        return None
    if kind == "files":
        return Told(FILES)
    base = _BASES.get(kind)
    return Told("", base) if base is not None else Told(TEXT)


def _kind(url: str) -> str | None:
    """What a request is for: by its path, or by the event's field that holds the address."""
    kinds = _ENDPOINT.findall(url)
    if kinds:
        return str(kinds[-1])
    lowered = url.lower()
    return next((kind for name, kind in _ADDRESSES.items() if name in lowered), None)


def _api(url: str, program: str | None) -> tuple[Told, ...] | None:
    """What a request to the REST API answers, or of it what a filter takes."""
    kind = _kind(url)
    if kind is None:
        return None
    base = _BASES.get(kind)
    if program is None:
        whole = answered(url)
        return (whole,) if whole is not None else None
    if program.rstrip(" )").endswith(_COUNTED):
        return ()
    return tuple(_of_field(base, field) for field in _fields(program))


def _of_field(base: Path | None, field: Path) -> Told:
    if field[-1] in _FILE_FIELDS:
        return Told(FILES)
    if field[-1] in ("message", "commit"):
        return Told(COMMITS)
    return Told("", (*base, *field)) if base is not None else Told(TEXT)


def _graphql(text: str) -> tuple[Told, ...]:
    found = [Told("", (*PULL_REQUEST, "head", "ref"))] if "headRefName" in text else []
    if re.search(r"\b(?:title|body|bodyText|message)\b", text):
        found.append(Told(TEXT))
    return tuple(found)


def _event(program: str | None) -> tuple[Told, ...]:
    if program is None:
        return (Told("", _EVENT),)
    if program.rstrip(" )").endswith(_COUNTED):
        return ()
    fields = list(_fields(program))
    if not fields:
        return (Told("", _EVENT),) if program.strip() in (".", ".[]") else ()
    return tuple(Told("", (*_EVENT, *field)) for field in fields)


def _fields(program: str) -> Iterator[Path]:
    """The fields that a program of `jq` takes, in lower case: `.head.ref`, `.[].title`. What stands behind `select(` is a test."""
    for match in _PATH.finditer(_without_tests(program)):
        yield tuple(part.partition("[")[0].rstrip("?").lower() for part in match[0][1:].split("."))


def _without_tests(program: str) -> str:
    """A program without the conditions in its `select(…)` and `test(…)`."""
    at = program.find("select(")
    while at >= 0:
        end = behind_bracket(program, at + 6)
        program = program[:at] + " " + program[end:]
        at = program.find("select(") if len(program) < 5_000 else -1
    return program


def _filter(texts: Sequence[str], commands: Sequence[Command]) -> str | None:
    """The program of `jq` that picks from what a command prints: its own `--jq`, or those behind it in the pipe."""
    found: list[str] = []
    if texts[:1] == ("jq",):
        found += [word for word in texts[1:] if not word.startswith("-") and "GITHUB_EVENT_PATH" not in word][
            :1
        ]
    for index, text in enumerate(texts[:-1]):
        if text in ("-q", "--jq", "-t", "--template"):
            found.append(texts[index + 1])
    found += [text.partition("=")[2] for text in texts if text.startswith(("--jq=", "-q="))]
    for command in commands[1:]:
        if command.program in ("jq", "yq"):
            found += [word for word in command.texts[1:] if not word.startswith("-")][:1]
    return " | ".join(found) if found else None


def _read(command: Command) -> Iterable[str]:
    yield from command.texts[1:]
    for one in command.redirections:
        if not one.writes:
            yield one.target.text


def _is_api(text: str) -> bool:
    """Whether a word of a command is an address of GitHub's API: of its server, or one that an event names."""
    return _API.match(text) is not None
