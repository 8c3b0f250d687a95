"""See template_injection.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.scripts.code import code_of
from scanner.analysis.scripts.passing import Passing
from scanner.analysis.taint.deciders import Decider, Verdict
from scanner.analysis.taint.origins import Scope
from scanner.analysis.taint.taint import Taint, taint_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.analysis.workflows.names import Names
from scanner.engine import Context, rule
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.expressions.contexts import Context as Value
from scanner.parse.expressions.contexts import flowing
from scanner.parse.expressions.syntax import Call, Expression, Malformed, parse
from scanner.parse.fences import Fence, fences
from scanner.parse.uses import RepositoryUse

LOOK_BACK = 2_000
"""Characters of a script before an expression that tell whether it stands inside a template."""


class Options(NamedTuple):
    every_expression: bool = False


VARIANTS = {
    Decider.ANYBODY: "critical",
    Decider.OTHERS: None,
    Decider.FORK: "fork",
    Decider.CHECKED: "checked",
    Decider.LIMITED: "limited",
    Decider.INSIDER: "insider",
    Decider.CALLER: "input",
    Decider.NOBODY_TODAY: "latent",
    Decider.ADMIN: "latent",
    Decider.NOT_KNOWN: "undecided",
}


@rule(
    "template-injection",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="exposure",
    options=Options,
    variants={
        "critical": Severity.CRITICAL,
        "fork": Severity.MEDIUM,
        "checked": Severity.MEDIUM,
        "limited": Severity.MEDIUM,
        "passed": Severity.LOW,
        "insider": Severity.LOW,
        "input": Severity.LOW,
        "latent": Severity.LOW,
        "undecided": Severity.INFO,
        "expression": Severity.INFO,
    },
    same_as=(
        "zizmor:template-injection",
        "codeql:actions/code-injection/critical",
        "codeql:actions/code-injection/medium",
    ),
    tags=(
        "injection",
        "CWE-94",
        "CWE-77",
        "CWE-78",
        "CWE-95",
        "CICD-SEC-4",
        "SLSA:build-L3",
        "scorecard:Dangerous-Workflow",
    ),
)
def template_injection(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    taint = taint_of(ctx.graph, ctx.knowledge)
    names = Names()
    yield from once(
        answer
        for node in live_steps(ctx.graph)
        for code in code_of(node, ctx.knowledge)
        for passing in (Passing(node, code, names),)
        for fence in fences(code)
        for answer in _answers(node, fence, passing, taint, ctx.options.every_expression)
    )


def _answers(
    node: StepNode, fence: Fence, passing: Passing, taint: Taint, every: bool
) -> Iterator[Hit | Unknown]:
    tree, text, at = parse(fence.text), " ".join(fence.text.split()), _line(fence)
    if isinstance(tree, Malformed):
        yield Unknown(at, node.id, f"{quoted(text)} is no expression: {tree.reason}")
        return
    said = False
    scope = Scope(node.owner, node.job, node.step)
    for context in flowing(tree) if not _is_data(node, fence, tree) else ():
        worst = taint.worst(node, taint.origins.of(context, scope))
        if worst is not None:
            said = True
            yield _hit(node, fence, context, worst, passing.advice(fence, tree, context))
    if every and not said:
        message = f"{quoted(text)} becomes part of the code before it runs; pass it through `env:` instead"
        yield Hit(at, node.id, message, "expression", evidence=(text,))


def _hit(node: StepNode, fence: Fence, context: Value, verdict: Verdict, advice: str) -> Hit:
    text = " ".join(fence.text[context.start : context.end].split())
    at, hops = fence.span(context.start, context.end).first_line(), verdict.origin.hops
    return Hit(
        at,
        node.id,
        f"{quoted(text)} becomes part of the code before it runs: {verdict.why}; {advice}",
        _variant(verdict),
        verdict.confidence,
        evidence=(str(context), ".".join(verdict.origin.path)),
        related=(verdict.trigger,) if verdict.trigger is not None else (),
        flow=(*hops, Note(at, "becomes part of the code")) if hops else (),
    )


def _variant(verdict: Verdict) -> str | None:
    """What only an action or program that is not known here may pass on is `passed`."""
    passed = verdict.origin.doubt > 1 and verdict.decider > Decider.INSIDER
    return "passed" if passed else VARIANTS[verdict.decider]


def _line(fence: Fence) -> Span:
    """The fence as far as its first line goes; where nothing else stands there, the first line of the expression."""
    lead = len(fence.text) - len(fence.text.lstrip())
    inner = fence.span(lead, len(fence.text.rstrip())).first_line()
    broken = "\n" in fence.at.source.text[fence.at.start : inner.start]
    return inner if broken else fence.at.first_line()


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
