"""Container images that no digest fixes: of jobs, their services, steps and Docker actions."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from scanner.analysis.patterns import covered
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.analysis.workflows.templates import OPEN, Templates, Text
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import LocalActionNode
from scanner.model.source import Span
from scanner.parse.image import image_of
from scanner.parse.nodes import Scalar
from scanner.parse.uses import DockerUse
from scanner.parse.workflow import Job

Looseness = Literal["latest", "tag", "computed", "digest"]
"""`latest`: what was pushed last, or a digest that is none; `tag`: another tag; `computed`: only the run tells, and nothing here makes
it end in a digest; `digest`: only the run tells the digest."""


class Image(NamedTuple):
    """An image that is named as code to run, with all texts that its expressions can become."""

    subject: str
    scalar: Scalar
    texts: tuple[Text, ...]

    @property
    def at(self) -> Span:
        return self.scalar.content.first_line()

    def loose(self, trusted: tuple[str, ...]) -> dict[Looseness, list[Text]]:
        """The texts that are not fixed, by how loose they are, without those of trusted repositories."""
        found: dict[Looseness, dict[str, Text]] = {}
        for text in self.texts:
            looseness = looseness_of(text.value.strip().removeprefix("docker://"), trusted)
            if looseness is not None:
                found.setdefault(looseness, {}).setdefault(text.value, text)
        return {looseness: list(texts.values()) for looseness, texts in found.items()}


@per_graph
def images_of(graph: Graph) -> tuple[Image, ...]:
    """Every image that can run."""
    templates = Templates()
    return tuple(
        Image(subject, image, tuple(templates.texts(image, job))) for subject, image, job in _images(graph)
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


def looseness_of(text: str, trusted: tuple[str, ...]) -> Looseness | None:
    """How an image is not fixed; None when it is, or when there is none."""
    image = image_of(text)
    if not text or image.pinned or covered(image.repository, trusted):
        return None
    if OPEN in (image.digest or ""):
        return "digest"
    if OPEN in text and image.digest is None:
        return "computed"
    return "latest" if image.digest is not None or image.tag in (None, "latest") else "tag"
