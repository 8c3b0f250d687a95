"""An earlier state of a repository, scanned as this one is, so that the report tells what is new and what is gone."""

from argparse import Namespace
from collections import Counter
from os.path import relpath
from pathlib import Path
from typing import Final

from scanner.adapters.git import Git
from scanner.cli.common import Checked, clock
from scanner.cli.progress import progress_of
from scanner.cli.revisions.policy_state import RevisionFiles, accepted_in
from scanner.cli.revisions.tree import DAMAGED, PARTIAL, Tree, commit_of
from scanner.cli.targets import Target
from scanner.knowledge.tables import Knowledge
from scanner.model.counting import counted
from scanner.model.errors import UsageError
from scanner.model.online import Online
from scanner.model.quoting import quoted
from scanner.pipeline import check, read_sources
from scanner.policy.accepted import Accepted
from scanner.policy.compared import base_of, either
from scanner.results import Report

_LACKING: Final = {
    PARTIAL: "this clone is partial; clone without `--filter`, or fetch that revision whole with `git fetch --refetch --no-filter`",
    DAMAGED: "objects are missing from this repository, which is damaged; `git fsck` shows which, and a new clone has them",
}
"""Why contents are not here, and what to do."""


def with_base(
    arguments: Namespace,
    target: Target,
    git: Git,
    knowledge: Knowledge,
    found: Checked,
    *,
    online: Online | None = None,
) -> Report:
    """The report on a repository, compared with the revision `arguments.base` of it.

    The base is judged by all that this run is judged by: policy, knowledge, date, servers. It obeys its own comments, and what either state
    has accepted: what was silent before and is said now is new, and what is accepted now is not gone.

    Raises:
        UsageError: there is no such revision here, or not all of it.
    """
    name: str = arguments.base
    commit = commit_of(name, target.root, git)
    tree = Tree(target.root, _inside(target.root, git), commit, git)
    paths = found.policy.paths
    states = tree.discovered(paths.counts, prefix=target.prefix, base=target.base)
    said = Counter(one.message for one in states.problems)
    for why, advice in _LACKING.items():
        if said[why]:
            raise UsageError(f"{counted(said[why], 'file')} of {quoted(name)} cannot be read, since {advice}")
    alone: bool = arguments.no_repository_policy
    then = None if alone else accepted_in(RevisionFiles(tree, git), Path(), target.base)
    progress = progress_of(arguments, name)
    before = check(
        found.report.root,
        read_sources(states.sources, states.problems, knowledge, progress),
        found.policy,
        knowledge,
        clock(arguments).date(),
        obey_comments=not (alone or arguments.no_ignores),
        accepted=Accepted(either(then.entries if then is not None else (), found.accepted.entries)),
        online=online,
        progress=progress,
    )
    return found.report._replace(base=base_of(name, before, found.report))


def _inside(folder: Path, git: Git) -> str:
    top = git.toplevel(folder)
    inside = relpath(folder.resolve(), top or folder).replace("\\", "/")
    return "" if inside == "." else f"{inside}/"
