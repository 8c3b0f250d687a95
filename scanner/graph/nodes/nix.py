"""Nodes of the world of Nix: locks, their inputs, flakes and settings."""

from typing import Final

from scanner.graph.ids import flake_id, input_id, lock_id
from scanner.graph.nodes.base import Attributes, FileNode, Node
from scanner.model.source import Source, Span
from scanner.parse.nix.conf import NixConf
from scanner.parse.nix.flake import Flake
from scanner.parse.nix.lock import NIV, Lock, LockedInput

MAX_NAMES: Final = 50
"""Names of a path that tell an input from others."""


class LockfileNode(FileNode):
    """A flake.lock, or what npins, niv or lon wrote: the root of its inputs."""

    __slots__ = ("lock",)
    kind = "lock"

    def __init__(self, lock: Lock) -> None:
        super().__init__(lock_id(lock.source))
        self.lock: Final = lock

    @property
    def source(self) -> Source:
        return self.lock.source

    def attributes(self) -> Attributes:
        return {"version": self.lock.version}


class FlakeNode(FileNode):
    """A flake.nix."""

    __slots__ = ("flake",)
    kind = "flake"

    def __init__(self, flake: Flake) -> None:
        super().__init__(flake_id(flake.source))
        self.flake: Final = flake

    @property
    def source(self) -> Source:
        return self.flake.source

    def place(self) -> Span:
        return self.flake.at


class NixConfNode(FileNode):
    """A nix.conf."""

    __slots__ = ("conf",)
    kind = "nix-conf"

    def __init__(self, conf: NixConf) -> None:
        super().__init__(f"nix-conf:{conf.source.id}")
        self.conf: Final = conf

    @property
    def source(self) -> Source:
        return self.conf.source


class InputNode(Node):
    """A locked input of a flake or of devenv, named by its label in the lock."""

    __slots__ = ("input", "lock")
    kind = "flake-input"

    def __init__(self, lock: Lock, input: LockedInput) -> None:
        super().__init__(input_id(lock, input.label))
        self.lock: Final = lock
        self.input: Final = input

    @property
    def path(self) -> str:
        return self.lock.source.path

    @property
    def label(self) -> str:
        return self.input.label

    @property
    def identity(self) -> str:
        """The id with the names from the root instead of the label; the label where nothing leads to it, or very many."""
        depth = self.lock.depths.get(self.input.label, 0)
        if not 0 < depth <= MAX_NAMES:
            return self.id
        return f"{self.kind}:{self.lock.source.id}#{'/'.join(self.lock.path(self.input.label))}"

    def place(self) -> Span:
        return self.lock.key(self.input.label)

    def store_path(self) -> str | None:
        """Where Nix puts what is fetched, None when the lock does not tell, or has a secret in the name."""
        from scanner.model.secrets import masked
        from scanner.parse.nix.store_path import file_store_path, store_path

        locked = self.input.locked
        if locked.nar_hash is None or locked.type == "container" or self.lock.tool is NIV:
            return None  # niv's sources.nix chooses the name, which differs between its versions
        if "flat" in locked.attributes:
            name = (locked.url or "").partition("?")[0].rpartition("/")[2]
            return file_store_path(locked.nar_hash, name) if masked(name) == name else None
        name = locked.text("name") or "source"
        return store_path(locked.nar_hash, name) if masked(name) == name else None

    def attributes(self) -> Attributes:
        from scanner.model.secrets import masked
        from scanner.parse.nix.canonical import canonical
        from scanner.parse.nix.urls import archive_url

        locked = self.input.locked
        found: Attributes = {"lock": self.path, "type": locked.type, "reference": masked(canonical(locked))}
        shown = {
            "rev": locked.rev,
            "narHash": locked.nar_hash,
            "url": archive_url(locked),
            "storePath": self.store_path(),
        }
        for name, value in shown.items():
            if value is not None:
                found[name] = value
        modified = locked.last_modified
        if modified is not None and modified == int(modified):
            found["lastModified"] = int(modified)
        if not self.input.flake:
            found["flake"] = False
        return found


class PinNode(InputNode):
    """An input that npins, niv or lon has pinned."""

    __slots__ = ()
    kind = "pin"

    def attributes(self) -> Attributes:
        found = super().attributes()
        del found["flake"]  # these tools know none
        return found | {"tool": self.lock.tool.name}
