"""Which settings of Nix are made where: nix.conf, `nixConfig` of flakes, workflows and local actions."""

from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from typing import Final, NamedTuple

from scanner.analysis.settings.scripts import options_in, settings_of_script, split
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.analysis.workflows.given import given, inserts, resolved
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.nix import FlakeNode, NixConfNode
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode, WorkflowNode
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nix.conf import settings_in, words_in
from scanner.parse.nix.setting import Setting, Word
from scanner.parse.nodes import Scalar
from scanner.parse.reader import Block
from scanner.parse.scalars import Places
from scanner.parse.uses import LocalUse, RepositoryUse, SelfUse

VARIABLE: Final = "NIX_CONFIG"
"""The environment variable that holds text for nix.conf."""

TRUE: Final = frozenset(("true", "yes", "1"))
_FALSE: Final = frozenset(("false", "no", "0"))


class Place(Enum):
    """What a setting stands in, and with it whom it concerns."""

    CONF = "nix.conf"
    FLAKE = "nixConfig"
    STEP = "a step's configuration"
    ENVIRONMENT = "the environment"
    OPTION = "an option"

    @property
    def in_workflow(self) -> bool:
        """Whether only the machine of a workflow's job is concerned."""
        return self not in (Place.CONF, Place.FLAKE)

    @property
    def reach(self) -> str:
        """Whom a setting concerns, for messages."""
        match self:
            case Place.FLAKE:
                return "for everybody who accepts this flake's configuration"
            case Place.CONF:
                return "on every machine with this nix.conf"
        return "in these jobs"


class SettingInUse(NamedTuple):
    """A setting by its real name (aliases resolved); `extra` adds to a list instead of replacing it.

    `at` is the name, or the whole option of a command; `subject` the id of the file, job or step that makes it.
    """

    name: str
    extra: bool
    words: tuple[Word, ...]
    at: Span
    subject: str
    place: Place

    @property
    def whole(self) -> Span:
        """Name and value, as far as they stand on one line."""
        if not self.words or self.words[-1].at.source is not self.at.source:
            return self.at
        end, text = max(self.at.end, self.words[-1].at.end), self.at.source.text
        quote = text[end : end + 1]
        if quote in ("'", '"') and text[self.words[0].at.start - 1] == quote:
            end += 1
        return Span(self.at.source, self.at.start, end).first_line()

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def truth(self) -> bool | None:
        """The value of a switch; None when it is none, or only a run can tell."""
        return True if self.text in TRUE else False if self.text in _FALSE else None


def undecided(setting: SettingInUse) -> Unknown | None:
    """The answer for a switch whose value only a run can tell, None for every other."""
    if all(map(known, setting.words)):
        return None
    reason = f"only a run can tell what {quoted(setting.name)} is set to here; write the value out"
    return Unknown(setting.whole, setting.subject, reason)


def known(word: Word) -> bool:
    """Whether a word is there to be read, and not put together by a run."""
    return "$" not in word.text


@per_graph
def settings_in_use(graph: Graph, knowledge: Knowledge) -> tuple[SettingInUse, ...]:
    """Every setting, in the order of the files."""
    return _read(graph, knowledge)[0]


def unread_configuration(graph: Graph, knowledge: Knowledge) -> Iterator[Unknown]:
    """Whole texts for nix.conf that only a run can tell, which may hold any setting."""
    for at, subject in _read(graph, knowledge)[1]:
        reason = f"only a run can tell which settings {quoted(at.text)} holds; write them out"
        yield Unknown(at, subject, reason)


def unread_environments(graph: Graph) -> Iterator[tuple[Span, str]]:
    """Parts of the `NIX_CONFIG` of workflows and jobs that only a run can tell, each with the id of the node."""
    workflows = ((node.id, node.workflow.env) for node in graph.of(WorkflowNode))
    jobs = ((node.id, node.job.env) for node in graph.of(JobNode))
    for id, env in (*workflows, *jobs):
        for entry in env.entries:
            for insert in inserts(entry.value) if entry.key.value == VARIABLE else ():
                if not _is_secret(insert.text):
                    yield insert.at, id


@per_graph
def _read(
    graph: Graph, knowledge: Knowledge
) -> tuple[tuple[SettingInUse, ...], tuple[tuple[Span, str], ...]]:
    reader = _Settings(graph, knowledge)
    found = tuple(reader.all())
    alive = reader.alive if reader.open else frozenset[str]()
    return found, tuple(one for one in reader.open if one[1] in alive)


class _Settings:
    def __init__(self, graph: Graph, knowledge: Knowledge) -> None:
        self.graph = graph
        self.knowledge = knowledge
        self.open: list[tuple[Span, str]] = []
        """Texts for nix.conf of jobs and steps that only a run can tell."""

    def all(self) -> Iterator[SettingInUse]:
        for flake in self.graph.of(FlakeNode):
            yield from self.used(iter(flake.flake.config), flake.id, Place.FLAKE)
        for conf in self.graph.of(NixConfNode):
            yield from self.used(iter(conf.conf.settings), conf.id, Place.CONF)
        for workflow in self.graph.of(WorkflowNode):
            yield from self.environment(workflow.workflow.env, workflow.id)
        for job in self.graph.of(JobNode):
            yield from self.live(job.id, self.environment(job.job.env, job.id))
        handed_on = _handed_on(self.graph, self.knowledge)
        for step in self.graph.of(StepNode):
            for entry in step.step.env.entries:
                if entry.key.value == VARIABLE:
                    yield from self.live(step.id, self.text(step, entry.value, Place.ENVIRONMENT))
            yield from self.live(step.id, self.step(step, handed_on))

    def live(self, id: str, settings: Iterator[SettingInUse]) -> Iterator[SettingInUse]:
        """The settings, if the job or step can run at all. That costs more than to see that there are none."""
        first = next(settings, None)
        if first is not None and id in self.alive:
            yield first
            yield from settings

    @cached_property
    def alive(self) -> frozenset[str]:
        return frozenset(node.id for nodes in (live_jobs, live_steps) for node in nodes(self.graph))

    def environment(self, env: Block, subject: str) -> Iterator[SettingInUse]:
        for entry in env.entries:
            if entry.key.value == VARIABLE:
                yield from self.used(_in_scalar(entry.value), subject, Place.ENVIRONMENT)

    def step(self, node: StepNode, handed_on: dict[str, frozenset[str]]) -> Iterator[SettingInUse]:
        for script in node.scripts:
            for setting, place in settings_of_script(script, self.knowledge):
                yield from self.used(iter((setting,)), node.id, _PLACES[place])
        call = node.step.call
        if call is None or not call.inputs.entries:
            return
        conf: frozenset[str] = frozenset()
        if isinstance(call.target, RepositoryUse):
            configurator = self.knowledge.nix_action(call.target.name)
            if configurator is not None:
                conf = frozenset(configurator.conf)
                for name in configurator.options:
                    value = call.inputs.get(name)
                    for _, text in resolved(self.graph, node, value).values if value is not None else ():
                        words = options_in(list(_words(text)), self.knowledge)
                        yield from self.used(words, node.id, Place.OPTION)
        elif isinstance(call.target, LocalUse | SelfUse):
            conf = _USUAL
            for edge in self.graph.out(node.id, "uses"):
                conf |= handed_on.get(edge.target, frozenset())
        for entry in call.inputs.entries if conf else ():
            if entry.key.value.lower() in conf:
                yield from self.text(node, entry.value, Place.STEP)

    def text(self, node: StepNode, value: Scalar, place: Place) -> Iterator[SettingInUse]:
        """The settings of a text for nix.conf, with those of the lines that are an expression: what `env`, `matrix` or the
        default of an input holds is read where it stands. The callers of a local action are read with their steps."""
        yield from self.used(_in_scalar(value), node.id, place)
        for insert in inserts(value):
            found = given(self.graph, node, insert.text, callers=False)
            for _, text in found.values:
                yield from self.used(_in_scalar(text), node.id, place)
            if found.open and not _is_secret(insert.text):
                self.open.append((insert.at, node.id))

    def used(self, settings: Iterator[Setting], subject: str, place: Place) -> Iterator[SettingInUse]:
        for name, at, words in settings:
            real, extra = real_name(name, self.knowledge)
            parts = tuple(part for word in words for part in split(word))
            yield SettingInUse(real, extra, parts, at, subject, place)


# What the actions that put text into nix.conf call it: a local action may do it in a script.
_USUAL: Final = frozenset(("extra_nix_config", "extra-conf", "nix_conf", "nix-conf", "lix_conf"))
_PLACES: Final = {"conf": Place.STEP, "environment": Place.ENVIRONMENT, "option": Place.OPTION}


def real_name(name: str, knowledge: Knowledge) -> tuple[str, bool]:
    """The name without alias and `extra-`, and whether it only adds."""
    setting = knowledge.nix_setting(name)
    if setting is not None:
        return setting.name, False
    if name.startswith("extra-"):
        setting = knowledge.nix_setting(name.removeprefix("extra-"))
        if setting is not None and setting.appendable:
            return setting.name, True
    return name, False


def _in_scalar(scalar: Scalar) -> Iterator[Setting]:
    for line in settings_in(scalar.value, Places(scalar).span):
        if isinstance(line, Setting):
            yield line


def _is_secret(expression: str) -> bool:
    """A secret holds access tokens, hardly a switch, and nobody would write it out."""
    return expression.strip().startswith("secrets.")


def _words(scalar: Scalar) -> Iterator[Word]:
    places = Places(scalar)
    for start, end in words_in(scalar.value, 0, len(scalar.value)):
        yield Word(scalar.value[start:end], places.span(start, end))


def _handed_on(graph: Graph, knowledge: Knowledge) -> dict[str, frozenset[str]]:
    """The inputs of local actions that they hand on, unchanged, as text for nix.conf."""
    found: dict[str, frozenset[str]] = {}
    for node in graph.of(LocalActionNode):
        names = set()
        for step in node.action.steps:
            use = step.call.target if step.call is not None else None
            if step.call is None or not isinstance(use, RepositoryUse):
                continue
            configurator = knowledge.nix_action(use.name)
            for name in configurator.conf if configurator is not None else ():
                value = step.call.inputs.get(name)
                for line in value.value.split("\n") if value is not None else ():
                    text = line.replace(" ", "").lower()
                    if text.startswith("${{inputs.") and text.endswith("}}"):
                        names.add(text[len("${{inputs.") : -2])
        if names:
            found[node.id] = frozenset(names)
    return found
