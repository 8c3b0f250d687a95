"""A flake reference: the attribute set that one of Nix's fetchers takes (Nix manual, "Flake references")."""

from collections.abc import Mapping
from typing import Final

Attribute = str | int | float | bool


class Reference:
    """A fetcher's attribute set: `original` (what flake.nix asks for) or `locked` (what it got).

    The texts that every rule reads are fields: None where the attribute is missing, empty or no text.
    """

    __slots__ = ("attributes", "host", "nar_hash", "owner", "ref", "repo", "rev", "type", "url")

    def __init__(self, attributes: Mapping[str, Attribute]) -> None:
        self.attributes: Final = attributes
        self.type: Final = self.text("type") or "unknown"
        self.owner: Final = self.text("owner")
        self.repo: Final = self.text("repo")
        self.ref: Final = self.text("ref")
        self.rev: Final = self.text("rev")
        self.url: Final = self.text("url")
        self.host: Final = self.text("host")
        self.nar_hash: Final = self.text("narHash")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self.attributes == other.attributes

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Reference({dict(self.attributes)!r})"

    def text(self, name: str) -> str | None:
        value = self.attributes.get(name)
        return value if isinstance(value, str) and value else None

    @property
    def last_modified(self) -> float | None:
        """Seconds since 1970, None when absent or no number."""
        value = self.attributes.get("lastModified")
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def __str__(self) -> str:
        """The reference as people write it, with its rev or ref."""
        version = self.rev or self.ref
        match self.type:
            case "github" | "gitlab" | "sourcehut" as forge:
                return f"{forge}:{self.owner or '?'}/{self.repo or '?'}" + (f"/{version}" if version else "")
            case "indirect":
                return f"flake:{self.text('id') or '?'}" + (f"/{version}" if version else "")
            case "path":
                return f"path:{self.text('path') or '?'}"
            case "git" | "hg" as scheme:
                url = self.url or "?"
                shown = url if url.startswith(("git:", "hg:")) else f"{scheme}+{url}"
                return (
                    f"{shown}?rev={self.rev}"
                    if self.rev
                    else f"{shown}?ref={self.ref}"
                    if self.ref
                    else shown
                )
        return self.url or self.type


def plain_ref(ref: str) -> str:
    """A branch or tag without what says which of the two it is: `refs/heads/main` is `main`."""
    return ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


def whole(number: int | float) -> int:
    """A number as Nix takes one out of JSON: without what stands behind the point. 0 for one without end."""
    return int(number) if abs(number) < float("inf") else 0
