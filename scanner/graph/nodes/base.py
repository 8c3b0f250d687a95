"""What all nodes have.

Plain classes with slots: a scan makes thousands of nodes, and rules read their fields all the time. What few callers
ask for is imported by the method that answers.
"""

from typing import ClassVar, Final

from scanner.graph.ids import REPOSITORY
from scanner.model.secrets import masked
from scanner.model.source import Source, Span

Attributes = dict[str, str | int | bool]


class Node:
    """Base of all nodes. `path` is the file that declares the node, None for one of the outside world."""

    __slots__ = ("id",)
    kind: ClassVar[str]

    def __init__(self, id: str) -> None:
        self.id: Final = id

    def __repr__(self) -> str:
        return f"<{self.id}>"

    @property
    def path(self) -> str | None:
        return None

    @property
    def label(self) -> str:
        """A short name for people."""
        return self.id.partition(":")[2]

    @property
    def identity(self) -> str:
        """The id without what an edit changes that makes no other thing of it: the version of what is used, for one."""
        return self.id

    def place(self) -> Span | None:
        """Where the node is declared; looked up when asked."""
        return None

    def attributes(self) -> Attributes:
        """What is worth knowing besides id, kind, path and label, as it is written."""
        return {}

    def exported(self) -> Attributes:
        """The same as exports show it: without secrets."""
        return {
            name: masked(value) if isinstance(value, str) else value
            for name, value in self.attributes().items()
        }


class RepositoryNode(Node):
    """The scanned repository itself."""

    __slots__ = ()
    kind = "repository"

    def __init__(self) -> None:
        super().__init__(REPOSITORY)


class FileNode(Node):
    """A node that stands for a whole file."""

    __slots__ = ()

    @property
    def source(self) -> Source:
        raise NotImplementedError

    @property
    def path(self) -> str:
        return self.source.path

    def place(self) -> Span:
        return Span(self.source, 0, 1)
