"""Attributes of the files beside workflows: what keeps a repository up to date, its hooks, and who reviews it."""

from datetime import timedelta
from typing import Final

from scanner.analysis.attributes.attribute import Missing, World, attribute
from scanner.analysis.updates import cover, owners
from scanner.graph.nodes.base import FileNode
from scanner.graph.nodes.updates import CodeOwnersNode, DependabotNode, PreCommitNode, RenovateNode
from scanner.parse.nodes import Scalar

MANAGERS: Final = ("github-actions", "nix", "pre-commit")
"""The managers of Renovate that are about what is scanned."""


@attribute(DependabotNode, RenovateNode, CodeOwnersNode)
def in_force(node: FileNode, world: World) -> bool:
    """Whether it is the one that is read, of those that there are."""
    return node in (
        cover.dependabot(world.graph),
        cover.renovate(world.graph),
        owners.code_owners(world.graph),
    )


@attribute(DependabotNode, RenovateNode)
def ecosystems(node: DependabotNode | RenovateNode, world: World) -> tuple[str, ...] | Missing:
    """What it keeps up to date: Dependabot's ecosystems as written, of Renovate's managers `github-actions`, `nix` and `pre-commit`."""
    if isinstance(node, DependabotNode):
        return tuple(dict.fromkeys(one.name for one in node.config.updates if one.name))
    answers = {name: node.config.runs(name) for name in MANAGERS}
    if None in answers.values():
        return Missing("a preset of another repository decides, or the file cannot be read")
    return tuple(name for name, runs in answers.items() if runs)


@attribute(DependabotNode)
def cooldown(node: DependabotNode, world: World) -> timedelta | Missing:
    """For how long new versions are left alone: the shortest `default-days` of its entries, none where one has no cooldown."""
    days = []
    for update in node.config.updates:
        said = update.cooldown.get("default-days") if update.cooldown is not None else None
        text = said.value if isinstance(said, Scalar) else ""
        days.append(int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0)
    return timedelta(min(days)) if days else Missing("it has no entries")


@attribute(PreCommitNode)
def repositories(node: PreCommitNode, world: World) -> tuple[str, ...]:
    """Where its hooks are cloned from, as written."""
    return tuple(dict.fromkeys(one.repo.value for one in node.config.repositories))


@attribute(PreCommitNode)
def repository_owners(node: PreCommitNode, world: World) -> tuple[str, ...] | Missing:
    """Host and owner of the repositories of its hooks, in lower case: `github.com/pre-commit`."""
    found: dict[str, None] = {}
    for one in node.config.repositories:
        host, path = one.place
        owner = path.rpartition("/")[0].lower()
        if not host or not owner:
            return Missing("a repository of hooks has no owner that could be told")
        found[f"{host}/{owner}"] = None
    return tuple(found)


@attribute(PreCommitNode)
def revisions(node: PreCommitNode, world: World) -> tuple[str, ...]:
    """The revisions of its repositories, as written."""
    return tuple(one.rev.value for one in node.config.repositories if one.rev is not None)


@attribute(PreCommitNode)
def hooks(node: PreCommitNode, world: World) -> tuple[str, ...]:
    """The ids of its hooks from other repositories."""
    return tuple(dict.fromkeys(hook.value for one in node.config.repositories for hook in one.hooks))


@attribute(CodeOwnersNode)
def owners_(node: CodeOwnersNode, world: World) -> tuple[str, ...]:
    """Everybody whom it names."""
    lines = (line for line in node.owners.lines if line.defect is None)
    return tuple(dict.fromkeys(owner for line in lines for owner in line.owners))


@attribute(CodeOwnersNode)
def patterns(node: CodeOwnersNode, world: World) -> tuple[str, ...]:
    """The patterns of files that it names, without those of lines that GitHub skips."""
    return tuple(dict.fromkeys(line.pattern for line in node.owners.lines if line.defect is None))
