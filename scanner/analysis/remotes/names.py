"""The repositories that `uses:`, entries of GitHub's lock and hooks of pre-commit name.

Only a `uses:` leaves open on which server that is: on the one that runs it, its `home`. An entry of the lock may say it (`hostname`), and the URL of hooks always does.
"""

from typing import Final

from scanner.analysis.uses.hooks import GITHUB as GITHUB_NAMES
from scanner.analysis.uses.hooks import Hooks
from scanner.graph.nodes.workflows import ActionNode, ReusableWorkflowNode
from scanner.model.online import GITHUB, Online, Remote
from scanner.parse.actions_lock import Pin

NO_CASE: Final = frozenset((GITHUB, "gitlab.com", "codeberg.org"))
"""Forges that compare names without case."""


def home_of(online: Online | None) -> str:
    """The host on which `uses:` finds actions; github.com where nobody may be asked."""
    return online.home if online is not None else GITHUB


def on_github(remote: Remote, home: str) -> bool:
    """Whether a repository is on GitHub or on an Enterprise Server. What other forges say of one (its owner, that it is archived) nobody is
    asked for, so it is no open question."""
    return remote.host in (GITHUB, home)


def action_remote(slug: str, home: str) -> Remote:
    """The repository of an action `owner/repository`."""
    return Remote(home, slug.lower())


def pin_remote(pin: Pin, home: str) -> Remote:
    """The repository of an entry of `actions.lock`."""
    return Remote(pin.hostname or home, pin.target.slug)


def node_remote(node: ActionNode | ReusableWorkflowNode, home: str) -> Remote:
    """The repository of an action or a called workflow in the graph."""
    pin = node.pin if isinstance(node, ActionNode) else None
    return pin_remote(pin, home) if pin is not None else action_remote(node.use.slug, home)


def hook_remote(hooks: Hooks, home: str = GITHUB) -> Remote | None:
    """The repository of hooks; None for a folder. On `home` names are compared without case, too."""
    host, path = hooks.repository.place
    if not host or not path:
        return None
    host = GITHUB if host in GITHUB_NAMES else host
    return Remote(host, path.lower() if host in NO_CASE or host == home else path)
