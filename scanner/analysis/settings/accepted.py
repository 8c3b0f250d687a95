"""Where Nix takes the settings of a flake without asking, and whether an outsider decides what they are."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from scanner.analysis.evaluation.runs import executed
from scanner.analysis.outsiders.deciding_outputs import gate_of
from scanner.analysis.outsiders.privilege import Exposure
from scanner.analysis.outsiders.reach import harmful
from scanner.analysis.settings.in_use import Place, SettingInUse, settings_in_use
from scanner.analysis.taint.taint import Taint, taint_of
from scanner.analysis.workflows.steps import jobs_of, steps_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode
from scanner.knowledge.tables import Knowledge
from scanner.parse.nix.command import MENTIONS, local_folder
from scanner.parse.uses import RepositoryUse

_FORKS: Final = frozenset(("pull_request", "pull_request_review", "pull_request_review_comment"))
"""Events under which a plain checkout is the pull request's."""


class Acceptance(NamedTuple):
    """A setting that accepts, and the worst way in which an outsider's flake.nix is evaluated with it, if any.

    `step` evaluates the flake of the job `job`; `gate` is a job that looks at who started the run and whose answer `job`
    asks for.
    """

    setting: SettingInUse
    job: JobNode | None = None
    step: StepNode | None = None
    way: Exposure | None = None
    gate: JobNode | None = None


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
    found = _outsiders(setting, graph, taint_of(graph, knowledge))
    return max(found, key=_badness, default=Acceptance(setting))


def _badness(found: Acceptance) -> tuple[bool, bool]:
    way = found.way
    return way is not None and harmful(way), way is not None and bool(way.self_hosted)


def _outsiders(setting: SettingInUse, graph: Graph, taint: Taint) -> Iterator[Acceptance]:
    reach = taint.reach
    for job in jobs_of(graph, setting.subject):
        gate = gate_of(graph, job)
        for step in _evaluating(setting, job, graph):
            if gate is None and reach.guards_job(job.id):
                continue
            for way in reach.of(step).values():
                if (gate is not None or not reach.guarded(step, way.event)) and _decides_flake(
                    graph, taint, way, job, step
                ):
                    yield Acceptance(setting, job, step, way, gate)


def _evaluating(setting: SettingInUse, job: JobNode, graph: Graph) -> Iterator[StepNode]:
    """The steps that evaluate a flake of the repository with the setting: an option is for its command alone."""
    own = graph.nodes[setting.subject]
    candidates = [own] if setting.place is Place.OPTION else [own, *steps_of(graph, job.id)]
    for step in candidates:
        if isinstance(step, StepNode) and (
            next(graph.out(step.id, "evaluates"), None) is not None or _names_folder(step)
        ):
            yield step


def _names_folder(step: StepNode) -> bool:
    """Whether a command of Nix takes the flake of a folder that only a run can tell: `nix flake check "$example"`."""
    return any(
        one.call.is_flake and any(word.text.startswith("$") for word in one.call.references)
        for one in executed(step, ("nix",))
        if one.call is not None and one.call.program in ("nix", "nom")
    )


def _decides_flake(graph: Graph, taint: Taint, way: Exposure, job: JobNode, evaluating: StepNode) -> bool:
    """Whether the outsider's code is what is checked out when the flake is evaluated."""
    state: bool | None = None
    for node in steps_of(graph, job.id):
        if evaluating.job is not None and node.step.number >= evaluating.step.number:
            break
        brought = _brings(taint, node, way.event)
        state = brought if brought is not None else state
    return state is True


def _brings(taint: Taint, node: StepNode, event: str) -> bool | None:
    """Whether a step checks out the outsider's code (that of a pull request also without a `ref`); None when it checks out nothing
    into the workspace itself."""
    trees = [one for one in taint.workspace.brought(node) if one.kind == "pull request" and not one.folder]
    if trees:
        return any(one.comes(event) and not one.own for one in trees)
    call = node.step.call
    use = call.target if call is not None else None
    if call is None or not isinstance(use, RepositoryUse) or use.slug != "actions/checkout":
        return None
    path = call.inputs.get("path")
    if path is not None and path.value not in ("", "."):
        return None
    named = [call.inputs.get(name) for name in ("ref", "repository")]
    texts = [value.value for value in named if value is not None and value.value]
    return event in _FORKS and all("${{" in text for text in texts)


_HIDES: Final = frozenset("bash devenv direnv just make sh source . task".split())
_RUNS: Final = frozenset("build develop flake run shell".split())


class Evaluated(NamedTuple):
    """Whose flakes the jobs of a setting evaluate: the repository's `own`, or `others` as their references say; `hidden`
    when scripts may evaluate the repository's, which is not seen."""

    own: bool
    hidden: bool = False
    others: tuple[str, ...] = ()


def evaluated_with(setting: SettingInUse, graph: Graph) -> Evaluated:
    """The flakes that are seen to be evaluated with a setting of a workflow; an option is for its command alone."""
    found = graph.nodes[setting.subject]
    parts = [_of_step(found, graph)] if isinstance(found, StepNode) else []
    if setting.place is Place.OPTION:
        return parts[0]._replace(hidden=False) if parts else Evaluated(False)
    return _together(parts + [_of_job(graph, job.id) for job in jobs_of(graph, setting.subject)])


@per_graph
def _of_job(graph: Graph, id: str) -> Evaluated:
    steps = steps_of(graph, id)
    inner = [one for step in steps for one in _of_actions(graph, step)]
    return _together([_of_step(step, graph) for step in dict.fromkeys((*steps, *inner))])


def _together(parts: list[Evaluated]) -> Evaluated:
    others = dict.fromkeys(text for part in parts for text in part.others)
    return Evaluated(any(part.own for part in parts), any(part.hidden for part in parts), tuple(others))


def _of_step(step: StepNode, graph: Graph) -> Evaluated:
    others: dict[str, None] = {}
    if next(graph.out(step.id, "evaluates"), None) is not None or _hands_on(step):
        return Evaluated(True)
    for one in executed(step, MENTIONS):
        call = one.call
        if call is None or not call.is_flake:
            continue
        local = any(next(local_folder(word.text), None) is not None for word in call.references)
        if call.here or local or any(word.text.startswith("$") for word in call.references):
            return Evaluated(True)
        others.update(dict.fromkeys(word.text.partition("#")[0] for word in call.references))
    return Evaluated(False, _hides(step), tuple(others))


def _of_actions(graph: Graph, step: StepNode) -> Iterator[StepNode]:
    """The steps of the local action that a step uses."""
    for edge in graph.out(step.id, "uses"):
        if isinstance(graph.nodes.get(edge.target), LocalActionNode):
            yield from steps_of(graph, edge.target)


def _hands_on(step: StepNode) -> bool:
    """Whether a command is handed `nix develop …` that is not known to run it, but surely does."""
    return any(
        word == "nix" and after in _RUNS
        for script in step.scripts
        if "nix " in script.text
        for one in script.all
        if one.call is None and not one.inner and one.command.program not in ("echo", "printf")
        for word, after in pairwise(one.command.texts)
    )


def _hides(step: StepNode) -> bool:
    """Whether a step runs what may evaluate the repository's flake unseen: its scripts, a Makefile."""
    for script in step.scripts:
        for one in script.all:
            words = one.command.texts
            program = words[0] if words else ""
            if program.endswith(".sh") or ("/" in program and not program.startswith("/")):
                return True
            if one.command.program in _HIDES and (one.command.program not in ("bash", "sh") or words[1:2]):
                return True
    return False
