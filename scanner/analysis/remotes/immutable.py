"""Tags that nobody can move: those of immutable releases.

GitHub locks the tag of a release that is published as immutable, and the release with it, for owners and administrators too
(https://docs.github.com/en/code-security/supply-chain-security/understanding-your-software-supply-chain/immutable-releases).
"""

from collections.abc import Iterable

from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.names import action_remote
from scanner.model.online import NotKnown, Question, Release, Remote
from scanner.parse.uses import RepositoryUse


def prepare_immutable(asking: Asking | None, uses: Iterable[RepositoryUse]) -> None:
    """Asks at once what `is_immutable` will ask of uses."""
    if asking is not None:
        home = asking.online.home
        prepare_immutable_tags(asking, ((action_remote(use.slug, home), use.ref) for use in uses))


def prepare_immutable_tags(asking: Asking, named: Iterable[tuple[Remote, str]]) -> None:
    """Asks at once what `is_immutable_tag` will ask of names in repositories."""
    pairs = tuple(dict.fromkeys(named))
    asking.prepare_tags(remote for remote, _ in pairs)
    asking.prepare(
        Question("release", remote, ref) for remote, ref in pairs if _is_exact(asking, remote, ref)
    )


def is_immutable(asking: Asking | None, use: RepositoryUse) -> bool:
    """Whether a use names the tag of an immutable release. Where servers cannot be asked or do not answer, it is not known to be one."""
    return asking is not None and is_immutable_tag(
        asking, action_remote(use.slug, asking.online.home), use.ref
    )


def is_immutable_tag(asking: Asking, remote: Remote, ref: str) -> bool:
    """Whether a name is the tag of an immutable release of a repository, and no branch as well."""
    if not _is_exact(asking, remote, ref):
        return False
    release = asking.online.release(remote, ref)
    return isinstance(release, Release) and release.immutable


def _is_exact(asking: Asking, remote: Remote, ref: str) -> bool:
    """Whether a name is a tag alone and of one release: what leads from release to release is not asked for."""
    tags = asking.tags(remote)
    if isinstance(tags, NotKnown) or ref in tags.refs.branches or ref not in tags.refs.tags:
        return False
    return not tags.moves(ref)
