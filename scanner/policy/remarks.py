"""What is valid in a policy and surely not meant: what changes nothing, and what is over."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Final, NamedTuple

from scanner.analysis.waivers import EVERY, Waiver
from scanner.model.globs import Glob
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.policy.policy import EVERY_RULE, Policy, Said, Setting
from scanner.policy.settings import TAG

_MAX_COMPARED: Final = 100_000
"""Pairs of patterns that are compared."""


class Remark(NamedTuple):
    """A place in a policy and what is said about it."""

    at: Span
    message: str


def remarks(policy: Policy, name: str, now: date) -> list[Remark]:
    """What is to be said about one file (`name`) of a policy, in its order."""
    found = [
        *_off_already(policy, name),
        *_hidden(policy, name),
        *_hidden_paths(policy, name),
        *_idle(policy, name),
        *_replaced(policy, name),
        *(_remark(one, policy, now) for one in policy.exceptions if one.at.shown == name),
    ]
    return sorted((one for one in found if one is not None), key=lambda one: one.at.start)


def _idle(policy: Policy, name: str) -> Iterator[Remark]:
    """Values that no check uses. One under another name may be meant: then what was to be replaced stays as it is."""
    for key in policy.idle:
        if key.span.shown == name:
            advice = nearest(key.value, policy.used) if policy.used else ""
            yield Remark(key.span, f"no check uses the value {quoted(key.value)}{advice}")


def _replaced(policy: Policy, name: str) -> Iterator[Remark]:
    for id, places in policy.replaced.items():
        at = policy.own[id].at
        if at.shown == name:
            yield Remark(at, f"{quoted(id)} stands in place of the check at {quoted(place(places[-1]))}")


def _off_already(policy: Policy, name: str) -> Iterator[Remark]:
    by_rule: dict[str, list[tuple[int, Said]]] = {}
    for at, said in enumerate(policy.said):
        by_rule.setdefault(said.rule, []).append((at, said))
    for said in policy.said:
        if said.policy != name or said.key != said.rule or said.rule == EVERY_RULE:
            continue
        if said.setting != Setting(enabled=False):
            continue
        setting = Setting(enabled=policy.alone(said.rule) or None)
        sayer: Said | None = None
        names = (said.rule,) if policy.alone(said.rule) else (said.rule, EVERY_RULE)
        for _, one in sorted(pair for rule in names for pair in by_rule.get(rule, ())):
            if one is said:
                break
            setting = one.setting.over(setting)
            if one.setting.enabled is not None:
                sayer = one
        else:
            continue
        if not setting.on_somewhere:
            if sayer is None:
                yield Remark(said.at, f"{quoted(said.key)} is off without this line, nothing switches it on")
            elif sayer.setting.enabled is False:
                yield Remark(said.at, f"{quoted(said.key)} is off already, by {quoted(place(sayer.at))}")


def _hidden(policy: Policy, name: str) -> Iterator[Remark]:
    """What a tag says, when each of its rules says otherwise in the same file."""
    by_key: dict[str, list[Said]] = {}
    own = [said for said in policy.said if said.policy == name]
    for said in own:
        by_key.setdefault(said.key, []).append(said)
    order = {id(said): at for at, said in enumerate(own)}
    by_rule: dict[str, list[Said]] = {}
    for said in own:
        by_rule.setdefault(said.rule, []).append(said)
    for key, several in by_key.items():
        if key == EVERY_RULE or not key.startswith(TAG):
            continue
        stronger: dict[str, None] = {}
        for said in several:
            over = next(
                (
                    one
                    for one in by_rule[said.rule]
                    if order[id(one)] > order[id(said)] and _hides(one.setting, said.setting)
                ),
                None,
            )
            if over is None:
                break
            stronger[over.key] = None
        else:
            names = [quoted(one) for one in stronger]
            listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            yield Remark(
                several[0].at, f"{quoted(key)} changes nothing, what is said of {listed} is stronger"
            )


def _hidden_paths(policy: Policy, name: str) -> Iterator[Remark]:
    said_already: set[int] = set()
    compared = 0
    for said in policy.said:
        if said.policy != name or said.at.start in said_already:
            continue
        said_already.add(said.at.start)
        for at, one in enumerate(said.setting.paths):
            # Of more patterns than anybody writes the rest goes without a remark.
            for later in islice(said.setting.paths, at + 1, None):
                compared += 1
                if compared > _MAX_COMPARED:
                    return
                if _covers(later.glob, one.glob) and _hides(later.setting, one.setting):
                    yield Remark(
                        said.at,
                        f"{quoted(one.glob.text)} in `paths` of {quoted(said.key)} changes nothing: {quoted(later.glob.text)} below it "
                        "covers the same files and is stronger. Turn their order around",
                    )
                    break


def _hides(stronger: Setting, weaker: Setting) -> bool:
    """Whether nothing of a setting is left under a stronger one."""
    if stronger.enabled is False:
        return True
    if weaker.options or weaker.paths:
        return False
    return all(
        mine is None or other is not None
        for mine, other in (
            (weaker.enabled, stronger.enabled),
            (weaker.severity, stronger.severity),
            (weaker.confidence, stronger.confidence),
            (weaker.unknown, stronger.unknown),
        )
    )


def _covers(wide: Glob, narrow: Glob) -> bool:
    """Whether a pattern surely covers all that another one does."""
    if wide.text in ("**", "**/*"):
        return True
    folder = wide.text.removesuffix("**")
    return folder.endswith("/") and not set(folder) & set("*?[") and narrow.text.startswith(folder)


def _remark(waiver: Waiver, policy: Policy, now: date) -> Remark | None:
    if waiver.expires is not None and waiver.expires < now:
        return Remark(
            waiver.at,
            f"the exception is over since {waiver.expires.isoformat()}. Remove it, or look again and give it a new day",
        )
    off = [id for id in waiver.rules if id != EVERY and not policy.setting(id).on_somewhere]
    if len(off) == len(waiver.rules):
        return Remark(waiver.at, f"the exception is for {', '.join(map(quoted, off))}, which is off")
    return None


def place(at: Span) -> str:
    """`file:line`, as people look for it."""
    return f"{at.shown}:{at.begin.line}"
