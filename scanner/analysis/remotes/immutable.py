"""Tags that nobody can move: those of immutable releases.

GitHub locks the tag of a release that is published as immutable, and the release with it, for owners and administrators too
(https://docs.github.com/en/code-security/supply-chain-security/understanding-your-software-supply-chain/immutable-releases).
"""

from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.names import action_remote
from scanner.model.online import NotKnown, Release, Remote
from scanner.parse.uses import RepositoryUse


def is_immutable(asking: Asking | None, use: RepositoryUse) -> bool:
    """Whether a use names the tag of an immutable release. Where servers cannot be asked or do not answer, it is not known to be one."""
    return asking is not None and is_immutable_tag(
        asking, action_remote(use.slug, asking.online.home), use.ref
    )


def is_immutable_tag(asking: Asking, remote: Remote, ref: str) -> bool:
    """Whether a name is the tag of an immutable release of a repository, and no branch as well."""
    tags = asking.tags(remote)
    if isinstance(tags, NotKnown) or ref in tags.refs.branches or ref not in tags.refs.tags:
        return False
    if tags.moves(ref):  # what leads from release to release is not asked for
        return False
    release = asking.online.release(remote, ref)
    return isinstance(release, Release) and release.immutable
