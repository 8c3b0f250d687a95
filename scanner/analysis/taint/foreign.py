"""Text and files of strangers that a step brings into its job: what actions and commands fetch.

Actions, their outputs and the commands are those of CodeQL for Actions 2.26.2 (MIT, GitHub): `ext/manual/*.model.yml`,
`ext/config/untrusted_{git,gh}_command.yml`, `dataflow/FlowSources.qll`.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from scanner.analysis.taint.origin import Origin
from scanner.analysis.taint.told import FILES as FILES
from scanner.analysis.taint.told import ISSUE, PULL_REQUEST
from scanner.analysis.taint.told import TEXT as TEXT
from scanner.analysis.taint.trees import Tree
from scanner.analysis.uses.versions import version_of
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

ARTIFACT: Final = "an artifact of another run"
CHECKOUT: Final = "a file of the checked-out pull request"

# Outputs (`*` for all) by action. Source: CodeQL, `ext/manual/<owner>_<repository>.model.yml`.
_OUTPUTS: Final = {
    "ab185508/file-type-finder": ("*", FILES),
    "ahmadnassri/action-changed-files": ("*", FILES),
    "avraammavridis/files-changed-action": ("*", FILES),
    "dawidd6/action-download-artifact": ("artifacts", ARTIFACT),
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
}
# The version since which names of files come out escaped, unless `safe_output` is off. Source: CodeQL, `dataflow/FlowSources.qll`;
# the READMEs of the actions.
_ESCAPING: Final = {"tj-actions/changed-files": (41,), "tj-actions/verify-changed-files": (17,)}
_HEAD_REF: Final[tuple[str, ...]] = (*PULL_REQUEST, "head", "ref")
_HEAD_SHA: Final[tuple[str, ...]] = (*PULL_REQUEST, "head", "sha")
_HEADS_OF: Final[dict[str, tuple[str, ...]]] = {
    "head_ref": _HEAD_REF,
    "head_sha": _HEAD_SHA,
    "base_ref": (*PULL_REQUEST, "base", "ref"),
    "base_sha": (*PULL_REQUEST, "base", "sha"),
}
# Outputs that are the same as a field of an event. Source: CodeQL, `ext/manual/`; their action.yml and READMEs.
_FIELDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "alessbell/pull-request-comment-branch": _HEADS_OF,
    "eficode/resolve-pr-refs": _HEADS_OF,
    "github/branch-deploy": {"ref": _HEAD_REF, "fork_ref": _HEAD_REF, "sha": _HEAD_SHA},
    "gotson/pull-request-comment-branch": _HEADS_OF,
    "actions-ecosystem/action-get-merged-pull-request": {
        "title": (*PULL_REQUEST, "title"),
        "body": (*PULL_REQUEST, "body"),
    },
    "mdecoleman/pr-branch-name": {"branch": _HEAD_REF},
    "potiuk/get-workflow-origin": {"sourceheadbranch": _HEAD_REF, "sourceheadsha": _HEAD_SHA},
    "xt0rted/pull-request-comment-branch": _HEADS_OF,
    "8bitjonny/gh-get-current-pr": {
        "pr_title": (*PULL_REQUEST, "title"),
        "pr_body": (*PULL_REQUEST, "body"),
        "pr": PULL_REQUEST,
    },
    "jwalton/gh-find-current-pr": {"title": (*PULL_REQUEST, "title"), "body": (*PULL_REQUEST, "body")},
}
PASSING: Final[dict[str, str]] = {
    "actions-ecosystem/action-regex-match": "text",
    "ashley-taylor/read-json-property-action": "*",
    "ashley-taylor/regex-property-action": "value replacement",
    "aszc/change-string-case-action": "string",
    "bhowell2/github-substring-action": "value",
    "bluwy/substitute-string-action": "*",
    "dsfx3d/action-extract-unique-matches": "text",
    "frabert/replace-string-action": "string replace-with",
    "haya14busa/action-cond": "if_true if_false",
    "jungwinter/split": "msg",
    "kaisugi/action-regex-match": "text",
    "mad9000/actions-find-and-replace-string": "source replace",
    "meilcli/regex-match": "search_string",
    "rishabhgupta/split-by": "string",
    "winterjung/split": "msg",
    "xom9ikk/split": "string",
    "zentered/issue-forms-body-parser": "body",
}
"""The inputs that actions give out again, cut or changed. Source: CodeQL, `ext/manual/` (summaries); their action.yml."""

# Routes of the REST API that answer with texts of others. Source: CodeQL, `dataflow/FlowSources.qll`; GitHub's REST API.
# Outputs that hold numbers, ids, digests, addresses of GitHub's and fixed words, whatever the action is given (their action.yml and
# READMEs).
_HARMLESS: Final = {
    slug: frozenset(names.split())
    for slug, names in {
        "8bitjonny/gh-get-current-pr": "number pr_found",
        "actions-ecosystem/action-get-merged-pull-request": "number",
        "actions/cache": "cache-hit",
        "actions/cache/restore": "cache-hit",
        "actions/create-github-app-token": "installation-id",
        "actions/create-release": "html_url id upload_url",
        "actions/deploy-pages": "page_url",
        "actions/upload-artifact": "artifact-digest artifact-id artifact-url",
        "docker/build-push-action": "digest imageid",
        "jwalton/gh-find-current-pr": "number pr",
        "peter-evans/create-issue-from-file": "issue-number",
        "peter-evans/create-or-update-comment": "comment-id",
        "peter-evans/create-pull-request": "pull-request-commits-verified pull-request-head-sha pull-request-number "
        "pull-request-operation pull-request-url",
        "peter-evans/find-comment": "comment-id",
        "softprops/action-gh-release": "id upload_url url",
    }.items()
}
_NUMBERS: Final = frozenset(("number", "id", "count", "sha", "digest", "hit"))
"""Last words in the names of outputs which are no text, by convention."""

_ROUTES: Final = ("/commits", "/comments", "/pulls", "/issues", "/users", "pull_request.url")
# Actions that give out a file. Source: CodeQL, `dataflow/FlowSources.qll`; their action.yml.
_READERS: Final = frozenset(
    "andstor/file-reader-action igorskyflyer/action-readfile jaywcjlove/github-action-read-file "
    "juliangruber/read-file-action komorebitech/read-files-action".split()
)


class Foreign(NamedTuple):
    """What strangers wrote: `path` is the field of an event that is the same text, where there is one; `what` says it for people.
    Not `sure` is what only a convention says."""

    what: str
    path: tuple[str, ...] = ()
    sure: bool = True


def written_in(tree: Tree) -> str:
    """What a file of others is, for people."""
    return ARTIFACT if tree.kind == "artifact" else CHECKOUT


def brought(tree: Tree, what: str | None = None) -> Origin:
    """What stands in the files of others, or what is told of them."""
    origin = Origin("fetched", (what or written_in(tree),), tree.how, 2 if tree.guess else 0, tree.guarded)
    fetched = "an artifact" if tree.kind == "artifact" else "the code of a pull request"
    return origin.through(tree.at, f"{fetched} is fetched here", kind="fetched")


def output_of(call: Call, name: str, trees: Sequence[Tree]) -> Foreign | bool | None:
    """What an action gives out; False when it is known to be harmless, None when nothing is known.

    `trees` are the strangers' files in the workspace.
    """
    use = call.target
    if not isinstance(use, RepositoryUse):
        return None
    fields = _FIELDS.get(use.slug)
    if fields is not None and name in fields:
        return Foreign("", fields[name])
    if name in _HARMLESS.get(use.slug, ()):
        return False
    known = _OUTPUTS.get(use.slug)
    if known is not None:
        return Foreign(known[1]) if known[0] in ("*", name) else None
    if use.slug in _ESCAPING:
        version, escapes = version_of(call), (call.inputs.get("safe_output") or call.text).value != "false"
        old = version is not None and version < _ESCAPING[use.slug]
        if name.endswith(
            ("_count", "any_changed", "any_modified", "only_changed", "any_deleted", "files_changed")
        ):
            return False
        return Foreign(FILES) if not escapes or old else False
    if use.slug in _READERS:
        tree = next((tree for tree in trees if not tree.own and not tree.latent), None)
        return Foreign(written_in(tree)) if tree is not None else None
    inputs = {entry.key.value.lower(): entry.value.value.strip().lower() for entry in call.inputs.entries}
    match use.slug:
        case "dorny/paths-filter" if name.endswith("_files"):
            listed = inputs.get("list-files", "none")
            return Foreign(FILES) if listed in ("csv", "json") else False
        case "dorny/paths-filter":
            return False
        case "tj-actions/branch-names" if name in ("current_branch", "head_ref_branch"):
            version = version_of(call)
            return Foreign("", _HEAD_REF) if version is not None and version < (9,) else None
        case "octokit/request-action" if inputs.get("route", "").startswith("get"):
            return _requested(inputs["route"], name)
        case "xt0rted/slash-command-action":
            return Foreign(TEXT) if inputs.get("permission-level") in ("read", "none") else False
        case "zentered/issue-forms-body-parser" if "body" not in inputs:
            return Foreign(TEXT)
    return None


def names_number(call: Call, name: str) -> bool:
    """Whether an output of an action of which nothing is known is a number or id by its name; what others write into a text that the
    action is given does not come out of it then."""
    use = call.target
    known = isinstance(use, RepositoryUse) and use.slug in PASSING
    return not known and name.lower().replace("-", "_").rpartition("_")[2] in _NUMBERS


def _requested(route: str, name: str) -> Foreign | None:
    """What a request to the REST API answers."""
    if name != "data" or not any(part in route for part in _ROUTES):
        return None
    parts = [part for part in route.partition(" ")[2].split("/") if part]
    if (len(parts) >= 2 and parts[-2] == "pulls") or "pull_request.url" in route:
        return Foreign("", PULL_REQUEST)
    if len(parts) >= 2 and parts[-2] == "issues":
        return Foreign("", ISSUE)
    return Foreign(TEXT)
