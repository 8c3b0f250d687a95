"""Files with secrets in them that are uploaded or cached: scripts and actions write them, artifacts and caches carry them away.

Who may read a repository may download its artifacts, and every pull request gets the caches of the default branch. The names of
files and inputs are those of the actions' documentation.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import groupby
from typing import Final, Literal, NamedTuple

from scanner.analysis.permissions.kept_credentials import takes_hidden_files
from scanner.analysis.taint.secret_flow import Put, flow_of, handles_secrets
from scanner.analysis.taint.secret_values import secret_in
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.steps import parent_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Note
from scanner.model.source import Span
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

MAX_FILES: Final = 100
"""Files with secrets of one job that are looked for."""
MAX_UPLOADS: Final = 100
"""Uploads of one job that are looked at."""
MAX_LINES: Final = 100
"""Lines of a path, and parts of a path, that are looked at."""

Root = Literal["workspace", "home", "temp", "/"]
Path = tuple[Root, tuple[str, ...]]

_ROOTS: Final[dict[str, Root]] = {
    "$GITHUB_WORKSPACE": "workspace",
    "${GITHUB_WORKSPACE}": "workspace",
    "${{github.workspace}}": "workspace",
    "$HOME": "home",
    "${HOME}": "home",
    "~": "home",
    "$RUNNER_TEMP": "temp",
    "${RUNNER_TEMP}": "temp",
    "${{runner.temp}}": "temp",
}
_UPLOADS: Final = {
    "actions/upload-artifact": ("path", "artifact"),
    "actions/upload-pages-artifact": ("path", "site"),
    "peaceiris/actions-gh-pages": ("publish_dir", "site"),
    "jamesives/github-pages-deploy-action": ("folder", "site"),
    "actions/cache": ("path", "cache"),
}
"""By the action: the input that names the files, and what they become. `actions/cache/save` counts as actions/cache."""
_WRITERS: Final[dict[str, tuple[str, str | None]]] = {
    "1arp/create-a-file-action": ("file", None),
    "damianreeves/write-file-action": ("path", None),
    "jsdaniell/create-json": ("name", None),
    "spicypizza/create-envfile": ("file_name", ".env"),
}
"""Actions that write what they are given to a file: the input that names it, and its name without that."""


class _File(NamedTuple):
    path: Path
    what: str
    note: Note


class Carried(NamedTuple):
    """`at` is the line of the upload's path; `what` is in the file, which is written at `note`. `exact` says that the line
    names the file or its folder, not the whole workspace."""

    node: StepNode
    at: Span
    kind: str
    file: str
    what: str
    note: Note
    exact: bool


@per_graph
def carried_secrets(graph: Graph) -> tuple[Carried, ...]:
    """The uploads of all jobs and composite actions that take in a file with a secret, each such file once."""
    found: list[Carried] = []
    for _, steps in groupby(live_steps(graph), parent_of):
        nodes = list(steps)
        if any(_upload(node) is not None for node in nodes):
            found += _of_job(graph, nodes)
    return tuple(found)


def _upload(node: StepNode) -> tuple[Scalar, str, bool] | None:
    """What an uploading step takes: the input, what it becomes, and whether that is done at the end of the job."""
    call = node.step.call
    use = call.target if call is not None else None
    if call is None or not isinstance(use, RepositoryUse):
        return None
    known = _UPLOADS.get(use.slug)
    if known is None or use.path not in ("", "save"):
        return None
    path = call.inputs.get(known[0])
    return None if path is None else (path, known[1], known[1] == "cache" and not use.path)


def _of_job(graph: Graph, nodes: list[StepNode]) -> Iterator[Carried]:
    files: dict[Path, _File] = {}
    late: list[tuple[StepNode, Scalar, str]] = []
    said: set[tuple[str, Path]] = set()
    count = 0
    for node in nodes:
        upload = _upload(node)
        count += upload is not None
        if count > MAX_UPLOADS:
            break
        if upload is None:
            _write(graph, node, files)
        elif upload[2]:
            late.append((node, *upload[:2]))
        else:
            yield from _carried(node, *upload[:2], files, said)
    for node, path, kind in late:
        yield from _carried(node, path, kind, files, said)


# ---------------------------------------------------------------- files


def _write(graph: Graph, node: StepNode, files: dict[Path, _File]) -> None:
    step = node.step
    if step.call is not None:
        made = _of_action(step.call)
        if made is not None and len(files) < MAX_FILES:
            files[made.path] = made
        return
    if not files and not handles_secrets(graph, node):
        return
    base = _folder(node)
    for one in flow_of(graph, node).files:
        path = _inside(base, one.folder, one.file)
        if path is None:
            continue
        if isinstance(one, Put):
            if len(files) < MAX_FILES:
                note = Note(one.at, f"the secret `{one.secret}` is written here")
                files[path] = _File(path, f"the secret `{one.secret}`", note)
        else:
            files.pop(path, None)


def _of_action(call: Call) -> _File | None:
    use = call.target
    if not isinstance(use, RepositoryUse) or call.inputs.expression is not None:
        return None
    at = call.text.content.first_line()
    if use.slug == "google-github-actions/auth" and not use.path:
        kept = call.inputs.get("create_credentials_file")
        if kept is not None and kept.value.strip().lower() == "false":
            return None
        path: Path = ("workspace", ("gha-creds-0.json",))
        return _File(path, "the credentials of Google Cloud", Note(at, "they are written here"))
    known = _WRITERS.get(use.slug)
    if known is None or use.path:
        return None
    secret = next((found for entry in call.inputs.entries if (found := secret_in(entry.value))), None)
    name = call.inputs.get(known[0])
    file = name.value if name is not None else known[1]
    folders = (call.inputs.get(one) for one in ("path", "dir", "directory") if one != known[0])
    place = next((one for one in folders if one is not None), None)
    if secret is None or file is None:
        return None
    written = _inside(("workspace", ()), place.value if place is not None else "", file)
    if written is None:
        return None
    return _File(written, f"the secret `{secret}`", Note(at, f"the secret `{secret}` is written here"))


def _folder(node: StepNode) -> Path | None:
    """The folder in which a script starts; None where that cannot be told."""
    run = node.step.run
    named = run.working_directory if run is not None else None
    if named is None:
        named = next(
            (one.working_directory for one in node.defaults if one.working_directory is not None), None
        )
    return ("workspace", ()) if named is None else _path(named.value)


def _inside(base: Path | None, folder: str | None, file: str) -> Path | None:
    """Where a file stands that is named in a folder below another one."""
    own = _path(file)
    if own is None or _is_rooted(file):
        return own
    if base is None or folder is None:
        return None
    if _is_rooted(folder):
        base = _path(folder)
    elif folder:
        base = _joined(base, folder)
    return _joined(base, file) if base is not None else None


def _is_rooted(text: str) -> bool:
    return text.startswith(("/", "~", "$"))


def _joined(base: Path, text: str) -> Path | None:
    below = _path(text)
    return _resolved(base[0], [*base[1], *below[1]]) if below is not None else None


def _path(text: str) -> Path | None:
    """A path as it is written; None where an expression or a variable decides it."""
    text = text.strip().strip("\"'")
    root: Root = "workspace"
    if text.startswith("${{"):
        inside, closed, rest = text.partition("}}")
        head = inside.replace(" ", "").lower() + closed
        found = _ROOTS.get(head)
        if found is None:
            return None
        root, text = found, rest
    elif text.startswith(("$", "~")):
        head, _, rest = text.partition("/")
        found = _ROOTS.get(head)
        if found is None:
            return None
        root, text = found, rest
    elif text.startswith("/"):
        root = "/"
    if "$" in text or "`" in text or text.count("/") > MAX_LINES:
        return None
    return _resolved(root, text.split("/"))


def _resolved(root: Root, parts: list[str]) -> Path | None:
    found: list[str] = []
    for part in parts:
        if part == "..":
            if not found:
                return None
            found.pop()
        elif part not in ("", "."):
            found.append(part)
    return root, tuple(found)


# ---------------------------------------------------------------- uploads


def _carried(
    node: StepNode, path: Scalar, kind: str, files: dict[Path, _File], said: set[tuple[str, Path]]
) -> Iterator[Carried]:
    call = node.step.call
    if not files or call is None:
        return
    hidden = kind != "artifact" or takes_hidden_files(call)
    lines = _lines(path.content)
    left_out = [found for text, _ in lines if text.startswith("!") and (found := _path(text[1:])) is not None]
    for text, at in lines:
        taken = _path(text) if not text.startswith("!") else None
        if taken is None:
            continue
        for one in files.values():
            if (kind, one.path) in said or not _covers(taken, one.path):
                continue
            if not hidden and any(part.startswith(".") for part in one.path[1]):
                continue
            if any(_covers(out, one.path) for out in left_out):
                continue
            said.add((kind, one.path))
            name = "/".join(one.path[1]).replace("gha-creds-0", "gha-creds-*")
            yield Carried(node, at, kind, name, one.what, one.note, bool(taken[1]))


def _lines(content: Span) -> list[tuple[str, Span]]:
    """The lines of a path with their places."""
    found: list[tuple[str, Span]] = []
    offset = content.start
    for line in content.text.splitlines(keepends=True)[:MAX_LINES]:
        text = line.strip()
        if text and text not in ("|", ">", "|-", ">-"):
            start = offset + line.index(text)
            found.append((text, Span(content.source, start, start + len(text))))
        offset += len(line)
    return found


def _covers(taken: Path, file: Path) -> bool:
    """Whether what is uploaded holds a file: itself, a folder above it, or a pattern for one of both."""
    if taken[0] != file[0] or len(taken[1]) > len(file[1]) + 2:
        return False
    parts = list(taken[1])
    deep = False
    while parts and parts[-1] in ("*", "**"):
        deep = True
        parts.pop()
    if file[1][: len(parts)] == tuple(parts):
        return len(file[1]) > len(parts) or not deep
    if not any("*" in part or "?" in part for part in parts):
        return False
    if "**" in parts:
        pattern = "/".join(parts)
        loose = pattern.replace("**/", "")
        whole = "/".join(file[1])
        return fnmatchcase(whole, pattern) or fnmatchcase(whole, loose)
    return len(parts) <= len(file[1]) and all(map(fnmatchcase, file[1], parts))
