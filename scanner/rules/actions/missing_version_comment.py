"""See missing_version_comment.md."""

from collections.abc import Iterator

from scanner.analysis.remotes.asking import Asking, asking_of
from scanner.analysis.remotes.names import action_remote
from scanner.analysis.uses.pins import comment_of, is_version
from scanner.analysis.uses.uses import repository_uses
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity
from scanner.model.online import NotKnown
from scanner.model.quoting import quoted
from scanner.parse.uses import RepositoryUse


@rule(
    "missing-version-comment",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="pinning",
    same_as=("ghasec:missing-sha-ref-comment", "pinact:005"),
    tags=("supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3"),
    asks=("refs",),
)
def missing_version_comment(ctx: Context[NoOptions]) -> Iterator[Hit]:
    asking = asking_of(ctx.online)
    for used in repository_uses(ctx.graph):
        if not used.use.pinned:
            continue
        comment = comment_of(used.used.call.text)
        if comment is None or comment.ref is None or _says_nothing(asking, used.use, comment.ref):
            wrong = (
                "nothing behind this commit says"
                if comment is None
                else "the comment behind this commit does not say"
            )
            yield Hit(
                used.at,
                used.subject,
                f"{wrong} which release of {quoted(used.use.name)} it is, so nobody sees how old it is, and Dependabot and "
                f"Renovate cannot keep it; {_advice(asking, used.use)}",
                evidence=(used.use.name.lower(),),
            )


def _says_nothing(asking: Asking | None, use: RepositoryUse, word: str) -> bool:
    """Whether a word is known to be no version, tag or branch."""
    if asking is None or is_version(word):
        return False
    tags = asking.tags(action_remote(use.slug, asking.online.home))
    return not isinstance(tags, NotKnown) and tags.leads_to(word) is None


def _advice(asking: Asking | None, use: RepositoryUse) -> str:
    tags = asking.tags(action_remote(use.slug, asking.online.home)) if asking is not None else None
    if tags is None or isinstance(tags, NotKnown):
        return "write the version behind it: `# v1.2.3`"
    here = tags.at(use.ref.lower())
    if here:
        return f"write the version behind it: {quoted(f'# {here[0]}')}"
    return "no tag leads to it, so pin the commit of a release, and write its version behind it"
