"""See use_trusted_publishing.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.scripts.commands import commands_of
from scanner.analysis.scripts.registries import (
    ACTIONS,
    CRATES,
    GEMS,
    NPM,
    NUGET,
    PYPI,
    Upload,
    may_identify,
    mentions_upload,
    upload,
)
from scanner.analysis.uses.coordinates import judged
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call, Workflow

ADVICE = "let the registry trust this workflow and give the job `id-token: write`: then nothing is stored that could leak"
LACKS: Final = "since the job has no `id-token: write`"
MAY_LACK: Final = "unless those who call this workflow give its job `id-token: write`"
STEPS: Final = {
    PYPI: "upload with `pypa/gh-action-pypi-publish`",
    NPM: "upload with npm 11.5.1 or newer",
    CRATES: "get a short-lived token by `rust-lang/crates-io-auth-action`",
    GEMS: "get a short-lived token by `rubygems/configure-rubygems-credentials`",
    NUGET: "get a short-lived key by `NuGet/login`",
}
"""What it takes besides `id-token: write` (the registries' own pages on trusted publishing)."""
ALONE: Final = {
    "uv": "`uv publish` then needs nothing more",
    "twine": "twine 6.1 or newer then needs nothing more",
    "python": "twine 6.1 or newer then needs nothing more",
    "pipx": "twine 6.1 or newer then needs nothing more",
    "uvx": "twine 6.1 or newer then needs nothing more",
    "npm": "npm 11.5.1 or newer then needs nothing more",
}
"""Programs that exchange the job's identity themselves."""
WITHOUT: Final = {
    "pypa/gh-action-pypi-publish": "leave `password` out",
    "rubygems/release-gem": "leave `setup-trusted-publisher` at `true`",
    "rubygems/configure-rubygems-credentials": "leave `api-token` out",
    "actions/setup-node": "upload with npm 11.5.1 or newer without a token",
}


@rule(
    "use-trusted-publishing",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    area="permissions",
    same_as=("zizmor:use-trusted-publishing",),
    tags=("secrets", "supply-chain", "CWE-798", "CWE-522", "CICD-SEC-6", "SLSA:publication"),
)
def use_trusted_publishing(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for node in live_steps(graph):
        if node.step.call is not None:
            yield from _of_action(node, node.step.call)
        elif node.step.run is not None and mentions_upload(node.step.run.script.value):
            yield from _of_script(graph, node)


def _of_action(node: StepNode, call: Call) -> Iterator[Hit]:
    use = call.target
    if not isinstance(use, RepositoryUse) or use.path or use.slug not in ACTIONS:
        return
    stored = ACTIONS[use.slug]
    name, verdict = stored.input, judged(call, stored.condition)
    if verdict.holds is False:
        return
    value, at = call.inputs.get(name) or verdict.because, call.text.content.first_line()
    where = value.content.first_line() if value is not None else at
    does = "uses" if verdict.holds else "may use"
    yield Hit(
        at,
        node.id,
        f"{quoted(call.text.value)} {does} a stored credential (`{name}`), which may leak, and {stored.registry} takes "
        f"short-lived ones of the job; let it trust this workflow, give the job `id-token: write` and {WITHOUT[use.slug]}",
        None,
        None if verdict.holds else Confidence.LOW,
        evidence=(name,),
        related=(Note(where, "decides on the credential"),) if where != at else (),
    )


def _of_script(graph: Graph, node: StepNode) -> Iterator[Hit]:
    """Only in workflows: the job that runs an action's steps decides on its token."""
    if node.job is None or not isinstance(node.owner, Workflow):
        return
    identified = may_identify(graph, node.owner, node.job)
    if identified:
        return
    for ran in commands_of(graph, node):
        found = upload(ran.command)
        if found is None:
            continue
        shown = quoted(" ".join(ran.command.texts[:4]))
        yield Hit(
            ran.whole(),
            node.id,
            f"{shown} uploads {_how(found, LACKS if identified is False else MAY_LACK)}",
            None,
            Confidence.LOW if found.elsewhere or identified is None else None,
            evidence=ran.command.texts,
        )


def _how(found: Upload, why: str) -> str:
    if found.elsewhere:
        return f"to a registry that is named here with a stored credential, {why}; where the registry can, {ADVICE}"
    base = f"with a stored credential, which may leak, {why}; let {found.registry} trust this workflow"
    if found.program in ALONE:
        return f"{base} and give the job `id-token: write`: {ALONE[found.program]}"
    return f"{base}, give the job `id-token: write` and {STEPS[found.registry]}"
