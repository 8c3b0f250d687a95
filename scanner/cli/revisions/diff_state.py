"""The states of a repository's locks and policy that `snowfence diff` compares, read from a folder, a revision or a file."""

from pathlib import Path
from typing import Final, NamedTuple

from scanner.adapters.git import Git
from scanner.cli.revisions.policy_state import RevisionFiles, on_disk, policy_state
from scanner.cli.revisions.tree import Tree
from scanner.cli.targets import targets
from scanner.discover import LOCKS, decode, discover, kind_of
from scanner.graph.nodes.nix import LockfileNode
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nix.lock import Lock
from scanner.pipeline import Read, read_sources
from scanner.views.diff.policies import NOTHING_SAID, PolicyState

_READ: Final = LOCKS | {"flake-nix"}
"""The kinds that are read: what flake.nix says decides what a scan finds in its lock."""


class Side(NamedTuple):
    """A state: its name for people, what was read of it, its locks by their paths (None: cannot be read), and what it says of its
    own findings."""

    name: str
    read: Read
    locks: dict[str, Lock | None]
    says: PolicyState = NOTHING_SAID


class States:
    """Reads states. Of a revision only what is below `inside` counts, a folder of the checkout with a slash behind it, or
    nothing for all of it; `folder` is where git is asked."""

    def __init__(self, folder: Path, inside: str, git: Git, knowledge: Knowledge) -> None:
        self.folder = folder
        self.inside = inside
        self.git = git
        self.knowledge = knowledge

    def of_file(
        self, name: str, path: str, kind: str, data: bytes, shown: str, says: PolicyState = NOTHING_SAID
    ) -> Side:
        """A single lock, whose inputs have `path` in their ids and `shown` in reports: both files of a comparison have one
        `path`, so that their inputs are the same ones. `says` is the word of the repository that judges it."""
        problems: list[Problem] = []
        source = decode(path, kind, data, problems, target=shown)
        return self._side(name, {path: source}, problems, says)

    def in_folder(self, name: str, folder: Path) -> Side:
        [target] = targets([str(folder)], self.git).targets
        found = discover(target.root, self.git, prefix=target.prefix, base=target.base)
        problems = [one for one in found.problems if kind_of(one.at.path) in _READ]
        sources: dict[str, Source | None] = {one.at.path: None for one in problems}
        sources.update((source.path, source) for source in found.sources if source.kind in _READ)
        return self._side(name, sources, problems, on_disk(folder, target.base))

    def tree(self, commit: str) -> Tree:
        return Tree(self.folder, self.inside, commit, self.git)

    def at_revision(self, name: str, commit: str) -> Side:
        tree = self.tree(commit)
        found = tree.discovered(lambda path: kind_of(path) in _READ, base=self.inside)
        problems = list(found.problems)
        sources: dict[str, Source | None] = {one.at.path: None for one in problems}
        sources.update((source.path, source) for source in found.sources)
        return self._side(name, sources, problems, self.says_at(tree))

    def says_at(self, tree: Tree) -> PolicyState:
        """What the files of a revision say of its findings."""
        return policy_state(RevisionFiles(tree, self.git), Path(), self.inside)

    def _side(
        self, name: str, sources: dict[str, Source | None], problems: list[Problem], says: PolicyState
    ) -> Side:
        """A lock that cannot be read is kept as such, so that it does not look as if it were gone."""
        read = read_sources((one for one in sources.values() if one is not None), problems, self.knowledge)
        locks: dict[str, Lock | None] = {
            path: None
            for path, source in sources.items()
            if (source.kind if source is not None else kind_of(path)) in LOCKS
        }
        locks.update((node.path, node.lock) for node in read.graph.of(LockfileNode))
        return Side(name, read, locks, says)
