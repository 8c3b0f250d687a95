"""See insecure_transport.md."""

from collections.abc import Iterator

from scanner.analysis.inputs import Input, inputs
from scanner.analysis.references import Url, quoted, url_of
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.parse.flake_lock import Reference

OPEN_SCHEMES = frozenset({"http", "git", "ftp"})
HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})


@rule(
    "insecure-transport",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    variants={"hashed": Severity.MEDIUM},
    tags=("supply-chain", "CWE-319", "CWE-494"),
)
def insecure_transport(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for input in inputs(ctx.graph):
        locked, original = _open(input.node.input.locked), _open(input.node.input.original)
        if locked is not None:
            related = [Note(input.value("original", "url"), "asked for like this")] if original else []
            yield _hit(input, "locked", locked, tuple(related))
        elif original is not None:
            yield _hit(input, "original", original, ())


def _open(reference: Reference) -> Url | None:
    """The URL of a reference that is fetched without encryption, over a network."""
    if reference.url is None:
        return None
    url = url_of(reference.url)
    if (
        url.scheme in OPEN_SCHEMES
        and url.host not in HERE
        and not url.host.endswith((".onion", ".localhost"))
    ):
        return url
    return None


def _hit(input: Input, part: str, url: Url, related: tuple[Note, ...]) -> Hit:
    locked = input.node.input.locked
    hashed = locked.nar_hash is not None or (locked.type in ("git", "hg") and locked.rev is not None)
    if hashed:
        variant = "hashed"
        harm = "the lock's hash protects builds, but the next update takes whatever the network answers"
    else:
        variant = None
        harm = "anybody on the way can replace it, and no hash in the lock would notice"
    attribute = input.attribute or "the URL of the input"
    where = "" if input.own else ", or ask the owner of the input to do so"
    return Hit(
        input.value(part, "url"),
        input.node.id,
        f"{quoted(input.name)} is fetched from {quoted(f'{url.scheme}://{url.host}')} without encryption: {harm}; "
        f"give {quoted(f'{attribute}.url', 120)} a scheme with encryption in flake.nix{where}",
        variant,
        evidence=(f"{url.scheme}://{url.host}",),
        related=related,
    )
