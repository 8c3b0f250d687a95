"""See indirect_input.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.locks.advice import SHOWN
from scanner.analysis.locks.asked import Asked, asked
from scanner.analysis.locks.indirect import direct_url
from scanner.analysis.locks.inputs import Input, inputs
from scanner.analysis.locks.sync import pairs
from scanner.engine import Context, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted


class Options(NamedTuple):
    transitive: bool = False


@rule(
    "indirect-input",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="pinning",
    options=Options,
    variants={"transitive": Severity.INFO},
    tags=("nix", "supply-chain", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def indirect_input(ctx: Context[Options]) -> Iterator[Hit]:
    # What only the arguments of `outputs` name is said by `implicit-input`.
    implicit = {
        (pair.lock.source.path, declared.name)
        for pair in pairs(ctx.graph)
        if pair.lock is not None
        for declared in pair.flake.inputs
        if declared.implicit
    }
    for input in inputs(ctx.graph):
        node = input.node.input
        if node.original.type != "indirect" or not (input.own or ctx.options.transitive):
            continue
        if node.locked.type == "path" and not input.relative:
            continue  # a registry gave a place of one machine, which `local-path-input` says
        if input.own and (input.node.lock.source.path, input.last) in implicit:
            continue
        id = node.original.text("id") or "?"
        url = direct_url(id, node.original.rev or node.original.ref, node, ctx.knowledge, ctx.now)
        yield Hit(
            input.value("original", "id"),
            input.node.id,
            f"{quoted(input.name)} has no URL of its own: {_asks(id)}; {_advice(input, url)}",
            None if input.own else "transitive",
            evidence=(id,),
        )
    for wish in asked(ctx.graph):
        reference = wish.reference
        if reference.type != "indirect" or wish.declared.implicit:
            continue
        if wish.before is not None and wish.before.original.type == "indirect":
            continue
        id = reference.text("id") or "?"
        url = direct_url(id, reference.rev or reference.ref, None, ctx.knowledge, ctx.now)
        yield Hit(
            wish.at,
            wish.subject,
            f"{quoted(wish.name)} has no URL of its own: {_asked(wish, id, url)}",
            evidence=(wish.name, id),
            inputs=(wish.name,),
        )


def _asks(id: str) -> str:
    return f"each time it is updated, a flake registry outside this repository says what {quoted(id)} is"


def _asked(wish: Asked, id: str, url: str | None) -> str:
    if url is not None:
        line = f'{wish.attribute}.url = "{url}";'
        return f"{_asks(id)}; write {quoted(line, SHOWN)}"
    unknown = (
        f"the global flake registry has no {quoted(id)}, so locking it fails unless another registry does"
    )
    if wish.declared.flake:
        return f"{unknown}; write {quoted(f'{wish.attribute}.url', SHOWN)}"
    line = f'{wish.attribute}.url = "file+file:///dev/null";'
    return f"{unknown}; write its URL, or {quoted(line, SHOWN)} for one that only others are to set"


def _advice(input: Input, url: str | None) -> str:
    instead = f'"{url}"' if url is not None else "its own URL"
    if not input.own:
        return f"let it follow an input of yours, or tell its owner to write {quoted(instead, SHOWN)}"
    return f"write {quoted(f'{input.last}.url = {instead};', SHOWN)} in the inputs of {input.declared_in}"
