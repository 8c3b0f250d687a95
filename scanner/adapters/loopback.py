"""This machine itself, the only one that is asked without https."""

from typing import Final

LOOPBACK: Final = frozenset(("127.0.0.1", "[::1]", "localhost"))
"""Hosts as they stand in addresses."""


def host_of(place: str) -> str:
    """A host without its port; that of IPv6 keeps its brackets."""
    end = place.rfind("]") + 1
    return place[:end] if end else place.partition(":")[0]


def is_loopback(place: str) -> bool:
    """Whether a host, with a port or without, is this machine."""
    return host_of(place) in LOOPBACK
