"""References to sources whose owner or host is nearly somebody well known."""

from typing import NamedTuple

from scanner.analysis.locks.lookalikes import Lookalike, Lookalikes
from scanner.analysis.locks.references import Repository, repository_of, url_of
from scanner.analysis.patterns import covered
from scanner.parse.nix.reference import Reference


class LookalikeSource(NamedTuple):
    """The name as written, what it is (`owner`, `host`), where it comes from, and the attribute that says so."""

    name: str
    what: str
    source: str
    attribute: str
    lookalike: Lookalike


def lookalike_source(
    reference: Reference, lookalikes: Lookalikes, trusted: tuple[str, ...]
) -> LookalikeSource | None:
    """The lookalike that a reference names, unless its owner, host or repository is trusted."""
    repository = repository_of(reference)
    if repository is None:
        return None
    host = (reference.host or "").lower() or url_of(reference.url or "").host
    if host:
        near = lookalikes.host(host)
        if near is not None and not covered(host, trusted):
            return LookalikeSource(host, "host", str(repository), "host" if reference.host else "url", near)
    return _of_owner(reference, repository, lookalikes, trusted)


def _of_owner(
    reference: Reference, repository: Repository, lookalikes: Lookalikes, trusted: tuple[str, ...]
) -> LookalikeSource | None:
    owner, slash, name = repository.path.partition("/")
    near = lookalikes.owner(repository.host, owner, name) if slash else None
    if near is None or covered(owner, trusted) or covered(repository.path, trusted):
        return None
    shown = reference.owner or owner
    return LookalikeSource(
        shown, "owner", f"{shown}/{reference.repo or name}", "owner" if reference.owner else "url", near
    )
