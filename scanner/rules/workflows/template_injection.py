"""See template_injection.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.aliases import once
from scanner.analysis.conditions import live_steps
from scanner.analysis.origins import Origin, Origins, Scope, contexts_of
from scanner.analysis.reach import Reach, harmful
from scanner.analysis.references import quoted
from scanner.analysis.senders import Sender, events_with, sender_of
from scanner.engine import Context, rule
from scanner.graph.nodes import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.source import Span
from scanner.parse.expressions import Call, Expression, Fence, Malformed, fences, parse
from scanner.parse.expressions import Context as Value
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Workflow

LOOK_BACK = 2_000
"""Characters of a script before an expression that tell whether it stands inside a template."""


class Options(NamedTuple):
    every_expression: bool = False


class Verdict(NamedTuple):
    """What a text that gets into code means; a lower `rank` is worse."""

    rank: int
    variant: str | None
    confidence: Confidence
    why: str
    origin: Origin
    trigger: Note | None = None


@rule(
    "template-injection",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    options=Options,
    variants={
        "critical": Severity.CRITICAL,
        "insider": Severity.MEDIUM,
        "input": Severity.MEDIUM,
        "limited": Severity.MEDIUM,
        "latent": Severity.LOW,
        "undecided": Severity.INFO,
        "expression": Severity.INFO,
    },
    same_as=(
        "zizmor:template-injection",
        "codeql:actions/code-injection/critical",
        "codeql:actions/code-injection/medium",
    ),
    tags=("injection", "CWE-94", "CWE-77", "CWE-78", "CWE-95", "CICD-SEC-4"),
)
def template_injection(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    judge = _Judge(Origins(ctx.graph), Reach(ctx.graph, ctx.knowledge), ctx.knowledge)
    yield from once(
        answer
        for node in live_steps(ctx.graph)
        for code in _code(node, ctx.knowledge)
        for fence in fences(code)
        for answer in judge.answers(node, fence, ctx.options.every_expression)
    )


def _code(node: StepNode, knowledge: Knowledge) -> Iterator[Scalar]:
    """The texts of a step that are run as code."""
    if node.step.run is not None:
        yield node.step.run.script
    call = node.step.call
    if call is not None and isinstance(call.target, RepositoryUse):
        executed = knowledge.executed_inputs(call.target.slug)
        for entry in call.inputs.entries if executed else ():
            if entry.key.value.lower() in executed:
                yield entry.value


class _Judge:
    def __init__(self, origins: Origins, reach: Reach, knowledge: Knowledge) -> None:
        self.origins = origins
        self.reach = reach
        self.knowledge = knowledge

    def answers(self, node: StepNode, fence: Fence, every: bool) -> Iterator[Hit | Unknown]:
        tree = parse(fence.text)
        if isinstance(tree, Malformed):
            yield Unknown(
                fence.at.first_line(),
                node.id,
                f"{quoted(fence.text.strip())} is no expression: {tree.reason}",
            )
            return
        said = False
        scope = Scope(node.owner, node.job, node.step)
        for context in contexts_of(tree) if not _is_data(node, fence, tree) else ():
            verdicts = [self.verdict(node, origin) for origin in self.origins.of(context, scope)]
            worst = min((one for one in verdicts if one is not None), key=lambda one: one.rank, default=None)
            if worst is not None:
                said = True
                yield _hit(node, fence, context, worst)
        if every and not said:
            text = fence.text.strip()
            message = (
                f"{quoted(text)} becomes part of the code before it runs; pass it through `env:` instead"
            )
            yield Hit(fence.at.first_line(), node.id, message, "expression", evidence=(text,))

    def verdict(self, node: StepNode, origin: Origin) -> Verdict | None:
        """Who decides a text, and how bad that is; None when it cannot hold anything harmful."""
        name = quoted(".".join(origin.path)) if origin.hops else "it"
        sure = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)[origin.doubt]
        likely = min(sure, Confidence.MEDIUM)
        events: frozenset[str] | None = None
        match origin.kind:
            case "unknown":
                return Verdict(5, "undecided", Confidence.LOW, "what it holds is not known here", origin)
            case "dispatch":
                return Verdict(3, "insider", likely, f"whoever starts the workflow fills {name} in", origin)
            case "caller":
                return Verdict(3, "input", likely, f"whoever calls this decides {name}", origin)
            case "fetched":
                name = f"it ({origin.path[0]})"
            case "event":
                sender, events = sender_of(origin.path, self.knowledge), events_with(origin.path)
                if sender is Sender.NOBODY:
                    return None
                if not _brought(node, origin.path, events):
                    why = f"no event of this workflow puts a text of somebody's choice into {name} today"
                    return Verdict(4, "latent", likely, why, origin)
                if sender is Sender.INSIDER:
                    return Verdict(
                        3, "insider", likely, f"whoever may write to the repository decides {name}", origin
                    )
                if sender is Sender.LIMITED:
                    return Verdict(
                        2, "limited", likely, f"others decide {name}, in the form of an address", origin
                    )
        for event, way in self.reach.of(node).items():
            if not harmful(way) or (events is not None and event not in events):
                continue
            if self.reach.guarded(node):
                why = f"others decide {name} through `{event}`, and only a check of who they are stands before it"
                return Verdict(1, None, likely, why, origin)
            why = f"anybody decides {name} through `{event}`, and the job then holds {way.holds}"
            return Verdict(0, "critical", sure, why, origin, Note(way.trigger, f"`{event}` starts the run"))
        return Verdict(1, None, sure, f"others decide {name}", origin)


def _brought(node: StepNode, path: tuple[str, ...], events: frozenset[str] | None) -> bool:
    """Whether a run of the workflow can have a text of somebody's choice in a context."""
    owner = node.owner
    if events is None or not isinstance(owner, Workflow) or "workflow_call" in owner.events:
        return True
    if path == ("github", "event", "workflow_run", "head_branch"):
        filters = [one.filter("branches") for one in owner.triggers if one.event.value == "workflow_run"]
        # Names that are spelt out let no other through.
        return any(names is None or set("*?+[!") & set("".join(names)) for names in filters)
    return not events.isdisjoint(owner.events)


def _hit(node: StepNode, fence: Fence, context: Value, verdict: Verdict) -> Hit:
    text = fence.text[context.start : context.end]
    at = fence.span(context.start, context.end)
    if not fence.exact and (found := fence.at.text.find(text)) >= 0:
        at = Span(at.source, at.start + found, at.start + found + len(text))
    at, hops = at.first_line(), verdict.origin.hops
    return Hit(
        at,
        node.id,
        f"{quoted(text)} becomes part of the code before it runs: {verdict.why}; {_advice(node, context)}",
        verdict.variant,
        verdict.confidence,
        evidence=(str(context),),
        related=(verdict.trigger,) if verdict.trigger is not None else (),
        flow=(*hops, Note(at, "becomes part of the code")) if hops else (),
    )


def _advice(node: StepNode, context: Value) -> str:
    name = next((part for part in reversed(context.path) if part != "*"), "value").upper().replace("-", "_")
    if node.step.run is None:
        script = node.step.call is not None and "github-script" in node.step.call.text.value
        return "pass it through `env:`" + (f" and read `process.env.{name}`" if script else "")
    shells = [node.step.run.shell, node.job.defaults.shell if node.job is not None else None]
    shells += [node.owner.defaults.shell] if isinstance(node.owner, Workflow) else []
    shell = next((one.value for one in shells if one is not None), "bash")
    if shell.startswith("python"):
        return f"pass it through `env:` and read `os.environ['{name}']`"
    variable = f"$env:{name}" if shell.startswith(("pwsh", "powershell")) else f'"${name}"'
    return f"pass it through `env:` and use `{variable}`"


def _is_data(node: StepNode, fence: Fence, tree: Expression) -> bool:
    """Whether the text is a JSON value where `actions/github-script` expects a value: JavaScript reads it as data,
    unless it stands inside a text or template of the script."""
    if not isinstance(tree, Call) or tree.function.lower() != "tojson" or node.step.call is None:
        return False
    use, text, start = node.step.call.target, fence.at.source.text, fence.at.start
    before = text[max(0, start - LOOK_BACK) : start].rstrip()
    return (
        isinstance(use, RepositoryUse)
        and use.slug == "actions/github-script"
        and before[-1:] in ("=", "(", ",", ":", "[")
        and "`" not in before
    )
