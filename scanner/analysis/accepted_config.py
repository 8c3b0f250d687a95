"""Where Nix takes the settings of a flake without asking, and whether an outsider decides what they are."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.nix_settings import Place, SettingInUse, settings_in_use
from scanner.analysis.privilege import Exposure
from scanner.analysis.reach import Reach, harmful, reach_of
from scanner.analysis.steps import jobs_of, steps_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes import JobNode, StepNode
from scanner.knowledge.tables import Knowledge
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Step

_THEIR_CODE: Final = (
    "pull_request.head",
    "head_ref",
    "head_sha",
    "workflow_run.head",
    "refs/pull/",
    "pull_request.number",
)
_FETCHES: Final = ("gh pr checkout", "refs/pull/", "/head:", "pull/")
_FORKS: Final = frozenset(("pull_request", "pull_request_review", "pull_request_review_comment"))
"""Events under which a plain checkout is the pull request's."""


class Acceptance(NamedTuple):
    """A setting that accepts, and the worst way in which an outsider's flake.nix is evaluated with it, if any.

    `step` evaluates the flake of the job `job`.
    """

    setting: SettingInUse
    job: JobNode | None = None
    step: StepNode | None = None
    way: Exposure | None = None


@per_graph
def acceptances(graph: Graph, knowledge: Knowledge) -> tuple[Acceptance, ...]:
    """Every setting that accepts, in the order of the files."""
    settings = [
        setting
        for setting in settings_in_use(graph, knowledge)
        if setting.name == "accept-flake-config" and setting.truth is True
    ]
    return tuple(_worst(setting, graph, knowledge) for setting in settings)


def _worst(setting: SettingInUse, graph: Graph, knowledge: Knowledge) -> Acceptance:
    if not setting.place.in_workflow:
        return Acceptance(setting)
    found = _outsiders(setting, graph, reach_of(graph, knowledge))
    return max(found, key=_badness, default=Acceptance(setting))


def _badness(found: Acceptance) -> tuple[bool, bool]:
    way = found.way
    return way is not None and harmful(way), way is not None and bool(way.self_hosted)


def _outsiders(setting: SettingInUse, graph: Graph, reach: Reach) -> Iterator[Acceptance]:
    for job in jobs_of(graph, setting.subject):
        for step in _evaluating(setting, job, graph):
            if reach.guarded(step) or reach.guards_job(job.id):
                continue
            for way in reach.of(step).values():
                if _decides_flake(way, job, step):
                    yield Acceptance(setting, job, step, way)


def _evaluating(setting: SettingInUse, job: JobNode, graph: Graph) -> Iterator[StepNode]:
    """The steps that evaluate a flake of the repository with the setting: an option is for its command alone."""
    own = graph.nodes[setting.subject]
    candidates = [own] if setting.place is Place.OPTION else [own, *steps_of(graph, job.id)]
    for step in candidates:
        if isinstance(step, StepNode) and next(graph.out(step.id, "evaluates"), None) is not None:
            yield step


def _decides_flake(way: Exposure, job: JobNode, evaluating: StepNode) -> bool:
    """Whether the outsider's code is what is checked out when the flake is evaluated."""
    if evaluating.job is None:
        last = len(job.job.steps)
    else:
        last = evaluating.step.number
    state: bool | None = None
    for step in job.job.steps:
        if step.number >= last:
            break
        brought = _brings(step, way.event in _FORKS)
        state = brought if brought is not None else state
    return state is True


def _brings(step: Step, plain: bool) -> bool | None:
    """Whether a step checks out the outsider's code (`plain`: a checkout without a ref does); None when it checks out
    nothing."""
    if step.run is not None:
        script = step.run.script.value
        fetches = ("git" in script or "gh pr" in script) and any(text in script for text in _FETCHES)
        return True if fetches and "checkout" in script else None
    use = step.call.target if step.call is not None else None
    if step.call is None or not isinstance(use, RepositoryUse) or use.slug != "actions/checkout":
        return None
    path = step.call.inputs.get("path")
    if path is not None and path.value not in ("", "."):
        return None
    named = [step.call.inputs.get(name) for name in ("ref", "repository")]
    texts = [value.value for value in named if value is not None and value.value]
    if any(part in text for text in texts for part in _THEIR_CODE):
        return True
    return plain and all("${{" in text for text in texts)
