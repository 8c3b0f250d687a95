"""See uncovered_ecosystem.md."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.updates.cover import (
    WORKFLOWS,
    dependabot,
    entries,
    is_aside,
    renovate,
    renovate_in_workflow,
    uncovered,
    updated_by_workflow,
)
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.ids import REPOSITORY
from scanner.graph.nodes.nix import FlakeNode, InputNode, LockfileNode
from scanner.graph.nodes.updates import DependabotNode, PreCommitNode, RenovateNode
from scanner.graph.nodes.workflows import JobNode, StepNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.dependabot import Update
from scanner.parse.nix.lock import NIX
from scanner.parse.uses import RepositoryUse

SHOWN: Final = 3
# What Dependabot can update of a flake (GitHub's changelog of 2026-04-07): inputs of these types.
UPDATABLE: Final = frozenset(("github", "gitlab", "sourcehut", "git"))


class Present(NamedTuple):
    """What an ecosystem has in the repository. `folders` are those in which Dependabot must look, the most important first;
    `at` and `subject` are the first file of it, `what` names it, `manager` is Renovate's word."""

    ecosystem: str
    manager: str
    what: str
    folders: tuple[str, ...]
    at: Span
    subject: str


@rule(
    "uncovered-ecosystem",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    area="freshness",
    variants={"folder": Severity.LOW, "unattended": Severity.INFO},
    tags=("maintenance", "supply-chain", "CWE-1104", "CICD-SEC-3", "scorecard:Dependency-Update-Tool"),
)
def uncovered_ecosystem(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    for present in (*_nix(ctx.graph), *_actions(ctx.graph), *_hooks(ctx.graph)):
        answer = _judge(ctx.graph, present)
        if answer is not None:
            yield answer


# ---------------------------------------------------------------- what there is


def _nix(graph: Graph) -> Iterator[Present]:
    """flake.lock beside a flake.nix: Dependabot wants both."""
    flakes = {node.path.rpartition("/")[0] for node in graph.of(FlakeNode)}
    locks: dict[str, LockfileNode] = {}
    for node in graph.of(LockfileNode):
        folder = node.path.rpartition("/")[0]
        if node.lock.tool is NIX and node.path.endswith("flake.lock") and folder in flakes:
            inputs = (graph.nodes[edge.target] for edge in graph.out(node.id, "input"))
            if any(isinstance(one, InputNode) and one.input.locked.type in UPDATABLE for one in inputs):
                locks[folder] = node
    locks = {folder: node for folder, node in locks.items() if not is_aside(folder)}
    if locks:
        folders = sorted(locks, key=lambda folder: (folder.count("/") if folder else -1, folder))
        first = locks[folders[0]]
        at = first.lock.positions.key("nodes").first_line()
        yield Present("nix", "nix", "the inputs of the flake", tuple(folders), at, first.id)


def _actions(graph: Graph) -> Iterator[Present]:
    folders: dict[str, tuple[Span, str]] = {}
    calls = [(step.path, step.step.call, step.id) for step in graph.of(StepNode)]
    calls += [(job.path, job.job.call, job.id) for job in graph.of(JobNode)]
    for path, call, subject in calls:
        if call is not None and isinstance(call.target, RepositoryUse):
            # `/` reaches the action.yml of the root as well as the workflows.
            folder = path.rpartition("/")[0] or WORKFLOWS
            if not is_aside(folder):
                folders.setdefault(folder, (call.text.content.first_line(), subject))
    if folders:
        order = sorted(folders, key=lambda folder: (folder != WORKFLOWS, folder))
        at, subject = folders[order[0]]
        yield Present("github-actions", "github-actions", "the actions", tuple(order), at, subject)


def _hooks(graph: Graph) -> Iterator[Present]:
    for node in graph.of(PreCommitNode):
        root = node.config.root
        if node.config.repositories and (root is None or root.get("ci") is None):
            at = node.config.repositories[0].repo.content.first_line()
            yield Present("pre-commit", "pre-commit", "the hooks", ("",), at, node.id)
            return


# ---------------------------------------------------------------- who updates it


def _judge(graph: Graph, present: Present) -> Hit | Unknown | None:
    bots, other = dependabot(graph), renovate(graph)
    own = entries(bots, present.ecosystem)
    left = list(present.folders)
    if own:
        # GitHub's own special case: `/` means the workflows.
        reached = [_as_root(update) for update in own] if present.ecosystem == "github-actions" else []
        left = [folder for folder in uncovered(own, left) if not (folder == WORKFLOWS and any(reached))]
        if not left:
            return None
    if other is not None:
        runs = other.config.runs(present.manager)
        if runs:
            return None
        if runs is None:
            if bots is not None:
                return None  # somebody has thought about who updates what
            at = Span(other.source, 0, len(other.source.text)).first_line()
            reason = f"a preset of Renovate may update {present.what}; what it says is not known"
            return Unknown(at, other.id, reason)
    if present.ecosystem != "github-actions" and updated_by_workflow(graph, present.ecosystem):
        return None
    if renovate_in_workflow(graph):
        return None
    if bots is None:
        return _switched_off(present, other) if other is not None else _unattended(present)
    return _folders(present, bots, own[0], left) if own else _missing(present, bots)


def _as_root(update: Update) -> bool:
    return not uncovered((update,), ("",))


def _entry(present: Present) -> str:
    """The block to paste."""
    folders = [_directory(present, folder) for folder in present.folders[:SHOWN]]
    where = f"directory: {folders[0]}" if len(folders) == 1 else f"directories: [{', '.join(folders)}]"
    block = f"- {{ package-ecosystem: {present.ecosystem}, {where}, schedule: {{ interval: weekly }} }}"
    return quoted(block, 400)


def _directory(present: Present, folder: str) -> str:
    """A folder as Dependabot wants it: for the workflows it is the root."""
    return "/" if present.ecosystem == "github-actions" and folder == WORKFLOWS else f"/{folder}"


def _missing(present: Present, node: DependabotNode) -> Hit:
    key = node.config.root.key("updates") or node.config.root.pairs[0][0]
    hooks = present.ecosystem == "pre-commit"
    nested = present.ecosystem == "nix" and "" not in present.folders
    return Hit(
        key.span,
        node.id,
        f"nothing in this repository updates {present.what} ({_where(present)}), so fixes in them do not arrive by themselves; "
        f"add {_entry(present)}",
        confidence=Confidence.LOW if hooks or nested else None,
        evidence=(present.ecosystem,),
    )


def _folders(present: Present, node: DependabotNode, update: Update, left: list[str]) -> Hit:
    said = update.directories
    at = said[0].content if said else (update.ecosystem or update.at).span
    names = [quoted(_directory(present, folder)) for folder in left[:SHOWN]]
    shown = ", ".join(names) + (f" and {len(left) - SHOWN} more" if len(left) > SHOWN else "")
    main = left[0] in ("", WORKFLOWS)
    # What lies deeper may be an example or a test, but for actions.
    sure = main or present.ecosystem == "github-actions"
    return Hit(
        at.first_line(),
        node.id,
        f"Dependabot does not look into {shown}, so {present.what} there get no updates; list all directories under `directories`",
        "folder",
        confidence=None if sure else Confidence.LOW,
        evidence=(present.ecosystem,),
    )


def _switched_off(present: Present, other: RenovateNode) -> Hit:
    settings = quoted(f'"{present.manager}": {{ "enabled": true }}')
    return Hit(
        Span(other.source, 0, len(other.source.text)).first_line(),
        other.id,
        f"Renovate does not update {present.what} here: its manager `{present.manager}` is off; add {settings}",
        confidence=Confidence.LOW if present.ecosystem == "pre-commit" else None,
        evidence=(present.ecosystem,),
    )


def _unattended(present: Present) -> Hit:
    return Hit(
        present.at,
        present.subject,
        f"nothing in this repository keeps {present.what} up to date; add to the `updates` of `.github/dependabot.yml`: {_entry(present)}",
        "unattended",
        confidence=Confidence.LOW,
        evidence=(present.ecosystem,),
        about=REPOSITORY,
    )


def _where(present: Present) -> str:
    match present.ecosystem:
        case "nix":
            return f"{quoted(f'{present.folders[0]}/flake.lock'.lstrip('/'))}"
        case "pre-commit":
            return "`.pre-commit-config.yaml`"
        case _:
            return quoted(present.folders[0])
