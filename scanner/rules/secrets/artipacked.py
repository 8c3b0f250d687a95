"""See artipacked.md."""

from collections.abc import Iterator
from itertools import groupby

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.token_use import keeps_credentials
from scanner.analysis.workflows.versions import version_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

ADVICE = "set `persist-credentials: false`"
MAX_FOLDERS = 50
"""Checkouts of one job whose uploads are looked for."""


@rule(
    "artipacked",
    severity=Severity.MEDIUM,
    confidence=Confidence.LOW,
    variants={"uploaded": Severity.HIGH, "outside": Severity.LOW, "wanted": Severity.INFO},
    same_as=("zizmor:artipacked", "codeql:actions/secrets-in-artifacts"),
    tags=("secrets", "CWE-312", "CWE-522", "CICD-SEC-6"),
)
def artipacked(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for _, steps in groupby(live_steps(graph), _place):
        yield from _in_order(list(steps))


def _place(node: StepNode) -> str:
    """What the job or composite action of a step is called."""
    return node.path if node.job is None else f"{node.path}#{node.job.id.value}"


def _in_order(steps: list[StepNode]) -> Iterator[Hit]:
    """Checkouts that keep the token, and the uploads behind them that take it in: said at the upload then."""
    scripts = [node for node in steps if node.step.run is not None]
    pushing = max((node.step.number for node in scripts if _pushes(node)), default=-1)
    inside: dict[str, Hit] = {}  # folders with the token in them, each with what to say of its checkout
    for node in steps:
        call = node.step.call
        if call is None or not isinstance(call.target, RepositoryUse) or call.target.path:
            continue
        if call.target.slug == "actions/checkout":
            folder = _folder(call)
            replaced = inside.pop(folder, None)
            if replaced is not None:
                yield replaced
            if keeps_credentials(node.step):
                version = version_of(call)
                outside = version is not None and version >= (6,)
                hit = _kept(node, call, outside, node.step.number < pushing)
                if outside or len(inside) == MAX_FOLDERS:
                    yield hit
                else:
                    inside[folder] = hit
        elif call.target.slug == "actions/upload-artifact" and _takes_hidden_files(call):
            found = {folder: at for folder in inside if (at := _covering(call, folder)) is not None}
            for folder, at in found.items():
                yield _uploaded(node, at, inside.pop(folder))
    yield from inside.values()


def _pushes(node: StepNode) -> bool:
    return node.step.run is not None and "git push" in node.step.run.script.value


def _kept(node: StepNode, call: Call, outside: bool, pushes: bool) -> Hit:
    persist = call.inputs.get("persist-credentials")
    where = "in a file outside of the workspace" if outside else "in `.git/config`"
    message = f"{quoted(call.text.value)} leaves the token {where}, where every later step can read it"
    if persist is not None or pushes:
        why = "a later step pushes with it" if persist is None else "`persist-credentials` asks for it"
        return Hit(
            (persist or call.text).content.first_line(),
            node.id,
            f"{message}: {why}. Give the token to the one step that needs it instead",
            "wanted",
        )
    return Hit(
        call.text.content.first_line(), node.id, f"{message}; {ADVICE}", "outside" if outside else None
    )


def _uploaded(node: StepNode, at: Span, checkout: Hit) -> Hit:
    return Hit(
        at,
        node.id,
        f"the artifact takes in `.git/config`, in which the checkout left the token, so who may download it "
        f"can use the token while the job runs; {ADVICE} at the checkout or upload a smaller folder",
        "uploaded",
        Confidence.HIGH,
        related=(Note(checkout.at, checkout.message),),
    )


def _takes_hidden_files(call: Call) -> bool:
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
    """A path below the workspace without ornaments: `.` is the workspace."""
    path = path.strip()
    if path.startswith("${{"):
        inside, closed, rest = path[3:].partition("}}")
        path = f".{rest}" if closed and inside.strip().lower() == "github.workspace" else path
    parts = [part for part in path.split("/") if part not in ("", ".")]
    while parts and parts[-1] in ("*", "**"):
        parts.pop()
    return "/".join(parts) or "."


def _contains(uploaded: str, folder: str) -> bool:
    git = ".git" if folder == "." else f"{folder}/.git"
    return uploaded == "." or f"{git}/config/".startswith(f"{uploaded}/")
