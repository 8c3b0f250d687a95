"""Which version of an action a use runs, and who says so: its ref, GitHub's lock, a comment, or the tags that the server has now."""

from typing import Literal, NamedTuple

from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.names import home_of
from scanner.analysis.remotes.tags import Tags
from scanner.analysis.remotes.taken import Kind, Taken, taken_code
from scanner.analysis.uses.locked_actions import lock_of
from scanner.analysis.uses.pins import is_commit_id
from scanner.analysis.uses.versions import Version, named
from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import remote_id
from scanner.model.online import BRANCH, TAG, NotKnown, Refs, Remote
from scanner.model.source import Span
from scanner.parse.uses import RepositoryUse

Says = Literal["ref", "lock", "comment", "elsewhere", "server"]
"""`comment` is the one behind the commit, `elsewhere` one behind the same commit at another place."""


class Run(NamedTuple):
    """Code of a repository on GitHub that runs: by a `uses:`, as a hook of pre-commit, or `locked` because an action uses it."""

    taken: Taken
    use: RepositoryUse

    @property
    def kind(self) -> Kind:
        return self.taken.kind

    @property
    def subject(self) -> str:
        return self.taken.subject

    @property
    def at(self) -> Span:
        return self.taken.at

    @property
    def text(self) -> str:
        """What is written at `at`, of a hook with its revision."""
        if self.kind == "hook":
            return f"{self.use.owner}/{self.use.repository}@{self.use.ref}"
        return self.taken.text

    @property
    def remote(self) -> Remote:
        return self.taken.remote

    @property
    def commit(self) -> str | None:
        """The commit (lower case) that the files fix, None where a name is followed."""
        return self.taken.commit

    @property
    def comment(self) -> str | None:
        """The name of a release behind a commit."""
        return self.taken.comment.ref_of(self.use.slug) if self.taken.comment is not None else None

    @property
    def by(self) -> str:
        """Of `locked` code the action that uses it."""
        return self.taken.by


class Release(NamedTuple):
    """A version as `name` calls it, and who says so. `one_of_line`: some version of a line, nobody knows which. It is not `sure` where the name
    may be of something else (`v4-node20`, `bundle-v4.1.2`)."""

    version: Version
    name: str
    says: Says
    one_of_line: bool
    sure: bool


@per_graph
def runs(graph: Graph, slugs: frozenset[str], home: str) -> tuple[Run, ...]:
    """Uses, hooks, and what only GitHub's lock names, of some repositories (`owner/repository`, lower case); `home` is the host on which
    `uses:` finds actions."""
    return tuple(
        Run(one, one.use)
        for one in taken_code(graph, home)
        if one.use is not None and one.use.slug in slugs and (one.kind != "locked" or one.commit is not None)
    )


@per_graph
def runs_by_action(graph: Graph, slugs: frozenset[str], home: str) -> dict[str, tuple[Run, ...]]:
    """Those of actions and workflows, by what they name (`remote_id`)."""
    found: dict[str, list[Run]] = {}
    for run in runs(graph, slugs, home):
        if run.kind != "hook":
            found.setdefault(remote_id(run.use), []).append(run)
    return {id: tuple(those) for id, those in found.items()}


class Releases:
    """Answers about the releases of some repositories (`slugs`); servers are asked only where there is somebody who asks them."""

    def __init__(self, graph: Graph, slugs: frozenset[str], asking: Asking | None) -> None:
        self._graph = graph
        self._slugs = slugs
        self._asking = asking
        self._home = home_of(asking.online if asking is not None else None)

    def tags(self, run: Run) -> Tags | NotKnown | None:
        """The tags of a repository as they are now; None where nobody may be asked."""
        return self._asking.tags(run.remote) if self._asking is not None else None

    def commit(self, run: Run) -> str | None:
        """The commit (lower case) that runs: the one that the files fix, or to which the name leads now. The id of an annotated tag means its
        commit."""
        tags = self.tags(run)
        if not isinstance(tags, Tags) or self._asking is None:
            return run.commit
        if run.commit is None:
            return _led_to(tags.refs, run.use.ref)
        return run.commit if tags.at(run.commit) else self._asking.peeled(run.remote, run.commit)

    def of(self, run: Run) -> Release | None:
        """The release that runs, by the best source that tells it; None where none does. Comments are not believed where the server has said to
        which commits its tags lead, and this is none of them."""
        found = self._on_server(run, self.commit(run))
        if found is not None:
            return found
        if run.commit is None:
            name = named(run.use.ref)
            return Release(name.version, run.use.ref, "ref", False, name.sure) if name is not None else None
        names_of = _named_elsewhere(self._graph, self._slugs, self._home)
        locked, commented = names_of.get((run.use.slug, run.commit), ((), ()))
        own = () if run.comment is None else (run.comment,)
        written: tuple[str, ...] = () if run.use.pinned else (run.use.ref,)
        if isinstance(self.tags(run), Tags):
            own, commented = (), ()
        sources: tuple[tuple[Says, tuple[str, ...]], ...] = (
            ("ref", written),
            ("lock", locked),
            ("comment", own),
            ("elsewhere", commented),
        )
        loose: Release | None = None
        for says, names in sources:
            for text in names:
                name = named(text)
                if name is None:
                    continue
                release = Release(name.version, text, says, name.version.is_line, name.sure)
                if name.sure and not (name.version.is_line or name.version.is_date):
                    return release
                loose = loose or release
        return loose

    def _on_server(self, run: Run, commit: str | None) -> Release | None:
        """What the tags of a commit say: the newest full version, else the newest line, which leads to its newest version now."""
        tags = self.tags(run)
        if commit is None or not isinstance(tags, Tags):
            return None
        found = (
            (name.sure, not name.version.is_line, name.version, text)
            for text in tags.at(commit)
            if (name := named(text)) is not None
        )
        top = max(found, default=None)
        return Release(top[2], top[3], "server", False, top[0]) if top is not None else None


def _led_to(refs: Refs, ref: str) -> str | None:
    """The commit to which a name leads, a tag before a branch; of the beginning of an id, the one commit that a ref leads to and that has it."""
    if ref.startswith((BRANCH, TAG)):
        return next(iter(refs.tips(ref)), None)
    found = refs.tags.get(ref, refs.branches.get(ref))
    if found is not None or not is_commit_id(ref):
        return found
    ids = {id for id in (*refs.tags.values(), *refs.branches.values()) if id.startswith(ref.lower())}
    return ids.pop() if len(ids) == 1 else None


Named = dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]]


@per_graph
def _named_elsewhere(graph: Graph, slugs: frozenset[str], home: str) -> Named:
    """By repository and commit: the refs under which GitHub's lock holds it, and those of comments behind uses of it."""
    locked: dict[tuple[str, str], dict[str, None]] = {}
    commented: dict[tuple[str, str], dict[str, None]] = {}
    lock = lock_of(graph)
    for pin in lock.pins.values() if lock is not None else ():
        if pin.commit is not None and pin.defect is None:
            # The key of an action that is pinned by its commit holds that; `ref` is then the tag that GitHub's tool has found for it.
            names = locked.setdefault((pin.target.slug, pin.commit), {})
            names |= dict.fromkeys(ref for ref in (pin.target.ref, pin.ref) if ref is not None)
    for run in runs(graph, slugs, home):
        if run.commit is not None and run.comment is not None:
            commented.setdefault((run.use.slug, run.commit), {})[run.comment] = None
    return {
        key: (tuple(locked.get(key, ())), tuple(commented.get(key, ())))
        for key in dict.fromkeys((*locked, *commented))
    }
