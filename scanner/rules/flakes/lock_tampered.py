"""See lock_tampered.md."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from scanner.analysis.locks.divergence import Divergence
from scanner.analysis.locks.inputs import Input, inputs
from scanner.analysis.locks.overrides import Departures
from scanner.engine import Context, rule
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nix.canonical import canonical
from scanner.parse.nix.reference import Reference

_OF_A_STATE = frozenset(("rev", "ref", "narHash", "lastModified", "revCount", "treeHash"))


class Options(NamedTuple):
    overridden: Mapping[str, str] = MappingProxyType({})


@rule(
    "lock-tampered",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    area="nix-trust",
    options=Options,
    variants={
        "revision": Severity.HIGH,
        "local": Severity.HIGH,
        "redirect": Severity.MEDIUM,
        "registry": Severity.MEDIUM,
    },
    same_as=("nix:lock-tampered",),
    tags=("nix", "supply-chain", "CWE-345", "CWE-494", "CICD-SEC-3", "CICD-SEC-9", "SLSA:dependencies"),
)
def lock_tampered(ctx: Context[Options]) -> Iterator[Hit]:
    departures = Departures(ctx.graph, ctx.knowledge)
    for input in inputs(ctx.graph):
        found = departures.of(input)
        if found is None:
            continue
        source = _without_version(input.node.input.locked)
        if found.what != "rev" and ctx.options.overridden.get(input.name, "").lower() == source.lower():
            continue
        yield Hit(
            input.value("locked", found.attribute),
            input.node.id,
            f"{quoted(input.name)} {_what(found, source)}, and Nix builds what is locked without comparing the two; "
            + _advice(input, found),
            _variant(found),
            _confidence(found),
            evidence=(found.what, (found.got or "" if found.what == "rev" else source).lower()),
            related=(Note(_asked_at(input, found), "asked for here"),),
        )


def _variant(found: Divergence) -> str | None:
    match found.what:
        case "rev" | "ref" | "dir" | "channel" | "flag":
            return "revision"
        case "redirect" | "registry" | "local":
            return found.what
        case _:
            return None


def _confidence(found: Divergence) -> Confidence | None:
    """A server may send Nix elsewhere, and so may a registry of one's own."""
    return Confidence.LOW if found.what in ("redirect", "registry") else None


def _what(found: Divergence, source: str) -> str:
    asked, got = quoted(found.asked or "none"), quoted(found.got or "none")
    match found.what:
        case "rev":
            return f"asks for the commit {asked} and is locked to {got}"
        case "ref":
            return f"asks for the branch {asked} and is locked to {got}"
        case "channel":
            return f"asks for the channel {asked} and is locked to {got}"
        case "flag":
            return f"asks for {asked} and is locked with {got}"
        case "dir":
            return f"asks for the folder {asked} and is locked to {got}"
        case "registry":
            return f"is the registry's name for {asked} and is locked to {got}"
        case "redirect":
            return f"asks for an archive of {asked} and is locked to one of {got}"
        case "local":
            return f"asks for {asked} and is locked to {got}, which only the machine that wrote the lock has"
        case "type":
            return f"asks for a source of type {asked} and is locked to {quoted(source)} of type {got}"
        case _:
            return f"asks for the {found.what} {asked} and is locked to {quoted(source)}"


def _advice(input: Input, found: Divergence) -> str:
    update = input.update()
    match found.what:
        case "redirect":
            return f"check that the server of the archive leads there, or run {update} and compare"
        case "registry":
            return f"give the input a URL of its own, or run {update} if no registry of yours says so"
        case _:
            return f"find out who changed the lock and run {update}, or declare what is meant in {input.declared_in}"


def _asked_at(input: Input, found: Divergence) -> Span:
    attribute = "id" if found.what == "registry" else found.attribute
    return input.value("original", attribute)


def _without_version(reference: Reference) -> str:
    """Where the source is, whole: two hosts or two folders of one repository are two sources."""
    return canonical(
        Reference({name: value for name, value in reference.attributes.items() if name not in _OF_A_STATE})
    )
