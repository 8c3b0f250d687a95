"""Checkouts that leave their token behind, and the uploads that carry it away.

`actions/checkout` reads `persist-credentials` as `(input or 'true') is 'true'`, in any case. The token stands in `.git/config` of the
checkout before version 6 and in the runner's temporary folder since then; `actions/upload-artifact` leaves hidden files out
since 4.4 and 3.2 (README of both).
"""

from itertools import groupby
from typing import Final, NamedTuple

from scanner.analysis.uses.versions import version_of
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.steps import parent_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.source import Span
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call, Step

MAX_FOLDERS: Final = 50
"""Checkouts of one job whose uploads are looked for."""

ABOVE: Final = frozenset(("", "home", "home/runner", "home/runner/work"))
"""The folders around those of jobs on the runners that GitHub hosts, from the root."""


class Upload(NamedTuple):
    """An upload that takes in the token of a checkout; `at` is the line of `path` that does."""

    node: StepNode
    at: Span


class Kept(NamedTuple):
    """A checkout that keeps its token. `asked` is a `persist-credentials` that says so or is computed; `outside` is true where the
    token is known to stand outside of the checkout; `upload` is the first one that takes it in."""

    node: StepNode
    call: Call
    asked: Scalar | None
    outside: bool
    pushes: bool
    upload: Upload | None


@per_graph
def kept_credentials(graph: Graph) -> tuple[Kept, ...]:
    """The checkouts of all jobs and composite actions that keep their token, in their order."""
    found: list[Kept] = []
    for _, steps in groupby(live_steps(graph), parent_of):
        found += _of_job(list(steps))
    return tuple(found)


def keeps_credentials(step: Step) -> bool:
    """Whether a step is an `actions/checkout` that leaves its credentials to the steps behind it."""
    use = step.call.target if step.call is not None else None
    if step.call is None or not isinstance(use, RepositoryUse) or use.slug != "actions/checkout" or use.path:
        return False
    if step.call.inputs.expression is not None:
        return False  # its inputs are not known
    persist = step.call.inputs.get("persist-credentials")
    if persist is None or persist.is_null:
        return True
    return persist.value.strip().lower() in ("", "true") or "${{" in persist.value


def _of_job(steps: list[StepNode]) -> list[Kept]:
    pushing = max((node.step.number for node in steps if _pushes(node)), default=-1)
    found: list[Kept] = []
    inside: dict[
        str, int
    ] = {}  # folders with the token in them, each with the place of its checkout in `found`
    for node in steps:
        call = node.step.call
        if call is None or not isinstance(call.target, RepositoryUse) or call.target.path:
            continue
        if call.target.slug == "actions/checkout":
            folder = _folder(call)
            inside.pop(folder, None)  # it is made anew
            if keeps_credentials(node.step):
                version = version_of(call)
                outside = version is not None and version >= (6,)
                if not outside and len(inside) < MAX_FOLDERS:
                    inside[folder] = len(found)
                asked = call.inputs.get("persist-credentials")
                found.append(Kept(node, call, asked, outside, node.step.number < pushing, None))
        elif call.target.slug == "actions/upload-artifact" and inside and takes_hidden_files(call):
            for folder in list(inside):
                at = _covering(call, folder)
                if at is not None:
                    number = inside.pop(folder)
                    found[number] = found[number]._replace(upload=Upload(node, at))
    return found


def _pushes(node: StepNode) -> bool:
    return node.step.run is not None and "git push" in node.step.run.script.value


def takes_hidden_files(call: Call) -> bool:
    """`upload-artifact` leaves hidden files out since v4.4.0 and v3.2.0, unless it is told not to."""
    hidden = call.inputs.get("include-hidden-files")
    if hidden is not None and hidden.value.strip().lower() != "false":
        return True
    version = version_of(call)
    return version is not None and (version < (3, 2) or (4,) <= version < (4, 4))


def _folder(call: Call) -> str:
    path = call.inputs.get("path")
    return _normal(path.value) if path is not None else "."


def _covering(call: Call, folder: str) -> Span | None:
    """The line of `path` that takes in the `.git` of a checkout; None when none does, or another line takes it out."""
    path = call.inputs.get("path")
    if path is None:
        return None
    content, offset, found = path.content, path.content.start, None
    for line in content.text.splitlines(keepends=True):
        text = line.strip()
        if text.startswith("!"):
            if ".git" in text:
                return None
        elif found is None and text and _contains(_normal(text), folder):
            start = offset + line.index(text)
            found = Span(content.source, start, start + len(text))
        offset += len(line)
    return found


def _normal(path: str) -> str:
    """A path below the workspace without ornaments: `.` is the workspace, `..` what stands above it."""
    path = path.strip()
    if path.startswith("${{"):
        inside, closed, rest = path[3:].partition("}}")
        path = f".{rest}" if closed and inside.strip().lower() == "github.workspace" else path
    if path == "~" or (path.startswith("/") and path.strip("/") in ABOVE):
        return ".."
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    while parts and parts[-1] in ("*", "**"):
        parts.pop()
    return ".." if parts and set(parts) == {".."} else "/".join(parts) or "."


def _contains(uploaded: str, folder: str) -> bool:
    git = ".git" if folder == "." else f"{folder}/.git"
    return uploaded in (".", "..") or f"{git}/config/".startswith(f"{uploaded}/")
