"""See unlocked_input.md."""

from collections.abc import Iterator

from scanner.analysis.locks.advice import refused
from scanner.analysis.locks.inputs import Input, inputs
from scanner.analysis.locks.locking import BY_COMMIT, is_dirty
from scanner.analysis.locks.references import repository_of
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nix.reference import Reference
from scanner.parse.nix.schemes import TYPES


@rule(
    "unlocked-input",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    variants={"no-commit": Severity.MEDIUM},
    tags=("supply-chain", "CWE-494", "CWE-829"),
)
def unlocked_input(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for input in inputs(ctx.graph):
        locked = input.node.input.locked
        if input.relative or is_dirty(locked) or locked.type not in TYPES:
            continue
        if locked.type in BY_COMMIT and locked.rev is not None:
            continue  # locked, or no commit id: then Nix refuses the file, which the reader says
        name = quoted(input.name)
        if locked.nar_hash is None:
            if input.node.lock.is_pins:
                continue  # the Nix code of npins, niv and lon stops at a pin without a hash
            yield Hit(
                _place(input, locked),
                input.node.id,
                f"{name} is not locked: it {_why(locked)}, so Nix refuses the lock, or takes whatever is there "
                f"at the moment of the build with `allow-dirty-locks`; {refused(input)}",
                evidence=(_source(locked),),
            )
        elif locked.type in BY_COMMIT:
            yield Hit(
                _place(input, locked),
                input.node.id,
                f"{name} {_why(locked)}: its `narHash` says what it was, but nothing where to get it again; run {input.update()}",
                "no-commit",
                evidence=(_source(locked),),
            )


def _why(locked: Reference) -> str:
    if locked.type not in BY_COMMIT:
        return "has no `narHash`"
    return f"names only the branch {quoted(locked.ref)}" if locked.ref is not None else "names no commit"


def _place(input: Input, locked: Reference) -> Span:
    for name in ("rev", "ref", "url", "path", "repo", "type"):
        if name in locked.attributes:
            return input.value("locked", name)
    return input.key("locked")


def _source(locked: Reference) -> str:
    """Where the input comes from, without the version."""
    repository = repository_of(locked)
    return str(repository) if repository is not None else locked.text("path") or locked.type
