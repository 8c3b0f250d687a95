"""See invalid_dependabot.md."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from scanner.analysis.updates.paths import parts_of
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.graph.nodes.updates import DependabotNode
from scanner.knowledge.github import DependabotWords
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.nearest import closest, nearest
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.dependabot import Update
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence

REFUSED: Final = "GitHub refuses the whole file, and nothing is updated"
MOST_DAYS: Final = 90
MOST: Final = 100
"""Mistakes of one file that are said: GitHub refuses it for the first."""

EXECUTION: Final = ("allow", "deny")

Wrong = tuple[Span, str]


@rule(
    "invalid-dependabot",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="freshness",
    tags=("validity", "reliability"),
)
def invalid_dependabot(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    for node in ctx.graph.of(DependabotNode):
        words = ctx.knowledge.github.dependabot
        yield from once(
            Hit(
                at.first_line(),
                node.id,
                f"{message}; {REFUSED}{advice}",
                confidence=confidence,
                evidence=(message,),
            )
            for at, message, advice, confidence in islice(_wrong(node, words), MOST)
        )


def _wrong(
    node: DependabotNode, words: DependabotWords
) -> Iterator[tuple[Span, str, str, Confidence | None]]:
    for at, message in _file(node, words):
        text, _, advice = message.partition("\0")
        # An ecosystem that is like none of the known ones may be newer than they are.
        yield at, text, advice.removeprefix("?"), Confidence.MEDIUM if advice.startswith("?") else None


def _file(node: DependabotNode, words: DependabotWords) -> Iterator[Wrong]:
    root = node.config.root
    yield from _keys(root, words.keys["root"], "the file")
    version = root.get("version")
    if version is None:
        yield root.pairs[0][0].span, "`version: 2` is missing"
    elif not (isinstance(version, Scalar) and version.plain and version.value == "2"):
        yield _text(version), "`version` must be 2"
    if root.get("updates") is None:
        yield root.pairs[0][0].span, "the list `updates` is missing"
    beta = root.get("enable-beta-ecosystems")
    groups = root.get("multi-ecosystem-groups")
    names = {key.value for key, _ in groups.pairs} if isinstance(groups, Mapping) else set()
    for update in node.config.updates:
        if not (isinstance(beta, Scalar) and beta.boolean) or update.name == "":
            yield from _ecosystem(update, words)
        yield from _keys(update.at, words.keys["update"], "an update")
        yield from _missing(update)
        yield from _directories(update)
        yield from _schedule(update, words)
        yield from _cooldown(update, words)
        yield from _rest(update, names)
    yield from _repeated(node.config.updates)


def _missing(update: Update) -> Iterator[Wrong]:
    names = {key.value for key, _ in update.at.pairs}
    missing = ["`package-ecosystem`"] if "package-ecosystem" not in names else []
    if names.isdisjoint(("directory", "directories")):
        missing.append("`directory`")
    if names.isdisjoint(("schedule", "multi-ecosystem-group")):  # the group has a schedule
        missing.append("`schedule`")
    if missing:
        yield _first(update), f"the update has no {' and no '.join(missing)}"


def _ecosystem(update: Update, words: DependabotWords) -> Iterator[Wrong]:
    said = update.at.get("package-ecosystem")
    if said is None:
        return
    if update.ecosystem is None or not update.name:
        yield _text(said), "`package-ecosystem` must name an ecosystem, such as `github-actions` or `nix`"
    elif update.name not in words.ecosystems:
        meant = words.meant.get(update.name.lower()) or closest(update.name.lower(), words.ecosystems)
        advice = f"; did you mean `{meant}`?" if meant is not None else ""
        yield _text(said), f"there is no ecosystem {quoted(update.name)}\0{advice or '?'}"


def _directories(update: Update) -> Iterator[Wrong]:
    one, several = update.at.key("directory"), update.at.key("directories")
    if one is not None and several is not None:
        yield one.span, "`directory` and `directories` stand in one update, which may have one of them"
    given = update.at.get("directories")
    if given is not None and (not isinstance(given, Sequence) or not given.items):
        yield _text(given), "`directories` must be a list"
    given = update.at.get("directory")
    if given is not None and not isinstance(given, Scalar):
        yield _text(given), "`directory` must be one text; a list is called `directories`"


def _schedule(update: Update, words: DependabotWords) -> Iterator[Wrong]:
    schedule = update.at.get("schedule")
    if schedule is None:
        return
    if not isinstance(schedule, Mapping):
        yield _text(schedule), "`schedule` must be a mapping with `interval`"
        return
    yield from _keys(schedule, words.keys["schedule"], "`schedule`")
    interval = schedule.get("interval")
    if interval is None:
        key = update.at.key("schedule")
        yield (key.span if key is not None else _first(update)), "`schedule` has no `interval`"
    elif not isinstance(interval, Scalar) or interval.value not in words.intervals:
        said = interval.value if isinstance(interval, Scalar) else ""
        yield _text(interval), f"there is no interval {quoted(said)}\0{nearest(said, words.intervals)}"
    elif interval.value == "cron" and schedule.get("cronjob") is None:
        yield _text(interval), "the interval `cron` needs a `cronjob`"
    day = schedule.get("day")
    if day is not None and (not isinstance(day, Scalar) or day.value not in words.days):
        said = day.value if isinstance(day, Scalar) else ""
        yield _text(day), f"there is no day {quoted(said)}\0{nearest(said, words.days)}"
    time = schedule.get("time")
    if time is not None and not (isinstance(time, Scalar) and _is_time(time.value)):
        yield _text(time), "`time` must be written `hh:mm`"


def _is_time(text: str) -> bool:
    hours, colon, minutes = text.partition(":")
    digits = (hours + minutes).isdecimal() and len(minutes) == 2 and 1 <= len(hours) <= 2
    return bool(colon) and digits and int(hours) < 24 and int(minutes) < 60


def _cooldown(update: Update, words: DependabotWords) -> Iterator[Wrong]:
    cooldown = update.at.get("cooldown")
    if cooldown is None:
        return
    if not isinstance(cooldown, Mapping):
        yield _text(cooldown), "`cooldown` must be a mapping, such as `default-days: 7`"
        return
    yield from _keys(cooldown, words.keys["cooldown"], "`cooldown`")
    for key, value in cooldown.pairs:
        if key.value.endswith("-days") and key.value in words.keys["cooldown"]:
            days = _number(value)
            if days is None or days > MOST_DAYS:
                yield _text(value), f"{quoted(key.value)} must be a number of days, at most {MOST_DAYS}"


def _rest(update: Update, groups: set[str]) -> Iterator[Wrong]:
    allowed = update.at.get("insecure-external-code-execution")
    if allowed is not None and not (isinstance(allowed, Scalar) and allowed.value in EXECUTION):
        yield _text(allowed), "`insecure-external-code-execution` must be `allow` or `deny`"
    limit = update.at.get("open-pull-requests-limit")
    if limit is not None and _number(limit) is None:
        yield _text(limit), "`open-pull-requests-limit` must be a whole number"
    group = update.at.get("multi-ecosystem-group")
    if isinstance(group, Scalar) and group.value not in groups:
        yield _text(group), f"`multi-ecosystem-groups` has no group {quoted(group.value)}"


def _repeated(updates: tuple[Update, ...]) -> Iterator[Wrong]:
    """An ecosystem, a directory and a target branch may come together once; updates of a group tell themselves apart by patterns."""
    seen: set[tuple[str, tuple[str, ...], str]] = set()
    for update in updates:
        target = update.at.get("target-branch")
        branch = target.value if isinstance(target, Scalar) else ""
        if update.at.get("multi-ecosystem-group") is not None:
            continue
        own = set()
        for directory in update.directories:
            key = (update.name, parts_of(directory.value), branch)
            if key in seen and key not in own:
                text = f"{quoted(directory.value)} has an update of {quoted(update.name)} already"
                yield directory.content, f"{text}, and each may have one"
            seen.add(key)
            own.add(key)


def _keys(mapping: Mapping, known: tuple[str, ...], where: str) -> Iterator[Wrong]:
    for key, _ in mapping.pairs:
        if key.value not in known and key.value != "<<":
            close = closest(key.value, known)
            advice = f"; did you mean `{close}`?" if close is not None else ""
            yield key.content, f"{where} has no key {quoted(key.value)}\0{advice}"


def _number(node: Node) -> int | None:
    if isinstance(node, Scalar) and node.plain and node.value.isdecimal() and len(node.value) < 10:
        return int(node.value)
    return None


def _first(update: Update) -> Span:
    """Where to say what is missing in an update: its ecosystem, else its first key."""
    if update.ecosystem is not None and update.ecosystem.value:
        return update.ecosystem.content
    return update.at.pairs[0][0].span if update.at.pairs else update.at.span


def _text(node: Node) -> Span:
    return (node.content if isinstance(node, Scalar) else node.span).first_line()
