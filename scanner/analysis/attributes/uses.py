"""Attributes of what steps and jobs use and call: actions and workflows."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.attributes.attribute import Missing, Version, World, attribute, untold
from scanner.analysis.attributes.written import at_text
from scanner.analysis.remotes.running import Releases, runs_by_action
from scanner.analysis.remotes.vulnerable import attack_of, found_in, slugs_of
from scanner.analysis.uses.pins import BRANCHES, comment_of, contradict, numbers
from scanner.graph.ids import remote_id
from scanner.graph.nodes.workflows import (
    ActionNode,
    ImageNode,
    JobNode,
    LocalActionNode,
    ReusableWorkflowNode,
    StepNode,
)
from scanner.model.online import GITHUB
from scanner.parse.nodes import Scalar

_ACTIONS: Final = (ActionNode, LocalActionNode)
_USES: Final = (ActionNode, LocalActionNode, ReusableWorkflowNode)
_Used = ActionNode | LocalActionNode | ReusableWorkflowNode
_Action = ActionNode | LocalActionNode

_LOCAL: Final = "it is an action of this repository"
_REMOTE: Final = "it is not in this repository"


def _using(node: _Action) -> Scalar | None:
    return node.action.using if isinstance(node, LocalActionNode) else None


# ---------------------------------------------------------------- actions and called workflows


@attribute(*_USES)
def remote(node: _Used, world: World) -> bool:
    """Whether it is of another repository."""
    return not isinstance(node, LocalActionNode)


@attribute(*_USES)
def name(node: _Used, world: World) -> str | Missing:
    """`owner/repository` and the path below it, owner and repository in lower case: `actions/checkout`, `github/codeql-action/init`."""
    if isinstance(node, LocalActionNode):
        return Missing(_LOCAL)
    return f"{node.use.slug}/{node.use.path}" if node.use.path else node.use.slug


@attribute(*_USES)
def owner(node: _Used, world: World) -> str | Missing:
    """The user or organization whose it is, in lower case: `actions`."""
    return Missing(_LOCAL) if isinstance(node, LocalActionNode) else node.use.owner.lower()


@attribute(*_USES)
def repo(node: _Used, world: World) -> str | Missing:
    """The name of the repository, in lower case and without its owner: `checkout`."""
    return Missing(_LOCAL) if isinstance(node, LocalActionNode) else node.use.repository.lower()


@attribute(*_USES)
def folder(node: _Used, world: World) -> str:
    """The path in its repository, empty for the root: `init`, `.github/workflows/build.yml`."""
    return node.path.rpartition("/")[0] if isinstance(node, LocalActionNode) else node.use.path


@attribute(*_USES)
def ref(node: _Used, world: World) -> str | Missing:
    """What stands behind the `@`: a commit, tag or branch."""
    return Missing(_LOCAL) if isinstance(node, LocalActionNode) else node.use.ref


@attribute(*_USES)
def ref_kind(node: _Used, world: World) -> str | Missing:
    """What stands behind the `@`: `commit` (a full id), `version` (`v4`, `4.2.2`), `branch` (`main` and its like), or `name`, a tag or
    branch."""
    if isinstance(node, LocalActionNode):
        return Missing(_LOCAL)
    if node.use.pinned:
        return "commit"
    if numbers(node.use.ref) is not None:
        return "version"
    return "branch" if node.use.ref.lower() in BRANCHES else "name"


@attribute(*_USES)
def pinned(node: _Used, world: World) -> bool:
    """Whether nobody can change what runs: a full commit id names it, GitHub's actions.lock holds it, or it is of this repository."""
    return isinstance(node, LocalActionNode) or _commit(node) is not None


@attribute(*_USES)
def commit(node: _Used, world: World) -> str | Missing:
    """The commit that runs: of the `@`, or of GitHub's actions.lock."""
    if isinstance(node, LocalActionNode):
        return Missing(_LOCAL)
    return _commit(node) or Missing("neither a full commit id nor actions.lock fixes it")


@attribute(*_USES)
def version(node: _Used, world: World) -> Version | Missing:
    """The version that runs: what stands behind the `@`, and for a commit the comment behind it (`# v4.2.2`)."""
    if isinstance(node, LocalActionNode):
        return Missing(_LOCAL)
    if not node.use.pinned:
        named = numbers(node.use.ref) is not None
        return Version(node.use.ref) if named else Missing("it is named by no version")
    said = [text for text in _comments(node, world) if numbers(text) is not None]
    if not said:
        return Missing("no comment behind the commit names a version")
    longest = max(said, key=lambda text: (text.count("."), text))
    if any(contradict(text, longest) for text in said):
        return untold("the comments behind the commit name different versions")
    return Version(longest)


@attribute(*_USES)
def archived(node: _Used, world: World) -> bool:
    """Whether its repository is known to be archived: nobody repairs it any more."""
    return not isinstance(node, LocalActionNode) and world.knowledge.actions.archived(node.use.slug)


@attribute(*_USES)
def advisories(node: _Used, world: World) -> tuple[str, ...] | Missing:
    """The advisories that the version which runs is known to have, and those of attacks that put other code behind its tag or commit:
    `GHSA-…`. None are known of a branch."""
    if isinstance(node, LocalActionNode):
        return ()
    facts = world.knowledge.advisories
    known = facts.of(node.use.slug)
    found: dict[str, None] = {}
    unclear = False
    slugs = slugs_of(world.graph, facts, GITHUB)
    if node.use.slug not in slugs:
        return ()
    releases = Releases(world.graph, slugs, None)
    for run in runs_by_action(world.graph, slugs, GITHUB).get(remote_id(node.use), ()):
        attack = attack_of(run.taken, facts)
        if attack is not None:
            found[attack.id] = None
        told = found_in(known, run, releases.of(run))
        found |= {one.id: None for one in (*told.certain, *told.perhaps, *told.hijacked)}
        unclear = unclear or bool(told.unclear or told.suspect)
    if unclear and not found:
        return untold("nothing says which version this commit is, and some versions have advisories")
    return tuple(sorted(found))


@attribute(*_USES)
def known_owner(node: _Used, world: World) -> bool | Missing:
    """Whether GitHub has verified the owner, or many use an action of theirs."""
    if isinstance(node, LocalActionNode):
        return Missing(_LOCAL)
    return world.knowledge.actions.known_owner(node.use.owner.lower())


@attribute(*_ACTIONS)
def locked(node: _Action, world: World) -> bool:
    """Whether GitHub's actions.lock holds it to a commit."""
    return isinstance(node, ActionNode) and _held(node) is not None


@attribute(*_ACTIONS)
def outdated(node: _Action, world: World) -> bool:
    """Whether the tag is known to run on a version of Node that GitHub has taken away."""
    if isinstance(node, LocalActionNode):
        return False
    return node.use.ref in world.knowledge.actions.outdated_refs(node.use.name.lower())


@attribute(*_ACTIONS)
def nix(node: _Action, world: World) -> bool:
    """Whether it is known to install, configure or run Nix."""
    return isinstance(node, ActionNode) and world.knowledge.nix_action(node.use.name) is not None


@attribute(*_ACTIONS, at=at_text(_using))
def using(node: _Action, world: World) -> str | Missing:
    """How an action of this repository runs: `composite`, `docker`, `node24`, …"""
    if isinstance(node, ActionNode):
        return Missing(_REMOTE)
    found = node.action.using
    return found.value if found is not None else Missing("it has no `runs.using`")


@attribute(ActionNode)
def code_owners(node: ActionNode, world: World) -> tuple[str, ...] | Missing:
    """Who owns the file by CODEOWNERS."""
    return Missing(_REMOTE)


@attribute(*_USES, ImageNode)
def users(node: _Used | ImageNode, world: World) -> int:
    """How many steps, jobs and actions use it."""
    edges = (*world.graph.into(node.id, "uses"), *world.graph.into(node.id, "calls"))
    return len({edge.source for edge in edges})


def _commit(node: ActionNode | ReusableWorkflowNode) -> str | None:
    if node.use.pinned:
        return node.use.ref.lower()
    return _held(node) if isinstance(node, ActionNode) else None


def _held(node: ActionNode) -> str | None:
    """The commit of actions.lock, where its entry is in force."""
    return node.pin.commit if node.pin is not None and node.pin.defect is None else None


def _comments(node: ActionNode | ReusableWorkflowNode, world: World) -> Iterator[str]:
    """The refs that the comments behind its uses name."""
    for kind in ("uses", "calls"):
        for edge in world.graph.into(node.id, kind):
            text = _uses(world, edge.source)
            found = comment_of(text) if text is not None else None
            if found is not None and found.ref is not None:
                yield found.ref


def _uses(world: World, id: str) -> Scalar | None:
    user = world.graph.nodes[id]
    call = (
        user.step.call if isinstance(user, StepNode) else user.job.call if isinstance(user, JobNode) else None
    )
    return call.text if call is not None else None
