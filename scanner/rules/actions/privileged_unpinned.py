"""See privileged_unpinned.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.outsiders.openings import Opening, Openings, openings_of
from scanner.analysis.patterns import covered
from scanner.analysis.remotes.asking import asking_of
from scanner.analysis.remotes.immutable import is_immutable, prepare_immutable
from scanner.analysis.uses.loose_images import Image, images_of
from scanner.analysis.uses.unpinned import Unpinned, unpinned
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, rule
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.image import image_of


class Options(NamedTuple):
    trusted: tuple[str, ...] = ()


@rule(
    "privileged-unpinned",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    options=Options,
    variants={"github": Severity.MEDIUM, "tag": Severity.MEDIUM},
    same_as=(
        "zizmor:unpinned-uses",
        "zizmor:unpinned-images",
        "codeql:actions/unpinned-tag",
        "scorecard:Pinned-Dependencies",
    ),
    tags=(
        "supply-chain",
        "privilege",
        "CWE-829",
        "CICD-SEC-3",
        "CICD-SEC-4",
        "SLSA:build-L3",
        "SLSA:dependencies",
        "scorecard:Pinned-Dependencies",
    ),
    supersedes=("unpinned-uses", "unpinned-images"),
)
def privileged_unpinned(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx))


def _hits(ctx: Context[Options]) -> Iterator[Hit]:
    openings, asking = openings_of(ctx.graph, ctx.knowledge), asking_of(ctx.online)
    uses = [
        (one, opening)
        for one in unpinned(ctx.graph)
        if one.doubt is None
        and not covered(one.use.slug, ctx.options.trusted)
        and (opening := openings.of(one.subject)) is not None
    ]
    prepare_immutable(asking, (one.use for one, _ in uses))
    for one, opening in uses:
        if not is_immutable(asking, one.use):
            yield _action(ctx, one, opening)
    for image in images_of(ctx.graph):
        yield from _image(ctx, openings, image)


def _action(ctx: Context[Options], one: Unpinned, opening: Opening) -> Hit:
    message = f"{one.text} follows {one.follows}, and whoever moves it gets {_gain(opening)}; {one.advice}"
    variant = "github" if one.githubs else None
    return _hit(ctx, one.at, one.subject, opening, message, variant, one.evidence, "unpinned-uses")


def _image(ctx: Context[Options], openings: Openings, image: Image) -> Iterator[Hit]:
    loose = image.loose(ctx.options.trusted)
    texts = loose.get("latest", loose.get("tag"))
    opening = openings.of(image.subject) if texts else None
    if texts and opening is not None:
        name = quoted(texts[0].value.strip().removeprefix("docker://"))
        message = (
            f"{name} can be pushed again with other content, and whoever does so gets {_gain(opening)}; "
            "pin the digest: `name:tag@sha256:<64 digits>`"
        )
        variant = None if "latest" in loose else "tag"
        evidence = tuple(sorted({image_of(text.value).repository for text in texts}))
        yield _hit(ctx, image.at, image.subject, opening, message, variant, evidence, "unpinned-images")


def _gain(opening: Opening) -> str:
    """What there is to get, and when: whoever owns the name need not wait for a run."""
    way = opening.way
    job = quoted(opening.job.label)
    return f"{way.holds} in the job {job}, which `{way.event}` starts for {way.who}"


def _hit(
    ctx: Context[Options],
    at: Span,
    subject: str,
    opening: Opening,
    message: str,
    variant: str | None,
    evidence: tuple[str, ...],
    sharpens: str,
) -> Hit:
    return Hit(
        at,
        subject,
        message,
        variant,
        None if opening.sure else Confidence.MEDIUM,
        evidence=(*evidence, opening.way.event),
        flow=(*opening.notes(ctx.graph), Note(at, "runs what the name leads to at that moment")),
        sharpens=sharpens,
    )
