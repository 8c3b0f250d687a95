"""Typed questions to the tables about GitHub itself: scopes of the token, runners, events."""

from functools import cached_property

from scanner.knowledge.folder import Folder


class GitHubFacts:
    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    @cached_property
    def permission_scopes(self) -> dict[str, str | None]:
        """Every scope of the GITHUB_TOKEN with the severity of write access (None: it cannot be written)."""
        return {
            name: row["write"] for name, row in self._folder.json("permission-scopes.json")["scopes"].items()
        }

    @cached_property
    def hosted_runner_labels(self) -> frozenset[str]:
        """Labels of runners that GitHub hosts."""
        return frozenset(self._folder.json("hosted-runners.json")["labels"])
