"""Nodes of the files beside workflows: what keeps a repository up to date, its hooks, and who reviews it."""

from typing import Final

from scanner.graph.nodes.base import Attributes, FileNode
from scanner.model.source import Source
from scanner.parse.code_owners import CodeOwners
from scanner.parse.dependabot import Dependabot
from scanner.parse.pre_commit import PreCommit
from scanner.parse.renovate import Renovate


class DependabotNode(FileNode):
    """`.github/dependabot.yml`."""

    __slots__ = ("config",)
    kind = "dependabot"

    def __init__(self, config: Dependabot) -> None:
        super().__init__(f"dependabot:{config.source.id}")
        self.config: Final = config

    @property
    def source(self) -> Source:
        return self.config.source

    def attributes(self) -> Attributes:
        return {"ecosystems": ", ".join(dict.fromkeys(one.name for one in self.config.updates if one.name))}


class RenovateNode(FileNode):
    """Renovate's configuration."""

    __slots__ = ("config",)
    kind = "renovate"

    def __init__(self, config: Renovate) -> None:
        super().__init__(f"renovate:{config.source.id}")
        self.config: Final = config

    @property
    def source(self) -> Source:
        return self.config.source


class PreCommitNode(FileNode):
    """`.pre-commit-config.yaml`."""

    __slots__ = ("config",)
    kind = "pre-commit"

    def __init__(self, config: PreCommit) -> None:
        super().__init__(f"pre-commit:{config.source.id}")
        self.config: Final = config

    @property
    def source(self) -> Source:
        return self.config.source

    def attributes(self) -> Attributes:
        return {"repositories": len(self.config.repositories)}


class CodeOwnersNode(FileNode):
    """A CODEOWNERS file."""

    __slots__ = ("owners",)
    kind = "code-owners"

    def __init__(self, owners: CodeOwners) -> None:
        super().__init__(f"code-owners:{owners.source.id}")
        self.owners: Final = owners

    @property
    def source(self) -> Source:
        return self.owners.source
