"""Components for the repositories whose hooks pre-commit runs: the files name them with a revision, as they name actions."""

from collections.abc import Iterator

from scanner.analysis.remotes.licenses import Licensed, Licenses
from scanner.analysis.remotes.names import hook_remote
from scanner.analysis.uses.hooks import Hooks, hooks_of
from scanner.graph.graph import Graph
from scanner.model.commit import whole_commit
from scanner.model.online import Remote
from scanner.model.secrets import masked
from scanner.parse.nix.urls import public
from scanner.sbom import purl
from scanner.sbom.bill import Commit, Component, id_of
from scanner.sbom.component import component, occurrence


def hook_repositories(graph: Graph, licenses: Licenses | None = None) -> Iterator[Component]:
    """One for each repository and revision, with every place that names it; none for the repository's own folders."""
    found: dict[str, list[tuple[Hooks, Remote]]] = {}
    for hooks in hooks_of(graph):
        remote = hook_remote(hooks)
        if remote is not None:
            found.setdefault(hook_repository_id(remote, _rev(hooks)), []).append((hooks, remote))
    if licenses is not None:
        licenses.prepare(remote for those in found.values() for _, remote in those)
    for id, those in found.items():
        hooks, remote = those[0]
        rev = _rev(hooks)
        commit = whole_commit(rev)
        group, _, name = remote.path.rpartition("/")
        answer = licenses.of(remote) if licenses is not None else None
        yield component(
            id,
            "hook-repository",
            "application",
            (group or None, name),
            rev,
            purl.of_repository(remote, rev),
            places=(occurrence(one.at, one.subject) for one, _ in those),
            links=(("vcs", public(f"https://{remote.host}/{remote.path}")),),
            commits=(Commit(commit),) if commit is not None else (),
            properties=(
                *(
                    ("snowfence:hook", name)
                    for name in {hook.value for one, _ in those for hook in one.repository.hooks}
                ),
                ("snowfence:pinned", "true" if commit is not None else "false"),
                ("snowfence:ref", rev),
            ),
            licensed=answer if isinstance(answer, Licensed) else None,
        )


def hook_repository_id(remote: Remote, rev: str | None) -> str:
    """The id of the component for a repository of hooks at a revision."""
    return id_of(
        masked(f"hook-repository:{remote}@{rev}" if rev is not None else f"hook-repository:{remote}")
    )


def _rev(hooks: Hooks) -> str | None:
    rev = hooks.repository.rev
    return (rev.value.strip() or None) if rev is not None else None
