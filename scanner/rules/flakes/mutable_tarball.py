"""See mutable_tarball.md."""

from collections.abc import Iterator

from scanner.analysis.locks.advice import SHOWN, place_of, steady
from scanner.analysis.locks.asked import asked
from scanner.analysis.locks.inputs import inputs
from scanner.analysis.locks.moving import Moving, gives_no_link, moving
from scanner.analysis.locks.references import url_of
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.nix.reference import Reference

FETCHED = ("tarball", "file")


@rule(
    "mutable-tarball",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"transitive": Severity.INFO},
    tags=("nix", "supply-chain", "reproducibility", "CWE-494", "CICD-SEC-3", "SLSA:dependencies"),
)
def mutable_tarball(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for input in inputs(ctx.graph):
        locked = input.node.input.locked
        found = _moving(locked)
        if found is None or locked.nar_hash is None:
            continue  # without a hash nothing breaks: `unlocked-input` says what is wrong with that
        advice = (
            steady(found, place_of(input), input.last, locked)
            if input.own
            else "let it follow an input of yours, or tell its owner"
        )
        yield Hit(
            input.value("locked", "url"),
            input.node.id,
            f"{quoted(input.name)} is locked to a URL that names {found.what}: as soon as that moves, the hash is wrong, "
            f"every build without a copy fails, and what was locked is gone; {advice}",
            None if input.own else "transitive",
            evidence=(url_of(locked.url or "").host, found.what),
        )
    for wish in asked(ctx.graph):
        found = _moving(wish.reference)
        # Other servers may name an immutable URL for the lock.
        if found is None or not gives_no_link(wish.reference.url or ""):
            continue
        if wish.before is not None and _moving(wish.before.locked) == found:
            continue
        yield Hit(
            wish.at,
            wish.subject,
            f"the URL of {quoted(wish.name)} names {found.what}, of which a lock can hold only the hash: as soon as it moves, "
            f"builds fail; {steady(found, quoted(f'{wish.attribute}.url', SHOWN), wish.path[-1], wish.reference)}",
            None if wish.own else "transitive",
            evidence=(wish.name, found.what),
            inputs=(wish.name,),
        )


def _moving(reference: Reference) -> Moving | None:
    return moving(reference.url) if reference.type in FETCHED and reference.url is not None else None
