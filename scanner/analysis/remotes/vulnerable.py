"""What advisories say of the version of an action that a use runs."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scanner.analysis.remotes.asking import Asking
from scanner.analysis.remotes.names import home_of
from scanner.analysis.remotes.running import Release, Releases, Run, runs
from scanner.analysis.remotes.tags import Tags
from scanner.analysis.remotes.taken import Taken, taken_code
from scanner.analysis.uses.affected import comparable, has, without_end
from scanner.analysis.uses.pins import is_commit_id
from scanner.graph.graph import Graph, per_graph
from scanner.knowledge.advisories import Advisory, AdvisoryFacts, Compromise
from scanner.model.online import NotKnown


class Found(NamedTuple):
    """Of the advisories about what runs: those that it certainly has, those that it has perhaps, those of which it cannot be told; and of
    those about a compromise the ones whose tags it follows, and the ones of which its commit may be the code."""

    certain: tuple[Advisory, ...]
    perhaps: tuple[Advisory, ...]
    unclear: tuple[Advisory, ...]
    hijacked: tuple[Advisory, ...]
    suspect: tuple[Advisory, ...]

    @property
    def any(self) -> bool:
        return bool(self.certain or self.perhaps or self.hijacked)


class Seen(NamedTuple):
    """What is known of code that runs. With an `attack` it is itself the code of an attacker; else `found` is what the advisories about its
    repository (`known`) say of the `release` that it is, as far as that is told. `commit` is what runs, `tags` what its server says."""

    run: Run
    attack: Compromise | None
    commit: str | None
    known: tuple[Advisory, ...] = ()
    release: Release | None = None
    found: Found = Found((), (), (), (), ())
    tags: Tags | NotKnown | None = None


def seen(
    graph: Graph, facts: AdvisoryFacts, asking: Asking | None, allowed: Iterable[str] = ()
) -> Iterator[Seen]:
    """All that runs of repositories that there are advisories about, and every use of code that is known to be an attacker's. Advisories whose
    ids are `allowed` count for nothing."""
    left_out = frozenset(id.upper() for id in allowed)

    def counts(ids: Iterable[str]) -> bool:
        return left_out.isdisjoint(id.upper() for id in ids)

    home = home_of(asking.online if asking is not None else None)
    slugs = slugs_of(graph, facts, home)
    releases = Releases(graph, slugs, asking)
    judged: list[tuple[Run, tuple[Advisory, ...]]] = []
    for run in runs(graph, slugs, home):
        known = tuple(one for one in facts.of(run.use.slug) if counts(one.ids))
        attack = attack_of(run.taken, facts)
        if attack is not None and counts(facts.ids_of(attack)):
            yield Seen(run, attack, run.commit)
        elif known:
            judged.append((run, known))
    if asking is not None:
        asking.prepare_tags(run.remote for run, _ in judged)
        asking.prepare_peeled((run.remote, run.commit) for run, _ in judged if run.commit is not None)
    for run, known in judged:
        commit = releases.commit(run)
        attack = facts.compromised_by(commit) if commit is not None else None
        if attack is not None and counts(facts.ids_of(attack)):
            yield Seen(run, attack, commit)
            continue
        release = releases.of(run)
        yield Seen(run, None, commit, known, release, found_in(known, run, release), releases.tags(run))


def attack_of(taken: Taken, facts: AdvisoryFacts) -> Compromise | None:
    """The compromise that code is of, by the commit that the files fix or begin to name."""
    return facts.compromised_by(taken.commit or taken.ref or "")


@per_graph
def slugs_of(graph: Graph, facts: AdvisoryFacts, home: str) -> frozenset[str]:
    """The repositories that there is something to say of: those of advisories, and any under whose name a malicious commit is used."""
    others = (
        one.use.slug for one in taken_code(graph, home) if one.use is not None and attack_of(one, facts)
    )
    return facts.slugs.union(others)


def found_in(known: Iterable[Advisory], run: Run, release: Release | None) -> Found:
    """What the advisories of a repository say of a use; `release` is what it runs, as far as that is told."""
    certain: list[Advisory] = []
    perhaps: list[Advisory] = []
    unclear: list[Advisory] = []
    hijacked: list[Advisory] = []
    suspect: list[Advisory] = []
    commit = run.commit is not None or is_commit_id(run.use.ref)
    for one in known:
        if not any(row.covers(run.use.path) for row in one.affected):
            continue
        answer = _answer(one, run, release, commit)
        attack = one.compromise
        if attack is None:
            newest = release is None or (
                release.version.is_line and comparable(one, run.use.path, release.version)
            )
            if answer:
                (certain if release is None or release.sure else perhaps).append(one)
            elif answer is None and not (commit and release is None) and newest and not _of_line(release):
                perhaps.append(one)
            elif answer is None:
                unclear.append(one)
        elif not commit or (attack.goes_on and release is not None and release.says == "server"):
            if answer:
                hijacked.append(one)
            elif answer is None and release is not None:
                unclear.append(one)
        elif attack.ran is None and not attack.all_commits and answer is not False:
            suspect.append(one)
    return Found(tuple(certain), tuple(perhaps), tuple(unclear), tuple(hijacked), tuple(suspect))


def _of_line(release: Release | None) -> bool:
    return release is not None and release.one_of_line


def _answer(one: Advisory, run: Run, release: Release | None, commit: bool) -> bool | None:
    attack = one.compromise
    if (
        commit
        and attack is not None
        and not attack.goes_on
        and release is not None
        and release.says == "server"
    ):
        return False  # a tag leads to it now, and tags lead to the code of their releases again
    if release is not None:
        return has(one, run.use.path, release.version, release.one_of_line)
    if commit:
        return None
    # A branch, which is taken to be newer than every release.
    return None if attack is None and without_end(one, run.use.path) else False


def server_matters(known: Iterable[Advisory], run: Run, release: Release | None, found: Found) -> bool:
    """Whether what a server says of the tags could change the answer, which is not the case for the name of a full version."""
    if found.any:
        return False
    if found.unclear or found.suspect:
        return True
    if release is None or not any(row.covers(run.use.path) for one in known for row in one.affected):
        return False
    if run.commit is not None:
        return release.says in ("comment", "elsewhere")
    return release.version.is_line and any(
        has(one, run.use.path, release.version, True) is not False for one in known if one.compromise is None
    )
