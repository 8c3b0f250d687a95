"""Typed questions to the table of programs and actions that run what they find in a folder."""

from functools import cached_property
from typing import Any, Final, NamedTuple

from scanner.knowledge.folder import Folder

_NONE: Final[frozenset[str]] = frozenset()


class Tool(NamedTuple):
    """When a program runs what stands in the files of a project, `reads` being the one that says it.

    `verbs` and `installs` are the sub-commands that do (`a_b` for two words); with `others` all do but the `excluded`, with
    neither of them every use does. `bare`: also without a sub-command. `needs` are options of which one must be there, or
    `path`, `flake`, `local` for an argument of that kind. `unless` are options with which nothing is run, for `installs`
    only where there are any. `folder` and `file` are options that say where, `values` further options with a value, `stop` those at which the program's own
    arguments end; with
    `context` the last argument is the folder. `contained`: what is run is kept in a sandbox, a container or on another machine,
    away from what the job holds.
    """

    reads: str
    verbs: frozenset[str]
    installs: frozenset[str]
    excluded: frozenset[str]
    others: bool
    bare: bool
    needs: frozenset[str]
    unless: frozenset[str]
    folder: frozenset[str]
    file: frozenset[str]
    values: frozenset[str]
    stop: frozenset[str]
    context: bool
    contained: bool

    @property
    def choosy(self) -> bool:
        """Whether the sub-command decides."""
        return bool(self.verbs or self.installs or self.excluded)


class Runner(NamedTuple):
    """An action that runs what stands in the files of a project: `folder` is the input (lower case) that says where; with `given`
    it does so only when that input is there. `control` says when, in words that `analysis/uses/controls.py` reads."""

    reads: str
    folder: str | None
    given: bool
    control: Any
    contained: bool


class ExecutionFacts:
    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    @cached_property
    def _table(self) -> Any:
        return self._folder.json("poisonable-commands.json")

    @cached_property
    def _tools(self) -> dict[str, list[Tool]]:
        found: dict[str, list[Tool]] = {}
        for row in self._table["tools"]:
            tool = _tool(row)
            for program in row["programs"].split():
                found.setdefault(program, []).append(tool)
        return found

    def tools(self, program: str) -> list[Tool]:
        """What is known of a program, given by its name without folder and extension."""
        return self._tools.get(program, [])

    @cached_property
    def _runners(self) -> dict[str, Runner]:
        return {
            row["action"]: Runner(
                reads=row["reads"],
                folder=row["folder"].lower() if "folder" in row else None,
                given=row.get("given", False),
                control=row.get("control", "always"),
                contained=row.get("contained", False),
            )
            for row in self._table["actions"]
        }

    def runner(self, name: str) -> Runner | None:
        """What is known of an action, given as `owner/repository[/path]` in lower case."""
        return self._runners.get(name)

    @cached_property
    def _scripts(self) -> dict[str, tuple[str, str | None]]:
        return {row["action"]: (row["input"], row.get("folder")) for row in self._table["scripts"]}

    def script(self, name: str) -> tuple[str, str | None] | None:
        """The inputs (lower case) of an action that hold commands and say in which folder it runs them."""
        return self._scripts.get(name)


def _tool(row: dict[str, Any]) -> Tool:
    return Tool(
        reads=row["reads"],
        verbs=_words(row, "verbs"),
        installs=_words(row, "installs"),
        excluded=_words(row, "excluded"),
        others=row.get("others", False),
        bare=row.get("bare", False),
        needs=_words(row, "needs"),
        unless=_words(row, "unless"),
        folder=_words(row, "folder"),
        file=_words(row, "file"),
        values=_words(row, "values"),
        stop=_words(row, "stop"),
        context=row.get("context", False),
        contained=row.get("contained", False),
    )


def _words(row: dict[str, Any], name: str) -> frozenset[str]:
    text: str = row.get(name, "")
    return frozenset(text.split()) if text else _NONE
