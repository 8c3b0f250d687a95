"""Nodes for what outsiders bring in: texts of their choice, and files that they wrote. Only `snowfence graph --taint` and
`snowfence why` make them."""

from typing import Final

from scanner.graph.nodes.base import Attributes, Node


class TextNode(Node):
    """A text of somebody's choice: a field of the event, or what a step fetches. `events` are those that bring it along."""

    __slots__ = ("events", "name")
    kind = "text"

    def __init__(self, name: str, events: tuple[str, ...] = ()) -> None:
        super().__init__(f"text:{name}")
        self.name: Final = name
        self.events: Final = events

    def attributes(self) -> Attributes:
        return {"events": ", ".join(self.events)} if self.events else {}


class FilesNode(Node):
    """Files that an outsider wrote: the code of a pull request, the artifact of another run."""

    __slots__ = ("name",)
    kind = "files"

    def __init__(self, name: str) -> None:
        super().__init__(f"files:{name}")
        self.name: Final = name

    @property
    def label(self) -> str:
        return f"files of a{'n' if self.name[:1] in 'aeiou' else ''} {self.name}"
