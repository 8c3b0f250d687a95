"""Attributes of steps."""

from itertools import islice
from typing import Final

from scanner.analysis.attributes import rooms
from scanner.analysis.attributes.attribute import Missing, Open, Places, World, attribute, untold
from scanner.analysis.attributes.jobs import possible
from scanner.analysis.attributes.written import (
    at_edges,
    at_entries,
    at_key,
    at_text,
    condition_of,
    flag_of,
    keys_of,
    minutes_of,
    text_of,
)
from scanner.analysis.scripts.commands import commands_of
from scanner.analysis.scripts.shells import shell_of
from scanner.analysis.workflows.conditions import live
from scanner.analysis.workflows.steps import jobs_of, parent_of, steps_of
from scanner.graph.graph import Graph, per_graph
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.parse.nodes import Scalar
from scanner.parse.programs import OTHERS

_NO_SCRIPT: Final = "it runs no script"
_MANY: Final = 50
"""Jobs that use an action of the repository which are looked at."""


# ---------------------------------------------------------------- where they say it


def _given(name: str, value: str) -> str:
    return f"{name.lower()}: {value}"


def _named(name: str, value: str) -> str:
    return name.lower()


def _shell(node: StepNode) -> Scalar | None:
    return shell_of(node).said if node.step.run is not None else None


def _folder(node: StepNode) -> Scalar | None:
    if node.step.run is None:
        return None
    default = (one.working_directory for one in node.defaults if one.working_directory is not None)
    return node.step.run.working_directory or next(default, None)


def _at_programs(node: StepNode, world: World) -> Places:
    for ran in commands_of(world.graph, node):
        if ran.command.program:
            yield ran.command.program, ran.at(ran.command.words[0])


def _at_evaluations(node: StepNode, world: World) -> Places:
    for edge in world.graph.out(node.id, "evaluates"):
        if edge.at is not None:
            yield world.graph.nodes[edge.target].path, edge.at


def _at_secrets(node: StepNode, world: World) -> Places:
    return at_edges(world, node.id, "reads")


# ---------------------------------------------------------------- as they are written


@attribute(StepNode, at=at_key("id"))
def step_id(node: StepNode, world: World) -> str | Missing:
    """The `id:` that it gives itself."""
    return text_of(node.step.id, "id")


@attribute(StepNode, at=at_key("name"))
def name(node: StepNode, world: World) -> str | Missing:
    """The name that it gives itself, as written."""
    return text_of(node.step.name, "name")


@attribute(StepNode)
def number(node: StepNode, world: World) -> int:
    """Its place among the steps of its job or action, from 1."""
    return node.step.number + 1


@attribute(StepNode)
def job(node: StepNode, world: World) -> str | Missing:
    """The key of its job under `jobs:`."""
    return node.job.id.value if node.job is not None else Missing("it is a step of an action")


@attribute(StepNode, at=at_key("if"))
def condition(node: StepNode, world: World) -> str | Missing:
    """The condition of its `if:`, as written."""
    return condition_of(node.step.condition)


@attribute(StepNode, at=at_key("if"))
def disabled(node: StepNode, world: World) -> bool:
    """Whether it never runs: its `if:`, or its job's, is false whatever happens."""
    return not live(world.graph, node.id)


@attribute(StepNode, at=at_key("continue-on-error"))
def continue_on_error(node: StepNode, world: World) -> bool | Missing:
    """Whether the job goes on when it fails."""
    return flag_of(node.step.at, "continue-on-error")


@attribute(StepNode, at=at_key("timeout-minutes"))
def timeout_minutes(node: StepNode, world: World) -> int | Missing:
    """After how many minutes GitHub stops it, as far as it says so itself."""
    return minutes_of(node.step.at)


@attribute(StepNode, at=at_key("env"))
def env(node: StepNode, world: World) -> tuple[str, ...] | Missing:
    """The names of the environment variables that it sets itself."""
    return keys_of(node.step.env, "env")


# ---------------------------------------------------------------- actions


@attribute(StepNode, at=at_key("uses"))
def uses(node: StepNode, world: World) -> str | Missing:
    """The action or image of its `uses:`, as written: `actions/checkout@v4`, `./build`, `docker://alpine`."""
    call = node.step.call
    return call.text.value.strip() if call is not None else Missing("it has no `uses`")


@attribute(StepNode, at=at_entries("with", _given))
def with_(node: StepNode, world: World) -> tuple[str, ...] | Missing:
    """What it gives to the action, as `name: value` with the name in lower case: `persist-credentials: false`. Expressions
    stand there as written."""
    call = node.step.call
    if call is None:
        return ()
    if call.inputs.expression is not None:
        return untold("an expression stands for all of `with`")
    return tuple(_given(entry.key.value, entry.value.value) for entry in call.inputs.entries)


@attribute(StepNode, at=at_entries("with", _named))
def with_names(node: StepNode, world: World) -> tuple[str, ...] | Missing:
    """The names of the inputs that it gives to the action, in lower case."""
    call = node.step.call
    if call is None:
        return ()
    found = keys_of(call.inputs, "with")
    return found if isinstance(found, Missing) else tuple(one.lower() for one in found)


# ---------------------------------------------------------------- scripts


@attribute(StepNode, at=at_key("run"))
def runs(node: StepNode, world: World) -> bool:
    """Whether it runs a script of its own (`run:`)."""
    return node.step.run is not None


@attribute(StepNode, at=at_key("run"))
def script(node: StepNode, world: World) -> str | Missing:
    """The text of its script, as written."""
    return node.step.run.script.value if node.step.run is not None else Missing(_NO_SCRIPT)


@attribute(StepNode, at=at_text(_shell))
def shell(node: StepNode, world: World) -> str | Missing:
    """The program that runs its script: `bash`, `pwsh`, `python`, …; its own, the default, or that of its machine."""
    if node.step.run is None:
        return Missing(_NO_SCRIPT)
    return shell_of(node).name or untold("only a run can tell the shell")


@attribute(StepNode, at=at_text(_folder))
def working_directory(node: StepNode, world: World) -> str | Missing:
    """The folder in which its script runs, as written at the step or among the defaults."""
    if node.step.run is None:
        return Missing(_NO_SCRIPT)
    return text_of(_folder(node), "working-directory")


@attribute(StepNode, at=_at_programs)
def commands(node: StepNode, world: World) -> tuple[str, ...] | Missing:
    """The programs that its script runs: `curl`, `nix`, `git`. One that a variable names stands there as written."""
    if node.step.run is None:
        return ()
    found = shell_of(node).name
    if found in OTHERS:
        return untold(f"its script is one of {found}, which is not read")
    ran = (one.command.program for one in commands_of(world.graph, node))
    return tuple(dict.fromkeys(program for program in ran if program))


@attribute(StepNode, at=_at_evaluations)
def evaluates(node: StepNode, world: World) -> tuple[str, ...]:
    """The files of the flakes and locks that it has Nix evaluate, as far as its commands tell."""
    targets = (world.graph.nodes[edge.target].path for edge in world.graph.out(node.id, "evaluates"))
    return tuple(path for path in targets if path is not None)


@attribute(StepNode, at=_at_secrets)
def secrets(node: StepNode, world: World) -> tuple[str, ...]:
    """The secrets that its expressions name; `*` where the run decides which."""
    from scanner.analysis.outsiders.privilege import EVERY_SECRET

    targets = (world.graph.nodes[edge.target].label for edge in world.graph.out(node.id, "reads"))
    return tuple(Open(one) if one == EVERY_SECRET else one for one in targets)


# ---------------------------------------------------------------- who starts them


@attribute(StepNode)
def outsider(node: StepNode, world: World) -> bool | Missing:
    """Whether somebody without rights in the repository can have it run. Missing where only callers, apps or users of the action
    outside the repository tell."""
    if rooms.reach(world.graph, world.knowledge).of(node):
        return True
    return _possible(node, world) or False


@attribute(StepNode)
def outsider_events(node: StepNode, world: World) -> tuple[str, ...]:
    """The events by which outsiders have it run, as far as the files tell."""
    return tuple(sorted(rooms.reach(world.graph, world.knowledge).of(node)))


@attribute(StepNode)
def exposed(node: StepNode, world: World) -> bool | Missing:
    """Whether outsiders have it run with no check before it that helps, where there is something to lose. Missing as `outsider`."""
    if rooms.openings(world.graph, world.knowledge).of(node.id) is not None:
        return True
    return _possible(node, world) or False


def _possible(node: StepNode, world: World) -> Missing | None:
    return _of_parent(world.graph, world.knowledge, parent_of(node))


@per_graph
def _of_parent(graph: Graph, knowledge: Knowledge, parent: str) -> Missing | None:
    """Why nothing tells whether outsiders start what a job or an action, given by its id, runs; None where the files tell."""
    first = next(iter(steps_of(graph, parent)), None)
    jobs = tuple(islice(jobs_of(graph, first.id), _MANY)) if first is not None else ()
    if not jobs:
        return untold("no job here uses its action, so others may")
    found = (possible(graph, knowledge, owner) for owner in jobs)
    return next((reason for reason in found if reason is not None), None)
