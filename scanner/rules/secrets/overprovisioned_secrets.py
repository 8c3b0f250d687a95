"""See overprovisioned_secrets.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.permissions.secret_scopes import unread_secrets, wide_secrets
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.expressions import written
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.expressions.syntax import Access, Call, Expression, Literal, Malformed, Name, nodes

_UNREAD: Final = (
    "is handed over here, but {} never reads it; leave it out, so that a mistake there cannot expose it"
)


@rule(
    "overprovisioned-secrets",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="permissions",
    variants={"wide": Severity.LOW, "unread": Severity.LOW},
    same_as=(
        "zizmor:overprovisioned-secrets",
        "codeql:actions/excessive-secrets-exposure",
        "poutine:job_all_secrets",
    ),
    tags=("least-privilege", "secrets", "CWE-312", "CWE-522", "CICD-SEC-6"),
)
def overprovisioned_secrets(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))
    yield from once(_unread(ctx.graph))
    yield from once(_wide(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for one in written(graph):
        if "secrets" not in one.fence.text.lower() or isinstance(tree := one.tree, Malformed):
            continue
        for part in nodes(tree):
            what = _expansion(part)
            if what is not None:
                yield Hit(
                    one.span(part),
                    one.owner.id,
                    f"{what}, so the runner gets every secret of the repository and its organization, where each step may "
                    "find them; name the one that is needed",
                    evidence=(" ".join(one.fence.text.split()),),
                )


def _expansion(tree: Expression) -> str | None:
    """How an expression brings in all secrets; None when it names what it reads."""
    match tree:
        case Call(function, arguments) if function.lower() == "tojson" and any(map(_all, arguments)):
            return "`toJSON(secrets)` writes out all secrets"
        case Access(base, None) if _all(base):
            return "`secrets.*` takes all secrets"
        case Access(base, key) if _all(base) and not (
            isinstance(key, Literal) and isinstance(key.value, str)
        ):
            return "which secret this is, the run decides"
    return None


def _all(tree: Expression) -> bool:
    return isinstance(tree, Name) and tree.name.lower() == "secrets"


def _unread(graph: Graph) -> Iterator[Hit]:
    for one in unread_secrets(graph):
        message = f"the secret {quoted(one.secret)} {_UNREAD.format(quoted(one.called))}"
        if one.meant is not None:
            message = (
                f"the secret {quoted(one.secret)} is handed over here as {quoted(one.key)}, which {quoted(one.called)} does not have, so that "
                f"nothing reads it; did you mean {quoted(one.meant)}? Else leave it out"
            )
        yield Hit(
            one.at,
            one.subject,
            message,
            "unread",
            evidence=(one.secret, one.called),
        )


def _wide(graph: Graph) -> Iterator[Hit]:
    for one in wide_secrets(graph):
        yield Hit(
            one.at,
            one.subject,
            f"every {one.part} of this {one.whole} gets the secret {quoted(one.secret)} as {quoted(one.name)}, and only one of "
            f"{one.size} names it; set it in the `env:` of that {one.part}, so that the actions and programs of the others "
            "do not hold it",
            "wide",
            Confidence.LOW,
            evidence=(one.name, one.secret),
            related=(Note(one.used, f"only this {one.part} names it"),),
        )
