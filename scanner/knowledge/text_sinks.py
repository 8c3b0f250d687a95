"""Typed questions to the table of places where a text does more than to be shown: programs and actions that read options, code,
variables and addresses out of it."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, NamedTuple

from scanner.knowledge.folder import Folder

Does = Literal["code", "files"]


class Program(NamedTuple):
    """What a program does with its arguments.

    `code` says for people what it takes as code, None where it takes none: its first argument (`first`), every one (`all`), those
    behind the first (`behind`), values of variables (`assigned`), and those of `flags`, which may stand behind other
    letters (`joined`: `-pe`). `values` are options with a value. `such` is an option by which an argument that begins with `-` does
    harm (`does`), None where there is none; `verbs` are the sub-commands that count, empty for a program without. `loose`:
    `--` does not end its options; `script`: its first argument does, which is a file of code or an image; `input`:
    without one, what it reads is code.
    """

    code: str | None
    first: bool
    all: bool
    behind: bool
    assigned: bool
    flags: frozenset[str]
    joined: bool
    values: frozenset[str]
    such: str | None
    does: Does
    verbs: frozenset[str]
    loose: bool
    script: bool
    input: bool


class TextSinks:
    """Names of actions are `owner/repository`, names of inputs too are in lower case."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    @cached_property
    def _table(self) -> dict[str, Any]:
        table: dict[str, Any] = self._folder.json("text-sinks.json")
        return table

    def environment(self, slug: str) -> tuple[str, ...] | None:
        """The inputs out of which an action sets variables, empty for one that reads files; None for every other action."""
        found = self._table["environment"].get(slug)
        return tuple(found) if found is not None else None

    def shell_inputs(self, slug: str) -> frozenset[str]:
        """The inputs that an action hands to a shell."""
        return frozenset(self._table["shell"].get(slug, ()))

    def settings(self, slug: str) -> Mapping[str, str]:
        """The inputs that hold options of a program, each with what one more option does."""
        found: Mapping[str, str] = self._table["settings"].get(slug, {})
        return found

    def urls(self, slug: str) -> frozenset[str]:
        """The inputs that say where an action sends a request."""
        return frozenset(self._table["urls"].get(slug, ()))

    @cached_property
    def programs(self) -> Mapping[str, Program]:
        """What programs do with their arguments, by name, or by name and sub-command where another option does harm; `$` stands for one
        that a variable names."""
        return {name: _program(row) for name, row in self._table["programs"].items()}


def _program(row: Mapping[str, Any]) -> Program:
    return Program(
        code=row.get("code"),
        first=row.get("first", False),
        all=row.get("all", False),
        behind=row.get("behind", False),
        assigned=row.get("assigned", False),
        flags=frozenset(row.get("flags", ())),
        joined=row.get("joined", False),
        values=frozenset(row.get("values", ())),
        such=row.get("such"),
        does=row.get("does", "code"),
        verbs=frozenset(row.get("verbs", ())),
        loose=row.get("loose", False),
        script=row.get("script", False),
        input=row.get("input", False),
    )
