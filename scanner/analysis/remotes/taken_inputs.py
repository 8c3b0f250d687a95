"""The repositories that inputs of locks are taken from."""

from collections.abc import Iterator
from datetime import UTC, datetime

from scanner.analysis.locks.ages import day_of
from scanner.analysis.locks.inputs import inputs
from scanner.analysis.locks.references import repository_of, revision_of, url_of
from scanner.analysis.remotes.names import NO_CASE
from scanner.analysis.remotes.taken import Taken
from scanner.graph.graph import Graph
from scanner.model.commit import whole_commit
from scanner.model.online import Remote
from scanner.parse.nix.hosts import HOSTS
from scanner.parse.nix.reference import Reference, plain_ref
from scanner.parse.nix.urls import plain_owner


def taken_inputs(graph: Graph) -> Iterator[Taken]:
    """Every input that a repository on a server is the source of, in the order of the files."""
    for input in inputs(graph):
        locked, original = input.node.input.locked, input.node.input.original
        remote = remote_of(locked)
        if remote is None:
            continue
        day = day_of(locked)
        at = input.value("locked", "repo" if locked.repo is not None else "url")
        yield Taken(
            "input",
            input.node.id,
            at,
            input.name,
            remote,
            plain_ref(original.ref) if original.ref is not None else original.rev,
            at,
            whole_commit(revision_of(locked)),
            made=datetime(day.year, day.month, day.day, tzinfo=UTC) if day is not None else None,
            input=input,
        )


def remote_of(reference: Reference) -> Remote | None:
    """The repository of a reference, also of an archive that a forge makes of it; None for a folder, a name of the registry, a repository
    of Mercurial and any other file."""
    repository = repository_of(reference)
    if repository is None or not repository.host or reference.type == "hg":
        return None
    if reference.type in ("tarball", "file") and repository.host not in HOSTS.values():
        return None
    if repository.host in NO_CASE:
        return Remote(repository.host, repository.path)
    if reference.type == "git" and reference.url is not None:
        return Remote(repository.host, url_of(reference.url).path.strip("/").removesuffix(".git"))
    if reference.type in HOSTS:
        return Remote(repository.host, f"{plain_owner(reference.owner or '')}/{reference.repo}")
    return Remote(repository.host, repository.path)
