"""See unknown_input_type.md."""

from collections.abc import Iterator

from scanner.analysis.locks.advice import refused
from scanner.analysis.locks.inputs import inputs
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.nix.schemes import TYPES


@rule(
    "unknown-input-type",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="hygiene",
    tags=("nix", "supply-chain", "CWE-754", "CICD-SEC-3", "SLSA:dependencies"),
)
def unknown_input_type(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for input in inputs(ctx.graph):
        if input.node.lock.is_pins:
            continue
        type = input.node.input.locked.text("type")
        if type is not None and type not in TYPES:
            yield Hit(
                input.value("locked", "type"),
                input.node.id,
                f"{quoted(input.name)} has the type {quoted(type)}, which no fetcher of Nix 2.34 has: Nix crashes when it "
                f"reads the lock; use a type that Nix knows, such as `git`, and {refused(input)}",
                evidence=(type,),
            )
