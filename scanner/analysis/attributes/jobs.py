"""Attributes of jobs."""

from typing import TYPE_CHECKING, Final

from scanner.analysis.attributes import rooms
from scanner.analysis.attributes.attribute import Missing, Open, Places, World, attribute, untold
from scanner.analysis.attributes.workflows import NO_PERMISSIONS, at_permissions, scopes
from scanner.analysis.attributes.written import (
    at_edges,
    at_key,
    at_text,
    at_texts,
    condition_of,
    flag_of,
    is_computed,
    minutes_of,
    text_of,
)
from scanner.analysis.workflows.conditions import never
from scanner.analysis.workflows.run_events import RunEvents
from scanner.analysis.workflows.runners import Machine, machines, owner_of
from scanner.analysis.workflows.templates import OPEN
from scanner.graph.graph import Graph, per_graph
from scanner.graph.ids import workflow_id
from scanner.graph.nodes.workflows import JobNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.nodes import Scalar
from scanner.parse.workflow import Container

if TYPE_CHECKING:
    from scanner.analysis.outsiders.privilege import Exposure

_ELSEWHERE: Final = "it calls a workflow, whose jobs say it"


# ---------------------------------------------------------------- where they say it


def _environment(node: JobNode) -> Scalar | None:
    return node.job.environment.name if node.job.environment is not None else None


def _container(node: JobNode) -> Scalar | None:
    return node.job.container.image if node.job.container is not None else None


def _images(node: JobNode) -> list[Scalar | None]:
    return [one.image for one in node.job.services]


def _labels(node: JobNode) -> tuple[Scalar, ...]:
    return node.job.runs_on.labels


def _at_labels(node: JobNode, world: World) -> Places:
    """The labels: where the matrix or the input says them that an expression takes them from."""
    found = machines(world.graph, node)
    computed = next((one for one in found if any(OPEN in label for label in one.labels)), None)
    if computed is not None:
        yield None, computed.at
    yield from at_texts(_labels, "runs-on")(node, world)
    for machine in found:
        for label in machine.labels:
            yield label, _place(machine, node)


def _at_machine(node: JobNode, world: World) -> Places:
    found = machines(world.graph, node)
    own = (one for one in found if owner_of(one, world.knowledge) not in ("hosted", "service"))
    machine = next(own, found[0] if found else None)
    if machine is not None:
        yield None, _place(machine, node)


def _place(machine: Machine, node: JobNode) -> Span:
    return machine.said if machine.said is not None and machine.said.path == node.path else machine.at


def _at_secrets(node: JobNode, world: World) -> Places:
    if node.job.inherits is not None:
        yield "*", node.job.inherits.span
    for id in (
        node.id,
        *(edge.target for edge in world.graph.out(node.id, "contains")),
        workflow_id(node.workflow.source),
    ):
        yield from at_edges(world, id, "reads")


def _at_held(node: JobNode, world: World) -> Places:
    block = node.job.permissions or node.workflow.permissions
    if block is not None and block.everything is not None:
        writes = rooms.token(node, world.knowledge).writes
        yield from ((f"write {scope}", block.everything.content) for scope in writes)
    for scope, at in at_permissions(writes=True)(node, world):
        if scope is not None:
            yield f"write {scope}", at
    for name, at in _at_secrets(node, world):
        yield "every secret" if name == "*" else f"secret {name}", at
    for _, at in _at_machine(node, world):
        yield "self-hosted machine", at


# ---------------------------------------------------------------- jobs: as they are written


@attribute(JobNode)
def job_id(node: JobNode, world: World) -> str:
    """The key under `jobs:`."""
    return node.label


@attribute(JobNode, at=at_key("name"))
def name(node: JobNode, world: World) -> str | Missing:
    """The name that it gives itself, as written."""
    return text_of(node.job.name, "name")


@attribute(JobNode, at=at_key("uses"))
def calls(node: JobNode, world: World) -> str | Missing:
    """The workflow that it calls, as written: `./.github/workflows/build.yml`, `owner/repository/….yml@ref`."""
    call = node.job.call
    return call.text.value.strip() if call is not None else Missing("it runs steps and calls no workflow")


@attribute(JobNode, at=at_key("needs"))
def needs(node: JobNode, world: World) -> tuple[str, ...]:
    """The jobs that it waits for, as written."""
    return tuple(one.value for one in node.job.needs)


@attribute(JobNode, at=at_key("if"))
def condition(node: JobNode, world: World) -> str | Missing:
    """The condition of its `if:`, as written."""
    return condition_of(node.job.condition)


@attribute(JobNode, at=at_key("if"))
def disabled(node: JobNode, world: World) -> bool:
    """Whether it never runs: its `if:` is false whatever happens."""
    return never(node.job.condition)


@attribute(JobNode, at=at_text(_environment))
def environment(node: JobNode, world: World) -> str | Missing:
    """The environment of its deployment, whose rules and secrets it gets."""
    found = node.job.environment
    if found is None:
        return Missing("it has no `environment`")
    return text_of(found.name, "environment", written=False)


@attribute(JobNode, at=at_key("timeout-minutes"))
def timeout_minutes(node: JobNode, world: World) -> int | Missing:
    """After how many minutes GitHub stops it, as far as it says so itself; else that is 360."""
    return minutes_of(node.job.at)


@attribute(JobNode, at=at_key("continue-on-error"))
def continue_on_error(node: JobNode, world: World) -> bool | Missing:
    """Whether the run goes on when it fails."""
    return flag_of(node.job.at, "continue-on-error")


@attribute(JobNode, at=at_key("concurrency"))
def concurrency(node: JobNode, world: World) -> bool:
    """Whether it, or its workflow, limits how many of its runs there are at a time (`concurrency`)."""
    return node.job.concurrency is not None or node.workflow.concurrency is not None


@attribute(JobNode, at=at_key("strategy", "matrix"))
def matrix(node: JobNode, world: World) -> bool | Missing:
    """Whether it runs several times, for the values of a matrix."""
    if is_computed(node.job.at, "strategy"):
        return untold("an expression stands for all of `strategy`")
    return node.job.strategy is not None and node.job.strategy.get("matrix") is not None


@attribute(JobNode, at=at_text(_container))
def container(node: JobNode, world: World) -> str | Missing:
    """The image that its steps run in: `alpine:3`."""
    found = node.job.container
    return _image(found) if found is not None else Missing("it has no `container`")


@attribute(JobNode, at=at_texts(_images, "services"))
def services(node: JobNode, world: World) -> tuple[str, ...] | Missing:
    """The images that run beside it: `postgres:17`."""
    if is_computed(node.job.at, "services"):
        return untold("an expression stands for all of `services`")
    found = []
    for one in node.job.services:
        image = _image(one)
        if isinstance(image, Missing):
            return image
        found.append(image)
    return tuple(found)


@attribute(JobNode)
def steps(node: JobNode, world: World) -> int:
    """How many steps it has."""
    return len(node.job.steps)


@attribute(JobNode)
def scripts(node: JobNode, world: World) -> int:
    """How many of its steps run a script of their own (`run:`)."""
    return sum(1 for step in node.job.steps if step.run is not None)


def _image(container: Container) -> str | Missing:
    return text_of(container.image, "image", written=False)


# ---------------------------------------------------------------- jobs: their machines


@attribute(JobNode, at=_at_labels)
def runs_on(node: JobNode, world: World) -> tuple[str, ...] | Missing:
    """The labels of the machines that it can get; expressions are followed through matrices and inputs where the files tell them."""
    if node.job.call is not None:
        return Missing(_ELSEWHERE)
    found = machines(world.graph, node)
    labels = dict.fromkeys(label for machine in found for label in machine.labels)
    if not found:
        return untold("it has no `runs-on` that could be read")
    if any(OPEN in label for label in labels):
        return untold("only a run can tell a label of `runs-on`")
    return tuple(labels)


@attribute(JobNode, at=at_key("runs-on", "group"))
def runner_group(node: JobNode, world: World) -> str | Missing:
    """The group of machines that it asks for."""
    return text_of(node.job.runs_on.group, "runs-on.group", written=False)


@attribute(JobNode, at=_at_machine)
def self_hosted(node: JobNode, world: World) -> bool | Missing:
    """Whether it can get a machine of the owner's own; false for GitHub's, and for those of companies that rent out a fresh one for
    every job."""
    if node.job.call is not None:
        return Missing(_ELSEWHERE)
    owners = {owner_of(machine, world.knowledge) for machine in machines(world.graph, node)}
    if owners & {"own", "implied"}:
        return True
    if owners and owners <= {"hosted", "service"}:
        return False
    return untold("nothing here tells whose the machines of its `runs-on` are")


# ---------------------------------------------------------------- jobs: their rights


@attribute(JobNode, at=at_permissions())
def permissions(node: JobNode, world: World) -> tuple[str, ...] | Missing:
    """What its token can do by its own `permissions`, else by those of its workflow, as `scope: access`: `id-token: write`. A caller can
    only take away from it."""
    token = rooms.token(node, world.knowledge)
    return Missing(NO_PERMISSIONS) if token.default else scopes(token.scopes)


@attribute(JobNode, at=at_permissions(writes=True))
def writes(node: JobNode, world: World) -> tuple[str, ...] | Missing:
    """The scopes that its token can write to: `contents`, `id-token`, …"""
    token = rooms.token(node, world.knowledge)
    return Missing(NO_PERMISSIONS) if token.default else token.writes


@attribute(JobNode, at=at_permissions(writes=True))
def unused_writes(node: JobNode, world: World) -> tuple[str, ...] | Missing:
    """The scopes that its token can write to though nothing in the job is known to need that."""
    token = rooms.token(node, world.knowledge)
    if token.default:
        return Missing(NO_PERMISSIONS)
    needed = rooms.needed(world.graph, world.knowledge, node)
    if needed.open is not None:
        return untold(needed.open)
    return tuple(scope for scope in token.writes if needed.unneeded(scope))


@attribute(JobNode, at=at_key("permissions"))
def own_permissions(node: JobNode, world: World) -> bool:
    """Whether it has `permissions` of its own."""
    return node.job.permissions is not None


@attribute(JobNode, at=_at_secrets)
def secrets(node: JobNode, world: World) -> tuple[str, ...]:
    """The secrets that it, its steps and the `env` of its workflow read, without GITHUB_TOKEN; `*` where the run decides which, or all
    are handed on."""
    from scanner.analysis.outsiders.privilege import EVERY_SECRET, secrets_read

    found = secrets_read(world.graph, node)
    names = sorted(found | {EVERY_SECRET} if node.job.inherits is not None else found)
    return tuple(Open(one) if one == EVERY_SECRET else one for one in names)


@attribute(JobNode, at=at_key("secrets"))
def inherits_secrets(node: JobNode, world: World) -> bool:
    """Whether it hands every secret to the workflow that it calls (`secrets: inherit`)."""
    return node.job.inherits is not None


@attribute(JobNode)
def deploys(node: JobNode, world: World) -> bool | Missing:
    """Whether a step of it is known to deploy or publish something."""
    if node.job.call is not None:
        return Missing(_ELSEWHERE)
    return rooms.deploys(world.graph, world.knowledge, node)


# ---------------------------------------------------------------- jobs: who starts them


@attribute(JobNode)
def events(node: JobNode, world: World) -> tuple[str, ...] | Missing:
    """The events in whose runs it runs, its callers' among them, without those that its `if:` leaves out."""
    found = _run_events(world.graph).of_job(node)
    if found is None:
        return untold("others can call its workflow, for events that are not in this repository")
    return tuple(sorted(found))


@attribute(JobNode)
def outsider(node: JobNode, world: World) -> bool | Missing:
    """Whether somebody without rights in the repository can start it, by a pull request, an issue, a comment, … Missing where only
    callers or apps outside the repository tell."""
    if rooms.reach(world.graph, world.knowledge).ways(node):
        return True
    return possible(world.graph, world.knowledge, node) or False


@attribute(JobNode)
def outsider_events(node: JobNode, world: World) -> tuple[str, ...]:
    """The events by which outsiders start it, as far as the files tell."""
    ways = rooms.reach(world.graph, world.knowledge).ways(node)
    return tuple(sorted({way.event for way in ways}))


@attribute(JobNode)
def privileged(node: JobNode, world: World) -> bool | Missing:
    """Whether a run that an outsider starts holds more than a fork has: rights to write, secrets, an identity, a machine of the owner's."""
    ways = rooms.reach(world.graph, world.knowledge).ways(node)
    if any(way.holds_something for way in ways):
        return True
    return possible(world.graph, world.knowledge, node) or False


@attribute(JobNode, at=_at_held)
def outsider_holds(node: JobNode, world: World) -> tuple[str, ...]:
    """What runs that outsiders start hold: `write contents`, `secret NAME`, `every secret`, `default token`, `self-hosted machine`."""
    ways = rooms.reach(world.graph, world.knowledge).ways(node)
    return tuple(dict.fromkeys(one for way in ways for one in _held(way)))


@attribute(JobNode)
def exposed(node: JobNode, world: World) -> bool | Missing:
    """Whether outsiders start it with no check before it that helps, where there is something to lose. Missing as `outsider`."""
    if rooms.openings(world.graph, world.knowledge).of(node.id) is not None:
        return True
    return possible(world.graph, world.knowledge, node) or False


@attribute(JobNode)
def exposure(node: JobNode, world: World) -> str | Missing:
    """The verdict of `snowfence exposure`: `open`, `held`, `possible`, `machine`, `checked` or `empty`; `unreached` where no outsider
    starts it."""
    found = rooms.exposed_jobs(world.graph, world.knowledge).get(node.id)
    if found is not None:
        return found.standing
    return Missing(_ELSEWHERE) if rooms.only_calls(world.graph, node) else "unreached"


@attribute(JobNode)
def runs_outsiders_code(node: JobNode, world: World) -> bool | Missing:
    """Whether something that an outsider wrote is seen to run in it: code that it checks out, a text that becomes part of a script. Those
    that come after a check count as well."""
    found = rooms.exposed_jobs(world.graph, world.knowledge).get(node.id)
    if found is not None and any(one.runs for one in found.arrivals):
        return True
    return Missing(_ELSEWHERE) if rooms.only_calls(world.graph, node) else False


def possible(graph: Graph, knowledge: Knowledge, node: JobNode) -> Missing | None:
    """Why nothing tells whether outsiders start a job; None where the files tell."""
    ways = rooms.reach(graph, knowledge).privileges.possible(node)
    return untold(f"`{ways[0].event}` starts it: {ways[0].who}") if ways else None


def _held(way: "Exposure") -> list[str]:
    found: list[str] = []
    if way.privileged:
        found += ["default token"] if way.token.default else [f"write {scope}" for scope in way.token.writes]
        found += ["every secret"] if way.all_secrets else [f"secret {name}" for name in way.own_secrets]
    return [*found, "self-hosted machine"] if way.self_hosted else found


@per_graph
def _run_events(graph: Graph) -> RunEvents:
    return RunEvents(graph)
