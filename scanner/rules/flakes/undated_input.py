"""See undated_input.md."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from scanner.analysis.locks.advice import refused, update
from scanner.analysis.locks.ages import Undated, age_of, date_place, has_no_date, is_called
from scanner.analysis.locks.inputs import Input, inputs_of
from scanner.analysis.locks.releases import is_chosen
from scanner.engine import Context, rule
from scanner.graph.nodes.nix import LockfileNode
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted

MANY = 5
"""More inputs than this without a date are the work of a tool, which is one finding and not many."""

SHOWN = 20


class Options(NamedTuple):
    ignore: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()


@rule(
    "undated-input",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="freshness",
    options=Options,
    variants={
        "future": Severity.HIGH,
        "lock": Severity.MEDIUM,
        "placeholder": Severity.LOW,
        "tarball": Severity.LOW,
        "transitive": Severity.LOW,
    },
    tags=("nix", "supply-chain", "maintenance", "CWE-345", "CICD-SEC-3"),
)
def undated_input(ctx: Context[Options]) -> Iterator[Hit]:
    for node in ctx.graph.of(LockfileNode):
        missing: list[Input] = []
        for input in inputs_of(ctx.graph, node.lock):
            if not is_chosen(input, ctx.options.inputs, transitive=True):
                continue
            age = age_of(input.node.input.locked, ctx.now)
            if not isinstance(age, Undated) or is_called(input, ctx.options.ignore):
                continue
            if input.node.input.locked.type == "path":
                continue  # a folder of the repository needs no date, and any other is `local-path-input`
            if age.kind != "missing":
                yield _wrong(input, age)
            elif not has_no_date(input):
                missing.append(input)
        if len(missing) > MANY:
            yield _lock(node.id, missing)
        else:
            yield from map(_missing, missing)


def _wrong(input: Input, age: Undated) -> Hit:
    name = quoted(input.name)
    if age.kind == "future":
        day = f", {age.day}" if age.day is not None else ""
        message = (
            f"`lastModified` of {name} lies in the future{day}: whoever wrote it keeps the input from ever "
            f"counting as old; see how the commit came into the lock, then run {input.update()}"
        )
    elif age.kind == "placeholder":
        message = f"`lastModified` of {name} is a placeholder, so no check can tell its age; {_dated(input)}"
    else:
        number = age.kind == "no-number"
        wrong, todo = ("no number", refused(input)) if number else ("no time", f"run {input.update()}")
        message = (
            f"`lastModified` of {name} is {wrong}, which {input.node.lock.tool.name} never writes, so no check can tell its age; "
            f"{todo}"
        )
    variant = age.kind if age.kind in ("future", "placeholder") else None if input.direct else "transitive"
    return Hit(date_place(input), input.node.id, message, variant, evidence=(age.kind,))


def _dated(input: Input) -> str:
    """How an input with a placeholder gets a date."""
    if not input.own:
        return "let it follow an input of yours that has a date"
    return f"take it from a source with dates in {input.declared_in}, such as its git repository"


def _missing(input: Input) -> Hit:
    locked, variant = input.node.input.locked, None if input.direct else "transitive"
    who = "which Nix always writes"
    if locked.type == "tarball":
        variant, who = "tarball", "which older versions of Nix left out"
    return Hit(
        date_place(input),
        input.node.id,
        f"{quoted(input.name)} is locked without `lastModified`, {who}: no check can tell its age, so an old state "
        f"passes for a new one; run {input.update()}",
        variant,
        evidence=("missing",),
    )


def _lock(lock: str, missing: list[Input]) -> Hit:
    first, *more = missing
    return Hit(
        date_place(first),
        lock,
        f"{len(missing)} inputs are locked without `lastModified`, as some versions of Nix wrote locks: no check can tell "
        f"their age; run {update(first.node.lock)} with a current Nix",
        "lock",
        evidence=("missing", *sorted(input.name for input in missing)),
        inputs=tuple(input.name for input in missing),
        related=tuple(Note(date_place(input), f"also {quoted(input.name)}") for input in islice(more, SHOWN)),
    )
