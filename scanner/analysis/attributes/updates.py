"""Attributes of the files beside workflows: what keeps a repository up to date, its hooks, and who reviews it."""

from datetime import timedelta
from typing import Final

from scanner.analysis.attributes.attribute import Missing, Places, World, attribute, untold
from scanner.analysis.attributes.written import at_texts
from scanner.analysis.updates import cover, owners
from scanner.graph.nodes.base import FileNode
from scanner.graph.nodes.updates import CodeOwnersNode, DependabotNode, PreCommitNode, RenovateNode
from scanner.model.source import Span
from scanner.parse.dependabot import Update
from scanner.parse.nodes import Scalar
from scanner.parse.pre_commit import HookRepository

MANAGERS: Final = ("github-actions", "nix", "pre-commit")
"""The managers of Renovate that are about what is scanned."""


# ---------------------------------------------------------------- where they say it


def _ecosystems(node: DependabotNode | RenovateNode) -> list[Scalar | None]:
    return [one.ecosystem for one in node.config.updates] if isinstance(node, DependabotNode) else []


def _cooldown(update: Update) -> Scalar | None:
    """How many days an entry says."""
    said = update.cooldown.get("default-days") if update.cooldown is not None else None
    return said if isinstance(said, Scalar) else None


def _days(said: Scalar | None) -> int:
    text = said.value if said is not None else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0


def _at_cooldown(node: DependabotNode, world: World) -> Places:
    """The shortest; of an entry without one what it is about."""
    shortest = min(node.config.updates, key=lambda one: _days(_cooldown(one)), default=None)
    said = (_cooldown(shortest) or shortest.ecosystem) if shortest is not None else None
    return [(None, said.content)] if said is not None else []


def _repositories(node: PreCommitNode) -> list[Scalar]:
    return [one.repo for one in node.config.repositories]


def _owner(repository: HookRepository) -> str:
    """Host and owner of a repository; empty where they cannot be told."""
    host, path = repository.place
    owner = path.rpartition("/")[0].lower()
    return f"{host}/{owner}" if host and owner else ""


def _at_owners_of_hooks(node: PreCommitNode, world: World) -> Places:
    untold = next((one for one in node.config.repositories if not _owner(one)), None)
    if untold is not None:
        yield None, untold.repo.content
    yield from ((_owner(one), one.repo.content) for one in node.config.repositories)


def _revisions(node: PreCommitNode) -> list[Scalar]:
    return [one.rev for one in node.config.repositories if one.rev is not None]


def _hooks(node: PreCommitNode) -> list[Scalar]:
    return [hook for one in node.config.repositories for hook in one.hooks]


def _at_patterns(node: CodeOwnersNode, world: World) -> Places:
    return ((line.pattern, line.at) for line in node.owners.lines if line.defect is None)


def _at_owners(node: CodeOwnersNode, world: World) -> Places:
    for line in node.owners.lines:
        source, end = line.at.source, line.at.end
        for owner in line.owners if line.defect is None else ():
            start = source.text.index(owner, end)
            end = start + len(owner)
            yield owner, Span(source, start, end)


@attribute(DependabotNode, RenovateNode, CodeOwnersNode)
def in_force(node: FileNode, world: World) -> bool:
    """Whether it is the one that is read, of those that there are."""
    return node in (
        cover.dependabot(world.graph),
        cover.renovate(world.graph),
        owners.code_owners(world.graph),
    )


@attribute(DependabotNode, RenovateNode, at=at_texts(_ecosystems))
def ecosystems(node: DependabotNode | RenovateNode, world: World) -> tuple[str, ...] | Missing:
    """What it keeps up to date: Dependabot's ecosystems as written, of Renovate's managers `github-actions`, `nix` and `pre-commit`."""
    if isinstance(node, DependabotNode):
        return tuple(dict.fromkeys(one.name for one in node.config.updates if one.name))
    answers = {name: node.config.runs(name) for name in MANAGERS}
    if None in answers.values():
        return untold("a preset of another repository decides, or the file cannot be read")
    return tuple(name for name, runs in answers.items() if runs)


@attribute(DependabotNode, at=_at_cooldown)
def cooldown(node: DependabotNode, world: World) -> timedelta | Missing:
    """For how long new versions are left alone: the shortest `default-days` of its entries, none where one has no cooldown."""
    days = [_days(_cooldown(update)) for update in node.config.updates]
    return timedelta(min(days)) if days else Missing("it has no entries")


@attribute(PreCommitNode, at=at_texts(_repositories))
def repositories(node: PreCommitNode, world: World) -> tuple[str, ...]:
    """Where its hooks are cloned from, as written."""
    return tuple(dict.fromkeys(one.value for one in _repositories(node)))


@attribute(PreCommitNode, at=_at_owners_of_hooks)
def repository_owners(node: PreCommitNode, world: World) -> tuple[str, ...] | Missing:
    """Host and owner of the repositories of its hooks, in lower case: `github.com/pre-commit`."""
    found = [_owner(one) for one in node.config.repositories]
    if "" in found:
        return untold("a repository of hooks has no owner that could be told")
    return tuple(dict.fromkeys(found))


@attribute(PreCommitNode, at=at_texts(_revisions))
def revisions(node: PreCommitNode, world: World) -> tuple[str, ...]:
    """The revisions of its repositories, as written."""
    return tuple(one.value for one in _revisions(node))


@attribute(PreCommitNode, at=at_texts(_hooks))
def hooks(node: PreCommitNode, world: World) -> tuple[str, ...]:
    """The ids of its hooks from other repositories."""
    return tuple(dict.fromkeys(one.value for one in _hooks(node)))


@attribute(CodeOwnersNode, at=_at_owners)
def owners_(node: CodeOwnersNode, world: World) -> tuple[str, ...]:
    """Everybody whom it names."""
    lines = (line for line in node.owners.lines if line.defect is None)
    return tuple(dict.fromkeys(owner for line in lines for owner in line.owners))


@attribute(CodeOwnersNode, at=_at_patterns)
def patterns(node: CodeOwnersNode, world: World) -> tuple[str, ...]:
    """The patterns of files that it names, without those of lines that GitHub skips."""
    return tuple(dict.fromkeys(line.pattern for line in node.owners.lines if line.defect is None))
