"""One entry for every kind of input: a source becomes a document, or problems. Readers of locks are imported for their kind."""

from collections.abc import Callable
from typing import Final, NamedTuple

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.action import Action, read_action
from scanner.parse.actions_lock import ActionsLock, read_actions_lock
from scanner.parse.code_owners import CodeOwners, read_code_owners
from scanner.parse.dependabot import Dependabot, read_dependabot
from scanner.parse.nix.conf import NixConf, read_nix_conf
from scanner.parse.nix.flake import Flake, read_flake
from scanner.parse.nix.lock import Lock
from scanner.parse.nodes import Node
from scanner.parse.pre_commit import PreCommit, read_pre_commit
from scanner.parse.renovate import Renovate, read_renovate
from scanner.parse.workflow import Workflow, read_workflow
from scanner.parse.yaml import compose

Document = (
    Workflow | Action | ActionsLock | Lock | Flake | NixConf | Dependabot | Renovate | PreCommit | CodeOwners
)

MAX_PROBLEMS: Final = 100
"""Problems of one file that are said one by one."""

NIX_IN_WORKFLOW: Final = "nix-in-workflow"
"""The kind that a workflow or action is as well when it may have to do with Nix."""

_NIX: Final = (
    "nix", "lix", "cachix", "attic", "devenv", "npins", "niv ", "lon update", "flakehub", "flake-", "flake.", ".#",
    "home-manager", "darwin-rebuild", "colmena", "disko", "system-manager", "determinatesystems",
)  # fmt: skip
_NOT_NIX: Final = ("unix", "minix", "phoenix", "xenix", "helix")


class Parsed(NamedTuple):
    """What became of one source: `document` is None when nothing of it could be read, else it is of these `kinds`."""

    source: Source
    document: Document | None
    problems: tuple[Problem, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        if self.document is None:
            return ()
        kind = self.source.kind
        in_workflow = kind in ("workflow", "action") and _mentions_nix(self.source.text)
        return (kind, NIX_IN_WORKFLOW) if in_workflow else (kind,)


def _mentions_nix(text: str) -> bool:
    """Whether a workflow has anything to do with Nix, as far as its words tell: `unix` is none of them."""
    text = text.lower()
    if not any(word in text for word in _NIX):
        return False
    for word in _NOT_NIX:
        text = text.replace(word, "")
    return any(word in text for word in _NIX)


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


# ---------------------------------------------------------------- readers that a scan without such a file need not load


def _flake_lock(source: Source, problems: list[Problem]) -> Document | None:
    from scanner.parse.nix.flake_lock import read_flake_lock

    return read_flake_lock(source, problems)


def _npins(source: Source, problems: list[Problem]) -> Document | None:
    from scanner.parse.nix.npins import read_npins

    return read_npins(source, problems)


def _niv(source: Source, problems: list[Problem]) -> Document | None:
    from scanner.parse.nix.niv import read_niv

    return read_niv(source, problems)


def _lon(source: Source, problems: list[Problem]) -> Document | None:
    from scanner.parse.nix.lon import read_lon

    return read_lon(source, problems)


_YAML: Final[dict[str, Callable[[Source, Node | None, list[Problem]], Document | None]]] = {
    "workflow": read_workflow,
    "action": read_action,
    "actions-lock": read_actions_lock,
    "dependabot": read_dependabot,
    "pre-commit": read_pre_commit,
}
_OTHERS: Final[dict[str, Callable[[Source, list[Problem]], Document | None]]] = {
    "flake-lock": _flake_lock,
    "flake-nix": read_flake,
    "npins": _npins,
    "niv": _niv,
    "lon": _lon,
    "nix-conf": read_nix_conf,
    "renovate": read_renovate,
    "code-owners": read_code_owners,
}

KINDS: Final = frozenset({*_YAML, *_OTHERS})
