"""What is wrong with jobs and steps beyond the words of the table.

Source: WorkflowTemplateConverter of actions/runner (src/Sdk/WorkflowParser), converter/ of actions/languageservices.
"""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.validity.mistakes import Advice, Mistake, Said
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping, Scalar, Sequence

LONGEST_GROUP: Final = 400
_END: Final = "; GitHub refuses the file"
_PREFIXES: Final = ("org", "organization", "ent", "enterprise")


def job_mistakes(graph: Graph) -> Iterator[Mistake]:
    advice = Advice()
    for workflow in graph.of(WorkflowNode):
        for one in _of_root(workflow.workflow.root):
            yield one.mistake("invalid-workflow", workflow.id, _END)
    for job in graph.of(JobNode):
        for one in _of_job(advice, job.job.at):
            yield one.mistake("invalid-workflow", job.id, _END)


def _of_root(root: Mapping) -> Iterator[Said]:
    jobs = root.get("jobs")
    if isinstance(jobs, Mapping) and not jobs.pairs:
        yield Said(jobs, root.key("jobs"), "a workflow needs at least one job")
    yield from _concurrency(root)


def _of_job(advice: Advice, job: Mapping) -> Iterator[Said]:
    container = job.get("container")
    if isinstance(container, Mapping):
        yield from _image(job.key("container"), container)
    services = job.get("services")
    for key, service in services.pairs if isinstance(services, Mapping) else ():
        if isinstance(service, Mapping):
            yield from _image(key, service)
    yield from _concurrency(job)
    runs_on = job.get("runs-on")
    group = runs_on.get("group") if isinstance(runs_on, Mapping) else None
    if isinstance(group, Scalar) and "/" in group.value and "${{" not in group.value:
        prefix, _, name = group.value.partition("/")
        if prefix not in _PREFIXES or not name or "/" in name:
            said = f"{quoted(group.value)} is no group of runners: write its name, or `organization/` or `enterprise/` before it"
            yield Said(group, None, said)
    snapshot = job.get("snapshot")
    version = snapshot.get("version") if isinstance(snapshot, Mapping) else None
    if isinstance(version, Scalar) and version.value and "${{" not in version.value:
        major, dot, rest = version.value.partition(".")
        if not (dot and rest == "*" and major.isascii() and major.isdigit()):
            yield Said(
                version,
                None,
                f"{quoted(version.value)} is no version of a snapshot: write a number and `.*`, as in `2.*`",
            )
    steps = job.get("steps")
    if isinstance(steps, Sequence):
        yield from _background(advice, steps)


def _image(key: Scalar | None, container: Mapping) -> Iterator[Said]:
    image = container.get("image")
    if image is None and not any("${{" in name.value for name, _ in container.pairs):
        name = quoted(key.value) if key is not None else "a container"
        yield Said(key or container, key, f"{name} names no `image`")


def _concurrency(owner: Mapping) -> Iterator[Said]:
    node = owner.get("concurrency")
    group = node.get("group") if isinstance(node, Mapping) else node
    if isinstance(group, Scalar) and "${{" not in group.value and len(group.value) > LONGEST_GROUP:
        yield Said(group, None, f"the name of a concurrency group may have {LONGEST_GROUP} characters")


# ---------------------------------------------------------------- steps in the background (June 2026)


def _background(advice: Advice, steps: Sequence) -> Iterator[Said]:
    known: list[str] = []
    ids: set[str] = set()
    for step in steps.items:
        if not isinstance(step, Mapping):
            continue
        name = step.get("id")
        own = name.value if isinstance(name, Scalar) else ""
        for kind in ("wait", "cancel"):
            node = step.get(kind)
            for target in node.items if isinstance(node, Sequence) else (node,):
                if (
                    isinstance(target, Scalar)
                    and target.value
                    and not target.is_null
                    and "${{" not in target.value
                ):
                    yield from _target(advice, kind, target, own, known, ids)
        every = step.get("wait-all")
        if isinstance(every, Scalar) and every.boolean is False:
            yield Said(every, step.key("wait-all"), "`wait-all` can be `true` or empty only")
        group = step.get("parallel")
        if isinstance(group, Sequence):
            yield from _parallel(group)
        if own:
            known.append(own)
            ids.add(own.lower())


def _target(
    advice: Advice, kind: str, target: Scalar, own: str, known: list[str], ids: set[str]
) -> Iterator[Said]:
    wanted = target.value.lower()
    if own and wanted == own.lower():
        yield Said(
            target,
            None,
            f"a step cannot `{kind}` for itself" if kind == "wait" else "a step cannot `cancel` itself",
        )
    elif wanted not in ids:
        said = f"no step above has the id {quoted(target.value)}"
        yield Said(target, None, said, advice(target.value, known[-100:]))


def _parallel(group: Sequence) -> Iterator[Said]:
    for step in group.items:
        if isinstance(step, Mapping):
            for name, _ in step.pairs:
                if name.value in ("background", "wait", "wait-all", "cancel", "parallel"):
                    yield Said(
                        name,
                        name,
                        f"{quoted(name.value)} cannot stand inside of `parallel`, whose steps run at the same time",
                    )
