"""Hosts that mean something to Nix, and those that are one and the same."""

from typing import Final

HOSTS: Final = {"github": "github.com", "gitlab": "gitlab.com", "sourcehut": "git.sr.ht"}
"""Where the repositories of a fetcher are when a reference names no `host` (Nix manual, "Flake references")."""

NIXOS: Final = frozenset(("channels.nixos.org", "releases.nixos.org", "nixos.org"))
"""Channels and releases of NixOS: the first leads to the second."""

FLAKEHUB: Final = frozenset(("flakehub.com", "api.flakehub.com"))
"""FlakeHub: the first leads to the second."""

_SAME: Final = {
    "www.github.com": "github.com",
    "ssh.github.com": "github.com",
    "codeload.github.com": "github.com",
    "api.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
}


def is_local_host(host: str) -> bool:
    """Whether a host (lower case, with or without a port) is the machine itself: `localhost` and what is below it,
    127.0.0.0/8 and ::1 (RFC 6761, RFC 6890)."""
    name = host if host.endswith("]") or ":" not in host else host.rpartition(":")[0]
    if name == "localhost" or name.endswith(".localhost") or name == "[::1]":
        return True
    parts = name.split(".")
    return len(parts) == 4 and parts[0] == "127" and all(part.isdecimal() for part in parts)


def one_host(host: str) -> str:
    """The host (lower case) by its usual name: forges have several for one set of repositories."""
    return _SAME.get(host, host)
