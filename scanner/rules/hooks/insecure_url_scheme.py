"""See insecure_url_scheme.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.uses.hooks import hooks_of
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Fix, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.edits import fix, value
from scanner.parse.nodes import Scalar

PLAIN: Final = frozenset(("http", "git", "ftp"))
FORGES: Final = frozenset(("bitbucket.org", "codeberg.org", "github.com", "gitlab.com"))
"""Servers that answer by `https` under the same names."""


@rule(
    "insecure-url-scheme",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    same_as=("zizmor:insecure-url-scheme",),
    tags=("supply-chain", "CWE-319", "CICD-SEC-3", "SLSA:dependencies"),
)
def insecure_url_scheme(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for one in hooks_of(graph):
        scheme = one.repository.scheme
        if scheme in PLAIN:
            yield Hit(
                one.at,
                one.subject,
                f"{quoted(one.repository.repo.value)} is cloned over `{scheme}`, which neither encrypts nor proves who answers, and its "
                "hooks run on the machine of everybody who commits; write `https`",
                evidence=(one.repository.repo.value,),
                fix=_fix(one.repository.repo),
            )


def _fix(url: Scalar) -> Fix | None:
    """Where the server is known to answer by `https`."""
    rest = url.value.partition("://")[2]
    if rest.partition("/")[0].lower() not in FORGES:
        return None
    return fix("write `https`", value(url, f"https://{rest}"))
