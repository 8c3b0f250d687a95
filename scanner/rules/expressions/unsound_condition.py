"""See unsound_condition.md."""

from collections.abc import Iterator

from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import expression_of, live_jobs, live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Edit, Fix, Hit, Severity, Unknown
from scanner.model.source import Span
from scanner.parse.edits import fix, is_fixable
from scanner.parse.expressions.syntax import Malformed, Operation, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar

MEANS = "GitHub takes the condition as a text, and every text that is not empty counts as true"


@rule(
    "unsound-condition",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=(
        "zizmor:unsound-condition",
        "codeql:actions/if-expression-always-true/critical",
        "codeql:actions/if-expression-always-true/high",
        "actionlint:if-cond",
    ),
    tags=("expressions", "CWE-571", "CWE-285", "CICD-SEC-1", "SLSA:source-L3"),
)
def unsound_condition(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    conditions = [(node.id, node.job.condition) for node in live_jobs(graph)]
    conditions += [(node.id, node.step.condition) for node in live_steps(graph)]
    for subject, guard in conditions:
        if guard is None or "${{" not in guard.value or expression_of(guard) is not None:
            continue
        found = list(fences(guard))
        if not found:
            continue  # a fence that is not closed: see invalid_expression.md
        fenced = ["${{" + fence.text + "}}" for fence in found]
        header = guard.span.first_line()
        style = header.text.split()[0] if header.text else ""
        if style[:1] in ("|", ">") and "-" not in style and guard.value.rstrip("\n") == fenced[0]:
            at = Span(header.source, header.start, header.start + len(style))
            stripped = f"{style[0]}-{style[1:].replace('+', '')}"
            yield Hit(
                at,
                subject,
                f"this condition is always true: `{style}` leaves a line break behind `}}}}`, so {MEANS}; write `{stripped}`",
                fix=fix(f"write `{stripped}`", Edit(at, stripped)),
            )
            continue
        beside = (
            "there is more than one `${{ }}`"
            if guard.value == "".join(fenced)
            else "there is text outside of `${{ }}`"
        )
        yield Hit(
            guard.content.first_line(),
            subject,
            f"this condition is always true: {beside}, so {MEANS}; write the whole condition without `${{{{ }}}}`",
            fix=_fix(guard),
        )


def _fix(guard: Scalar) -> Fix | None:
    """The same condition without `${{ }}`, where that is one expression on one line; what stood in them stays together."""
    text = guard.source.text
    if not guard.plain or text[guard.start : guard.end] != guard.value or not is_fixable(guard.source):
        return None
    whole = guard.value
    for fence in reversed(list(fences(guard))):
        tree = parse(fence.text)
        if isinstance(tree, Malformed):
            return None
        inner = fence.text.strip()
        start, end = fence.at.start - guard.start, fence.at.end - guard.start
        if isinstance(tree, Operation):
            inner = f"({inner})"
        whole = f"{whole[:start]}{inner}{whole[end:]}"
    # Plain text of YAML does not begin with `!` or a quote.
    if not (whole[:1].isalpha() or whole[:1] == "(") or isinstance(parse(whole), Malformed):
        return None
    return fix("write the condition without `${{ }}`", Edit(guard.span, whole))
