"""What an indirect reference stands for, written out."""

from scanner.knowledge.tables import Knowledge
from scanner.parse.nix.lock import LockedInput


def direct_url(id: str, version: str | None, node: LockedInput | None, knowledge: Knowledge) -> str | None:
    """The reference that gives what a registry gives for `id` (and a ref or rev): where the lock has a repository, that
    one; None when neither the lock nor the global registry tells."""
    known = knowledge.registry_target(id)
    locked = node.locked if node is not None else None
    if (
        locked is not None
        and locked.type in ("github", "gitlab", "sourcehut")
        and locked.owner
        and locked.repo
    ):
        base = f"{locked.type}:{locked.owner}/{locked.repo}"
        if version is None and known is not None and known.startswith(f"{base}/"):
            return known
    elif known is not None:
        base = "/".join(known.split("/")[:2]) if version is not None else known
    else:
        return None
    return f"{base}/{version}" if version is not None else base
