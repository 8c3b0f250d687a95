"""See missing_version_comment.md."""

from collections.abc import Iterator

from scanner.analysis.remotes.asking import Asking, asking_of
from scanner.analysis.remotes.names import action_remote
from scanner.analysis.uses.pins import comment_of, is_version
from scanner.analysis.uses.uses import RepositoryUsed, repository_uses
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Fix, Hit, Severity, Unknown
from scanner.model.online import NotKnown
from scanner.model.quoting import quoted
from scanner.parse.edits import comment_behind, fix
from scanner.parse.uses import RepositoryUse


@rule(
    "missing-version-comment",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="pinning",
    same_as=("ghasec:missing-sha-ref-comment", "pinact:005"),
    tags=("supply-chain", "maintenance", "CWE-1104", "CICD-SEC-3"),
    more_online=True,
)
def missing_version_comment(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    asking = asking_of(ctx.online)
    uses = [
        (used, comment)
        for used in repository_uses(ctx.graph)
        if used.use.pinned
        and not ((comment := comment_of(used.used.call.text)) and comment.ref and is_version(comment.ref))
    ]
    if asking is not None:
        asking.prepare_tags(action_remote(used.use.slug, asking.online.home) for used, _ in uses)
    for used, comment in uses:
        silent = comment is None or comment.ref is None or _says_nothing(asking, used.use, comment.ref)
        if isinstance(silent, NotKnown):
            yield from _open(asking, used, silent)
        elif silent:
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
                fix=_fix(asking, used) if comment is None else None,
            )


def _says_nothing(asking: Asking | None, use: RepositoryUse, word: str) -> bool | NotKnown:
    """Whether a word that is no version is no tag or branch either. Where nobody may be asked it may be one."""
    if asking is None:
        return False
    tags = asking.tags(action_remote(use.slug, asking.online.home))
    return tags if isinstance(tags, NotKnown) else tags.leads_to(word) is None


def _open(asking: Asking | None, used: RepositoryUsed, why: NotKnown) -> Iterator[Unknown]:
    if asking is not None:
        remote = action_remote(used.use.slug, asking.online.home)
        what = f"whether the words behind commits of {quoted(str(remote), 100)} are tags or branches"
        yield from asking.unknown(used.at, used.subject, remote, what, why)


def _advice(asking: Asking | None, use: RepositoryUse) -> str:
    tags = asking.tags(action_remote(use.slug, asking.online.home)) if asking is not None else None
    if tags is None or isinstance(tags, NotKnown):
        return "write the version behind it: `# v1.2.3`"
    here = tags.at(use.ref.lower())
    if here:
        return f"write the version behind it: {quoted(f'# {here[0]}')}"
    return "no tag leads to it, so pin the commit of a release, and write its version behind it"


def _fix(asking: Asking | None, used: RepositoryUsed) -> Fix | None:
    """The version, where servers know it."""
    tags = asking.tags(action_remote(used.use.slug, asking.online.home)) if asking is not None else None
    here = tags.at(used.use.ref.lower()) if tags is not None and not isinstance(tags, NotKnown) else ()
    if not here or not is_version(here[0]):
        return None
    return fix(f"write the version behind it: `# {here[0]}`", comment_behind(used.used.call.text, here[0]))
