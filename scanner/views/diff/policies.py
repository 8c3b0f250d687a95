"""Whether a change edits what the repository says of its own findings, which is judged like any other change: one finding for each
file, at the first place that changes something."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from scanner.analysis.waivers import NOTHING_WAIVED, Waivers
from scanner.graph.ids import file_id
from scanner.model.counting import counted
from scanner.model.errors import PolicyError, UsageError
from scanner.model.finding import Finding, Hit, Note
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.parse.nodes import Mapping as YamlMapping
from scanner.parse.nodes import Node
from scanner.parse.yaml import compose
from scanner.policy.accepted import Entry
from scanner.policy.judge import judge
from scanner.policy.load import FILE_NAMES, default_policy
from scanner.policy.policy import Policy
from scanner.rules.changes import POLICY_CHANGED
from scanner.views.diff.effects import Effect, effects, plain, summed
from scanner.views.diff.questions import bodies, values

NAMED: Final = 3
"""Effects that a message names."""

NOTES: Final = 20
"""Effects whose places are told."""


class AcceptedState(NamedTuple):
    """The file of accepted findings: its text, what it accepts, and why it cannot be read."""

    source: Source
    entries: tuple[Entry, ...] = ()
    error: PolicyError | None = None


class PolicyState(NamedTuple):
    """What a repository says of its findings in one state. `files` are those of its policy by their paths, the main one first;
    `policy` is None where there is none, and where it cannot be used: then `error` says why."""

    files: Mapping[str, Source]
    policy: Policy | None = None
    error: UsageError | None = None
    accepted: AcceptedState | None = None

    @property
    def main(self) -> Source | None:
        return next(iter(self.files.values()), None)

    @property
    def accepts(self) -> tuple[Entry, ...]:
        """The findings that are accepted; none where the file cannot be read."""
        return self.accepted.entries if self.accepted is not None else ()


NOTHING_SAID: Final = PolicyState({})
"""A state without a policy."""


def policy_changes(
    old: PolicyState, new: PolicyState, judged_by: Policy, waivers: Waivers = NOTHING_WAIVED
) -> tuple[Finding, ...]:
    """What `judged_by` and its exceptions make of the change from one state to the other."""
    if not judged_by.setting(POLICY_CHANGED.id).on_somewhere:
        return ()
    hits = [*_policy(old, new), *_accepted(old.accepted, new.accepted)]
    return judge(judged_by, ((POLICY_CHANGED.rule, hit) for hit in hits), waivers=waivers).findings


# ---------------------------------------------------------------- the policy


def _policy(old: PolicyState, new: PolicyState) -> Iterator[Hit]:
    texts = [{path: source.text for path, source in state.files.items()} for state in (old, new)]
    if texts[0] == texts[1]:
        return
    if new.error is not None:
        yield _unreadable(new, new.error)
        return
    if old.error is not None:
        main = new.main or old.main
        if main is not None:
            message = (
                f"the policy is another one now, and the old one cannot be read ({old.error}), so that nobody can tell what has "
                "changed; read the whole policy"
            )
            yield Hit(_start(main), file_id(main.path), message, evidence=("unread",))
        return
    default = default_policy()
    found = list(effects(old.policy or default, new.policy or default))
    before, after = ({path: _root(one) for path, one in state.files.items()} for state in (old, new))
    owned = tuple((state.policy or default).own.keys() for state in (old, new))
    found += values(before, after, owned[0] | owned[1])
    found += bodies(before, after, owned[0] & owned[1])
    by_file = _by_file(found, old, new, after)
    for path, ones in by_file.items():
        yield _hit(path, ones, old, new)
    for path, source in new.files.items():
        other = old.files.get(path)
        if path in by_file or other is None or source.text == other.text:
            continue
        if _said(before[path]) != _said(after[path]):
            message = f"{quoted(path)} says something else than before, and whether less is reported cannot be told from it; read the change"
            yield Hit(_start(source), file_id(path), message, evidence=("other",))


def _said(root: Node | None) -> object:
    """What a file says itself: what it extends has been compared by its effects, and may only have another name."""
    found = plain(root)
    return {key: one for key, one in found.items() if key != "extends"} if isinstance(found, dict) else found


class _Placed(NamedTuple):
    """An effect with the place where it is reported."""

    at: Span
    effect: Effect


def _by_file(
    found: Iterable[Effect], old: PolicyState, new: PolicyState, roots: Mapping[str, Node | None]
) -> dict[str, list[_Placed]]:
    """The effects by the file that they are said of: the new one where they stand, else the one where they stood, else the policy
    itself. Where an effect has no place, it gets that of its section, or of `extends`."""
    main = new.main or old.main
    by_file: dict[str, list[_Placed]] = {}
    for one in found:
        at = _in(one.at, new)
        if at is None and new.main is not None:
            source = new.files.get(one.was.path if one.was is not None else "", new.main)
            at = _section(source, roots.get(source.path), one.section)
        if at is None and main is not None:
            at = _start(main)
        if at is not None:
            by_file.setdefault(at.path, []).append(_Placed(at, one))
    return by_file


def _in(at: Span | None, state: PolicyState) -> Span | None:
    """A place in the files of a state; a policy is read anew for each question, so the place is carried over."""
    source = state.files.get(at.path) if at is not None else None
    return Span(source, at.start, at.end).first_line() if source is not None and at is not None else None


def _section(source: Source, root: Node | None, section: str) -> Span:
    if isinstance(root, YamlMapping):
        for name in (section, "extends"):
            key = root.key(name)
            if key is not None:
                return key.span
    return _start(source)


def _hit(path: str, placed: list[_Placed], old: PolicyState, new: PolicyState) -> Hit:
    ones = [one.effect for one in placed]
    placed = sorted(placed, key=lambda one: (one.at.start, one.effect.text))
    loosened = [one for one in placed if one.effect.direction == "loosened"]
    shown = _shown(ones)
    what = f"{quoted(path)} {_become(path, old, new)}"
    if loosened:
        variant = "loosened"
        message = f"{what}, and less is, or may be, reported from then on: {shown}. Let somebody approve that who is not its author"
    elif all(one.direction == "tightened" for one in ones):
        variant = "tightened"
        message = f"{what}, and more is reported from then on: {shown}"
    else:
        variant = None
        message = f"{what}: {shown}. Check that nothing gets past that should not"
    by_place: dict[Span, list[Effect]] = {}
    for one in placed:
        by_place.setdefault(one.at, []).append(one.effect)
    notes = [Note(at, _shown(ones)) for at, ones in by_place.items()]
    if len(notes) > NOTES:
        notes = [
            *notes[:NOTES],
            Note(notes[NOTES].at, f"and {counted(len(notes) - NOTES, 'further place')}"),
        ]
    return Hit(
        (loosened or placed)[0].at,
        file_id(path),
        message,
        variant,
        evidence=tuple(sorted({one.text for one in ones})),
        related=tuple(notes) if len(notes) > 1 else (),
    )


def _shown(ones: list[Effect]) -> str:
    """The effects that matter most, and how many others there are."""
    texts = summed(ones)
    more = f", and {counted(len(texts) - NAMED, 'further change')}" if len(texts) > NAMED else ""
    return ", ".join(texts[:NAMED]) + more


def _become(path: str, old: PolicyState, new: PolicyState) -> str:
    """What has happened to a file of the policy."""
    if path not in new.files:
        return "is gone, so that the default judges"
    if path in old.files:
        return "has changed"
    return "is new" if new.main is not None and path == new.main.path else "is part of the policy now"


def _unreadable(state: PolicyState, error: UsageError) -> Hit:
    """A policy that nobody can use any more stops every later run."""
    main = state.main or Source(FILE_NAMES[0], "policy")
    at, why = _start(main), str(error)
    notes: tuple[Note, ...] = ()
    if isinstance(error, PolicyError):
        at, why = place_of(error, state.files.get(error.file, main)), _reason(error)
        notes = tuple(
            Note(place_of(one, state.files.get(one.file, main)), _reason(one)) for one in error.more[:NOTES]
        )
    message = f"the policy cannot be used any more, so that every scan ends with an error: {why}"
    return Hit(at, file_id(at.path), message, "unreadable", evidence=(why,), related=notes)


def _reason(error: PolicyError) -> str:
    """What is wrong, without the place."""
    return str(error).removeprefix(f"{error.where}: ")


def place_of(error: PolicyError, source: Source) -> Span:
    """The place that an error names in a file, or its start."""
    if error.at is None or error.file != source.shown:
        return _start(source)
    line, column = error.at
    starts = source.line_starts
    begin = starts[min(line, len(starts)) - 1]
    units = source.line(line).encode("utf-16-le", "surrogatepass")[: 2 * (column - 1)]
    offset = begin + len(units.decode("utf-16-le", "replace"))
    return Span(source, offset, offset + 1)


def _start(source: Source) -> Span:
    return Span(source, 0, 1).first_line()


def _root(source: Source) -> Node | None:
    return compose(source, [])


# ---------------------------------------------------------------- accepted findings


def _accepted(old: AcceptedState | None, new: AcceptedState | None) -> Iterator[Hit]:
    main = new or old
    if main is None or (old is not None and new is not None and old.source.text == new.source.text):
        return
    name, subject = quoted(main.source.path), file_id(main.source.path)
    if new is not None and new.error is not None:
        why = _reason(new.error)
        at = place_of(new.error, new.source)
        message = f"{name} cannot be read any more, so that every scan ends with an error: {why}"
        yield Hit(at, subject, message, "unreadable", evidence=(why,))
        return
    before = {one.fingerprint: one for one in (old.entries if old is not None else ())}
    after = {one.fingerprint: one for one in (new.entries if new is not None else ())}
    added = [one for fingerprint, one in after.items() if fingerprint not in before]
    gone = [fingerprint for fingerprint in before if fingerprint not in after]
    both = [(before[one.fingerprint], one) for one in after.values() if one.fingerprint in before]
    other = [(was, now) for was, now in both if _limits(was) != _limits(now)]
    milder = [now for was, now in other if _is_milder(was, now)]
    worse = [now for was, now in other if not _is_milder(was, now)]
    if not added and not gone and not other:
        return
    texts = [f"{counted(len(added), 'finding')} more"] if added else []
    texts += [f"{len(gone):,} less"] if gone else []
    texts += [f"what is worse than before at {counted(len(worse), 'finding')}"] if worse else []
    texts += [f"only what is milder at {counted(len(milder), 'finding')}"] if milder else []
    says = f"{name} accepts {' and '.join(texts)}"
    loosened = [*added, *worse]
    if loosened:
        rules = dict.fromkeys(quoted(one.rule) for one in loosened)
        shown = ", ".join(list(rules)[:NAMED]) + (", …" if len(rules) > NAMED else "")
        message = f"{says} ({shown}), which no later scan reports; look at them with `snowfence scan --show-accepted`"
    else:
        message = f"{says}, so that later scans report more"
    notes = [Note(one.at, f"{quoted(one.rule)} in {quoted(one.path)}") for one in added]
    notes += [Note(one.at, f"accepts worse of {quoted(one.rule)} in {quoted(one.path)}") for one in worse]
    changed = [
        f"{kind} {one.fingerprint}" for kind, ones in (("worse", worse), ("milder", milder)) for one in ones
    ]
    yield Hit(
        loosened[0].at if loosened else milder[0].at if milder else _start(main.source),
        subject,
        message,
        "loosened" if loosened else "tightened",
        evidence=(*sorted(one.fingerprint for one in added), "", *sorted(gone), *sorted(changed)),
        related=tuple(notes[:NOTES]) if len(notes) > 1 else (),
    )


def _limits(entry: Entry) -> tuple[object, ...]:
    """What decides which finding it stands for, and how bad that may be; the message and the day are for people."""
    return _whom(entry), entry.severity, frozenset(entry.stakes)


def _whom(entry: Entry) -> tuple[str, ...]:
    return entry.fingerprint, entry.rule, entry.path


def _is_milder(was: Entry, now: Entry) -> bool:
    """Whether an entry surely stands for less than before: for the same finding, no more severe and with no more at stake."""
    return _whom(was) == _whom(now) and now.severity <= was.severity and set(now.stakes) <= set(was.stakes)
