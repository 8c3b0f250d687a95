"""See unpinned_images.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.uses.loose_images import Image, Looseness, images_of
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.templates import Text
from scanner.engine import Context, rule
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.image import image_of, without_secrets
from scanner.parse.nodes import Scalar

SHOWN = 3

VARIANTS: dict[Looseness, str | None] = {"latest": None, "tag": "tag", "computed": "computed"}


class Options(NamedTuple):
    trusted: tuple[str, ...] = ()
    pedantic: bool = False


@rule(
    "unpinned-images",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="pinning",
    options=Options,
    variants={"tag": Severity.MEDIUM, "computed": Severity.LOW},
    same_as=("zizmor:unpinned-images", "codeql:actions/unpinned-tag"),
    tags=("supply-chain", "CWE-829", "CICD-SEC-3", "SLSA:dependencies", "scorecard:Pinned-Dependencies"),
)
def unpinned_images(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    yield from once(answer for image in images_of(ctx.graph) for answer in _judge(image, ctx.options))


def _judge(image: Image, options: Options) -> Iterator[Hit | Unknown]:
    loose = image.loose(options.trusted)
    for looseness, variant in VARIANTS.items():
        if looseness in loose and (looseness != "tag" or options.pedantic):
            bad = loose[looseness]
            yield Hit(
                image.at,
                image.subject,
                _message(looseness, image.scalar, bad),
                variant,
                Confidence.LOW if looseness == "computed" else None,
                evidence=tuple(sorted({image_of(text.value).repository for text in bad})),
                related=tuple(
                    Note(span, "the value comes from here")
                    for span in dict.fromkeys(span for text in bad[:SHOWN] for span in text.said)
                ),
            )
            return
    if "digest" in loose:
        yield Unknown(
            image.at,
            image.subject,
            f"the digest of {quoted(image.scalar.value)} is known only when the job runs",
        )


def _message(looseness: Looseness, image: Scalar, texts: list[Text]) -> str:
    names = [without_secrets(text.value.strip().removeprefix("docker://")) for text in texts]
    shown = ", ".join(quoted(name) for name in names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
    advice = "pin the digest: `name:tag@sha256:<64 digits>`"
    if looseness == "computed":
        return f"{quoted(image.value)} is known only when the job runs, and nothing here makes it end in a digest; {advice}"
    if looseness == "tag":
        return f"the tag of {shown} can be pushed again with other content; {advice}"
    if any(image_of(name).digest is not None for name in names):
        return f"the digest of {shown} is not `sha256:` and 64 hex digits, so it pins nothing; {advice}"
    return f"{shown} is whatever was pushed last, at every run; {advice}"
