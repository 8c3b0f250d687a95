"""See insecure_transport.md."""

from collections.abc import Iterator

from scanner.analysis.locks.advice import instead
from scanner.analysis.locks.asked import Asked, asked
from scanner.analysis.locks.inputs import Input, inputs
from scanner.analysis.locks.references import Url, url_of
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.parse.nix.hosts import is_local_host
from scanner.parse.nix.reference import Reference

OPEN_SCHEMES = frozenset({"http", "git", "ftp", "tftp", "svn", "rsync", "ws", "bzr"})


@rule(
    "insecure-transport",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="nix-trust",
    variants={"hashed": Severity.MEDIUM, "asked": Severity.MEDIUM, "transitive": Severity.LOW},
    tags=("nix", "supply-chain", "CWE-319", "CWE-494", "CICD-SEC-3", "CICD-SEC-9", "SLSA:dependencies"),
)
def insecure_transport(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for input in inputs(ctx.graph):
        locked, original = _open(input.node.input.locked), _open(input.node.input.original)
        if locked is not None:
            related = [Note(input.value("original", "url"), "asked for like this")] if original else []
            yield _hit(input, "locked", locked, tuple(related))
        elif original is not None:
            yield _hit(input, "original", original, ())
    for wish in asked(ctx.graph):
        url = _open(wish.reference)
        if url is not None and (wish.before is None or _open(wish.before.original) != url):
            yield _wish(wish, url)


def _open(reference: Reference) -> Url | None:
    """The URL of a reference that is fetched without encryption, over a network."""
    if reference.url is None:
        return None
    url = url_of(reference.url)
    if url.scheme not in OPEN_SCHEMES or not url.host:
        return None
    return None if is_local_host(url.host) or url.host.endswith(".onion") else url


def _hit(input: Input, part: str, url: Url, related: tuple[Note, ...]) -> Hit:
    locked = input.node.input.locked
    hashed = locked.nar_hash is not None or (locked.type in ("git", "hg") and locked.rev is not None)
    if hashed:
        variant = "hashed" if input.own else "transitive"
        harm = "the lock's hash protects builds, but the next update takes whatever the network answers"
    else:
        variant = None
        harm = "anybody on the way can replace it, and no hash in the lock would notice"
    return Hit(
        input.value(part, "url"),
        input.node.id,
        f"{quoted(input.name)} is fetched from {_shown(url)} without encryption: {harm}; "
        + instead(input, "write a URL with encryption"),
        variant,
        evidence=(f"{url.scheme}://{url.host}",),
        related=related,
    )


def _wish(wish: Asked, url: Url) -> Hit:
    if wish.lock is None:
        variant, harm = (
            None,
            "anybody on the way can replace it, and there is no lock whose hash would notice",
        )
    else:
        variant, harm = "asked", "the lock will be written from whatever the network answers"
    return Hit(
        wish.at,
        wish.subject,
        f"{quoted(wish.name)} is to be fetched from {_shown(url)} without encryption: {harm}; "
        f"write a URL with encryption at {quoted(f'{wish.attribute}.url', 120)}",
        variant,
        evidence=(wish.name, f"{url.scheme}://{url.host}"),
        inputs=(wish.name,),
    )


def _shown(url: Url) -> str:
    return quoted(f"{url.scheme}://{url.host}")
