"""What has changed between two states of the locks of a repository, as a reviewer of an update wants to know it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from scanner.analysis.locks.references import Repository, repository_of, revision_of
from scanner.analysis.waivers import NOTHING_WAIVED, Waivers
from scanner.engine import AnyRule
from scanner.graph.ids import input_id, lock_id
from scanner.model.counting import counted
from scanner.model.finding import Finding, Hit, Severity
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nix.lock import Lock, LockedInput
from scanner.policy.judge import judge
from scanner.policy.policy import Policy
from scanner.rules import changes
from scanner.views.diff.both import Both, Verdict
from scanner.views.diff.pairs import Follows, Pair, Pairs, State
from scanner.views.diff.verdicts import commit_of, verdicts
from scanner.views.facts import short, source_of

Status = Literal["changed", "unchanged", "added", "removed", "unreadable"]

MAX_COPIES: Final = 50
"""Repositories of one lock of which it is said that they are locked at more or fewer revisions."""


class Change(NamedTuple):
    """An input that has changed. `path` are its names from the root, None for one too deep to be named; `own` is
    whether the flake itself declares it; `subject` is its node in the new graph. `findings` are the judgments, the
    worst first; `verdicts` are the same ones as they were made."""

    name: str
    path: tuple[str, ...] | None
    own: bool
    old: State
    new: State
    subject: str
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity | None:
        """The worst of the judgments; None where the policy wants none of them."""
        return max((one.severity for one in self.findings), default=None)

    @property
    def words(self) -> str:
        """What has changed, in the words of a table."""
        return ", ".join(dict.fromkeys(one.kind.word for one in self.verdicts))


class LockChanges(NamedTuple):
    """The changes of one lock; `findings` are those of the lock as a whole."""

    path: str
    status: Status
    old: Lock | None
    new: Lock | None
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]

    @property
    def lock(self) -> Lock | None:
        return self.new if self.new is not None else self.old

    def all_findings(self) -> Iterator[Finding]:
        yield from self.findings
        for change in self.changes:
            yield from change.findings


class Difference(NamedTuple):
    """`fresh` are findings of the scan that the new state has and the old one had not, or had as less severe ones, `gone` those that are no more. `policies`
    are the judgments of what has changed in the policy."""

    locks: tuple[LockChanges, ...]
    fresh: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    policies: tuple[Finding, ...] = ()

    def judgments(self) -> Iterator[Finding]:
        """Everything that counts for a gate: what the change itself is, and what it brings in."""
        for lock in self.locks:
            yield from lock.all_findings()
        yield from self.policies
        yield from self.fresh


def compare(
    old: Mapping[str, Lock | None],
    new: Mapping[str, Lock | None],
    findings: tuple[tuple[Finding, ...], tuple[Finding, ...]],
    policy: Policy,
    declared: Mapping[str, Callable[[tuple[str, ...]], bool]] = MappingProxyType({}),
    overridden: Mapping[str, frozenset[tuple[str, ...]]] = MappingProxyType({}),
    waivers: Waivers = NOTHING_WAIVED,
) -> Difference:
    """`old` and `new` are the locks by their paths, None for one that could not be read; `findings` those of a scan
    of either, in the files that are compared. The policy decides which changes are judged, and how severely, `waivers` are its exceptions. `declared` says
    for a lock whether the flake.nix beside it asks for what the lock holds at a path, `overridden` which paths below an input
    it speaks of, before or after."""
    told = [
        _lock(path, old, new, declared.get(path, _nothing), overridden.get(path))
        for path in sorted({*old, *new})
    ]
    locks = _judged(told, policy, waivers)
    before, after = findings
    fresh = {one.fingerprint: one for one in _missing(after, before)}
    was = {one.fingerprint: one.severity for one in before}
    fresh |= {one.fingerprint: one for one in after if one.severity > was.get(one.fingerprint, one.severity)}
    # What could not be compared is no less unknown because it was before, too.
    unread = {lock.path for lock in locks if lock.status == "unreadable"}
    fresh |= {
        one.fingerprint: one for one in after if one.rule == "unreadable-input" and one.at.path in unread
    }
    return Difference(locks, tuple(fresh.values()), tuple(_missing(before, after)))


def _nothing(path: tuple[str, ...]) -> bool:
    return False


def _missing(findings: tuple[Finding, ...], others: tuple[Finding, ...]) -> Iterator[Finding]:
    """The findings that the others do not hold."""
    known = {one.fingerprint for one in others}
    return (one for one in findings if one.fingerprint not in known)


def _lock(
    path: str,
    old: Mapping[str, Lock | None],
    new: Mapping[str, Lock | None],
    declared: Callable[[tuple[str, ...]], bool],
    overridden: frozenset[tuple[str, ...]] | None,
) -> "_Told":
    before, after = old.get(path), new.get(path)
    if (path in old and before is None) or (path in new and after is None):
        return _Told(LockChanges(path, "unreadable", before, after, (), ()), (), ())
    return _Comparison(path, before, after, declared, overridden).lock()


class _Said(NamedTuple):
    """An answer about a change, as a rule gives one."""

    kind: changes.Kind
    hit: Hit


class _Told(NamedTuple):
    """The changes of a lock before they are judged: what is said of the lock as a whole, and of each of its changes."""

    lock: LockChanges
    whole: tuple[_Said, ...]
    each: tuple[tuple[_Said, ...], ...]


def _judged(told: list[_Told], policy: Policy, waivers: Waivers) -> tuple[LockChanges, ...]:
    """The changes with what the policy and its exceptions make of them; those of each the worst first."""
    wanted = {id for id in changes.KINDS if policy.setting(id).on_somewhere}
    groups = [group for one in told for group in (one.whole, *one.each)]
    answers: list[tuple[AnyRule, Hit]] = []
    # A finding is told apart by what it says where: it goes back to the change that it was said of.
    owners: dict[tuple[str, Span, str], list[tuple[int, int]]] = {}
    for number, group in enumerate(groups):
        for rank, (kind, hit) in enumerate(group):
            if kind.id in wanted:
                answers.append((kind.rule, hit))
                owners.setdefault((kind.id, hit.at, hit.message), []).append((number, rank))
    found: list[list[tuple[int, int, Finding]]] = [[] for _ in groups]
    for one in judge(policy, answers, waivers=waivers).findings:
        several = owners[one.rule, one.at, one.message]
        number, rank = several.pop(0) if len(several) > 1 else several[0]
        found[number].append((-one.severity, rank, one))
    judged = (tuple(one for *_, one in sorted(several, key=lambda one: one[:2])) for several in found)
    return tuple(
        one.lock._replace(
            findings=next(judged),
            changes=tuple(change._replace(findings=next(judged)) for change in one.lock.changes),
        )
        for one in told
    )


class _Comparison:
    """Compares two states of one lock, of which at least one is there."""

    def __init__(
        self,
        path: str,
        old: Lock | None,
        new: Lock | None,
        declared: Callable[[tuple[str, ...]], bool],
        overridden: frozenset[tuple[str, ...]] | None,
    ) -> None:
        self.declared = declared
        self.overridden = overridden
        self.steady: dict[int, bool] = {}
        self.places: dict[int, str] = {}
        self.path = path
        self.old = old
        self.new = new
        self.pairs = Pairs(old, new)

    def lock(self) -> _Told:
        differing = ((number, self.change(number, pair)) for number, pair in self.pairs if _differs(pair))
        numbered = [(number, change) for number, change in differing if change.verdicts]
        found = tuple(change for _, change in numbered)
        whole = list(self.whole())
        status: Status = (
            "added"
            if self.old is None
            else "removed"
            if self.new is None
            else "changed"
            if found or whole
            else "unchanged"
        )
        return _Told(
            LockChanges(self.path, status, self.old, self.new, (), found),
            tuple(self.said(whole, lock_id(self.source.source), ("",))),
            tuple(
                tuple(self.said(change.verdicts, change.subject, self.pairs.identity(number)))
                for number, change in numbered
            ),
        )

    @property
    def source(self) -> Lock:
        """The lock in which places are: the new one where there is one."""
        lock = self.new if self.new is not None else self.old
        assert lock is not None
        return lock

    # ------------------------------------------------------------ inputs

    def change(self, number: int, pair: Pair) -> Change:
        name = self.pairs.shown(number)
        found = sorted(self.verdicts(number, pair, name), key=_order)
        subject = (
            input_id(self.new, pair.new.label)
            if self.new is not None and isinstance(pair.new, LockedInput)
            else lock_id(self.source.source)
        )
        return Change(
            name,
            self.pairs.path(number),
            pair.depth == 1,
            pair.old,
            pair.new,
            subject,
            tuple(found),
            (),
        )

    def verdicts(self, number: int, pair: Pair, name: str) -> Iterator[Verdict]:
        old, new = pair.old, pair.new
        if self.new is None:
            return  # the lock is gone, and that is said once
        if isinstance(old, LockedInput) and isinstance(new, LockedInput):
            path = self.pairs.path(number)
            asked = path is not None and self.declared(path)
            yield from verdicts(Both(name, self.new, old, new, self.inherited(pair), asked))
        elif isinstance(new, LockedInput):
            yield self.appeared(number, pair, name, new)
        elif isinstance(new, Follows):
            if old is not None or self.was_there(pair.parent):
                yield self.follows(number, pair, name, new)
        elif isinstance(old, LockedInput) or self.is_there(pair.parent):
            what = (
                f"{quoted(name)} is gone; it was {quoted(source_of(old.locked))}"
                if isinstance(old, LockedInput)
                else f"{quoted(name)} is gone; it followed {quoted(str(old))}"
            )
            yield Verdict(changes.REMOVED, None, self.place(number), what)

    def appeared(self, number: int, pair: Pair, name: str, new: LockedInput) -> Verdict:
        source, at = quoted(source_of(new.locked)), self.source.key(new.label).first_line()
        revision = short(revision_of(new.locked))
        where = f"{source}, at {quoted(revision)}" if revision is not None else source
        evidence = (source_of(new.locked),)
        if isinstance(pair.old, Follows):
            variant = self.unasked(number, pair)
            return Verdict(
                changes.FOLLOWS_LOST,
                variant,
                self.place(number),
                f"{quoted(name)} followed {quoted(str(pair.old))} and is locked on its own now: {where}"
                + (self.suspicion(pair, variant) or f". Check the follows in {self.source.tool.declared_in}"),
                evidence,
            )
        if self.old is None:
            return Verdict(changes.ADDED, "new-lock", at, f"{quoted(name)} is {where}", evidence)
        if pair.depth == 1:
            return Verdict(
                changes.ADDED,
                None,
                at,
                f"{quoted(name)} is new: {where}; check who owns it, its code is used from now on",
                evidence,
            )
        parent = quoted(self.pairs.shown(pair.parent))
        if self.unchanged(pair.parent):
            return Verdict(
                changes.ADDED,
                "injected",
                at,
                f"{quoted(name)} is new ({where}) although {parent}, whose input it is, has not changed and so cannot ask for "
                f"it now. Do not merge before `nix flake lock` on a machine that you trust writes the same",
                evidence,
            )
        return Verdict(
            changes.ADDED, "transitive", at, f"{quoted(name)} is new, an input of {parent}: {where}", evidence
        )

    def follows(self, number: int, pair: Pair, name: str, new: Follows) -> Verdict:
        at, target = self.place(number), quoted(str(new))
        variant = self.unasked(number, pair)
        suspicion = self.suspicion(pair, variant)
        if isinstance(pair.old, Follows):
            return Verdict(
                changes.FOLLOWS_CHANGED,
                variant,
                at,
                f"{quoted(name)} follows {target} and no longer {quoted(str(pair.old))}"
                + (suspicion or "; check that it was meant"),
                (str(pair.old), str(new)),
            )
        before = "is new and follows" if pair.old is None else "was locked on its own and follows"
        return Verdict(
            changes.FOLLOWS_GAINED, variant, at, f"{quoted(name)} {before} {target}{suspicion}", (str(new),)
        )

    def unasked(self, number: int, pair: Pair) -> str | None:
        """The variant for an input of an input that another one stands for now, though nothing above it has changed that could
        say so: `unexplained` where no flake.nix is there to ask."""
        if self.old is None or pair.depth == 1 or not self.is_steady(pair.parent):
            return None
        path = self.pairs.path(number)
        if self.overridden is None:
            return "unexplained"
        return None if path in self.overridden else "injected"

    def suspicion(self, pair: Pair, variant: str | None) -> str:
        parent = quoted(self.pairs.shown(pair.parent))
        match variant:
            case "injected":
                return (
                    f", although neither {self.source.tool.declared_in} nor {parent}, whose input it is, has changed and could say "
                    "so: somebody has edited the lock; do not merge before you know why"
                )
            case "unexplained":
                return f"; {parent}, whose input it is, has not changed, so flake.nix must say so: check that it does"
        return ""

    def is_steady(self, number: int) -> bool:
        """Whether an input and all that lead to it are the same on both sides."""
        way = []
        while number and number not in self.steady:
            way.append(number)
            number = self.pairs.pairs[number].parent
        known = self.steady.get(number, True)
        for one in reversed(way):
            known = known and self.unchanged(one)
            self.steady[one] = known
        return known

    def inherited(self, pair: Pair) -> bool:
        """Whether an input can have changed because the one that declares it has."""
        return pair.depth > 1 and not self.unchanged(pair.parent)

    def unchanged(self, number: int) -> bool:
        """Whether the same state of an input is evaluated on both sides."""
        pair = self.pairs.pairs[number]
        old, new = pair.old, pair.new
        return (
            isinstance(old, LockedInput)
            and isinstance(new, LockedInput)
            and (old.flake, old.locked.attributes.get("dir")) == (new.flake, new.locked.attributes.get("dir"))
            and commit_of(new.locked) is not None
            and commit_of(old.locked) == commit_of(new.locked)
        )

    def was_there(self, number: int) -> bool:
        return self.pairs.label(number, self.old) is not None

    def is_there(self, number: int) -> bool:
        return self.pairs.label(number, self.new) is not None

    def place(self, number: int) -> Span:
        """Where the new lock names an input, or would: the nearest that is left of what declared it."""
        pair = self.pairs.pairs[number]
        parent = pair.parent
        label = self.pairs.label(parent, self.source)
        if label is not None:
            return self.source.value(label, "inputs", pair.name).first_line()
        return self.source.key(self.nearest(parent), "inputs").first_line()

    def nearest(self, number: int) -> str:
        """The label of the nearest input above a gone one, and itself, that is still there; each way is gone once."""
        way = []
        while number not in self.places:
            label = self.source.root if number == 0 else self.pairs.label(number, self.source)
            if label is not None:
                self.places[number] = label
                break
            way.append(number)
            number = self.pairs.pairs[number].parent
        self.places.update(dict.fromkeys(way, self.places[number]))
        return self.places[number]

    # ------------------------------------------------------------ the lock as a whole

    def whole(self) -> Iterator[Verdict]:
        path, start = quoted(self.source.source.shown), Span(self.source.source, 0, 1)
        if self.old is None or self.new is None:
            locked = [pair for _, pair in self.pairs if isinstance(pair.old or pair.new, LockedInput)]
            own = sum(pair.depth == 1 for pair in locked)
            count = f"{counted(len(locked), 'input')}, {own} of them its own"
            if self.old is None:
                message = f"{path} is new and locks {count}; check who owns them"
                yield Verdict(changes.LOCK_ADDED, None, start, message)
            else:
                message = f"{path} is gone, which locked {count}: where it was used, a build takes what is the newest then"
                yield Verdict(changes.LOCK_REMOVED, None, start, message)
            return
        if self.old.version != self.new.version:
            older = self.new.version < self.old.version
            yield Verdict(
                changes.LOCK_VERSION,
                "older" if older else None,
                self.new.positions.value("version").first_line(),
                f"{path} is written in version {self.new.version} of its format and was in {self.old.version}"
                + (f", so an older {self.new.tool.name} wrote it; update that" if older else ""),
                (str(self.old.version), str(self.new.version)),
            )
        yield from self.copies(self.old, self.new)

    def copies(self, old: Lock, new: Lock) -> Iterator[Verdict]:
        """Repositories that are locked at more or at fewer revisions than before."""
        before = _revisions(pair.old for _, pair in self.pairs)
        after = _revisions(pair.new for _, pair in self.pairs)
        said = 0
        for repository in sorted(after.keys() & before.keys()):
            one, other = before.get(repository, {}), after.get(repository, {})
            if len(one) == len(other) or max(len(one), len(other)) < 2 or not one or not other:
                continue
            if said == MAX_COPIES:
                return
            said += 1
            label = next((label for revision, label in other.items() if revision not in one), None)
            label = next(iter(other.values())) if label is None else label
            count = counted(len(other), "revision")
            yield Verdict(
                changes.COPIES_CHANGED,
                None,
                new.key(label).first_line(),
                f"{quoted(str(repository))} is locked at {count} now and was at {len(one)}"
                + (": each needs updates of its own" if len(other) > len(one) else ""),
                (str(repository), str(len(one)), str(len(other))),
            )

    # ------------------------------------------------------------ answers

    def said(self, verdicts: Iterable[Verdict], subject: str, identity: tuple[str, ...]) -> Iterator[_Said]:
        """Verdicts as answers of rules: the kind, the lock, the input's names and what changed identify them."""
        for one in verdicts:
            evidence = (*identity, *one.evidence)
            yield _Said(
                one.kind,
                Hit(one.at, subject, one.message, one.variant, evidence=evidence, about=self.path),
            )


_RANKS: Final = {id: rank for rank, id in enumerate(changes.KINDS)}


def _order(verdict: Verdict) -> tuple[int, int]:
    return -verdict.severity, _RANKS[verdict.kind.id]


def _differs(pair: Pair) -> bool:
    old, new = pair.old, pair.new
    if isinstance(old, LockedInput) and isinstance(new, LockedInput):
        return old._replace(label="", inputs={}) != new._replace(label="", inputs={})
    return old != new


def _revisions(states: Iterable[State]) -> dict[Repository, dict[str, str]]:
    """The revisions of each repository, each with the label of an input that is locked to it."""
    found: dict[Repository, dict[str, str]] = {}
    for state in states:
        if isinstance(state, LockedInput):
            repository, revision = repository_of(state.locked), revision_of(state.locked)
            if repository is not None and revision is not None:
                found.setdefault(repository, {}).setdefault(revision, state.label)
    return found
