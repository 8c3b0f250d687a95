"""Why a model may be led astray: what others decide of its prompt, or wrote into what it reads."""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from scanner.analysis.outsiders.checks import protects
from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import harmful
from scanner.analysis.scripts.commands import commands_of
from scanner.analysis.taint.agents import Agent, prints_foreign
from scanner.analysis.taint.deciders import LETTING, Decider
from scanner.analysis.taint.origin import Origin, Scope
from scanner.analysis.taint.secret_values import secret_in
from scanner.analysis.taint.taint import Taint
from scanner.analysis.workflows.steps import parent_of, steps_of
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.agents import Power
from scanner.model.finding import Confidence, Note
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar
from scanner.parse.workflow import Trigger, Workflow

EVENTS: Final = (
    "issue_comment", "issues", "pull_request_target", "discussion", "discussion_comment", "commit_comment"
)  # fmt: skip
"""Those by which outsiders start a run of the repository that is about a text of theirs."""

_NUMBERS: Final = frozenset(("number", "html_url", "url", "node_id", "id"))
_ABOUT: Final = frozenset(("issue", "pull_request", "comment", "discussion"))
_BY_AUTHOR: Final = frozenset(("opened", "synchronize", "reopened", "ready_for_review", "created"))
"""What the author of an issue or pull request does; others label, assign and edit it, too."""
_ISSUE: Final = Origin("event", ("github", "event", "issue"))
ISSUES: Final = "text of an issue or pull request"
MAX_STEPS: Final = 20
"""Steps before a model's that may write its prompt."""
MAX_WORDS: Final = 50
"""Words of a command that writes a prompt which are looked at."""
_KEYS: Final = ("api_key", "api-key", "oauth_token", "apikey")


Guard = Literal["", "starter", "approval"]
"""What stands before a model: nothing; a look at who starts the run, so that what they wrote themselves is harmless; somebody who
lets in what others wrote (an environment, a label), which lowers it only: that they see what the model will make of it, nobody knows."""

_SAID: Final[dict[Guard, str]] = {
    "starter": "though only trusted people start it",
    "approval": "once somebody lets the run go on",
}


class Reason(NamedTuple):
    """`why` is a clause for people. `guard` stands before it, but others wrote what the model reads. `held`: the run holds something that those others do not have, in the worst case by `way`. `flow` leads to `at`; `told` is the
    text there, and `origin` where it comes from; without it the model reads of itself, `files` or a thread."""

    at: Span
    why: str
    guard: Guard
    way: Exposure | None
    held: bool
    confidence: Confidence
    evidence: tuple[str, ...]
    flow: tuple[Note, ...] = ()
    trigger: Note | None = None
    told: str = ""
    origin: Origin | None = None
    files: bool = False

    @property
    def guarded(self) -> bool:
        return self.guard != ""


def reasons_of(graph: Graph, agent: Agent, taint: Taint) -> Iterator[Reason]:
    """What others decide of a model's prompt, each text once; else that it reads of itself what they wrote."""
    found = False
    for at, name, origins, confidence in _texts(graph, agent, taint):
        reason = _of_text(agent, at, name, origins, confidence, taint)
        if reason is not None:
            found = True
            yield reason
    if found:
        return
    way = _way(agent, taint)
    if way is None:
        return
    event, exposure, guard = way
    trigger = Note(exposure.trigger, f"`{event}` starts the run")
    reason = _of_reading(agent, event, exposure, guard, taint)
    if reason is not None:
        yield reason._replace(trigger=trigger)


def little(agent: Agent, reason: Reason) -> bool:
    """Whether there is next to nothing to lose: a token that reads, no secret but the model's own key, and no shell to read it."""
    way = reason.way
    if way is None or agent.can is Power.COMMANDS or way.token.default or way.token.writes or way.self_hosted:
        return False
    call = agent.node.step.call
    entries = call.inputs.entries if call is not None else ()
    own = {secret_in(one.value) for one in entries if one.key.value.lower().endswith(_KEYS)}
    return not way.all_secrets and own.issuperset(way.secrets)


def writes(way: Exposure) -> bool:
    """Whether a run can change something of the repository."""
    return way.token.default or bool(way.token.writes) or way.self_hosted is True


# ---------------------------------------------------------------- texts

_Text = tuple[Span, str, tuple[Origin, ...], Confidence]


def _texts(graph: Graph, agent: Agent, taint: Taint) -> Iterator[_Text]:
    """The texts that a model is told: their places, names and origins, and how sure it is that it is told them."""
    scope = Scope(agent.node.owner, agent.node.job, agent.node.step)
    for prompt in agent.prompts:
        yield from _parts(prompt, scope, Confidence.HIGH, taint)
    for at, file in agent.files:
        name = file.rstrip("/").rpartition("/")[2]
        if name and not name.startswith("$"):
            yield at, file, tuple(_written(graph, agent.node, name, taint)), Confidence.MEDIUM
    for ran, word in agent.words:
        yield ran.at(word), word.text, taint.origins.of_word(agent.node, ran, word), Confidence.HIGH
    if agent.node.step.call is not None and agent.can >= Power.READS:
        # A prompt names them (`read $ISSUE_BODY`), and a model with tools finds them anyway.
        for entry in agent.node.step.env.entries:
            yield from _parts(entry.value, scope, Confidence.MEDIUM, taint)


def _written(graph: Graph, node: StepNode, name: str, taint: Taint) -> Iterator[Origin]:
    """Where the texts come from that earlier steps of a job write to a file of a name."""
    last = node.step.number
    for step in steps_of(graph, parent_of(node))[max(0, last - MAX_STEPS) : last + 1]:
        if step.step.run is None or name not in step.step.run.script.value:
            continue
        for ran in commands_of(graph, step):
            command = ran.command
            targets = [one.target.text for one in command.redirections if one.writes]
            if not any(target.rpartition("/")[2] == name for target in targets):
                continue
            note = f"written to `{name}`"
            if prints_foreign(ran):
                yield Origin("fetched", (ISSUES,)).through(ran.whole(), note)
            words = [*command.words[1:], *((command.input,) if command.input is not None else ())]
            for word in words[:MAX_WORDS]:
                for origin in taint.origins.of_word(step, ran, word):
                    yield origin.through(ran.at(word), note)


def _parts(text: Scalar, scope: Scope, confidence: Confidence, taint: Taint) -> Iterator[_Text]:
    for fence in fences(text):
        tree = parse(fence.text)
        if isinstance(tree, Malformed):
            continue
        for context in flowing(tree):
            at = fence.span(context.start, context.end).first_line()
            yield at, str(context), taint.origins.of(context, scope), confidence


def _of_text(
    agent: Agent, at: Span, name: str, origins: tuple[Origin, ...], confidence: Confidence, taint: Taint
) -> Reason | None:
    verdict = taint.worst(agent.node, origins)
    if verdict is None:
        return None
    guard: Guard = "starter" if agent.gated else ""
    match verdict.decider:
        case Decider.ANYBODY:
            held = True
        case Decider.CHECKED if verdict.holds:
            guard, held = guard or "approval", True
        case Decider.INSIDER if verdict.holds:
            guard, held = "starter", True
        case Decider.OTHERS | Decider.FORK:
            held = False
        case _:
            return None
    way = _way(agent, taint)
    if guard == "starter" and held and _of_starter(agent.node, verdict.origin):
        return None
    if not held and not any(one.privileged for one in taint.reach.of(agent.node).values()):
        return None  # a run of a fork holds nothing
    return Reason(
        at,
        f"{verdict.decides}, {_SAID[guard]}; the job holds {verdict.holds}"
        if guard and held
        else verdict.why,
        guard,
        way[1] if way is not None else None,
        held,
        min(confidence, verdict.confidence),
        (name, ".".join(verdict.origin.path)),
        verdict.origin.hops,
        verdict.trigger,
        at.text,
        verdict.origin,
    )


def _of_starter(node: StepNode, origin: Origin) -> bool:
    """Whether those who wrote a text are those who start the run with it, so that a check of who that is covers it."""
    about = origin.path[2:3] if origin.path[:2] == ("github", "event") else ()
    if about in (("comment",), ("review",)):
        return True
    owner = node.owner
    if about not in (("issue",), ("pull_request",), ("discussion",)) or not isinstance(owner, Workflow):
        return False
    return all(_by_author(one) for one in owner.triggers if one.event.value in EVENTS)


def _by_author(trigger: Trigger) -> bool:
    if trigger.event.value == "pull_request_target":
        types = trigger.filter("types") or ("opened",)
    elif trigger.event.value in ("issues", "discussion"):
        types = trigger.filter("types") or ("labeled",)
    else:
        return False
    return _BY_AUTHOR.issuperset(types)


# ---------------------------------------------------------------- what it reads of itself


def _of_reading(agent: Agent, event: str, way: Exposure, guard: Guard, taint: Taint) -> Reason | None:
    holds = f"the job holds {way.holds}"
    trusted = _SAID.get(guard, "")
    own = guard == "starter" and _of_starter(agent.node, _ISSUE)
    if agent.fetched is not None:
        who = "others write what this command prints, " + (
            trusted if guard else f"and anybody starts the run by `{event}`"
        )
        return Reason(agent.fetched, f"{who}; {holds}", guard, way, True, Confidence.HIGH, ("fetched", event))
    if agent.reads and not own:
        why = "it takes along the issue or pull request that started the run, " + (
            f"which others write, too, {trusted}"
            if guard
            else f"which anybody writes who starts it by `{event}`"
        )
        return Reason(agent.at, f"{why}; {holds}", guard, way, True, Confidence.MEDIUM, ("event", event))
    about = _about(agent) if agent.can >= Power.READS else None
    if about is not None and not own:
        why = "it is told which text to read, " + (
            f"which others may have written, {trusted}"
            if guard
            else f"which anybody writes who starts the run by `{event}`"
        )
        return Reason(about, f"{why}; {holds}", guard, way, True, Confidence.MEDIUM, ("event", event))
    code = _code(agent, event, taint)
    if code is not None:
        why = "the files around it are those of a pull request, with what they tell models (`CLAUDE.md`, `AGENTS.md`)"
        why += f", {trusted}" if guard else f", which anybody opens who starts the run by `{event}`"
        return Reason(
            agent.at,
            f"{why}; {holds}",
            guard,
            way,
            True,
            Confidence.MEDIUM,
            ("files", event),
            (Note(code, "fetched here", "fetched"),),
            files=True,
        )
    if agent.opened is not None and guard != "starter":
        why = f"{quoted('*')} lets anybody start it by `{event}`, who then also decides what it is about"
        why += f", {trusted}" if guard else ""
        return Reason(agent.opened, f"{why}; {holds}", guard, way, True, Confidence.MEDIUM, ("opened", event))
    return None


def _about(agent: Agent) -> Span | None:
    """The number or address of an issue or pull request that a model is told."""
    for prompt in agent.prompts:
        for fence in fences(prompt):
            tree = parse(fence.text)
            for context in flowing(tree) if not isinstance(tree, Malformed) else ():
                path = context.path
                if (
                    path[:2] == ("github", "event")
                    and path[2:3]
                    and path[2] in _ABOUT
                    and path[-1] in _NUMBERS
                ):
                    return fence.span(context.start, context.end).first_line()
    return None


def _code(agent: Agent, event: str, taint: Taint) -> Span | None:
    """What fetched the code of a pull request before a step, in runs of an event."""
    for tree in taint.workspace.before(agent.node):
        if (
            tree.kind == "pull request"
            and tree.real
            and tree.folder == ""
            and tree.comes(event)
            and event not in tree.guarded
        ):
            return tree.at
    return None


_WORST_FIRST: Final[tuple[Guard, ...]] = ("", "approval", "starter")


def _way(agent: Agent, taint: Taint) -> tuple[str, Exposure, Guard] | None:
    """The worst way in which outsiders bring a text of theirs to a model in a run that holds something, and what stands before it."""
    found: dict[Guard, tuple[str, Exposure, Guard]] = {}
    for event, way in taint.reach.of(agent.node).items():
        if event in EVENTS and harmful(way):
            guard = _guard(agent, event, taint)
            found.setdefault(guard, (event, way, guard))
    return next((found[guard] for guard in _WORST_FIRST if guard in found), None)


def _guard(agent: Agent, event: str, taint: Taint) -> Guard:
    if agent.gated:
        return "starter"
    kinds = {one.kind for one in taint.reach.checks(agent.node, event) if protects(one, event, "text")}
    if not kinds:
        return ""
    return "approval" if LETTING.issuperset(kinds) else "starter"
