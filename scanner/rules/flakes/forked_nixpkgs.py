"""See forked_nixpkgs.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.locks.advice import replace_follows
from scanner.analysis.locks.asked import asked
from scanner.analysis.locks.inputs import Input, inputs
from scanner.analysis.locks.references import NIXPKGS, Repository, repository_of
from scanner.analysis.locks.releases import is_chosen
from scanner.analysis.patterns import covered
from scanner.engine import Context, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.nix.lock import LockedInput
from scanner.parse.nix.reference import Reference

OFFICIAL_OWNER = NIXPKGS.path.partition("/")[0]
ADVICE = "follow a channel of NixOS, and bring changes as an overlay"


class Options(NamedTuple):
    trusted: tuple[str, ...] = ("cachix/devenv-nixpkgs", "nix-community/nixpkgs.lib")
    transitive: bool = False
    inputs: tuple[str, ...] = ()


@rule(
    "forked-nixpkgs",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="nix-trust",
    options=Options,
    variants={"transitive": Severity.INFO},
    same_as=("flake-checker:owner",),
    tags=("nix", "supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3"),
)
def forked_nixpkgs(ctx: Context[Options]) -> Iterator[Hit]:
    trusted, chosen = ctx.options.trusted, ctx.options.inputs
    for input in inputs(ctx.graph):
        if not is_chosen(input, chosen, transitive=ctx.options.transitive):
            continue
        part, reference = _source(input.node.input)
        found = _copy(reference, bool(chosen) or "nixpkgs" in input.names, trusted)
        if found is not None:
            yield Hit(
                input.value(part, "owner" if reference.owner is not None else "url"),
                input.node.id,
                f"{_message(input.name, reference, found)}; {_advice(input)}",
                None if input.direct else "transitive",
                evidence=(str(found),),
            )
    for wish in asked(ctx.graph):
        if not (wish.own and covered(wish.path[0], chosen) if chosen else wish.own or ctx.options.transitive):
            continue
        called = bool(chosen) or wish.path == ("nixpkgs",)
        found = _copy(wish.reference, called, trusted)
        if found is None:
            continue
        if wish.before is not None and _copy(wish.before.original, called, trusted) == found:
            continue
        yield Hit(
            wish.at,
            wish.subject,
            f"{_message(wish.name, wish.reference, found)}; {ADVICE}",
            None if wish.own else "transitive",
            evidence=(wish.name, str(found)),
            inputs=(wish.name,),
        )


def _source(node: LockedInput) -> tuple[str, Reference]:
    """Where an input comes from: what was asked for, and for an indirect input what a registry made of it."""
    return ("locked", node.locked) if node.original.type == "indirect" else ("original", node.original)


def _copy(reference: Reference, called: bool, trusted: tuple[str, ...]) -> Repository | None:
    """The repository, if it is a nixpkgs that is not NixOS's own; `called` so by the flake, or by its own name."""
    repository = repository_of(reference)
    if repository is None or not repository.host or not (called or repository.is_nixpkgs):
        return None
    owner = repository.path.partition("/")[0]
    if repository.host == NIXPKGS.host and owner == OFFICIAL_OWNER:
        return None
    names = (owner, repository.path, str(repository))
    return None if any(covered(name, trusted) for name in names) else repository


def _message(name: str, reference: Reference, repository: Repository) -> str:
    owner, repo = reference.owner, reference.repo
    shown = f"{repository.host}/{owner}/{repo}" if owner and repo else str(repository)
    return (
        f"{quoted(name)} comes from {quoted(shown)} and not from NixOS, so it gets security updates only when the owner of "
        "that copy takes them over"
    )


def _advice(input: Input) -> str:
    if input.own:
        return ADVICE
    if input.direct:
        return replace_follows(input, "an input of your own that comes from NixOS")
    return "let it follow an input of yours that comes from NixOS, or ask its owner why"
