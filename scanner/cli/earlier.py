"""An earlier state of a repository, scanned as this one is, so that the report tells what is new and what is gone."""

from argparse import Namespace
from os.path import relpath
from pathlib import Path

from scanner.adapters.git import Git
from scanner.cli.common import Checked, clock
from scanner.cli.revision import MISSING, Tree, commit_of
from scanner.cli.stated import Revision, accepted_in
from scanner.cli.targets import Target
from scanner.knowledge.tables import Knowledge
from scanner.model.counting import counted
from scanner.model.errors import UsageError
from scanner.model.finding import Finding
from scanner.model.online import Online
from scanner.model.quoting import quoted
from scanner.pipeline import check, read_sources
from scanner.policy.accepted import Accepted, Entry, entry_of
from scanner.results import Base, Report, known_as
from scanner.views.diff.policies import AcceptedState


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
    lacking = sum(one.message == MISSING for one in states.problems)
    if lacking:
        raise UsageError(
            f"{counted(lacking, 'file')} of {quoted(name)} cannot be read, since this clone is partial; clone without `--filter`, "
            "or fetch that revision whole with `git fetch --refetch --no-filter`"
        )
    alone: bool = arguments.no_repository_policy
    entries = (
        () if alone else _together(found.accepted, accepted_in(Revision(tree, git), Path(), target.base))
    )
    before = check(
        found.report.root,
        read_sources(states.sources, states.problems, knowledge),
        found.policy,
        knowledge,
        clock(arguments).date(),
        obey_comments=not (alone or arguments.no_ignores),
        accepted=Accepted(entries),
        online=online,
    )
    return found.report._replace(base=_base(name, before, found.report))


def _inside(folder: Path, git: Git) -> str:
    top = git.toplevel(folder)
    inside = relpath(folder.resolve(), top or folder).replace("\\", "/")
    return "" if inside == "." else f"{inside}/"


def _together(now: Accepted, before: AcceptedState | None) -> tuple[Entry, ...]:
    """What both states have accepted, each finding once."""
    entries = () if before is None else before.entries
    return tuple({one.fingerprint: one for one in (*entries, *now.entries)}.values())


def _base(name: str, before: Report, now: Report) -> Base:
    """What was known before: a finding that has become worse since, or whose run has come to hold more, was not."""
    left = {one.fingerprint: one for one in now.findings}
    silent = {one.finding.fingerprint for one in now.ignored}
    known = frozenset(
        known_as(one)
        for one in before.findings
        if one.fingerprint not in left or _covers(one, left[one.fingerprint], now)
    )
    gone = (one for one in before.findings if one.fingerprint not in left and one.fingerprint not in silent)
    return Base(name, known, tuple(gone))


def _covers(before: Finding, now: Finding, report: Report) -> bool:
    return entry_of(before, report.now).covers(now)
