"""See misfeature.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.scripts.shells import shell_of
from scanner.analysis.uses.coordinates import names
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, rule
from scanner.graph.ids import file_id
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.workflow import Call

WELL_KNOWN = frozenset("bash pwsh python sh powershell".split())


class Options(NamedTuple):
    """`pedantic`: every shell that GitHub does not document is reported too."""

    pedantic: bool = False


@rule(
    "misfeature",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    options=Options,
    same_as=("zizmor:misfeature",),
    tags=("maintenance", "CWE-1104", "CICD-SEC-3"),
)
def misfeature(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    yield from once(
        hit
        for node in live_steps(ctx.graph)
        for hit in (
            _of_action(node, node.step.call)
            if node.step.call is not None
            else _of_shell(node, ctx.options.pedantic)
        )
    )


def _of_action(node: StepNode, call: Call) -> Iterator[Hit]:
    if not names(call, "actions/setup-python"):
        return
    for entry in call.inputs.entries:
        if entry.key.value.lower() == "pip-install":
            yield Hit(
                entry.key.content.first_line(),
                node.id,
                "`pip-install` installs into the Python of the runner, with what is there already and without a lockfile; "
                "make a virtual environment in a step of its own and install there",
                evidence=("pip-install",),
            )


def _of_shell(node: StepNode, pedantic: bool) -> Iterator[Hit]:
    if node.step.run is None:
        return
    shell = shell_of(node)
    if shell.said is None or shell.name is None or shell.name in WELL_KNOWN:
        return
    if shell.name == "cmd":
        message = (
            "`cmd` has no grammar that tools could check: quotes, variables and line breaks mean different things from "
            "program to program; use `pwsh` or `bash`"
        )
    elif pedantic:
        message = (
            f"{quoted(shell.said.value)} is none of the shells that GitHub documents, so tools cannot tell what the script "
            "does; use `bash` or `pwsh` where you can"
        )
    else:
        return
    own = node.step.at.span
    yield Hit(
        shell.said.content.first_line(),
        node.id,
        message,
        evidence=(shell.name,),
        # `defaults` speak for all steps of the file.
        about="" if own.start <= shell.said.start < own.end else file_id(node.path),
    )
