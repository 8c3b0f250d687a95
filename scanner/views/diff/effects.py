"""What a change of a policy means for what is reported: rules that are off now, exceptions that last longer, a higher gate."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Final, Literal, NamedTuple

from scanner.analysis.waivers import Waiver
from scanner.engine import AnyRule, load, places
from scanner.model.finding import Confidence, Severity
from scanner.model.globs import Glob
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nodes import Mapping, Node, Scalar
from scanner.policy.options import fields_of
from scanner.policy.policy import EVERY_RULE, PathSetting, Policy, Setting
from scanner.rules.changes import KINDS

Direction = Literal["loosened", "changed", "tightened"]
"""Whether less is reported or may be, more, or neither is at stake: what is not surely tighter is loosened, since a reviewer who is
told that nothing is lost looks no further."""


class Effect(NamedTuple):
    """One effect: `says` of `name`, which stands in quotes where it is a text of the policy. `group` are the words for several of its
    kind (`rules are off`), empty where each is said on its own. `at` is its place in the new policy, `was` in the old one;
    `section` is the part of a policy that it belongs to."""

    direction: Direction
    section: str
    name: str
    says: str
    group: str = ""
    at: Span | None = None
    was: Span | None = None

    @property
    def text(self) -> str:
        return f"{self.name} {self.says}"


SHOWN: Final = 3
"""Effects, and rules of one effect, that a message names; the rest is counted."""

_WORDING: Final = frozenset(
    ("title", "why", "fix", "message", "reason", "tags", "area", "examples", "snowfence")
)
"""Keys of a policy that say nothing about what is reported."""


def effects(old: Policy, new: Policy) -> Iterator[Effect]:
    """All that differs in effect between two policies, those of rules first."""
    words = _Words(old), _Words(new)
    ids = {*places(), *KINDS, *old.rules, *new.rules, *old.own, *new.own} - {EVERY_RULE}
    for id in sorted(ids):
        if (id in old.own) == (id in new.own):
            yield from _of_rule(id, old, new, words)
    yield from _of_checks(old, new)
    yield from _of_gate(old, new)
    yield from _of_exceptions(old.exceptions, new.exceptions)
    yield from _of_files(old, new)
    if old.weights != new.weights:
        yield Effect("changed", "score", "the score", "has other weights")


_GRAVEST: Final = ("fail-on", "exceptions", "paths", "checks", "rules", "values", "score")
_DIRECTIONS: Final = ("loosened", "changed", "tightened")


def summed(found: Iterable[Effect]) -> list[str]:
    """The effects in words, alike ones counted together; first those that report less, and of these what concerns the most."""
    groups: dict[tuple[Direction, str], list[Effect]] = {}
    for one in sorted(found, key=_rank):
        groups.setdefault((one.direction, one.group or one.text), []).append(one)
    texts: list[str] = []
    for (_, group), ones in groups.items():
        if len(ones) == 1 or not ones[0].group:
            texts.append(ones[0].text)
        else:
            names = ", ".join(dict.fromkeys(one.name for one in ones[:SHOWN]))
            more = f" and {len(ones) - SHOWN} more" if len(ones) > SHOWN else ""
            texts.append(f"{len(ones)} {group} ({names}{more})")
    return texts


def _rank(one: Effect) -> tuple[int, int, int]:
    return _DIRECTIONS.index(one.direction), _GRAVEST.index(one.section), not one.group


def plain(node: Node | None) -> object:
    """A value without places and without what is only wording, to be compared."""
    match node:
        case None:
            return None
        case Scalar():
            return (node.value, node.plain) if node.boolean is not None else node.value
        case Mapping():
            return {key.value: plain(value) for key, value in node.pairs if key.value not in _WORDING}
    return [plain(item) for item in node.items]


# ---------------------------------------------------------------- rules


def _of_rule(id: str, old: Policy, new: Policy, words: "tuple[_Words, _Words]") -> Iterator[Effect]:
    before, after = old.setting(id), new.setting(id)
    if before == after:
        return
    was, at = (one.at(id) for one in words)

    def effect(direction: Direction, says: str, group: str = "") -> Effect:
        return Effect(direction, "rules", quoted(id), says, group, at, was)

    if before.on_somewhere != after.on_somewhere:
        if not after.on_somewhere:
            yield effect("loosened", "is off", "rules are off")
        elif after.enabled:
            yield effect("tightened", "is on", "rules are on")
        else:
            yield effect("tightened", "is on in some files", "rules are on in some files")
        return
    if not after.on_somewhere:
        return
    if bool(before.enabled) != bool(after.enabled):
        if after.enabled:
            yield effect("tightened", "is on", "rules are on")
        else:
            yield effect("loosened", "is off but in some files", "rules are off but in some files")
    rule = _rule(id, new)
    yield from _of_severity(rule, before, after, effect)
    if (before.confidence or Confidence.LOW) != (after.confidence or Confidence.LOW):
        floor, base = after.confidence or Confidence.LOW, before.confidence or Confidence.LOW
        says = f"leaves out what is below {floor} confidence, and did below {base}"
        yield effect(
            "loosened" if floor > base else "tightened",
            says,
            f"rules leave out what is below {floor} confidence",
        )
    if before.unknown != after.unknown:
        less = after.unknown is None or (before.unknown is not None and after.unknown < before.unknown)
        says = (
            "no longer reports what it cannot decide"
            if after.unknown is None
            else f"reports what it cannot decide as {after.unknown}"
        )
        yield effect("loosened" if less else "tightened", says)
    if [plain(one) for one in before.options] != [plain(one) for one in after.options] and (
        rule is None or before.options_of(rule) != after.options_of(rule)
    ):
        if rule is not None and _stricter(rule, before, after):
            yield effect("tightened", "has stricter options", "rules have stricter options")
        else:
            says = "other options and may report less"
            yield effect("loosened", f"has {says}", f"rules have {says}")
    yield from _of_paths(before.paths, after.paths, effect)


_Make = Callable[[Direction, str], Effect]


def _of_severity(rule: AnyRule | None, before: Setting, after: Setting, effect: _Make) -> Iterator[Effect]:
    if before.severity == after.severity:
        return
    own = rule.severities if rule is not None else (Severity.MEDIUM,)
    base = own if before.severity is None else (before.severity,)
    now = own if after.severity is None else (after.severity,)
    less, more = max(now) < max(base) or min(now) < min(base), max(now) > max(base) or min(now) > min(base)
    says = f"is {_range(now)} and was {_range(base)}"
    if less or more:
        yield effect("tightened" if more and not less else "loosened", says)


_AGES: Final = {
    "stale-input": frozenset(("days", "nixpkgs_days", "flake_days", "source_days", "transitive_days"))
}
"""Options that are the most days of something: fewer report more, and 0 is no limit."""

_ALLOWING: Final = frozenset(("trusted",))
"""Options of which each entry lets something pass."""

_WIDENING: Final = frozenset(("pedantic", "transitive"))
"""Options that make a rule look at more."""


def _stricter(rule: AnyRule, before: Setting, after: Setting) -> bool:
    """Whether every option that is another one surely makes the rule report more."""
    one, other = before.options_of(rule), after.options_of(rule)
    pairs = ((name, getattr(one, name), getattr(other, name)) for name in fields_of(rule))
    return all(_is_stricter(rule.id, name, was, now) for name, was, now in pairs if was != now)


def _is_stricter(rule: str, name: str, was: object, now: object) -> bool:
    match was, now:
        case bool(), bool():
            return name in _WIDENING and now
        case int(), int():
            return name in _AGES.get(rule, ()) and now > 0 and (now < was or was == 0)
        case tuple(), tuple():
            return name in _ALLOWING and set(now) <= set(was)
    return False


def _range(severities: tuple[Severity, ...]) -> str:
    least, most = min(severities), max(severities)
    return str(least) if least == most else f"{least} to {most}"


def _of_paths(
    before: tuple[PathSetting, ...], after: tuple[PathSetting, ...], effect: _Make
) -> Iterator[Effect]:
    base, now = [_path_setting(one) for one in before], [_path_setting(one) for one in after]
    if base == now:
        return
    added = [one for one, what in zip(after, now, strict=True) if what not in base]
    gone = [one for one, what in zip(before, base, strict=True) if what not in now]
    on, off = Setting(enabled=True), Setting(enabled=False)
    for one in added:
        where = quoted(one.glob.text)
        if one.setting == on:
            yield effect("tightened", f"is on in {where}")
        else:
            says = (
                "is off" if one.setting.enabled is False else "is judged in another way, which may be less,"
            )
            yield effect("loosened", f"{says} in {where}")
    for one in gone:
        where = quoted(one.glob.text)
        if one.setting == off:
            yield effect("tightened", f"is no longer off in {where}")
        else:
            yield effect("loosened", f"is no longer judged in another way in {where}, and may report less")
    if [what for what in base if what in now] != [what for what in now if what in base]:
        yield effect("loosened", "has its settings for files in another order and may report less")


def _path_setting(one: PathSetting) -> tuple[object, ...]:
    setting = one.setting
    options = [plain(node) for node in setting.options]
    return one.glob.text, setting.enabled, setting.severity, setting.confidence, setting.unknown, options


class _Words:
    """The place of the last word that a policy says on each rule."""

    def __init__(self, policy: Policy) -> None:
        self._every: tuple[int, Span | None] = (-1, None)
        self._last: dict[str, tuple[int, Span | None]] = {}
        for number, said in enumerate(policy.said):
            if said.rule == EVERY_RULE:
                self._every = number, said.at
            else:
                self._last[said.rule] = number, said.at

    def at(self, id: str) -> Span | None:
        return max(self._every, self._last.get(id, (-1, None)), key=lambda one: one[0])[1]


def _rule(id: str, policy: Policy) -> AnyRule | None:
    if id in policy.own:
        return policy.own[id].rule
    if id in KINDS:
        return KINDS[id].rule
    place = places().get(id)
    return load(place) if place is not None else None


# ---------------------------------------------------------------- the rest


def _of_checks(old: Policy, new: Policy) -> Iterator[Effect]:
    for id in sorted({*old.own, *new.own}):
        before, after = old.own.get(id), new.own.get(id)
        if before is None and after is not None:
            if new.setting(id).enabled:
                yield Effect(
                    "tightened", "checks", quoted(id), "is a new check", "checks are new", at=after.at
                )
        elif after is None and before is not None:
            if old.setting(id).enabled:
                yield Effect(
                    "loosened", "checks", quoted(id), "is a check no more", "checks are gone", was=before.at
                )
        elif before is not None and after is not None:
            one, other = before.rule.severity, after.rule.severity
            if one != other and new.setting(id).severity is None:
                direction: Direction = "loosened" if other < one else "tightened"
                yield Effect(
                    direction, "checks", quoted(id), f"is {other} and was {one}", "", after.at, before.at
                )


def _of_gate(old: Policy, new: Policy) -> Iterator[Effect]:
    before, after = old.gate, new.gate
    if before != after:
        yield Effect(
            "loosened" if after > before else "tightened",
            "fail-on",
            quoted("fail-on"),
            f"is {after} and was {before}",
        )


def _of_exceptions(old: tuple[Waiver, ...], new: tuple[Waiver, ...]) -> Iterator[Effect]:
    before, after = _waivers(old), _waivers(new)
    for key, one in after.items():
        was = before.get(key)
        what = _granted(one)
        if was is None:
            yield Effect(
                "loosened", "exceptions", what, "has an exception more", "exceptions more", at=one.at
            )
        elif _end(one) != _end(was):
            longer = _end(one) > _end(was)
            until = f"holds until {one.expires}" if one.expires is not None else "never ends"
            before_that = f"did until {was.expires}" if was.expires is not None else "had no end"
            direction: Direction = "loosened" if longer else "tightened"
            says = f"has an exception that {until}, and {before_that}"
            yield Effect(direction, "exceptions", what, says, at=one.at, was=was.at)
    for key, one in before.items():
        if key not in after:
            yield Effect(
                "tightened",
                "exceptions",
                _granted(one),
                "has an exception less",
                "exceptions less",
                was=one.at,
            )


def _waivers(found: tuple[Waiver, ...]) -> dict[object, Waiver]:
    """Exceptions by what they take out; of equal ones the one that lasts longest."""
    kept: dict[object, Waiver] = {}
    for one in found:
        globs = tuple(
            frozenset(glob.text for glob in several)
            for several in (one.paths, one.jobs, one.targets, one.inputs)
        )
        key = (frozenset(one.rules), globs, frozenset(one.fingerprints))
        if key not in kept or _end(one) > _end(kept[key]):
            kept[key] = one
    return kept


def _end(one: Waiver) -> date:
    return one.expires or date.max


def _granted(one: Waiver) -> str:
    rules = ", ".join("every rule" if rule == EVERY_RULE else quoted(rule) for rule in one.rules[:SHOWN])
    return rules + (f" and {len(one.rules) - SHOWN} more" if len(one.rules) > SHOWN else "")


def _of_files(old: Policy, new: Policy) -> Iterator[Effect]:
    """What is read at all."""

    def texts(globs: tuple[Glob, ...]) -> list[str]:
        return [one.text for one in globs]

    before, after = texts(old.paths.exclude), texts(new.paths.exclude)
    kept = {*before} & {*after}
    for text in after:
        if text not in kept:
            yield Effect("loosened", "paths", quoted(text), "is excluded", "patterns are excluded")
    for text in before:
        if text not in kept:
            says = "is no longer excluded"
            yield Effect("tightened", "paths", quoted(text), says, f"patterns are{says.removeprefix('is')}")
    before, after = texts(old.paths.include), texts(new.paths.include)
    if set(before) != set(after):
        less = not before or not set(before) <= set(after)
        name = f"only {', '.join(map(quoted, after[:SHOWN]))}" if after else "every file"
        direction: Direction = "loosened" if less and after else "tightened"
        yield Effect(direction, "paths", name, "is read")
