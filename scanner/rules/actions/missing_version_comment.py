"""See missing_version_comment.md."""

from collections.abc import Iterator

from scanner.analysis.uses.pins import comment_of
from scanner.analysis.uses.uses import repository_uses
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.quoting import quoted


@rule(
    "missing-version-comment",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="pinning",
    same_as=("ghasec:missing-sha-ref-comment", "pinact:005"),
    tags=("supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3"),
)
def missing_version_comment(ctx: Context[NoOptions]) -> Iterator[Hit]:
    for used in repository_uses(ctx.graph):
        if not used.use.pinned:
            continue
        comment = comment_of(used.used.call.text)
        if comment is None or comment.ref is None:
            wrong = (
                "nothing behind this commit says"
                if comment is None
                else "the comment behind this commit does not say"
            )
            yield Hit(
                used.at,
                used.subject,
                f"{wrong} which release of {quoted(used.use.name)} it is, so nobody sees how old it is, and Dependabot and "
                "Renovate cannot keep it; write the version behind it: `# v1.2.3`",
                evidence=(used.use.name.lower(),),
            )
