"""See lookalike_owner.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.locks.advice import instead
from scanner.analysis.locks.asked import asked
from scanner.analysis.locks.inputs import inputs
from scanner.analysis.locks.lookalikes import Lookalike, Lookalikes
from scanner.analysis.locks.references import Repository, repository_of, url_of
from scanner.analysis.patterns import covered
from scanner.engine import Context, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted
from scanner.parse.nix.reference import Reference


class Options(NamedTuple):
    trusted: tuple[str, ...] = ()


@rule(
    "lookalike-owner",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    options=Options,
    variants={"transitive": Severity.MEDIUM},
    tags=("supply-chain", "CWE-1007", "CWE-829", "CICD-SEC-3"),
)
def lookalike_owner(ctx: Context[Options]) -> Iterator[Hit]:
    lookalikes = Lookalikes(ctx.knowledge)
    trusted = ctx.options.trusted
    for input in inputs(ctx.graph):
        node = input.node.input
        for part, reference in (("original", node.original), ("locked", node.locked)):
            found = _found(reference, lookalikes, trusted)
            if found is not None:
                yield Hit(
                    input.value(part, found.attribute),
                    input.node.id,
                    f"{_message(input.name, found)} {instead(input, f'write {quoted(found.lookalike.meant)}')}",
                    None if input.own else "transitive",
                    None if found.lookalike.sure else Confidence.MEDIUM,
                    evidence=(found.name,),
                )
                break
    for wish in asked(ctx.graph):
        found = _found(wish.reference, lookalikes, trusted)
        if found is None:
            continue
        if wish.before is not None and _found(wish.before.original, lookalikes, trusted) == found:
            continue
        yield Hit(
            wish.at,
            wish.subject,
            f"{_message(wish.name, found)} write {quoted(found.lookalike.meant)}",
            confidence=None if found.lookalike.sure else Confidence.MEDIUM,
            evidence=(wish.name, found.name),
        )


class _Found(NamedTuple):
    """The name as written, what it is (`owner`, `host`), where it comes from, and the attribute that says so."""

    name: str
    what: str
    source: str
    attribute: str
    lookalike: Lookalike


def _found(reference: Reference, lookalikes: Lookalikes, trusted: tuple[str, ...]) -> _Found | None:
    repository = repository_of(reference)
    if repository is None:
        return None
    host = (reference.host or "").lower() or url_of(reference.url or "").host
    if host:
        near = lookalikes.host(host)
        if near is not None and not covered(host, trusted):
            return _Found(host, "host", str(repository), "host" if reference.host else "url", near)
    return _owner(reference, repository, lookalikes, trusted)


def _owner(
    reference: Reference, repository: Repository, lookalikes: Lookalikes, trusted: tuple[str, ...]
) -> _Found | None:
    owner, slash, name = repository.path.partition("/")
    near = lookalikes.owner(repository.host, owner, name) if slash else None
    if near is None or covered(owner, trusted) or covered(repository.path, trusted):
        return None
    shown = reference.owner or owner
    return _Found(
        shown, "owner", f"{shown}/{reference.repo or name}", "owner" if reference.owner else "url", near
    )


def _message(name: str, found: _Found) -> str:
    return (
        f"{quoted(name)} comes from {quoted(found.source)}, whose {found.what} {found.lookalike.how} "
        f"{quoted(found.lookalike.meant)}: if that is a mistake, whoever took the wrong name decides what is built here;"
    )
