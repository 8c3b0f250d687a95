"""Components for the repositories whose hooks pre-commit runs: the files name them with a revision, as they name actions."""

from collections.abc import Iterator

from scanner.analysis.remotes.licenses import Licensed, Licenses
from scanner.analysis.remotes.names import hook_remote
from scanner.analysis.uses.hooks import Hooks, hooks_of
from scanner.graph.graph import Graph
from scanner.model.commit import whole_commit
from scanner.model.online import Remote
from scanner.parse.nix.urls import public
from scanner.sbom import purl
from scanner.sbom.bill import Commit, Component, License, Link, Occurrence, Properties, id_of, line_of
from scanner.sbom.licenses import license_of


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
        url = public(f"https://{remote.host}/{remote.path}")
        answer = licenses.of(remote) if licenses is not None else None
        license = license_of(answer) if isinstance(answer, Licensed) else None
        names = sorted({hook.value for one, _ in those for hook in one.repository.hooks})
        yield Component(
            id=id,
            kind="hook-repository",
            type="application",
            name=line_of(name),
            group=line_of(group) or None,
            version=line_of(rev) if rev is not None else None,
            purl=purl.of_repository(remote, rev),
            license=license,
            links=(Link("vcs", url),) if url is not None else (),
            commits=(Commit(commit),) if commit is not None else (),
            properties=(
                *(("snowfence:hook", line_of(name)) for name in names),
                ("snowfence:kind", "hook-repository"),
                *_source_of(license, answer),
                ("snowfence:pinned", "true" if commit is not None else "false"),
                *((("snowfence:ref", line_of(rev)),) if rev is not None else ()),
            ),
            occurrences=tuple(sorted({_place(one) for one, _ in those})),
        )


def hook_repository_id(remote: Remote, rev: str | None) -> str:
    """The id of the component for a repository of hooks at a revision."""
    return id_of(f"hook-repository:{remote}@{rev}" if rev is not None else f"hook-repository:{remote}")


def _rev(hooks: Hooks) -> str | None:
    rev = hooks.repository.rev
    return (rev.value.strip() or None) if rev is not None else None


def _place(hooks: Hooks) -> Occurrence:
    return Occurrence(line_of(hooks.at.shown), hooks.at.begin.line, hooks.at.start, id_of(hooks.subject))


def _source_of(license: License | None, answer: object) -> Properties:
    """Who says under which licence it is."""
    if license is None or not isinstance(answer, Licensed):
        return ()
    return (("snowfence:license_source", "forge" if answer.by_forge else "knowledge"),)
