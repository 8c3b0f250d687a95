"""Typed questions to the tables about actions: what they run, bring in and hand out."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from scanner.knowledge.folder import Folder


class Replacement(NamedTuple):
    """What a runner has `instead` of an action, as text with commands; `cumbersome` if that takes more than a line or two."""

    instead: str
    cumbersome: bool


class ActionNeeds(NamedTuple):
    """What an action uses the job's token for: `needs` maps scopes to `read` or `write`, `may` are further scopes that some of its
    inputs or settings call for, `when` those that it may need if one of some inputs (lower case) is given. `token` (lower case) and `env` are the inputs and variables in which it takes another token
    instead; if it `waits` it uses none without one of them. `runs_code` is true where it runs code of the repository. Unless it is
    `sourced`, more may be needed than is said here."""

    needs: Mapping[str, str]
    may: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]]
    token: tuple[str, ...]
    env: tuple[str, ...]
    waits: bool
    runs_code: bool
    sourced: bool


class ActionFacts:
    """Names of actions are `owner/repository`, asked for in lower case."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    @cached_property
    def _injection_sinks(self) -> dict[str, frozenset[str]]:
        sinks = self._folder.json("injection-sinks.json")["sinks"]
        return {action.lower(): frozenset(name.lower() for name in names) for action, names in sinks.items()}

    def executed_inputs(self, slug: str) -> frozenset[str]:
        """The inputs (lower case) of an action that it runs as code."""
        return self._injection_sinks.get(slug, frozenset())

    @cached_property
    def _archived(self) -> frozenset[str]:
        return frozenset(self._folder.lines("archived-actions.txt"))

    def archived(self, slug: str) -> bool:
        """Whether the repository of an action or hook is archived: nobody repairs it any more."""
        return slug in self._archived

    @cached_property
    def popular(self) -> tuple[str, ...]:
        """Repositories of actions and of hooks of pre-commit that many use, as their owners write them."""
        return tuple(self._folder.lines("popular-repositories.txt"))

    @cached_property
    def _superfluous(self) -> dict[str, Replacement]:
        rows = self._folder.json("superfluous-actions.json")["actions"]
        return {
            action: Replacement(row["instead"], row.get("cumbersome", False)) for action, row in rows.items()
        }

    def superfluous(self, slug: str) -> Replacement | None:
        """What replaces an action that does only what runners can do anyway; None for every other one."""
        return self._superfluous.get(slug)

    @cached_property
    def _unguarded(self) -> frozenset[str]:
        return frozenset(self._folder.lines("unguarded-checkouts.txt"))

    def unguarded_checkout(self, commit: str) -> bool:
        """Whether a commit (lower case) of actions/checkout is older than its guard against the code of forks."""
        return commit[:8] in self._unguarded

    @cached_property
    def _verified(self) -> frozenset[str]:
        return frozenset(self._folder.lines("verified-owners.txt"))

    @cached_property
    def _popular_owners(self) -> frozenset[str]:
        return frozenset(name.partition("/")[0].lower() for name in self.popular)

    def known_owner(self, owner: str) -> bool:
        """Whether an owner (lower case) of actions is verified by GitHub, or has one that many use."""
        return owner in self._verified or owner in self._popular_owners

    @cached_property
    def _outdated(self) -> dict[str, list[str]]:
        rows: dict[str, list[str]] = self._folder.json("outdated-actions.json")["outdated"]
        return rows

    def outdated_refs(self, name: str) -> list[str]:
        """The tags of an action (`owner/repository[/path]`, lower case) that run on Node 12 or 16."""
        return self._outdated.get(name, [])

    @cached_property
    def cache_aware(self) -> dict[str, Any]:
        """When actions use GitHub's cache: by `owner/repository[/path]` in lower case, in words that
        `analysis/uses/controls.py` reads."""
        return self._controls("cache-aware-actions.json")

    @cached_property
    def publishers(self) -> dict[str, Any]:
        """When actions publish or deploy something, as `cache_aware`."""
        return self._controls("publisher-actions.json")

    @cached_property
    def deployers(self) -> dict[str, Any]:
        """Further actions that deploy something, as `cache_aware`."""
        return self._controls("deploy-actions.json")

    @cached_property
    def _permissions(self) -> dict[str, dict[str, Any]]:
        rows: dict[str, dict[str, Any]] = self._folder.json("action-permissions.json")["actions"]
        return rows

    def needs(self, name: str) -> ActionNeeds | None:
        """What an action (`owner/repository[/path]`, lower case) needs of the job's token; None when that is not known."""
        row = self._permissions.get(name)
        if row is None:
            return None
        return ActionNeeds(
            row.get("needs", {}),
            tuple(row.get("may", ())),
            {scope: tuple(inputs) for scope, inputs in row.get("when", {}).items()},
            tuple(input.lower() for input in row.get("token", ())),
            tuple(row.get("env", ())),
            row.get("given", False),
            row.get("code", False),
            "source" in row,
        )

    def _controls(self, table: str) -> dict[str, Any]:
        return {row["action"].lower(): row["control"] for row in self._folder.json(table)["actions"]}
