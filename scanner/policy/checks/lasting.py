"""What of the value of an attribute identifies a finding: the part that outlives an update."""

from typing import Final

_PASSING: Final = frozenset((
    "id", "label", "ref", "asked-ref", "commit", "tag", "digest", "rev", "asked-rev", "nar-hash", "branch", "revisions", "script", "text",
    "comment", "version", "ref-kind",
))  # fmt: skip
"""Attributes that are another text after each update or edit, or say no more than the id of the node."""

_URLS: Final = ("url", "asked", "reference")
_IMAGES: Final = ("container", "services")


def lasting(name: str, text: str) -> str:
    """A value of an attribute without the version in it; empty where nothing of it lasts."""
    if name in _PASSING:
        return ""
    if name in ("uses", "calls"):
        return text.partition("@")[0]
    if name in _IMAGES:
        image = text.partition("@")[0]
        return image.rpartition(":")[0] if ":" in image.rpartition("/")[2] else image
    if name in _URLS:
        parts = text.partition("?")[0].split("/")
        return "/".join(parts[: 4 if "://" in text else 2])
    return text
