"""The repositories that `uses:` and hooks of pre-commit name."""

from typing import Final

from scanner.analysis.uses.hooks import GITHUB as GITHUB_NAMES
from scanner.analysis.uses.hooks import Hooks
from scanner.analysis.uses.uses import Named
from scanner.model.online import GITHUB, Remote

NO_CASE: Final = frozenset((GITHUB, "gitlab.com", "codeberg.org"))
"""Forges that compare names without case."""


def action_remote(slug: str, home: str) -> Remote:
    """The repository of an action `owner/repository`."""
    return Remote(home, slug.lower())


def named_remote(named: Named, home: str, slug: str | None = None) -> Remote:
    """The repository of an action or of hooks on GitHub, or another one (`slug`) of the same server."""
    return action_remote(slug or named.use.slug, GITHUB if named.hooks else home)


def hook_remote(hooks: Hooks) -> Remote | None:
    """The repository of hooks; None for a folder."""
    host, path = hooks.repository.place
    return remote_at(GITHUB if host in GITHUB_NAMES else host, path) if host and path else None


def remote_at(host: str, path: str) -> Remote:
    return Remote(host, path.lower() if host in NO_CASE else path)
