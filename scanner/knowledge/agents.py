"""Typed questions to the table of AI actions and programs: what they are told, what they can do, who may start them."""

from collections.abc import Mapping
from enum import IntEnum
from functools import cached_property
from typing import Any, NamedTuple

from scanner.knowledge.folder import Folder


class Power(IntEnum):
    """What a model can do with what it is told. The worse, the higher."""

    ANSWERS = 0
    """It writes an answer and nothing else."""
    READS = 1
    """It may read files or ask GitHub, which its answer then can tell."""
    WRITES = 2
    """It changes files, or writes to GitHub."""
    COMMANDS = 3
    """It runs commands."""


class AgentProgram(NamedTuple):
    """A program of the command line. It is asked without a person where one of `asks` stands among its words (always, when there
    is none). `flags` are options that give it more to do; `values` those whose value does: by value, or (None) by the names of
    tools in it."""

    name: str
    asks: frozenset[str]
    can: Power
    flags: Mapping[str, Power]
    values: Mapping[str, Mapping[str, Power] | None]


class AgentAction(NamedTuple):
    """An action; inputs in lower case. `prompts` are told to the model, `files` name files with more, `options` hold options of the `program`, or its settings as
    JSON, `tools` names of tools; `switches` decide by their value. Words of `limits` in the settings say that only some tools
    are there. `reads`: it takes the issue or pull request that started the run along. `gated`: it
    refuses people without write access, unless an input of `opened` holds `*`."""

    name: str
    prompts: tuple[str, ...]
    files: tuple[str, ...]
    options: tuple[str, ...]
    tools: tuple[str, ...]
    limits: tuple[str, ...]
    program: AgentProgram | None
    can: Power
    switches: Mapping[str, Mapping[str, Power]]
    reads: bool
    gated: bool
    opened: tuple[str, ...]


class AgentFacts:
    """What is known about AI in workflows."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    @cached_property
    def _table(self) -> dict[str, Any]:
        table: dict[str, Any] = self._folder.json("ai-agents.json")
        return table

    @cached_property
    def programs(self) -> Mapping[str, AgentProgram]:
        """By the words that call them: `claude`, `gh models run`."""
        return {name: _program(row) for name, row in self._table["programs"].items()}

    @cached_property
    def first_words(self) -> frozenset[str]:
        """The programs themselves, and the packages that npx and its like run them by."""
        return frozenset(name.partition(" ")[0] for name in self.programs) | frozenset(self.packages)

    @cached_property
    def packages(self) -> Mapping[str, str]:
        """Programs by the packages that they come in."""
        rows = self._table["programs"].items()
        return {package: name for name, row in rows for package in row.get("packages", ())}

    @cached_property
    def _actions(self) -> Mapping[str, AgentAction]:
        return {name: self._action(row) for name, row in self._table["actions"].items()}

    def action(self, name: str) -> AgentAction | None:
        """An action by `owner/repository[/path]` in lower case."""
        return self._actions.get(name)

    def _action(self, row: dict[str, Any]) -> AgentAction:
        return AgentAction(
            row["name"],
            tuple(row["prompts"]),
            tuple(row.get("files", ())),
            tuple(row.get("options", ())),
            tuple(row.get("tools", ())),
            tuple(row.get("limits", ())),
            self.programs.get(row.get("program", "")),
            Power[row["can"].upper()],
            {input: _powers(values) for input, values in row.get("switches", {}).items()},
            row.get("reads", False),
            row.get("gated", False),
            tuple(row.get("opened", ())),
        )


def _program(row: dict[str, Any]) -> AgentProgram:
    return AgentProgram(
        row["name"],
        frozenset(row.get("asks", ())),
        Power[row["can"].upper()],
        _powers(row.get("flags", {})),
        {
            option: None if values == "tools" else _powers(values)
            for option, values in row.get("values", {}).items()
        },
    )


def _powers(row: dict[str, str]) -> dict[str, Power]:
    return {word: Power[name.upper()] for word, name in row.items()}
