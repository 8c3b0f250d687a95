"""What a rule is, and how rules are found and run.

A rule is a decorated pure generator in a file of its own below `scanner/rules/<subject>/`; its id is the file's name.
The subject's package says in `INPUTS` which kinds of input (`Parsed.kinds`) its rules read; without such an input in the
repository none of them is imported.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from importlib import import_module
from os import scandir
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeVar

from scanner.analysis.ignores import NOTHING_IGNORED, Ignores
from scanner.analysis.waivers import NOTHING_WAIVED, Waivers
from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.model.areas import AREAS, DEFAULT_AREA, Area
from scanner.model.finding import Confidence, Hit, Problem, Severity, Unknown
from scanner.model.online import Online
from scanner.parse.ignores import OWN


class NoOptions(NamedTuple):
    """The options of a rule that has none."""


OptionsT = TypeVar("OptionsT")


class Context(Generic[OptionsT]):
    """All that a rule may look at. `online` answers about repositories on servers; None in a scan that asks nobody."""

    __slots__ = ("graph", "ignores", "knowledge", "now", "online", "options", "problems", "waivers")

    def __init__(
        self,
        graph: Graph,
        problems: tuple[Problem, ...],
        knowledge: Knowledge,
        now: date,
        options: OptionsT,
        ignores: Ignores = NOTHING_IGNORED,
        waivers: Waivers = NOTHING_WAIVED,
        online: Online | None = None,
    ) -> None:
        self.graph: Final = graph
        self.problems: Final = problems
        self.knowledge: Final = knowledge
        self.now: Final = now
        self.options: Final = options
        self.ignores: Final = ignores
        self.waivers: Final = waivers
        self.online: Final = online


Answer = Hit | Unknown
Check = Callable[[Context[OptionsT]], Iterator[Answer]]


class Rule(Generic[OptionsT]):
    """A check with what is declared about it.

    `variants` are further severities that a hit may name. `same_as` are equal checks of other tools (`zizmor:…`,
    `codeql:…`). `options` is a `NamedTuple` class with a default for every field. `last`: it is asked after all others have
    been judged. `supersedes` are rules of which this one is the sharper form: at a place where both speak, only it does;
    its hits say which of them they sharpen (`Hit.sharpens`, `policy/judge.py`). `instead_of` are rules that have nothing to
    add where this one speaks: a comment that names one of them silences this one, too. `area` is the part of the posture of a
    repository that its findings count in (`snowfence score`). `yields_to` are rules beside which this one has nothing to add: where one
    of them speaks of the same text (`Hit.remark_on`), it is silent; comments for the one say nothing of the other. `more_online`: it may find
    more where servers are asked (`Context.online`), so that what excuses its findings is in use even where a run without them has none.
    """

    __slots__ = (
        "area", "check", "confidence", "id", "instead_of", "last", "more_online", "options", "same_as", "severity", "supersedes",
        "tags", "variants", "yields_to",
    )  # fmt: skip

    def __init__(
        self,
        id: str,
        check: Check[OptionsT],
        options: Callable[[], OptionsT],
        severity: Severity,
        confidence: Confidence,
        variants: Mapping[str, Severity],
        same_as: tuple[str, ...],
        tags: tuple[str, ...],
        last: bool = False,
        supersedes: tuple[str, ...] = (),
        instead_of: tuple[str, ...] = (),
        area: Area = DEFAULT_AREA,
        yields_to: tuple[str, ...] = (),
        more_online: bool = False,
    ) -> None:
        if area not in AREAS:
            raise ValueError(f"the rule `{id}` is of the area `{area}`, which is none of {', '.join(AREAS)}")
        self.id: Final = id
        self.area: Final = area
        self.check: Final = check
        self.options: Final = options
        self.severity: Final = severity
        self.confidence: Final = confidence
        self.variants: Final = variants
        self.same_as: Final = same_as
        self.tags: Final = tags
        self.last: Final = last
        self.supersedes: Final = supersedes
        self.instead_of: Final = instead_of
        self.yields_to: Final = yields_to
        self.more_online: Final = more_online

    def severity_of(self, variant: str | None) -> Severity:
        return self.severity if variant is None else self.variants[variant]

    @property
    def hangs_on_stakes(self) -> bool:
        """Whether how bad a finding is hangs on what the run holds: who accepts it, accepts it for that only."""
        return self.area == "exposure" or "privilege" in self.tags

    @property
    def severities(self) -> tuple[Severity, ...]:
        """Every severity that the rule may report, the highest first."""
        return tuple(sorted({self.severity, *self.variants.values()}, reverse=True))


AnyRule = Rule[Any]


def rule(
    id: str,
    *,
    severity: Severity,
    confidence: Confidence,
    area: Area,
    options: Callable[[], OptionsT] = NoOptions,  # type: ignore[assignment]
    variants: Mapping[str, Severity] | None = None,
    same_as: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    last: bool = False,
    supersedes: tuple[str, ...] = (),
    instead_of: tuple[str, ...] = (),
    yields_to: tuple[str, ...] = (),
    more_online: bool = False,
) -> Callable[[Check[OptionsT]], Rule[OptionsT]]:
    """Makes a generator a rule. `options` is the class of its options; its fields' types are checked when a policy
    sets them."""

    def decorate(check: Check[OptionsT]) -> Rule[OptionsT]:
        return Rule(
            id,
            check,
            options,
            severity,
            confidence,
            dict(variants or {}),
            same_as,
            tags,
            last,
            supersedes,
            instead_of,
            area,
            yields_to,
            more_online,
        )

    return decorate


# ---------------------------------------------------------------- finding rules

_RULES: Final = Path(__file__).parent / "rules"
_PACKAGE: Final = "scanner.rules"


class Place(NamedTuple):
    """Where a rule's files are: the subject's folder and the module's name."""

    subject: str
    module: str

    @property
    def code(self) -> Path:
        return _RULES / self.subject / f"{self.module}.py"

    @property
    def page(self) -> Path:
        return _RULES / self.subject / f"{self.module}.md"


class Described(NamedTuple):
    """The page of a rule that has no file of its own: its title, its first paragraph, all of it as Markdown, and the
    file of this project in which people read it, empty for a check of a policy of theirs."""

    title: str
    lead: str
    markdown: str
    file: str


@cache
def places() -> dict[str, Place]:
    """Every rule by its id, from the file names alone: nothing is imported."""
    found = {
        file.name[:-3].replace("_", "-"): Place(subject.name, file.name[:-3])
        for subject in scandir(_RULES)
        if subject.is_dir()
        for file in scandir(subject.path)
        if file.name.endswith(".py") and not file.name.startswith("_")
    }
    return dict(sorted(found.items()))


def load(place: Place) -> AnyRule:
    module = import_module(f"{_PACKAGE}.{place.subject}.{place.module}")
    found = getattr(module, place.module)
    if not isinstance(found, Rule):
        raise TypeError(f"{place.subject}/{place.module}.py does not define the rule `{place.module}`")
    return found


@cache
def tagged(tag: str) -> tuple[str, ...]:
    """The rules with a tag. Only those are imported in whose file it is written, since all of them take long."""
    written = f'"{tag}"'
    return tuple(
        id
        for id, place in places().items()
        if written in place.code.read_text("utf-8") and tag in load(place).tags
    )


def names_of(rule: AnyRule) -> tuple[str, ...]:
    """What comments may call a rule, beside its id: the names of other tools, and the rules that it supersedes or speaks
    instead of. Who has accepted that an action follows a tag has accepted it where the sharper rule says so, too."""
    return *rule.same_as, *(f"{OWN}:{other}" for other in (*rule.supersedes, *rule.instead_of))


ONLINE: Final = "online"
"""What servers answer, as a kind of input: a subject that reads only this has nothing to say where nobody is asked."""


def _inputs(subject: str) -> frozenset[str] | None:
    """The kinds of input that a subject's rules read, None for all."""
    inputs: frozenset[str] | None = import_module(f"{_PACKAGE}.{subject}").INPUTS
    return inputs


def called_for(subject: str, kinds: frozenset[str]) -> bool:
    """Whether a subject's rules have anything to read among inputs of these kinds."""
    inputs = _inputs(subject)
    return inputs is None or not inputs.isdisjoint(kinds)


def needs_online(place: Place) -> bool:
    """Whether a rule has nothing to say where servers are not asked."""
    return _inputs(place.subject) == frozenset({ONLINE})


def run(rules: Iterable[tuple[AnyRule, Context[Any]]]) -> Iterator[tuple[AnyRule, Answer]]:
    """Every answer of every rule, each rule with its own context."""
    for one, context in rules:
        for answer in one.check(context):
            yield one, answer
