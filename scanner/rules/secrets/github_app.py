"""See github_app.md."""

from collections.abc import Iterator

from scanner.analysis.uses.coordinates import is_open, names
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.parse.nodes import has_text
from scanner.parse.workflow import Call

PERMISSION = "permission-"
# Permissions that no repository has part in (action.yml of actions/create-github-app-token).
OF_ORGANIZATION = ("members", "organization-", "enterprise-custom-properties-for-organizations")


@rule(
    "github-app",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="permissions",
    same_as=("zizmor:github-app",),
    tags=("least-privilege", "secrets", "CWE-269", "CICD-SEC-5", "SLSA:source-L3"),
)
def github_app(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for node in live_steps(graph):
        call = node.step.call
        if (
            call is not None
            and names(call, "actions/create-github-app-token")
            and call.inputs.expression is None
        ):
            yield from _judge(node, call)


def _judge(node: StepNode, call: Call) -> Iterator[Hit]:
    here = call.text.content.first_line()
    related = (Note(here, "the app's token is made here"),)
    keeps = call.inputs.get("skip-token-revoke")
    # The toolkit of actions knows three spellings of each boolean.
    if keeps is not None and (is_open(keeps) or keeps.value.strip() in ("true", "True", "TRUE")):
        when = "may live on" if is_open(keeps) else "lives on"
        yield Hit(
            keeps.content.first_line(),
            node.id,
            f"the app's token {when} for up to an hour after the job, for whoever has got hold of it; "
            "remove `skip-token-revoke`",
            confidence=Confidence.LOW if is_open(keeps) else None,
            evidence=("skip-token-revoke",),
            related=related,
        )
    given = [
        entry.key.value.lower().removeprefix(PERMISSION)
        for entry in call.inputs.entries
        if entry.key.value.lower().startswith(PERMISSION)
    ]
    owner = call.inputs.get("owner")
    everywhere = not (given and all(name.startswith(OF_ORGANIZATION) for name in given))
    if owner is not None and has_text(owner) and not has_text(call.inputs.get("repositories")) and everywhere:
        yield Hit(
            owner.content.first_line(),
            node.id,
            "the app's token reaches every repository of this owner that has the app; name in `repositories` "
            "those that the job needs",
            evidence=("owner",),
            related=related,
        )
    if not given:
        yield Hit(
            here,
            node.id,
            "the app's token may do all that the app may do; give it only what the job needs, like "
            "`permission-contents: read`",
            evidence=("permissions",),
        )
