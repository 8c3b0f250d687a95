"""Which version of an action a use runs, and who says so: its ref, GitHub's lock, a comment, or the tags that the server has now."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from scanner.analysis.remotes.names import action_remote
from scanner.analysis.remotes.tags import Tags
from scanner.analysis.uses.hooks import github_hooks
from scanner.analysis.uses.locked_actions import lock_of
from scanner.analysis.uses.pins import comment_of
from scanner.analysis.uses.uses import commit_of, repository_uses
from scanner.analysis.uses.versions import Version, meant_by
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import ActionsLockNode
from scanner.model.online import NotKnown, Online
from scanner.model.source import Span
from scanner.parse.uses import RepositoryUse

Kind = Literal["use", "hook", "locked"]
Says = Literal["ref", "lock", "comment", "elsewhere", "server"]
"""`comment` is the one behind the commit, `elsewhere` one behind the same commit at another place."""


class Run(NamedTuple):
    """Code of a repository that runs: by a `uses:`, as a hook of pre-commit, or `locked` because an action uses it (`by` which).

    `text` is what is written at `at`. `commit` (lower case) is the one that the files fix, None where a name is followed.
    `comment` is the name of a release behind a commit.
    """

    kind: Kind
    subject: str
    at: Span
    text: str
    use: RepositoryUse
    commit: str | None
    comment: str | None
    by: str = ""


class Release(NamedTuple):
    """A version as `name` calls it, and who says so. `one_of_line`: some version of a line, nobody knows which."""

    version: Version
    name: str
    says: Says
    one_of_line: bool


@per_graph
def runs(graph: Graph, slugs: frozenset[str]) -> tuple[Run, ...]:
    """Uses, hooks, and what only GitHub's lock names, of some repositories (`owner/repository`, lower case)."""
    return *_uses(graph, slugs), *_hooks(graph, slugs), *_locked(graph, slugs)


@per_graph
def runs_by_use(graph: Graph, slugs: frozenset[str]) -> dict[RepositoryUse, tuple[Run, ...]]:
    """The `uses:` among them, by what they name."""
    found: dict[RepositoryUse, list[Run]] = {}
    for run in runs(graph, slugs):
        if run.kind == "use":
            found.setdefault(run.use, []).append(run)
    return {use: tuple(those) for use, those in found.items()}


def _uses(graph: Graph, slugs: frozenset[str]) -> Iterator[Run]:
    lock = lock_of(graph)
    for used in repository_uses(graph):
        if used.use.slug not in slugs:
            continue
        text = used.used.call.text
        comment = comment_of(text) if used.use.pinned else None
        yield Run(
            "use",
            used.subject,
            used.at,
            text.value.strip(),
            used.use,
            commit_of(lock, used),
            comment.ref if comment is not None else None,
        )


def _hooks(graph: Graph, slugs: frozenset[str]) -> Iterator[Run]:
    for hook in github_hooks(graph):
        if hook.use.slug not in slugs:
            continue
        rev = hook.repository.rev
        pinned = hook.use.pinned
        comment = comment_of(rev) if pinned and rev is not None else None
        yield Run(
            "hook",
            hook.subject,
            hook.at,
            f"{hook.use.owner}/{hook.use.repository}@{hook.use.ref.strip()}",
            hook.use._replace(ref=hook.use.ref.strip()),
            hook.use.ref.lower() if pinned else None,
            comment.ref if comment is not None else None,
        )


def _locked(graph: Graph, slugs: frozenset[str]) -> Iterator[Run]:
    """Those that actions use themselves, and no file of the repository does."""
    for node in graph.of(ActionsLockNode):
        own = {(used.use.slug, used.use.ref) for used in repository_uses(graph)}
        users: dict[str, str] = {}
        for pin in node.lock.pins.values():
            for key in pin.uses:
                users.setdefault(key, pin.key.value)
        for key, pin in node.lock.pins.items():
            if pin.target.slug not in slugs or key not in users or pin.defect is not None:
                continue
            if (pin.target.slug, pin.target.ref) not in own:
                at = pin.key.content.first_line()
                yield Run("locked", node.id, at, pin.key.value, pin.target, pin.commit, None, users[key])


class Releases:
    """Answers about the releases of some repositories (`slugs`); servers are asked only where there are any (`online`)."""

    def __init__(self, graph: Graph, slugs: frozenset[str], online: Online | None) -> None:
        self._graph = graph
        self._slugs = slugs
        self._online = online
        self._tags: dict[str, Tags | NotKnown] = {}

    def tags(self, slug: str) -> Tags | NotKnown | None:
        """The tags of a repository as they are now; None where nobody may be asked."""
        if self._online is None:
            return None
        if slug not in self._tags:
            refs = self._online.refs(action_remote(slug, self._online.home))
            self._tags[slug] = refs if isinstance(refs, NotKnown) else Tags(refs)
        return self._tags[slug]

    def commit(self, run: Run) -> str | None:
        """The commit (lower case) that runs: the one that the files fix, or to which the name leads now."""
        if run.commit is not None:
            return run.commit
        tags = self.tags(run.use.slug)
        if not isinstance(tags, Tags):
            return None
        return tags.refs.tags.get(run.use.ref, tags.refs.branches.get(run.use.ref))

    def of(self, run: Run) -> Release | None:
        """The release that runs, by the best source that tells it; None where none does."""
        commit = self.commit(run)
        found = self._on_server(run.use.slug, commit)
        if found is not None:
            return found
        named = meant_by(run.use.ref)
        if run.commit is None:
            return Release(named, run.use.ref, "ref", False) if named is not None else None
        locked, commented = _named_elsewhere(self._graph, self._slugs).get(
            (run.use.slug, run.commit), ((), ())
        )
        own = () if run.comment is None else (run.comment,)
        written: tuple[str, ...] = () if run.use.pinned else (run.use.ref,)
        sources: tuple[tuple[Says, tuple[str, ...]], ...] = (
            ("ref", written),
            ("lock", locked),
            ("comment", own),
            ("elsewhere", commented),
        )
        loose: Release | None = None
        for says, names in sources:
            for name in names:
                version = meant_by(name)
                if version is not None and not version.is_line:
                    return Release(version, name, says, False)
                if version is not None and loose is None:
                    loose = Release(version, name, says, True)
        return loose

    def _on_server(self, slug: str, commit: str | None) -> Release | None:
        """What the tags of a commit say: the newest full version, else the newest line, which leads to its newest version now."""
        tags = self.tags(slug)
        if commit is None or not isinstance(tags, Tags):
            return None
        found = (
            (not version.is_line, version, name)
            for name in tags.at(commit)
            if (version := meant_by(name)) is not None
        )
        top = max(found, default=None)
        return Release(top[1], top[2], "server", False) if top is not None else None


Named = dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]]


@per_graph
def _named_elsewhere(graph: Graph, slugs: frozenset[str]) -> Named:
    """By repository and commit: the refs under which GitHub's lock holds it, and those of comments behind uses of it."""
    locked: dict[tuple[str, str], dict[str, None]] = {}
    commented: dict[tuple[str, str], dict[str, None]] = {}
    lock = lock_of(graph)
    for pin in lock.pins.values() if lock is not None else ():
        if pin.commit is not None and pin.defect is None:
            locked.setdefault((pin.target.slug, pin.commit), {})[pin.target.ref] = None
    for run in runs(graph, slugs):
        if run.commit is not None and run.comment is not None:
            commented.setdefault((run.use.slug, run.commit), {})[run.comment] = None
    return {
        key: (tuple(locked.get(key, ())), tuple(commented.get(key, ())))
        for key in dict.fromkeys((*locked, *commented))
    }
