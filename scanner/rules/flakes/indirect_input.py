"""See indirect_input.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.inputs import inputs
from scanner.analysis.references import quoted
from scanner.engine import Context, rule
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Confidence, Hit, Severity
from scanner.parse.flake_lock import LockNode


class Options(NamedTuple):
    transitive: bool = False


@rule(
    "indirect-input",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    options=Options,
    variants={"transitive": Severity.INFO},
    tags=("supply-chain", "CWE-829"),
)
def indirect_input(ctx: Context[Options]) -> Iterator[Hit]:
    for input in inputs(ctx.graph):
        node = input.node.input
        if node.original.type != "indirect" or not (input.own or ctx.options.transitive):
            continue
        id = node.original.text("id") or "?"
        url = _direct_url(node, ctx.knowledge)
        instead = f'"{url}"' if url is not None else "its own URL"
        name = input.last
        yield Hit(
            input.value("original", "id"),
            input.node.id,
            f"{quoted(input.name)} has no URL of its own: each time it is updated, a flake registry outside this "
            f"repository says what {quoted(id)} is; "
            + (
                f"write {quoted(f'{name}.url = {instead};', 120)} in the inputs of flake.nix"
                if input.own
                else f"let it follow an input of yours, or tell its owner to write {quoted(instead, 120)}"
            ),
            None if input.own else "transitive",
            evidence=(id,),
        )


def _direct_url(node: LockNode, knowledge: Knowledge) -> str | None:
    """The reference that gives what the registry gave: where the lock has a repository, that one."""
    original, locked = node.original, node.locked
    version = original.rev or original.ref
    known = knowledge.registry_target(original.text("id") or "")
    if locked.type in ("github", "gitlab", "sourcehut") and locked.owner and locked.repo:
        base = f"{locked.type}:{locked.owner}/{locked.repo}"
        if version is None and known is not None and known.startswith(f"{base}/"):
            return known
    elif known is not None:
        base = "/".join(known.split("/")[:2]) if version is not None else known
    else:
        return None
    return f"{base}/{version}" if version is not None else base
