"""See outdated_runtime.md."""

from collections.abc import Iterator

from scanner.analysis.uses.uses import RepositoryUsed, repository_uses
from scanner.analysis.uses.versions import version_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.ids import REPOSITORY
from scanner.graph.nodes.workflows import LocalActionNode
from scanner.knowledge.actions import ActionFacts
from scanner.model.finding import Confidence, Hit, Note, Severity
from scanner.model.quoting import quoted

SHOWN = 4

OLD_NODES = {"node12": "April 2022", "node16": "September 2023", "node20": "April 2026"}
"""When the support of a Node.js ended (nodejs/Release)."""

REFUSED = {
    # GitHub, 2024-04-16 and 2024-02-13: version 1 to 3 of the artifact actions ended on 2025-01-30.
    "actions/upload-artifact": (((0, 0, 0), (4, 0, 0)),),
    "actions/download-artifact": (((0, 0, 0), (4, 0, 0)),),
    # GitHub, 2024-12-05: versions that speak to the old service ended on 2025-03-01.
    "actions/cache": (((0, 0, 0), (3, 4, 0)), ((4, 0, 0), (4, 2, 0))),
}
"""Versions from one (included) to another that github.com makes fail."""


@rule(
    "outdated-runtime",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="freshness",
    variants={"refused": Severity.MEDIUM},
    tags=("maintenance", "supply-chain", "CWE-1104", "CICD-SEC-3"),
)
def outdated_runtime(ctx: Context[NoOptions]) -> Iterator[Hit]:
    groups: dict[tuple[str, str], list[RepositoryUsed]] = {}
    for used in repository_uses(ctx.graph):
        if used.used.step is not None:
            groups.setdefault((used.use.name.lower(), used.use.ref), []).append(used)
    for (name, _), group in groups.items():
        first = group[0]
        variant, message = _judge(first, ctx.knowledge.actions)
        if message is not None:
            related = tuple(Note(used.at, "also used here") for used in group[1 : SHOWN + 1])
            yield Hit(
                first.at,
                first.subject,
                message,
                variant,
                evidence=(name,),
                related=related,
                about=REPOSITORY,
            )
    for node in ctx.graph.of(LocalActionNode):
        using = node.action.using
        if using is not None and using.value.lower() in OLD_NODES:
            since = OLD_NODES[using.value.lower()]
            message = (
                f"{quoted(using.value)} gets no security fixes since {since}, and GitHub runs such actions on Node 24 whatever "
                "they say; test it with that and write `node24`"
            )
            yield Hit(using.content.first_line(), node.id, message, evidence=(using.value.lower(),))


def _judge(used: RepositoryUsed, facts: ActionFacts) -> tuple[str | None, str | None]:
    text = quoted(used.used.call.text.value.strip())
    version = version_of(used.used.call)
    if version is not None and not used.use.path:
        for first, end in REFUSED.get(used.use.slug, ()):
            if first <= version < end:
                return "refused", (
                    f"github.com makes every job fail that uses {text}: the service behind it is gone; move to a current version"
                )
    refs = facts.outdated_refs(used.use.name.lower())
    if refs and (used.use.ref in refs or (version is not None and f"v{version[0]}" in refs)):
        return None, (
            f"{text} was made for a Node.js that GitHub has removed, and runs on a newer one than it was tested with; its "
            "owner has moved on to newer versions: so should you"
        )
    return None, None
