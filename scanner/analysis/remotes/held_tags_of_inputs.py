"""The tags that inputs of locks ask for, with the commits at which the locks hold them."""

from collections.abc import Iterator

from scanner.analysis.locks.inputs import Input
from scanner.analysis.remotes.branches import is_proposed, means_branch
from scanner.analysis.remotes.held_tags import HeldTag
from scanner.analysis.remotes.locked import locked_of
from scanner.analysis.remotes.tags import tag_of
from scanner.graph.graph import Graph
from scanner.model.online import TAG


def of_inputs(graph: Graph, home: str) -> Iterator[HeldTag]:
    """Names of versions, and whatever is written with `refs/tags/`: of other names nobody can tell that they should stay."""
    for one in locked_of(graph, home):
        ref = _asked(one.input)
        if ref is None:
            continue
        name = ref.removeprefix(TAG)
        if ref != name or (not name.startswith("refs/") and tag_of(name) is not None):
            yield HeldTag(
                one.input.node.id,
                one.at,
                one.remote,
                name,
                one.commit,
                f"run {one.input.update()}",
                ref != name,
                branch_first=means_branch(one.input),
                of_input=True,
                transitive=not one.input.direct,
                by_git=one.asked and one.input.node.input.locked.type == "git",
            )


def _asked(input: Input) -> str | None:
    """The name that is asked for; None where a commit or somebody's proposal is."""
    original, locked = input.node.input.original, input.node.input.locked
    if original.rev is not None or is_proposed(original):
        return None
    # npins and lon write there which release they have found.
    return original.ref or (locked.ref if input.node.lock.is_pins else None)
