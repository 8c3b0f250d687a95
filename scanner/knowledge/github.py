"""Typed questions to the tables about GitHub itself: scopes of the token, runners, events."""

from datetime import date
from functools import cached_property
from typing import NamedTuple

from scanner.knowledge.folder import Folder


class DependabotWords(NamedTuple):
    """What dependabot.yml may say: `keys` by where they stand (`root`, `update`, `schedule`, `cooldown`). `meant` maps names that
    people write to the ecosystem they mean."""

    ecosystems: tuple[str, ...]
    meant: dict[str, str]
    intervals: tuple[str, ...]
    days: tuple[str, ...]
    keys: dict[str, tuple[str, ...]]


class ExpressionPlace(NamedTuple):
    """The contexts that expressions below a place may name, and the functions, beyond those that are there everywhere, with
    the least and the greatest number of arguments; all names in lower case."""

    contexts: tuple[str, ...]
    functions: dict[str, tuple[int, int]]


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

    @cached_property
    def runner_retirements(self) -> dict[str, date]:
        """Labels of runners that GitHub hosted, with the day from which no machine has them."""
        rows = self._folder.json("hosted-runners.json")["retired"]
        return {label: date.fromisoformat(day) for label, day in rows.items()}

    @cached_property
    def dependabot(self) -> DependabotWords:
        row = self._folder.json("dependabot.json")
        keys = {place: tuple(names) for place, names in row["keys"].items()}
        return DependabotWords(
            tuple(row["ecosystems"]), row["meant"], tuple(row["intervals"]), tuple(row["days"]), keys
        )

    @cached_property
    def expression_places(self) -> dict[str, dict[tuple[str, ...], ExpressionPlace]]:
        """For `workflow` and `action`, by the path of keys (`*` is any key): what holds there and below."""
        table = self._folder.json("expression-contexts.json")
        return {
            kind: {
                tuple(at.split(".")): ExpressionPlace(
                    tuple(row["contexts"].split()),
                    {name: (least, most) for name, (least, most) in row["functions"].items()},
                )
                for row in table[kind]
                for at in row["at"]
            }
            for kind in ("workflow", "action")
        }
