"""The figures of what stands in workflows and is used there, and the legend of their picture."""

from collections.abc import Iterator, Sequence
from typing import Final

from scanner.graph.nodes.base import FileNode, Node
from scanner.graph.nodes.workflows import ActionNode, ReusableWorkflowNode, WorkflowNode
from scanner.parse.uses import RepositoryUse
from scanner.views.facts import short
from scanner.views.html.picture.sketch import Explained, Figure, Line, Shape, explained_signs

WORKFLOWS: Final = 1
JOBS: Final = 2
USED: Final = 3
"""The layers that workflows, jobs, and what these use stand in, or to the right of; outsiders are in the first."""


_PINNED: Final = ("action", "reusable-workflow", "image")
"""Kinds of figures that are drawn as pinned or not."""


def of_workflow(node: WorkflowNode) -> Figure:
    events = sorted(node.workflow.events)
    name = node.workflow.name
    facts = [("file", node.path), ("events", ", ".join(events) or "none")]
    if name is not None:
        facts.insert(0, ("name", name.value))
    title = node.path.rpartition("/")[2]
    return Figure(
        node.id,
        title,
        f"on {', '.join(events)}" if events else "workflow",
        node.kind,
        "card",
        f"workflow {name.value if name is not None else title}",
        tuple(facts),
        (),
        least=WORKFLOWS,
    )


def of_use(node: ActionNode | ReusableWorkflowNode, use: RepositoryUse, locked: bool) -> Figure:
    what = "action" if isinstance(node, ActionNode) else "called workflow"
    ref = short(use.ref) or ""
    how = "" if use.pinned else ", commit in actions.lock" if locked else " · not pinned"
    facts = (
        ("ref", use.ref),
        (
            "pinned",
            "to a commit"
            if use.pinned
            else "by actions.lock"
            if locked
            else "no: who may move the ref changes what runs",
        ),
    )
    figure = Figure(
        node.id,
        use.name,
        f"{what} · {ref}{how}",
        node.kind,
        "tag",
        f"{what} {use.name}",
        facts,
        (),
        least=USED,
    )
    return marked(figure, use.pinned or locked)


def marked(figure: Figure, pinned: bool) -> Figure:
    return figure if pinned else figure._replace(classes=(*figure.classes, "unpinned"))


def plain(node: Node, title: str, below: str, shape: Shape) -> Figure:
    facts = tuple((name, str(value)) for name, value in node.exported().items())
    if isinstance(node, FileNode):
        facts = (("file", node.path), *facts)
    return Figure(
        node.id,
        title,
        below,
        node.kind,
        shape,
        f"{below.partition(' · ')[0]} {title}",
        facts,
        (),
        least=USED,
    )


def legend(figures: Sequence[Figure], lines: Sequence[Line]) -> Iterator[Explained]:
    kinds = {figure.kind for figure in figures}
    levels = {kind for line in lines for kind in line.kinds}
    classes = {one for figure in figures for one in figure.classes}
    if "outsider-open" in levels:
        yield Explained(
            "line",
            "outsider outsider-open",
            "outsiders start it, and what they send runs where there is something to lose",
        )
    if any("outsider" in line.kinds and "outsider-open" not in line.kinds for line in lines):
        yield Explained("line", "outsider", "outsiders start it, and there is something to lose")
    if "unsure" in levels:
        yield Explained("line", "unsure", "there is something to lose, and nobody here knows who starts it")
    if "fork" in levels:
        yield Explained("line", "fork", "outsiders start it, with a fork's rights or behind checks")
    if "evaluates" in levels:
        yield Explained("line", "evaluates", "Nix evaluates the lock")
    if "holds" in levels:
        yield Explained("line", "holds", "holds")
    if "needs" in levels:
        yield Explained("line", "needs", "runs before")
    if any(one.kind in _PINNED and "unpinned" not in one.classes for one in figures):
        yield Explained("shape", "action", "action, pinned")
    if "unpinned" in classes:
        yield Explained("shape", "action unpinned", "not pinned to a commit")
    if kinds & {"secret", "token", "machine"}:
        yield Explained("shape", "secret", "what can be lost: secret, token that writes, machine")
    yield from explained_signs(figures)
