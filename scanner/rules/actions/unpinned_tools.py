"""See unpinned_tools.md."""

from collections.abc import Iterator

from scanner.analysis.uses.coordinates import is_open, names
from scanner.analysis.uses.uses import RepositoryUsed, repository_uses
from scanner.analysis.workflows.templates import OPEN, Templates
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted

TOOLS = {
    "aquasecurity/setup-trivy": ("version", "latest"),
    "1password/load-secrets-action": ("version", "latest"),
    "extractions/setup-just": ("just-version", "*"),
    "extractions/setup-crate": ("version", "*"),
}
"""The input that chooses the version of the tool, and its default, which is whatever is newest (zizmor 1.32)."""


@rule(
    "unpinned-tools",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="pinning",
    same_as=("zizmor:unpinned-tools",),
    tags=("supply-chain", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def unpinned_tools(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    templates = Templates()
    for used in repository_uses(ctx.graph):
        tool = TOOLS.get(used.use.slug)
        if tool is not None and used.used.step is not None and names(used.used.call, used.use.slug):
            yield from _judge(used, *tool, templates)


def _judge(used: RepositoryUsed, input: str, newest: str, templates: Templates) -> Iterator[Hit | Unknown]:
    inputs = used.used.call.inputs
    name, advice = quoted(used.use.name), f"set {quoted(input)} to a version"
    danger = "so a bad release runs here the day that it comes out"
    if inputs.expression is not None:
        reason = f"an expression decides which version of its tool {name} installs"
        yield Unknown(inputs.expression.content.first_line(), used.subject, reason)
        return
    value = inputs.get(input)
    if value is None:
        message = f"without {quoted(input)}, {name} installs whatever version of its tool is newest, {danger}; {advice}"
        yield Hit(used.at, used.subject, message, evidence=(used.use.slug,))
        return
    texts = tuple(templates.texts(value, used.used.job))
    related = (Note(used.at, "this action installs it"),)
    if any(text.value.strip() == newest for text in texts):
        message = f"{name} installs whatever version of its tool is newest, {danger}; {advice}"
        confidence = None
    elif is_open(value) and any(text.value.strip() in ("", OPEN) for text in texts):
        message = f"the run decides which version of its tool {name} installs: it may be the newest, {danger}; {advice}"
        confidence = Confidence.LOW
    else:
        return
    yield Hit(value.content.first_line(), used.subject, message, None, confidence, (used.use.slug,), related)
