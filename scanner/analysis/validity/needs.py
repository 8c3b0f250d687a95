"""Jobs that wait for one that does not exist, or for each other."""

from collections.abc import Iterator

from scanner.analysis.validity.mistakes import Advice, Mistake, place
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import JobNode, WorkflowNode
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping

_Needs = dict[str, list[str]]


def need_mistakes(graph: Graph) -> Iterator[Mistake]:
    """Ids of jobs are compared without case, as GitHub does."""
    jobs: dict[str, dict[str, JobNode]] = {}
    for job in graph.of(JobNode):
        jobs.setdefault(job.workflow.source.id, {}).setdefault(job.job.id.value.lower(), job)
    advice = Advice()
    for workflow in graph.of(WorkflowNode):
        node = workflow.workflow.root.get("jobs")
        declared = {key.value.lower() for key, _ in node.pairs} if isinstance(node, Mapping) else set()
        yield from _of(advice, jobs.get(workflow.workflow.source.id, {}), declared)


def _of(advice: Advice, jobs: dict[str, JobNode], declared: set[str]) -> Iterator[Mistake]:
    names = tuple(job.job.id.value for job in jobs.values())
    needs = {
        name: [one.value.lower() for one in job.job.needs if one.value.lower() in jobs]
        for name, job in jobs.items()
    }
    circles = _circles(needs) if any(needs.values()) else {}
    for name, job in jobs.items():
        for need in job.job.needs:
            wanted, nearest = need.value.lower(), ""
            if not wanted or need.is_null or "${{" in need.value:
                continue
            if wanted not in declared:
                said = f"there is no job {quoted(need.value)} to wait for; GitHub refuses the file"
                nearest = advice(need.value, names)
            elif wanted == name:
                said = f"the job {quoted(job.job.id.value)} waits for itself; GitHub refuses the file"
            elif wanted in circles and circles[wanted] == circles.get(name):
                said = (
                    f"the job {quoted(job.job.id.value)} waits for {quoted(need.value)}, which waits for it in turn, so neither "
                    "can start; GitHub refuses the file"
                )
            else:
                continue
            yield Mistake("invalid-needs", place(need), need.start, job.id, said, nearest)


def _circles(needs: _Needs) -> dict[str, int]:
    """The number of the circle that a job is part of (Tarjan's algorithm with its own stack)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    found: dict[str, int] = {}
    open_: list[str] = []
    waiting: set[str] = set()
    for root in needs:
        if root in order:
            continue
        work = [(root, iter(needs[root]))]
        order[root] = low[root] = len(order)
        open_.append(root)
        waiting.add(root)
        while work:
            name, rest = work[-1]
            for need in rest:
                if need not in order:
                    order[need] = low[need] = len(order)
                    open_.append(need)
                    waiting.add(need)
                    work.append((need, iter(needs[need])))
                    break
                if need in waiting:
                    low[name] = min(low[name], order[need])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == order[name]:
                    size = len(open_)
                    while True:
                        one = open_.pop()
                        waiting.discard(one)
                        found[one] = order[name]
                        if one == name:
                            break
                    if size - len(open_) == 1:
                        del found[name]
    return found
