"""What an indirect reference stands for, written out."""

from datetime import date

from scanner.analysis.locks.releases import release_in, supported
from scanner.knowledge.tables import Knowledge
from scanner.parse.nix.lock import LockedInput


def direct_url(
    id: str, version: str | None, node: LockedInput | None, knowledge: Knowledge, now: date
) -> str | None:
    """The reference that gives what a registry gives for `id` (and a ref or rev): where the lock has a repository, that
    one; None when neither the lock nor the global registry tells. For the branch of a release that has ended, the same of the
    newest one."""
    version = _kept_up(version, knowledge, now) if version is not None else None
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


def _kept_up(version: str, knowledge: Knowledge, now: date) -> str:
    name = release_in(version)
    release = knowledge.nixos_release(name) if name is not None and name != version else None
    if release is None or release.end >= now:
        return version
    newest = next(iter(supported(knowledge, now)), None)
    return version.replace(release.name, newest.name) if newest is not None else version
