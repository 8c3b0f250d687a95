"""See implicit_input.md."""

from collections.abc import Iterator

from scanner.analysis.locks.advice import SHOWN
from scanner.analysis.locks.indirect import direct_url
from scanner.analysis.locks.sync import pairs
from scanner.engine import Context, NoOptions, rule
from scanner.graph.ids import flake_id
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.nix.lock import Lock, LockedInput


@rule(
    "implicit-input",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="pinning",
    tags=("nix", "supply-chain", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def implicit_input(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for flake, lock in pairs(ctx.graph):
        for declared in flake.inputs:
            if not declared.implicit:
                continue
            name = declared.name
            url = direct_url(name, None, _locked(lock, name), ctx.knowledge, ctx.now)
            line = f'{name}.url = "{url}";' if url is not None else f"{name}.url"
            yield Hit(
                declared.at.first_line(),
                flake_id(flake.source),
                f"{quoted(name)} is taken by `outputs`, but `inputs` does not say what it is, so a flake registry outside "
                f"this repository does, at each update; write {quoted(line, SHOWN)} there, or take it out of the arguments",
                evidence=(name,),
                inputs=(name,),
            )


def _locked(lock: Lock | None, name: str) -> LockedInput | None:
    target = lock.root_inputs.get(name) if lock is not None else None
    return lock.nodes.get(target) if lock is not None and isinstance(target, str) else None
