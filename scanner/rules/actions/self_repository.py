"""See self_repository.md."""

from collections.abc import Iterator

from scanner.analysis.uses.uses import uses_of
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.edits import fix, value
from scanner.parse.uses import LocalUse


@rule(
    "self-repository",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="hygiene",
    same_as=("zizmor:self-repository",),
    tags=("supply-chain", "CWE-1357", "CICD-SEC-3"),
)
def self_repository(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for used in uses_of(ctx.graph):
        target = used.call.target
        if isinstance(target, LocalUse):
            new = f"$/{target.path}"
            means = (
                "is whatever lies in the workspace when the step runs"
                if used.step is not None
                else "is this repository here, but the workspace in a step"
            )
            yield Hit(
                used.at,
                used.subject,
                f"{quoted(used.call.text.value.strip())} {means}; {quoted(f'$/{target.path}', 100)} is always this "
                "repository at the running commit",
                evidence=(target.path,),
                # In a step it may be meant to be what lies in the workspace.
                fix=fix(f"write {quoted(new, 100)}", value(used.call.text, new))
                if used.step is None
                else None,
            )
