"""Which tools keep an ecosystem of the repository up to date, and where."""

from collections.abc import Iterable, Iterator
from typing import Final

from scanner.analysis.updates.paths import matches, parts_of
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.updates import DependabotNode, RenovateNode
from scanner.parse.dependabot import Update
from scanner.parse.nodes import Scalar
from scanner.parse.renovate import FILES
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call, Run, Workflow

WORKFLOWS: Final = ".github/workflows"

# Whole words of a folder's name: `e2e-tests` and `test_data` are aside, `testing-tools` and `specification` are not.
_ASIDE: Final = frozenset(
    "test tests testdata testcase testcases spec specs fixture fixtures example examples sample samples template templates "
    "demo demos vendor vendored".split()
)
_THIRD_PARTY: Final = ["third", "party"]

_NIX_WORDS: Final = (
    "flake update", "flake-update", "flake_update", "update-flake", "update_flake", "updateflake", "update flake", "--update-input",
    "--recreate-lock-file", "flake-lock", "bump-flake",
)  # fmt: skip
_HOOK_WORDS: Final = (
    "pre-commit autoupdate",
    "prek auto-update",
    "prek autoupdate",
    "pre-commit-update",
    "update-pre-commit",
)
# Events that start a run without a change: an update that is part of a check of a pull request keeps nothing up to date.
_UPDATING: Final = frozenset(
    ("schedule", "workflow_dispatch", "repository_dispatch", "workflow_call", "workflow_run")
)


@per_graph
def dependabot(graph: Graph) -> DependabotNode | None:
    """The configuration that GitHub reads: `.yml` before `.yaml`."""
    return max(graph.of(DependabotNode), key=lambda node: node.path, default=None)


@per_graph
def renovate(graph: Graph) -> RenovateNode | None:
    """The configuration that Renovate reads."""
    found = {node.path: node for node in graph.of(RenovateNode)}
    return next((found[path] for path in FILES if path in found), None)


def entries(node: DependabotNode | None, ecosystem: str) -> list[Update]:
    return [one for one in node.config.updates if one.name == ecosystem] if node is not None else []


def uncovered(updates: Iterable[Update], folders: Iterable[str]) -> list[str]:
    """The folders (empty: the root) that no update's directories name."""
    literal: set[tuple[str, ...]] = set()
    globs: set[str] = set()
    for update in updates:
        for directory in update.directories:
            if update.globs and any(char in directory.value for char in "*{["):
                globs.add(directory.value)
            else:
                literal.add(parts_of(directory.value))
    left = [folder for folder in folders if parts_of(folder) not in literal]
    for glob in globs:
        left = [folder for folder in left if not _covers(glob, folder)]
    return left


def _covers(glob: str, folder: str) -> bool:
    if "{" in glob or "[" in glob:
        return True  # Ruby's globs, of which this knows no more
    pattern = parts_of(glob)
    # `*` of Ruby's Dir.glob, asked for hidden files, is `.` as well.
    return matches(pattern, parts_of(folder)) or (not folder and {*pattern} <= {"*", "**"})


def updated_by_workflow(graph: Graph, ecosystem: str) -> bool:
    """Whether a workflow that runs on its own updates the ecosystem (`nix`, `pre-commit`), as far as its words tell: commands,
    actions, and the names of steps and jobs, since a script may do it."""
    updates = _updates_flake if ecosystem == "nix" else _updates_hooks
    return any(updates(text.lower()) for text in _updating_texts(graph))


def _updating_texts(graph: Graph) -> Iterator[str]:
    for step in live_steps(graph):
        if not isinstance(step.owner, Workflow) or not step.owner.events.isdisjoint(_UPDATING):
            yield from _texts(step.step.name, step.step.call, step.step.run)
    for job in live_jobs(graph):
        if not job.workflow.events.isdisjoint(_UPDATING):
            yield from _texts(job.job.name, job.job.call, None)


def renovate_in_workflow(graph: Graph) -> bool:
    """Whether a workflow runs Renovate, whose settings then stand elsewhere."""
    return any(
        isinstance(call.target, RepositoryUse) and call.target.slug == "renovatebot/github-action"
        for step in live_steps(graph)
        if (call := step.step.call) is not None
    )


def _texts(name: Scalar | None, call: Call | None, run: Run | None) -> Iterator[str]:
    if name is not None:
        yield name.value
    if call is not None:
        yield call.text.value
        for entry in call.inputs.entries:
            yield entry.value.value
    if run is not None:
        # A comment updates nothing.
        yield "\n".join(line for line in run.script.value.splitlines() if not line.lstrip().startswith("#"))


def _updates_flake(text: str) -> bool:
    if "flake" not in text and "--update-input" not in text and "--recreate-lock-file" not in text:
        return False
    return any(word in text for word in _NIX_WORDS) or (
        "updat" in text and ("flake.lock" in text or "flake input" in text)
    )


def _updates_hooks(text: str) -> bool:
    return any(word in text for word in _HOOK_WORDS)


def is_aside(folder: str) -> bool:
    """Whether a folder holds tests, examples or templates, as its name tells: nobody wants them updated."""
    for part in folder.lower().split("/"):
        words = part.replace("_", "-").replace(".", "-").split("-")
        if not _ASIDE.isdisjoint(words) or words[:2] == _THIRD_PARTY:
            return True
    return False
