"""One entry for every kind of input: a source becomes a document, or problems."""

from collections.abc import Callable
from typing import Final, NamedTuple

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.action import Action, read_action
from scanner.parse.actions_lock import ActionsLock, read_actions_lock
from scanner.parse.dependabot import Dependabot, read_dependabot
from scanner.parse.nix.conf import NixConf, read_nix_conf
from scanner.parse.nix.flake import Flake, read_flake
from scanner.parse.nix.flake_lock import read_flake_lock
from scanner.parse.nix.lock import Lock
from scanner.parse.nix.lon import read_lon
from scanner.parse.nix.niv import read_niv
from scanner.parse.nix.npins import read_npins
from scanner.parse.nodes import Node
from scanner.parse.workflow import Workflow, read_workflow
from scanner.parse.yaml import compose

Document = Workflow | Action | ActionsLock | Lock | Flake | NixConf | Dependabot

YamlReader = Callable[[Source, Node | None, list[Problem]], Document | None]

_YAML: Final[dict[str, YamlReader]] = {
    "workflow": read_workflow,
    "action": read_action,
    "actions-lock": read_actions_lock,
    "dependabot": read_dependabot,
}
_OTHERS: Final[dict[str, Callable[[Source, list[Problem]], Document | None]]] = {
    "flake-lock": read_flake_lock,
    "flake-nix": read_flake,
    "npins": read_npins,
    "niv": read_niv,
    "lon": read_lon,
    "nix-conf": read_nix_conf,
}

MAX_PROBLEMS: Final = 100
"""Problems of one file that are said one by one."""

KINDS: Final = frozenset({*_YAML, *_OTHERS})


class Parsed(NamedTuple):
    """What became of one source: `document` is None when nothing of it could be read."""

    source: Source
    document: Document | None
    problems: tuple[Problem, ...]


def parse(source: Source) -> Parsed:
    problems: list[Problem] = []
    document: Document | None
    if source.kind in _OTHERS:
        document = _OTHERS[source.kind](source, problems)
    else:
        document = _YAML[source.kind](source, compose(source, problems), problems)
    if len(problems) > MAX_PROBLEMS:
        more = len(problems) - MAX_PROBLEMS
        problems[MAX_PROBLEMS:] = [
            Problem(problems[MAX_PROBLEMS].at, f"and {more:,} further problems in this file")
        ]
    return Parsed(source, document, tuple(problems))
