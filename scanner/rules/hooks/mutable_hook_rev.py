"""See mutable_hook_rev.md."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.remotes.asking import Asking, asking_of
from scanner.analysis.remotes.immutable import is_immutable_tag, prepare_immutable_tags
from scanner.analysis.remotes.names import hook_remote
from scanner.analysis.uses.hooks import Hooks, hooks_of
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, rule
from scanner.graph.graph import Graph
from scanner.model.commit import HEX, is_commit
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.nodes import Scalar

BRANCHES: Final = frozenset(
    "head master main trunk develop dev devel stable latest nightly release next".split()
)


class Options(NamedTuple):
    tags: bool = False


@rule(
    "mutable-hook-rev",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="pinning",
    options=Options,
    variants={"tag": Severity.LOW},
    tags=("supply-chain", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def mutable_hook_rev(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph, ctx.options.tags, asking_of(ctx.online)))


def _hits(graph: Graph, tags: bool, asking: Asking | None) -> Iterator[Hit]:
    uses = [(one, rev) for one, rev in _named(graph) if tags or _moves(rev)]
    if asking is not None:
        named = ((hook_remote(one, asking.online.home), rev.value.strip()) for one, rev in uses)
        prepare_immutable_tags(asking, ((remote, ref) for remote, ref in named if remote is not None))
    for one, rev in uses:
        if _is_immutable(one, rev, asking):
            continue
        repository = quoted(one.repository.repo.value)
        evidence = (one.repository.repo.value,)
        if _moves(rev):
            sure = rev.value.lower() in BRANCHES or not any(char.isdigit() for char in rev.value)
            what = "a branch" if sure else "a branch or a tag that moves"
            yield Hit(
                rev.content.first_line(),
                one.subject,
                f"{quoted(rev.value)} looks like {what} of {repository}: pre-commit takes what it finds at the first run and never "
                "updates it, so everybody runs other code; write a release, or run `pre-commit autoupdate --freeze`",
                confidence=None if sure else Confidence.MEDIUM,
                evidence=evidence,
            )
        else:
            yield _tag(one, rev, repository, evidence)


def _named(graph: Graph) -> Iterator[tuple[Hooks, Scalar]]:
    """The repositories with a revision that is no commit."""
    for one in hooks_of(graph):
        rev = one.repository.rev
        if rev is not None and rev.value and not is_commit(rev.value):
            yield one, rev


def _moves(rev: Scalar) -> bool:
    """The condition of pre-commit's own warning."""
    return "." not in rev.value and not HEX.issuperset(rev.value)


def _is_immutable(hooks: Hooks, rev: Scalar, asking: Asking | None) -> bool:
    if asking is None:
        return False
    remote = hook_remote(hooks, asking.online.home)
    return remote is not None and is_immutable_tag(asking, remote, rev.value.strip())


def _tag(one: Hooks, rev: Scalar, repository: str, evidence: tuple[str, ...]) -> Hit:
    short = len(rev.value) >= 7 and HEX.issuperset(rev.value) and not rev.value.isdecimal()
    what = (
        "is an abbreviated commit id, which may come to mean another"
        if short
        else "is a tag, which can be moved to other code"
    )
    return Hit(
        rev.content.first_line(),
        one.subject,
        f"{quoted(rev.value)} of {repository} {what}; pin the commit with `pre-commit autoupdate --freeze`",
        "tag",
        evidence=evidence,
    )
