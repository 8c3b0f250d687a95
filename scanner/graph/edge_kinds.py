"""What each kind of edge means and which nodes it can join: the graph of a scan in one table, beside `build.py`, which makes the edges.

`flows` is not in it: only `snowfence graph --taint` and `why` add such edges.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from scanner.graph.graph import EdgeKind
from scanner.graph.nodes.base import Node, RepositoryNode
from scanner.graph.nodes.nix import FlakeNode, InputNode, LockfileNode, NixConfNode, PinNode
from scanner.graph.nodes.updates import CodeOwnersNode, DependabotNode, PreCommitNode, RenovateNode
from scanner.graph.nodes.workflows import (
    ActionNode,
    ActionsLockNode,
    ImageNode,
    JobNode,
    LocalActionNode,
    ReusableWorkflowNode,
    RunnerNode,
    SecretNode,
    StepNode,
    WorkflowNode,
)

Classes = tuple[type[Node], ...]


class Between(NamedTuple):
    """Nodes of one of the classes `sources` can have an edge to those of `targets`."""

    sources: Classes
    targets: Classes


class EdgeEnds(NamedTuple):
    """What an edge of a kind says (`about`, a sentence), and between which nodes it can stand."""

    about: str
    between: tuple[Between, ...]

    @property
    def sources(self) -> Classes:
        """Every class at which such an edge can begin."""
        return tuple(dict.fromkeys(one for pair in self.between for one in pair.sources))

    @property
    def targets(self) -> Classes:
        """Every class at which such an edge can end."""
        return tuple(dict.fromkeys(one for pair in self.between for one in pair.targets))


_FILES: Final[Classes] = (
    FlakeNode,
    LockfileNode,
    NixConfNode,
    WorkflowNode,
    LocalActionNode,
    ActionsLockNode,
    DependabotNode,
    RenovateNode,
    PreCommitNode,
    CodeOwnersNode,
)

EDGE_KINDS: Final[Mapping[EdgeKind, EdgeEnds]] = {
    "contains": EdgeEnds(
        "The source holds the target: the repository its files, a workflow its jobs, a job or a composite action its steps.",
        (
            Between((RepositoryNode,), _FILES),
            Between((WorkflowNode,), (JobNode,)),
            Between((JobNode, LocalActionNode), (StepNode,)),
        ),
    ),
    "locks": EdgeEnds(
        "The flake's inputs are locked in this file.",
        (Between((FlakeNode,), (LockfileNode,)),),
    ),
    "input": EdgeEnds(
        "The lock, or an input, has the target as an input; follows are resolved, and lead to the lock where they mean the flake itself.",
        (Between((LockfileNode, InputNode, PinNode), (InputNode, PinNode, LockfileNode)),),
    ),
    "uses": EdgeEnds(
        "The step uses the action or image, the job runs in the image, the action uses another one.",
        (
            Between((StepNode,), (ActionNode, LocalActionNode, ImageNode)),
            Between((JobNode, LocalActionNode), (ImageNode,)),
            Between((ActionNode,), (ActionNode,)),
        ),
    ),
    "calls": EdgeEnds(
        "The job calls the workflow.",
        (Between((JobNode,), (WorkflowNode, ReusableWorkflowNode)),),
    ),
    "needs": EdgeEnds(
        "The job waits for the other one.",
        (Between((JobNode,), (JobNode,)),),
    ),
    "runs-on": EdgeEnds(
        "The job asks for a machine with the label.",
        (Between((JobNode,), (RunnerNode,)),),
    ),
    "reads": EdgeEnds(
        "An expression of the workflow, job or step names the secret.",
        (Between((WorkflowNode, JobNode, StepNode), (SecretNode,)),),
    ),
    "evaluates": EdgeEnds(
        "A command or action of the step has Nix evaluate the flake, with the inputs of its lock where it has one.",
        (Between((StepNode,), (LockfileNode, FlakeNode)),),
    ),
}


def node_classes() -> Classes:
    """Every class of nodes that the graph of a scan has, those of files first."""
    found = dict.fromkeys(one for kind in EDGE_KINDS.values() for one in (*kind.sources, *kind.targets))
    return tuple(found)
