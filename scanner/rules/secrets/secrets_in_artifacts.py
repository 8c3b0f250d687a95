"""See secrets_in_artifacts.md."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.permissions.kept_credentials import kept_credentials
from scanner.analysis.permissions.secret_files import carried_secrets
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted

_READERS: Final = {
    "artifact": "whoever may download the artifact",
    "site": "whoever visits the site",
    "cache": "whatever runs with the cache, pull requests of others among them,",
}


class Options(NamedTuple):
    checkouts: bool = False


@rule(
    "secrets-in-artifacts",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="permissions",
    options=Options,
    same_as=("codeql:actions/secrets-in-artifacts",),
    tags=("secrets", "CWE-312", "CWE-522", "CICD-SEC-6"),
)
def secrets_in_artifacts(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    if ctx.options.checkouts:
        yield from once(_tokens(ctx.graph))
    yield from _files(ctx.graph)


def _tokens(graph: Graph) -> Iterator[Hit]:
    for kept in kept_credentials(graph):
        if kept.upload is not None:
            yield Hit(
                kept.upload.at,
                kept.upload.node.id,
                "the artifact takes in `.git/config`, in which the checkout left the token, so who may download it can use "
                "the token while the job runs; set `persist-credentials: false` at the checkout or upload a smaller folder",
                related=(Note(kept.call.text.content.first_line(), "the token is left behind here"),),
            )


def _files(graph: Graph) -> Iterator[Hit]:
    seen = set()
    for one in carried_secrets(graph):
        key = (one.at, one.file)
        if key in seen:  # an alias says it again
            continue
        seen.add(key)
        yield Hit(
            one.at,
            one.node.id,
            f"the {one.kind} takes in {quoted(one.file)}, which holds {one.what}: {_READERS[one.kind]} gets it; remove the file "
            "before, write it to `$RUNNER_TEMP`, or leave it out",
            confidence=Confidence.HIGH if one.exact else Confidence.MEDIUM,
            evidence=(one.file, one.what),
            flow=(one.note, Note(one.at, f"goes into the {one.kind}")),
        )
