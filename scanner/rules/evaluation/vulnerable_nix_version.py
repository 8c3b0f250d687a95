"""See vulnerable_nix_version.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.evaluation.installed import Installed, installed
from scanner.analysis.evaluation.versions import defects, repaired_in
from scanner.analysis.outsiders.privilege import self_hosted
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.steps import job_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.ids import file_id
from scanner.graph.nodes.workflows import JobNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted

SHOWN: Final = 20


@rule(
    "vulnerable-nix-version",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="freshness",
    variants={"self-hosted": Severity.HIGH},
    tags=("nix", "vulnerability", "CWE-1395", "CICD-SEC-3"),
)
def vulnerable_nix_version(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    # One finding for what a file says in several places.
    files: dict[tuple[str, str], Hit] = {}
    for answer in once(_answers(ctx)):
        if isinstance(answer, Unknown):
            yield answer
            continue
        key = (answer.at.path, answer.message)
        first = files.setdefault(key, answer)
        if first is not answer and len(first.related) < SHOWN:
            files[key] = first._replace(related=(*first.related, Note(answer.at, "here, too")))
    yield from files.values()


def _answers(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    for one in installed(ctx.graph, ctx.knowledge):
        job = one.node if isinstance(one.node, JobNode) else job_of(ctx.graph, one.node)
        yield from _judge(ctx, job, one)


def _judge(ctx: Context[NoOptions], job: JobNode | None, read: Installed) -> Iterator[Hit | Unknown]:
    if read.version is None:
        if read.open:
            reason = f"which version of Nix {quoted(read.at.text)} installs cannot be told before the run"
            yield Unknown(read.at, read.node.id, reason)
        return
    found = list(defects(read.version, ctx.knowledge.nix_advisories))
    if not found:
        return
    own = job is not None and self_hosted(job.job, ctx.knowledge)
    name = {"nix": "Nix", "lix": "Lix"}[read.version.tool]
    ids = ", ".join(_id(ctx, one.id) for one in found)
    harm = " on a machine that later jobs use too" if own else ""
    fixed = repaired_in(read.version, ctx.knowledge.nix_advisories)
    advice = f"install {fixed}, or name no version and take the newest"
    if read.image is not None:
        number, more, _ = fixed.partition(" or ")
        advice = f"take {quoted(f'{read.image}:{number}')}{' or newer' if more else ''}, by its digest"
    yield Hit(
        read.at,
        read.node.id,
        f"{name} {quoted(read.at.text)} has {ids}: {found[0].what}{harm}; {advice}",
        "self-hosted" if own else None,
        evidence=tuple(one.id for one in found),
        about=file_id(read.at.path),
    )


def _id(ctx: Context[NoOptions], id: str) -> str:
    return f"{id} (exploited, says CISA)" if ctx.knowledge.advisories.exploited((id,)) else id
