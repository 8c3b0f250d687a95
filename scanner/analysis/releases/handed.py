"""What a job makes and another one publishes: an artifact of the run that a job behind it downloads."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.releases.deploys import deployments
from scanner.analysis.releases.publishing import publishing
from scanner.analysis.workflows.conditions import never
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call, Job

MAX_BEHIND: Final = 50
"""Jobs behind a job that are looked at."""

_DEFAULT: Final = "artifact"
_WILD: Final = frozenset("*?[{")


class Handed(NamedTuple):
    """`at` is the step that uploads, `published` what shows that another job publishes."""

    at: Span
    published: Span


@per_graph
def handed_on(graph: Graph, knowledge: Knowledge, id: str) -> Handed | None:
    """The first artifact of a job, given by its id, that a job behind it downloads and publishes."""
    node = graph.nodes[id]
    uploads = list(_calls(node.job, "actions/upload-artifact")) if isinstance(node, JobNode) else []
    for job in _behind(graph, id) if uploads else ():
        downloads = list(_calls(job.job, "actions/download-artifact"))
        found = next((up for up in uploads if any(_same(up, down) for down in downloads)), None)
        published = _published(graph, knowledge, job) if found is not None else None
        if found is not None and published is not None:
            return Handed(found.text.content.first_line(), published)
    return None


def _behind(graph: Graph, id: str) -> Iterator[JobNode]:
    waiting, seen = [id], {id}
    while waiting:
        for edge in graph.into(waiting.pop(0), "needs"):
            job = graph.nodes[edge.source]
            if isinstance(job, JobNode) and job.id not in seen and len(seen) < MAX_BEHIND:
                seen.add(job.id)
                waiting.append(job.id)
                if not never(job.job.condition):
                    yield job


def _calls(job: Job, slug: str) -> Iterator[Call]:
    for step in job.steps:
        use = step.call.target if step.call is not None else None
        named = isinstance(use, RepositoryUse) and use.slug == slug and not use.path
        if named and step.call is not None and not never(step.condition):
            yield step.call


def _same(upload: Call, download: Call) -> bool:
    """Whether a download may take what an upload leaves; without a name it takes everything of the run. One that names a run
    or repository takes another run's."""
    if download.inputs.get("run-id") is not None or download.inputs.get("repository") is not None:
        return False
    wanted, name = download.inputs.get("name"), upload.inputs.get("name")
    if wanted is None or _open(wanted) or (name is not None and _open(name)):
        return True
    return wanted.value == (name.value if name is not None else _DEFAULT)


def _open(name: Scalar) -> bool:
    return not name.value or "${{" in name.value or not _WILD.isdisjoint(name.value)


def _published(graph: Graph, knowledge: Knowledge, job: JobNode) -> Span | None:
    found = publishing(job.workflow, job.job, knowledge)
    if found is not None and found.by_action:
        return found.at
    return next((one.at for one in deployments(graph, knowledge, job.id) if one.package), None)
