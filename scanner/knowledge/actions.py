"""Typed questions to the tables about actions: what they run, bring in and hand out."""

from functools import cached_property

from scanner.knowledge.folder import Folder


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
