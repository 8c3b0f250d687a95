"""See credentials_in_url.md."""

from collections.abc import Iterator

from scanner.analysis.locks.advice import place_of
from scanner.analysis.locks.asked import asked
from scanner.analysis.locks.inputs import inputs
from scanner.analysis.locks.references import url_of
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted
from scanner.model.secrets import Secret, secrets
from scanner.parse.nix.reference import Reference

INSTEAD = "revoke it, and give it to Nix by `access-tokens`, a netrc file or ssh"


@rule(
    "credentials-in-url",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="nix-trust",
    variants={"transitive": Severity.MEDIUM},
    tags=("nix", "supply-chain", "CWE-522", "CWE-798", "CICD-SEC-6"),
)
def credentials_in_url(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for input in inputs(ctx.graph):
        node = input.node.input
        parts = [
            (part, found)
            for part, reference in (("original", node.original), ("locked", node.locked))
            if (found := _secret(reference)) is not None
        ]
        if not parts:
            continue
        (part, secret), *others = parts
        url = url_of((node.original if part == "original" else node.locked).url or "")
        advice = (
            f"{INSTEAD}, without it at {place_of(input)}"
            if input.own
            else "tell the owner of the input that declares it to revoke it, and let it follow an input of yours"
        )
        yield Hit(
            input.value(part, "url"),
            input.node.id,
            _message(input.name, secret, url.host, advice),
            None if input.own else "transitive",
            None if secret.sure else Confidence.MEDIUM,
            evidence=(url.host, secret.what),
            related=tuple(Note(input.value(other, "url"), "and here") for other, _ in others),
        )
    for wish in asked(ctx.graph):
        found = _secret(wish.reference)
        if found is None or (wish.before is not None and _secret(wish.before.original) == found):
            continue
        url = url_of(wish.reference.url or "")
        yield Hit(
            wish.at,
            wish.subject,
            _message(wish.name, found, url.host, f"{INSTEAD}, and write the URL without it"),
            confidence=None if found.sure else Confidence.MEDIUM,
            evidence=(wish.name, url.host, found.what),
            inputs=(wish.name,),
        )


def _secret(reference: Reference) -> Secret | None:
    url = reference.url
    return next(secrets(url), None) if url is not None else None


def _message(name: str, secret: Secret, host: str, advice: str) -> str:
    return (
        f"the URL of {quoted(name)} holds {secret.what} for {quoted(host)}: everybody who can read this repository, its "
        f"history or a store that it was built in has it; {advice}"
    )
