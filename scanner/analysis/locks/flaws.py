"""Inputs that somebody else than the maintainer may decide: nothing fixes them, the lock leads elsewhere, the name is nearly another's."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from scanner.analysis.locks.advice import instead, place_of, refused, steady
from scanner.analysis.locks.inputs import Input, inputs_of
from scanner.analysis.locks.lookalike_sources import lookalike_source
from scanner.analysis.locks.lookalikes import Lookalikes
from scanner.analysis.locks.moving import moving
from scanner.analysis.locks.overrides import Departures
from scanner.analysis.locks.unlocked import is_unlocked, place_of_version, why_unlocked
from scanner.graph.graph import Graph
from scanner.knowledge.tables import Knowledge
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.nix.lock import Lock

Kind = Literal["unlocked", "tampered", "diverted", "lookalike", "mutable"]
"""`tampered`: locked to another source than asked for; `diverted`: to another state of it; `mutable`: to a URL whose content changes, with
a hash, so that it can only fail."""


class Flaw(NamedTuple):
    """`at` is the place in the lock; `why` follows the name of the input in a sentence, `advice` says what to do. `sure` is false where a name may be meant as
    it is written."""

    input: Input
    kind: Kind
    at: Span
    why: str
    advice: str
    sure: bool = True


def flaws_of(graph: Graph, knowledge: Knowledge, lock: Lock) -> Iterator[Flaw]:
    """What is wrong with the inputs of a lock, in the order of the file."""
    departures, lookalikes = Departures(graph, knowledge), Lookalikes(knowledge)
    for input in inputs_of(graph, lock):
        node = input.node.input
        found = departures.of(input)
        # What a server or a registry may say on its own is no sign of anything.
        if found is not None and found.what not in ("redirect", "registry"):
            same = found.what in ("rev", "ref", "dir", "channel", "flag", "local")
            yield Flaw(
                input,
                "diverted" if same else "tampered",
                input.value("locked", found.attribute),
                f"asks for {quoted(found.asked or 'none')} and is locked to {quoted(found.got or 'none')}",
                f"find out who changed the lock and run {input.update()}, or declare what is meant in {input.declared_in}",
            )
        for part, reference in (("original", node.original), ("locked", node.locked)):
            near = lookalike_source(reference, lookalikes, ())
            if near is not None:
                why = f"comes from {quoted(near.source)}, whose {near.what} {near.lookalike.how} {quoted(near.lookalike.meant)}"
                advice = instead(input, f"write {quoted(near.lookalike.meant)}")
                at = input.value(part, near.attribute)
                yield Flaw(input, "lookalike", at, why, advice, near.lookalike.sure)
                break
        if is_unlocked(input):
            yield Flaw(input, "unlocked", place_of_version(input), why_unlocked(node.locked), refused(input))
        elif input.own and node.locked.type in ("tarball", "file") and node.locked.url is not None:
            what = moving(node.locked.url)
            if what is not None and node.locked.nar_hash is not None:
                why = f"is locked to a URL that names {what.what}"
                advice = steady(what, place_of(input), input.last, node.locked)
                yield Flaw(input, "mutable", input.value("locked", "url"), why, advice)
