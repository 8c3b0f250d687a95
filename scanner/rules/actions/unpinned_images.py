"""See unpinned_images.md."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.patterns import covered
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.analysis.workflows.templates import OPEN, Templates, Text
from scanner.engine import Context, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import LocalActionNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.image import image_of
from scanner.parse.nodes import Scalar
from scanner.parse.uses import DockerUse
from scanner.parse.workflow import Job

SHOWN = 3


class Options(NamedTuple):
    trusted: tuple[str, ...] = ()
    pedantic: bool = False


@rule(
    "unpinned-images",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    options=Options,
    variants={"tag": Severity.MEDIUM, "computed": Severity.LOW},
    same_as=("zizmor:unpinned-images", "codeql:actions/unpinned-tag"),
    tags=("supply-chain", "CWE-829", "CICD-SEC-3"),
)
def unpinned_images(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    templates = Templates()
    yield from once(
        answer
        for subject, image, job in _images(ctx.graph)
        for answer in _judge(subject, image, tuple(templates.texts(image, job)), ctx.options)
    )


def _images(graph: Graph) -> Iterator[tuple[str, Scalar, Job | None]]:
    for job in live_jobs(graph):
        for container in (job.job.container, *job.job.services):
            if container is not None and container.image is not None:
                yield job.id, container.image, job.job
    for step in live_steps(graph):
        if step.step.call is not None and isinstance(step.step.call.target, DockerUse):
            yield step.id, step.step.call.text, None
    for action in graph.of(LocalActionNode):
        image = action.action.image
        if image is not None and _names_image(image.value):
            yield action.id, image, None


def _names_image(text: str) -> bool:
    """Whether the `image` of a Docker action is one; else it is the path of a Dockerfile, and so built from it."""
    file = text.rpartition("/")[2].lower()
    return not text.startswith(".") and "dockerfile" not in file and "containerfile" not in file


def _judge(subject: str, image: Scalar, texts: tuple[Text, ...], options: Options) -> Iterator[Hit | Unknown]:
    at = image.content.first_line()
    worst: dict[str, dict[str, Text]] = {}
    for text in texts:
        variant = _variant(text.value.strip().removeprefix("docker://"), options.trusted)
        if variant is not None and (variant != "tag" or options.pedantic):
            worst.setdefault(variant, {}).setdefault(text.value, text)
    for variant in ("", "tag", "computed"):
        if variant in worst:
            bad = list(worst[variant].values())
            yield Hit(
                at,
                subject,
                _message(variant, image, bad),
                variant or None,
                Confidence.LOW if variant == "computed" else None,
                evidence=tuple(sorted({image_of(text.value).repository for text in bad})),
                related=tuple(
                    Note(span, "the value comes from here")
                    for span in dict.fromkeys(span for text in bad[:SHOWN] for span in text.said)
                ),
            )
            return
    if "digest" in worst:
        yield Unknown(at, subject, f"the digest of {quoted(image.value)} is known only when the job runs")


def _variant(text: str, trusted: tuple[str, ...]) -> str | None:
    """How an image is not pinned; None when it is, or when there is none."""
    image = image_of(text)
    if not text or image.pinned or covered(image.repository, trusted):
        return None
    if OPEN in (image.digest or ""):
        return "digest"
    if OPEN in text and image.digest is None:
        return "computed"
    return "" if image.digest is not None or image.tag in (None, "latest") else "tag"


def _message(variant: str, image: Scalar, texts: list[Text]) -> str:
    names = [text.value.strip().removeprefix("docker://") for text in texts]
    shown = ", ".join(quoted(name) for name in names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
    advice = "pin the digest: `name:tag@sha256:<64 digits>`"
    if variant == "computed":
        return f"{quoted(image.value)} is known only when the job runs, and nothing here makes it end in a digest; {advice}"
    if variant == "tag":
        return f"the tag of {shown} can be pushed again with other content; {advice}"
    if any(image_of(name).digest is not None for name in names):
        return f"the digest of {shown} is not `sha256:` and 64 hex digits, so it pins nothing; {advice}"
    return f"{shown} is whatever was pushed last, at every run; {advice}"
