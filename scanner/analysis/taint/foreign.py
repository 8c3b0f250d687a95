"""Text and files of strangers that a step brings into its job: what actions and commands fetch.

Actions, their outputs and the commands are those of CodeQL for Actions 2.26.2 (MIT, GitHub): `ext/manual/*.model.yml`,
`ext/config/untrusted_{git,gh}_command.yml`, `dataflow/FlowSources.qll`.
"""

import re
from typing import Final, NamedTuple

from scanner.analysis.uses.versions import version_of
from scanner.model.source import Span
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call, Step

BRANCH: Final = "the branch of a pull request"
FILES: Final = "the names of changed files"
TEXT: Final = "the text of an issue, a pull request or a comment"
ARTIFACT: Final = "an artifact of another run"
CHECKOUT: Final = "a file of the checked-out pull request"

# Outputs (`*` for all) by action.
_OUTPUTS: Final = {
    "ab185508/file-type-finder": ("*", FILES),
    "ahmadnassri/action-changed-files": ("*", FILES),
    "alessbell/pull-request-comment-branch": ("head_ref", BRANCH),
    "avraammavridis/files-changed-action": ("*", FILES),
    "dawidd6/action-download-artifact": ("artifacts", ARTIFACT),
    "eficode/resolve-pr-refs": ("head_ref", BRANCH),
    "gotson/pull-request-comment-branch": ("head_ref", BRANCH),
    "jitterbit/get-changed-files": ("*", FILES),
    "jsmith/changes-since-last-tag": ("*", FILES),
    "karpikpl/list-changed-files-action": ("changed_files", FILES),
    "khan/pull-request-comment-trigger": ("comment_body", TEXT),
    "knu/changed-files": ("*", FILES),
    "lots0logs/gh-action-get-changed-files": ("*", FILES),
    "marocchino/on_artifact": ("*", ARTIFACT),
    "martinhaintz/ga-file-list": ("*", FILES),
    "peter-murray/issue-body-parser-action": ("*", TEXT),
    "peter-murray/issue-forms-body-parser": ("*", TEXT),
    "redhat-plumbers-in-action/download-artifact": ("*", ARTIFACT),
    "the-coding-turtle/ga-file-list": ("*", FILES),
    "trilom/file-changes-action": ("*", FILES),
    "wyrihaximus/github-action-files-in-commit": ("*", FILES),
    "xt0rted/pull-request-comment-branch": ("head_ref", BRANCH),
}
# The version since which names of files come out escaped, unless `safe_output` is off.
_ESCAPING: Final = {"tj-actions/changed-files": (41,), "tj-actions/verify-changed-files": (17,)}
_ROUTES: Final = ("/commits", "/comments", "/pulls", "/issues", "/users", "pull_request.url")
_READERS: Final = frozenset(
    "andstor/file-reader-action igorskyflyer/action-readfile jaywcjlove/github-action-read-file "
    "juliangruber/read-file-action komorebitech/read-files-action".split()
)
_DOWNLOADERS: Final = frozenset(
    "aochmann/actions-download-artifact dawidd6/action-download-artifact ishworkh/multi-docker-build "
    "levonet/action-download-last-artifact redhat-plumbers-in-action/download-artifact".split()
)
_HEADS: Final = re.compile(
    r"head[._](?:sha|ref|branch|commit)|refs/pull/|pull_request\.number|issue\.number|merge_commit_sha", re.I
)
_FETCHES_CODE: Final = re.compile(
    r"\bgh\s+pr\s+checkout\b|\bgit\s+(?:fetch|pull)\b[^\n]{0,200}?\bpull/", re.I
)
_FETCHES_ARTIFACT: Final = re.compile(r"\bgh\s+run\s+download\b|\bdownloadArtifact\b")

_COMMANDS: Final = re.compile(r"[|;&\n()`]+")
_FIELD: Final = re.compile(r"(?:\.[a-z_]\w*)+", re.I)
_GIT_LOGS: Final = ("%s", "%b", "%an", "%ae", "oneline")
_GH_FIELDS: Final = ("headRefName", "title", "body", "comments", "files")
_API_FIELDS: Final = (".head.ref", ".title", ".body", ".filename")
# Programs that print files, with the number of arguments before the first file.
_PRINTERS: Final = {"cat": 0, "head": 0, "tail": 0, "cut": 0, "jq": 1, "yq": 1, "sed": 1, "awk": 1, "grep": 1}


class Foreign(NamedTuple):
    """What strangers wrote: `path` is the field of the event where it is one, `what` says it for people."""

    what: str
    path: tuple[str, ...] = ()


def output_of(call: Call, name: str, files: str | None) -> Foreign | bool | None:
    """What an action gives out; False when it is known to be harmless, None when nothing is known.

    `files` is what strangers' files there are in the workspace.
    """
    use = call.target
    if not isinstance(use, RepositoryUse):
        return None
    known = _OUTPUTS.get(use.slug)
    if known is not None:
        return Foreign(known[1]) if known[0] in ("*", name) else None
    if use.slug in _ESCAPING:
        version, escapes = version_of(call), (call.inputs.get("safe_output") or call.text).value != "false"
        return (
            Foreign(FILES)
            if not escapes or (version is not None and version < _ESCAPING[use.slug])
            else False
        )
    if use.slug in _READERS:
        return Foreign(files) if files is not None else None
    inputs = {entry.key.value.lower(): entry.value.value.strip().lower() for entry in call.inputs.entries}
    match use.slug:
        case "dorny/paths-filter" if name.endswith("_files"):
            return Foreign(FILES) if inputs.get("list-files") in ("csv", "json") else False
        case "octokit/request-action" if inputs.get("route", "").startswith("get"):
            return Foreign(TEXT) if any(part in inputs["route"] for part in _ROUTES) else None
        case "xt0rted/slash-command-action":
            return Foreign(TEXT) if inputs.get("permission-level") in ("read", "none") else False
        case "zentered/issue-forms-body-parser" if "body" not in inputs:
            return Foreign(TEXT)
    return None


def printed_by(span: Span, files: str | None) -> Foreign | None:
    """What the commands in a piece of a script print."""
    text = span.text
    if "GITHUB_EVENT_PATH" in text and "jq" in text:
        for word in text.split():
            if _FIELD.fullmatch(word := word.strip("'\"")):
                return Foreign("", ("github", "event", *word[1:].lower().split(".")))
    for command in _COMMANDS.split(text):
        words = command.replace('"', " ").replace("'", " ").split()
        if words[:1] == ["gh"] and _prints_text(words, command, text):
            return Foreign(TEXT)
        if files is None or not words:
            continue
        if files == CHECKOUT and words[0] == "git" and _prints_history(words[1:], command):
            return Foreign("what git tells of the checked-out pull request")
        arguments = [word for word in words[1:] if not word.startswith("-")]
        if (
            words[0] == "<"
            or words[0].startswith("<")
            or len(arguments) > _PRINTERS.get(words[0], len(words))
        ):
            return Foreign(files)
    return None


def _prints_text(words: list[str], command: str, text: str) -> bool:
    """Whether `gh` prints what strangers wrote; a filter behind the command may pick the field."""
    if words[1:2] == ["api"]:
        asks = "repos/" in command and ("/pulls" in command or "/issues" in command)
        return asks and any(field in text for field in _API_FIELDS)
    return (
        words[1:2] in (["pr"], ["issue"])
        and "view" in words
        and any(field in command for field in _GH_FIELDS)
    )


def _prints_history(words: list[str], command: str) -> bool:
    if "log" in words or "show" in words:
        return any(format in command.lower() for format in _GIT_LOGS)
    if "branch" in words or "rev-parse" in words:
        return "--show-current" in words or "--abbrev-ref" in words
    return "diff" in words or "diff-tree" in words


def files_of(step: Step) -> str | None:
    """What files of strangers a step puts into the workspace."""
    if step.run is not None:
        script = step.run.script.value
        if _FETCHES_CODE.search(script):
            return CHECKOUT
        return ARTIFACT if _FETCHES_ARTIFACT.search(script) else None
    call = step.call
    use = call.target if call is not None else None
    if call is None or not isinstance(use, RepositoryUse):
        return None
    if use.slug == "actions/checkout":
        refs = (call.inputs.get("ref"), call.inputs.get("repository"))
        return CHECKOUT if any(ref is not None and _HEADS.search(ref.value) for ref in refs) else None
    if use.slug in _DOWNLOADERS or (use.slug == "actions/download-artifact" and call.inputs.get("run-id")):
        return ARTIFACT
    script_input = call.inputs.get("script") if use.slug == "actions/github-script" else None
    return ARTIFACT if script_input is not None and _FETCHES_ARTIFACT.search(script_input.value) else None
