"""Where the text of an expression comes from: back through `env`, inputs, matrices, outputs and callers.

Followed is what the files of the repository say. An answer is the list of places at which text enters from outside:
fields of the event, inputs that somebody fills in, and what cannot be followed. A fixed text has no origin.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.analysis.outsiders.senders import described
from scanner.analysis.scripts.commands import Ran
from scanner.analysis.scripts.scripts import Script as Loose
from scanner.analysis.taint.conditions import Conditions
from scanner.analysis.taint.foreign import PASSING, Foreign, names_number, output_of
from scanner.analysis.taint.origin import MAX_HOPS as MAX_HOPS
from scanner.analysis.taint.origin import Kind as Kind
from scanner.analysis.taint.origin import Origin as Origin
from scanner.analysis.taint.origin import Scope as Scope
from scanner.analysis.taint.other_texts import OtherTexts
from scanner.analysis.taint.script_texts import Before, ScriptTexts
from scanner.analysis.workflows.matrix import matrix_values
from scanner.analysis.workflows.names import Names
from scanner.graph.graph import Graph
from scanner.graph.ids import action_id, job_id, step_id, workflow_id
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode, WorkflowNode
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.action import Action
from scanner.parse.expressions.contexts import Context, flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import Fence, fences
from scanner.parse.nodes import Mapping, Node, Scalar
from scanner.parse.uses import MalformedUse, RepositoryUse
from scanner.parse.workflow import Call, Job, Step, Workflow

if TYPE_CHECKING:
    from scanner.parse.shell_words import Word

MAX_ORIGINS: Final = 12
MAX_CALLERS: Final = 100
_NOWHERE: Final = 1 << 30
MAX_WRITERS: Final = 20
"""Steps that may have set a variable before a step which are looked at."""

MAX_MEMBERS: Final = 50
"""Members of a whole object (`toJSON(steps)`) that are looked at."""

MAX_NESTED: Final = 10
"""Composite actions in one another; GitHub runs no more."""

# GitHub sets these for every step; the others (`CI`, `RUNNER_OS`, …) hold fixed texts.
_DEFAULT_VARIABLES: Final = {
    "GITHUB_HEAD_REF": ("github", "head_ref"),
    "GITHUB_REF": ("github", "ref"),
    "GITHUB_REF_NAME": ("github", "ref_name"),
    "GITHUB_BASE_REF": ("github", "base_ref"),
}
_NO_TEXT: Final = frozenset(("runner", "strategy", "job"))
_MACHINE: Final = frozenset(
    "ci home hostname ifs lang oldpwd path pwd random seconds shell tmpdir uid user".split()
)
_CALLS: Final = ("workflow_call", "workflow_dispatch")
_TOOLS: Final = frozenset(
    "appdata cargo_home chocolateyinstall gobin gopath goroot homedrive homepath java_home localappdata nvm_dir pnpm_home programdata "
    "programfiles pyenv_root rustup_home systemdrive systemroot temp tmp userprofile windir xdg_bin_home xdg_cache_home xdg_config_home "
    "xdg_data_home xdg_state_home".split()
)
"""Folders that systems, installers and tools set for whoever works on the machine."""
_TYPED: Final = frozenset(("boolean", "number", "choice", "environment"))


_OBJECTS: Final = frozenset(
    ("github", "event", name)
    for name in (
        "pull_request",
        "issue",
        "comment",
        "discussion",
        "review",
        "head_commit",
        "workflow_run",
        "release",
    )
) | {("github",), ("github", "event")}
"""Contexts that are whole objects, of which `fromJSON(…)` takes fields."""


class _Writer(NamedTuple):
    """A step that writes a variable for later ones; `sure` of one that always does."""

    step: Step
    sure: bool


def of_machine(origin: Origin) -> bool:
    """Whether what cannot be followed is a folder of the machine, so that a repository's files have no hand in it."""
    return origin.kind == "unknown" and origin.path[:1] == ("env",) and origin.name[4:].lower() in _TOOLS


class Origins:
    """Answers for one graph. Every place is followed once: the work is linear in the files.

    `before` says which files of others there are when a step starts; it may ask back.
    """

    def __init__(self, graph: Graph, before: Before | None = None) -> None:
        self._graph = graph
        self._known: dict[object, tuple[Origin, ...]] = {}
        self._open: dict[object, int] = {}
        self._parts: dict[object, int] = {}
        self._entered = _NOWHERE
        self._names = Names()
        self._before = before if before is not None else lambda _: ()
        self._scripts = ScriptTexts(graph, self, self._before)
        self._others = OtherTexts(self)
        self._conditions = Conditions()
        self._written: dict[tuple[str, str], dict[str, list[_Writer]]] = {}
        self._needs: dict[tuple[str, str], frozenset[str]] = {}
        self._nested = 0

    def of(self, context: Context, scope: Scope) -> tuple[Origin, ...]:
        """Where a context's text enters, seen from a step or job."""
        return self._fields(context, self._context(context.path, scope, 0))

    def of_text(self, scalar: Scalar, scope: Scope) -> tuple[Origin, ...]:
        """Where the expressions in a text of the file (an input, a variable) come from."""
        return self._scalar(scalar, scope, 0)

    def of_word(self, node: StepNode, ran: Ran, word: "Word") -> tuple[Origin, ...]:
        """Where a word of a command of a step comes from: by its expressions, variables and substitutions."""
        script = self._scripts.of(Scope(node.owner, node.job, node.step))
        if script is None or (not word.computed and "${{" not in word.text):
            return ()
        number = script.number(ran)
        return self._scripts.word(script, number, word) if number is not None else ()

    def of_code(self, code: Scalar, at: Span, scope: Scope) -> tuple[Origin, ...]:
        """Where the value of an expression in JavaScript or Python comes from, given by its place in a script."""
        return self._others.in_code(code, at, scope)

    def of_output(self, node: StepNode, ran: Ran) -> tuple[Origin, ...]:
        """Where what a command of a step prints comes from."""
        script = self._scripts.of(Scope(node.owner, node.job, node.step))
        number = script.number(ran) if script is not None else None
        return self._scripts.printed(script, number) if script is not None and number is not None else ()

    def keep(self, key: object, found: Iterator[Origin]) -> tuple[Origin, ...]:
        """The first answers of `found`, each origin once; asked again in a circle, nothing.

        What was found inside a circle lacks what the rest of the circle brings: it is kept only until the answer is known
        to the question by which the circle was entered.
        """
        known = self._known.get(key)
        if known is not None:
            self._entered = min(self._entered, self._parts.get(key, _NOWHERE))
            return known
        if key in self._open:
            self._entered = min(self._entered, self._open[key])
            return ()
        place, parts = len(self._open), len(self._parts)
        self._open[key] = place
        before, self._entered = self._entered, _NOWHERE
        origins: dict[tuple[Kind, tuple[str, ...]], Origin] = {}
        for origin in found:
            key_of = (origin.kind, origin.path)
            if key_of not in origins or origin.doubt < origins[key_of].doubt:
                origins[key_of] = origin
            if len(origins) == MAX_ORIGINS:
                break
        del self._open[key]
        known = self._known[key] = tuple(origins.values())
        if self._entered < place:
            self._parts[key] = self._entered
        else:
            while len(self._parts) > parts:
                del self._known[self._parts.popitem()[0]]
            self._entered = _NOWHERE
        self._entered = min(before, self._entered)
        return known

    # ------------------------------------------------------------ expressions

    def _scalar(self, scalar: Scalar, scope: Scope, depth: int) -> tuple[Origin, ...]:
        """The origins of every expression inside a text."""
        if "${{" not in scalar.value:
            return ()
        return self.keep((id(scalar), scope.key), self._fences(scalar, scope, depth))

    def _fences(self, scalar: Scalar, scope: Scope, depth: int) -> Iterator[Origin]:
        for fence in fences(scalar):
            yield from self.in_fence(fence, scope, depth)

    def in_fence(self, fence: Fence, scope: Scope, depth: int) -> Iterator[Origin]:
        """The origins of one expression; a field of the event is named where it stands."""
        tree = parse(fence.text)
        if isinstance(tree, Malformed):
            return
        for context in flowing(tree):
            for origin in self._fields(context, self._context(context.path, scope, depth)):
                if origin.hops or origin.kind != "event":
                    yield origin
                else:
                    at = fence.span(context.start, context.end)
                    yield origin.through(at, described(origin.path))

    def _fields(self, context: Context, found: tuple[Origin, ...]) -> tuple[Origin, ...]:
        """The origins of fields that `fromJSON(…)` takes of whole objects."""
        if not context.fields:
            return found
        return tuple(
            origin._replace(path=(*origin.path, *context.fields)) if origin.path in _OBJECTS else origin
            for origin in found
        )

    def _passed(
        self, value: Scalar, scope: Scope, depth: int, message: str, *, kind: str = "", name: str = ""
    ) -> Iterator[Origin]:
        """The origins of a text, with the text as a further hop."""
        for origin in self._scalar(value, scope, depth):
            yield origin.through(value.content, message, kind=kind, name=name)

    def _context(self, path: tuple[str, ...], scope: Scope, depth: int) -> tuple[Origin, ...]:
        root = path[0]
        if root in _NO_TEXT or self._conditions.fixes(path, scope):
            return ()
        if root == "github":
            if path[1:3] == ("event", "inputs"):
                return self._input(path[3:], scope, depth, "workflow_dispatch")
            return (Origin("event", path),)
        if depth > MAX_HOPS:
            return (Origin("unknown", path),) if root != "secrets" else ()
        place, depth = scope.key[:2], depth + 1
        members = self._members(path, scope)
        if members is not None:
            key = (scope.key if root == "env" else place, "all", path)
            return self.keep(key, self._all(path, members, scope, depth))
        match root:
            case "secrets":
                return self._secret(path[1], scope.owner, depth) if len(path) > 1 else ()
            case _ if len(path) < 2:
                return (Origin("unknown", path),)
            case "env":
                return self.environment(path[1], scope, depth)
            case "inputs":
                return self._input(path[1:], scope, depth)
            case "matrix" if scope.job is not None:
                return self.keep((place, path), self._matrix(path, scope.job, scope, depth))
            case "steps" | "needs" | "jobs" if path[2:3] != ("outputs",):
                return ()  # `result`, `outcome`, `conclusion`: one of a few words
            case "needs" if scope.job is not None and path[1] not in self._needed(scope.job, place):
                return ()  # also a job that a needed one needs is not there
            case "steps":
                return self.keep((place, path), self._step_output(path, scope, depth))
            case "needs" | "jobs":
                return self.keep((place[0], path), self._job_output(path, scope, depth))
        return (Origin("unknown", path),)

    def _needed(self, job: Job, place: tuple[str, str]) -> frozenset[str]:
        """The jobs that a job names as those it needs."""
        found = self._needs.get(place)
        if found is None:
            found = self._needs[place] = frozenset(name.value.lower() for name in job.needs)
        return found

    def _members(self, path: tuple[str, ...], scope: Scope) -> Iterator[tuple[str, ...]] | None:
        """What a whole object is made of, as in `toJSON(needs)` and `steps.*.outputs.x`; None for something else."""
        match path:
            case ("needs" | "steps" as root,) | ("needs" | "steps" as root, "*"):
                rest: tuple[str, ...] = ("outputs",)
            case ("needs" | "steps" as root, "*", *more):
                rest = tuple(more)
            case ("needs" | "steps" | "jobs", _):
                return iter(((*path, "outputs"),))
            case ("env",) | ("env", "*"):
                return (("env", name) for name in self._variables(scope))
            case ("inputs",) | ("inputs", "*"):
                return (("inputs", name) for name in self._declared(scope.owner))
            case _:
                return None
        if root == "steps":
            return (("steps", id, *rest) for id in self._names.steps(scope.steps))
        needed = scope.job.needs if scope.job is not None else ()
        return (("needs", name.value.lower(), *rest) for name in needed)

    def _variables(self, scope: Scope) -> Iterator[str]:
        """The names of the variables that `env` holds, as far as the file says."""
        blocks = [holder.env for holder in (scope.step, scope.job) if holder is not None]
        if isinstance(scope.owner, Workflow):
            blocks.append(scope.owner.env)
        names = [entry.key.value.lower() for block in blocks for entry in block.entries[:MAX_MEMBERS]]
        yield from dict.fromkeys((*names, *self._writers(scope)))

    def _declared(self, owner: Workflow | Action) -> Iterator[str]:
        """The names of the inputs of a workflow or action."""
        on = owner.root.get("on")
        holders = (owner.root,) if isinstance(owner, Action) else map(self._names.entry, (on, on), _CALLS)
        for holder in holders:
            inputs = self._names.entry(holder, "inputs")
            for key, _ in inputs.pairs if isinstance(inputs, Mapping) else ():
                yield key.value.lower()

    def _all(
        self, path: tuple[str, ...], members: Iterator[tuple[str, ...]], scope: Scope, depth: int
    ) -> Iterator[Origin]:
        """The origins of all of some contexts, what cannot be followed last."""
        unknown = False
        for number, member in enumerate(members):
            if number == MAX_MEMBERS:
                unknown = True
                break
            for origin in self._context(member, scope, depth):
                if origin.kind == "unknown":
                    unknown = True
                else:
                    yield origin
        if unknown:
            yield Origin("unknown", path)

    def _secret(self, name: str, owner: Workflow | Action, depth: int) -> tuple[Origin, ...]:
        """Where a secret of a called workflow comes from: its callers may hand over any text as one."""
        if isinstance(owner, Action):
            return ()
        return self.keep((owner.source.path, "secrets", name), self._handed(name, owner, depth))

    def _handed(self, name: str, owner: Workflow, depth: int) -> Iterator[Origin]:
        for edge in islice(self._graph.into(workflow_id(owner.source), "calls"), MAX_CALLERS):
            caller = self._graph.nodes[edge.source]
            if not isinstance(caller, JobNode):
                continue
            scope = Scope(caller.workflow, caller.job, None)
            value = self._names.entry(caller.job.secrets, name)
            found: tuple[Origin, ...] = ()
            if isinstance(value, Scalar):
                message = f"handed over as the secret {quoted(name)}"
                found = tuple(self._passed(value, scope, depth, message, kind="handed over", name=name))
            elif caller.job.inherits is not None:
                found = self._context(("secrets", name), scope, depth)
            # What is not known is the real secret.
            yield from (one for one in found if one.kind != "unknown")

    def _matrix(self, path: tuple[str, ...], job: Job, scope: Scope, depth: int) -> Iterator[Origin]:
        values = matrix_values(job, path[1:])
        message = f"put into the matrix as {quoted('.'.join(path[1:]))}"
        for value in (*values.written, *values.computed):
            yield from self._passed(value, scope.without_step(), depth, message)

    # ------------------------------------------------------------ variables

    def environment(self, name: str, scope: Scope, depth: int) -> tuple[Origin, ...]:
        """Where the text of a variable comes from, as a step finds it when it starts."""
        default = _DEFAULT_VARIABLES.get(name.upper())
        if default is not None:
            return (Origin("event", default),)
        return self.keep((scope.key, "env", name), self._variable(name, scope, depth))

    def _variable(self, written: str, scope: Scope, depth: int) -> Iterator[Origin]:
        """What `env` blocks and earlier steps give a variable; the innermost block wins."""
        name = written.lower()
        kept = f"kept in {quoted(written)}"
        if scope.step is not None:
            value = self._names.entry(scope.step.env, name)
            if isinstance(value, Scalar):
                yield from self._passed(value, scope, depth, kept, kind="kept", name=written)
                return
        known = name.startswith(("github_", "runner_")) or name in _MACHINE
        writers = self._writers(scope).get(name, [])
        end = len(writers)
        if scope.step is not None:
            end = bisect_left(writers, scope.step.number, key=lambda one: one.step.number)
        known = known or end > 0
        for writer in reversed(writers[max(end - MAX_WRITERS, 0) : end]):
            yield from self._exported(name, Scope(scope.owner, scope.job, writer.step), depth)
            if writer.sure:
                return  # it was set anew
        if end > MAX_WRITERS:
            yield Origin("unknown", ("env", name))
        blocks = [scope.job.env] if scope.job is not None else []
        if isinstance(scope.owner, Workflow):
            blocks.append(scope.owner.env)
        for block in blocks:
            value = self._names.entry(block, name)
            if isinstance(value, Scalar):
                yield from self._passed(value, scope.without_step(), depth, kept, kind="kept", name=written)
                return
        if isinstance(scope.owner, Action):
            # An action finds the variables of the step that uses it.
            for caller in self._users(scope.owner) if depth <= MAX_HOPS else ():
                user = Scope(caller.owner, caller.job, caller.step)
                for origin in self.environment(written, user, depth + 1):
                    if origin.kind != "unknown":
                        yield origin
        if not known:
            yield Origin("unknown", ("env", name))

    def _users(self, action: Action) -> Iterator[StepNode]:
        """The steps of the repository that use an action of it."""
        id = action_id(action.source)
        edges = islice(self._graph.into(id, "uses"), MAX_CALLERS)
        users = [self._graph.nodes[edge.source] for edge in edges]
        folder = id.partition(":")[2].rpartition("/")[0]
        for node in (*users, *(self._meant.get(folder, ())[:MAX_CALLERS] if folder else ())):
            if isinstance(node, StepNode):
                yield node

    def _writers(self, scope: Scope) -> "dict[str, list[_Writer]]":
        """The steps of a job or action that write a variable for the steps behind them, by the variable."""
        place = scope.key[:2]
        found = self._written.get(place)
        if found is None:
            found = self._written[place] = {}
            for step in scope.steps:
                for name, sure in self._exports(Scope(scope.owner, scope.job, step), step):
                    found.setdefault(name, []).append(_Writer(step, sure and step.condition is None))
        return found

    def _exports(self, scope: Scope, step: Step) -> list[tuple[str, bool]]:
        """The variables that a step sets for later ones, itself or by an action of the repository; whether it always does."""
        if step.run is not None:
            if not _may_export(step.run.script.value):
                return []
            script = self._scripts.of(scope)
            names = script.assigned.exported if script is not None else self._loose(step).names
            return [(name, True) for name in names]
        if step.call is None or isinstance(step.call.target, RepositoryUse) or self._nested == MAX_NESTED:
            return []
        found: list[tuple[str, bool]] = []
        self._nested += 1
        for action in self._actions(step_id(scope.owner.source, scope.job, step), step.call):
            if isinstance(action, LocalActionNode):
                for name, writers in self._writers(Scope(action.action, None, None)).items():
                    found.append((name, any(writer.sure for writer in writers)))
        self._nested -= 1
        return found[:MAX_MEMBERS]

    def _exported(self, name: str, scope: Scope, depth: int) -> Iterator[Origin]:
        """What the script of a step, or the action that it uses, gives a variable of later steps."""
        if scope.step is None:
            return
        if scope.step.call is not None:
            yield from self._exported_by(scope.step.call, name, scope, scope.step, depth)
        if scope.step.run is None:
            return
        script = self._scripts.of(scope)
        if script is not None:
            found = self._scripts.exported(script, name, depth)
        else:
            found = _placed(self._others.assigned(name, scope, depth), scope.step.run.script.content)
        for origin, at in found or ():
            yield origin.through(at, f"kept in {quoted(name)} for later steps", kind="exported", name=name)

    def _exported_by(self, call: Call, name: str, scope: Scope, step: Step, depth: int) -> Iterator[Origin]:
        """What the steps of an action of the repository leave in a variable."""
        if depth > MAX_HOPS:
            yield Origin("unknown", ("env", name))
            return
        for action in self._actions(step_id(scope.owner.source, scope.job, step), call):
            if isinstance(action, LocalActionNode):
                inner = Scope(action.action, None, None)
                message = f"{quoted(name)} is set by this action"
                for origin in self.keep((inner.key, "left", name), self._left(name, inner, depth + 1)):
                    yield origin.through(call.text.content, message, kind="exported", name=name)

    def _left(self, name: str, scope: Scope, depth: int) -> Iterator[Origin]:
        writers = self._writers(scope).get(name, [])
        for writer in reversed(writers[-MAX_WRITERS:]):
            yield from self._exported(name, Scope(scope.owner, scope.job, writer.step), depth)
            if writer.sure:
                return

    def _loose(self, step: Step) -> Loose:
        return self._others.script(step)

    # ------------------------------------------------------------ inputs

    def _input(
        self, path: tuple[str, ...], scope: Scope, depth: int, only: str | None = None
    ) -> tuple[Origin, ...]:
        if not path:
            return (Origin("unknown", ("inputs",)),)
        key = (scope.owner.source.path, "inputs", path[0], only)
        return self.keep(key, self._given(path[0], scope.owner, depth, only))

    def _given(self, name: str, owner: Workflow | Action, depth: int, only: str | None) -> Iterator[Origin]:
        """What those who start or call something give its input."""
        declared = False
        if isinstance(owner, Action):
            declared = self._names.entry(owner.root.get("inputs"), name) is not None
            if declared:
                # An action at the root of its repository is there for others to use.
                default = self._names.entry(self._names.entry(owner.root.get("inputs"), name), "default")
                public = "/" not in owner.source.path
                yield from self._callers(name, action_id(owner.source), depth, public, owner, default)
        else:
            for event in ("workflow_dispatch", "workflow_call") if only is None else (only,):
                options = self._names.entry(owner.root.get("on"), event)
                input = self._names.entry(self._names.entry(options, "inputs"), name)
                if input is None:
                    continue
                declared = True
                type = self._names.entry(input, "type")
                if isinstance(type, Scalar) and type.value in _TYPED:
                    continue
                if event == "workflow_dispatch":
                    yield Origin("dispatch", ("inputs", name))
                else:
                    default = self._names.entry(input, "default")
                    yield from self._callers(name, workflow_id(owner.source), depth, False, owner, default)
        if not declared:
            yield Origin("unknown", ("inputs", name))

    def _callers(
        self,
        name: str,
        called: str,
        depth: int,
        public: bool,
        owner: Workflow | Action,
        default: Node | None,
    ) -> Iterator[Origin]:
        """What the callers in the repository hand over, or leave to the default; without any, the caller is not known."""
        count, left = 0, False
        action = called.startswith("action:")
        callers = [
            self._graph.nodes[edge.source] for edge in self._graph.into(called, "uses" if action else "calls")
        ]
        folder = called.partition(":")[2].rpartition("/")[0]
        for caller in (*callers, *(self._meant.get(folder, ()) if action and folder else ())):
            if isinstance(caller, StepNode):
                call, scope = caller.step.call, Scope(caller.owner, caller.job, caller.step)
            elif isinstance(caller, JobNode):
                call, scope = caller.job.call, Scope(caller.workflow, caller.job, None)
            else:
                continue
            count += 1
            value = self._names.entry(call.inputs, name) if call is not None else None
            left = left or value is None
            if isinstance(value, Scalar):
                message = f"handed over as {quoted(name)}"
                yield from self._passed(value, scope, depth, message, kind="handed over", name=name)
            if count == MAX_CALLERS:
                public = True
                break
        if isinstance(default, Scalar) and (left or public or not count):
            yield from self._passed(
                default, Scope(owner, None, None), depth, f"the default of {quoted(name)}"
            )
        if public or not count:
            yield Origin("caller", ("inputs", name))

    # ------------------------------------------------------------ outputs

    def _step_output(self, path: tuple[str, ...], scope: Scope, depth: int) -> Iterator[Origin]:
        step = self._names.steps(scope.steps).get(path[1])
        name = path[3] if len(path) > 3 else "*"
        message = f"given out as {quoted(name)} by the step {quoted(path[1])}"
        inner = Scope(scope.owner, scope.job, step)
        if step is None:
            yield Origin("unknown", path)
        elif step.run is not None:
            script = self._scripts.of(inner)
            if script is not None:
                found = self._scripts.outputs(script, name, depth)
            else:
                found = _placed(self._others.outputs(name, inner, depth), step.run.script.content)
            if found is None:
                yield Origin("unknown", path)
                return
            for origin, at in found:
                yield origin.through(at, message)
        elif step.call is not None:
            yield from self._action_output(step.call, name, message, inner, depth, path)

    def _action_output(
        self, call: Call, name: str, message: str, scope: Scope, depth: int, path: tuple[str, ...]
    ) -> Iterator[Origin]:
        id = step_id(scope.owner.source, scope.job, scope.step) if scope.step is not None else ""
        for action in self._actions(id, call):
            if isinstance(action, LocalActionNode):
                value = self._names.entry(self._names.entry(action.action.root.get("outputs"), name), "value")
                if isinstance(value, Scalar):
                    yield from self._passed(value, Scope(action.action, None, None), depth, message)
                    return
        script = self._others.of_github_script(call, name, scope, depth)
        if script is not None:
            for origin in script:
                yield origin.through(_last_place(origin, call.text.content), message)
            return
        node = self._graph.nodes.get(id)
        trees = self._before(node) if isinstance(node, StepNode) and _reads_files(call) else ()
        foreign = output_of(call, name, trees)
        if foreign is False:
            return
        if isinstance(foreign, Foreign):
            kind: Kind = "fetched"
            field = foreign.path or (foreign.what,)
            doubt = 1 if foreign.sure else 2
            yield Origin(kind, field).through(call.text.content, f"{described(field)}, {message}", doubt)
            return
        if names_number(call, name):
            yield Origin("unknown", path)
            return
        yield from self._through_action(call, scope, depth, message)
        if not isinstance(call.target, RepositoryUse) or call.target.slug not in PASSING:
            yield Origin("unknown", path)

    def _actions(self, id: str, call: Call) -> Iterator[object]:
        """The actions of the repository that a step uses. One that lacks the `./` is meant, though GitHub does not find it."""
        for edge in self._graph.out(id, "uses"):
            yield self._graph.nodes[edge.target]
        if isinstance(call.target, MalformedUse):
            folder = call.text.value.strip().rstrip("/")
            yield self._folders.get(folder)

    @cached_property
    def _folders(self) -> dict[str, LocalActionNode]:
        """The actions of the repository by their folders."""
        return {node.path.rpartition("/")[0]: node for node in self._graph.of(LocalActionNode)}

    @cached_property
    def _meant(self) -> dict[str, list[StepNode]]:
        """The steps that use an action of the repository without the `./`, by its folder."""
        found: dict[str, list[StepNode]] = {}
        for node in self._graph.of(StepNode):
            call = node.step.call
            if call is not None and isinstance(call.target, MalformedUse) and "/" in call.text.value:
                found.setdefault(call.text.value.strip().rstrip("/"), []).append(node)
        return found

    def _job_output(self, path: tuple[str, ...], scope: Scope, depth: int) -> Iterator[Origin]:
        owner = scope.owner
        job = self._names.jobs(owner).get(path[1]) if isinstance(owner, Workflow) else None
        if job is None:
            yield Origin("unknown", path)
            return
        if len(path) < 4:  # all of them: `toJSON(needs.a.outputs)`
            outputs = job.at.get("outputs")
            names = [key.value.lower() for key, _ in outputs.pairs] if isinstance(outputs, Mapping) else []
            for name in names[:MAX_CALLERS]:
                yield from self._job_output((*path, name), scope, depth)
            if not names:
                yield Origin("unknown", path)
            return
        name, message = path[3], f"given out as {quoted(path[3])} by the job {quoted(path[1])}"
        value = self._names.entry(job.at.get("outputs"), name)
        if isinstance(value, Scalar):
            yield from self._passed(value, Scope(owner, job, None), depth, message)
            return
        for edge in self._graph.out(job_id(owner.source, job), "calls"):
            called = self._graph.nodes[edge.target]
            if isinstance(called, WorkflowNode):
                options = self._names.entry(called.workflow.root.get("on"), "workflow_call")
                value = self._names.entry(
                    self._names.entry(self._names.entry(options, "outputs"), name), "value"
                )
                if isinstance(value, Scalar):
                    yield from self._passed(value, Scope(called.workflow, None, None), depth, message)
                    return
        yield Origin("unknown", path)

    def _through_action(self, call: Call, scope: Scope, depth: int, message: str) -> Iterator[Origin]:
        """What another repository's action is given, as it may come out again."""
        name = call.target.name if isinstance(call.target, RepositoryUse) else call.text.value
        passing = PASSING.get(call.target.slug) if isinstance(call.target, RepositoryUse) else None
        for entry in call.inputs.entries:
            known = passing is not None and (passing == "*" or entry.key.value.lower() in passing.split())
            if passing is not None and not known:
                continue
            for origin in self._scalar(entry.value, scope, depth):
                given = f"given to {quoted(name)}" + ("" if known else ", which may pass it on")
                if origin.kind != "unknown":
                    through = origin.through(entry.value.content, given, 1 if known else 2)
                    yield through.through(call.text.content, message)


def _placed(found: Iterable[Origin] | None, at: Span) -> tuple[tuple[Origin, Span], ...] | None:
    """Texts that a script in another language gives out, each where it was last seen in it."""
    return None if found is None else tuple((origin, _last_place(origin, at)) for origin in found)


def _last_place(origin: Origin, at: Span) -> Span:
    """Where a text was last seen in the same file as `at`; that, where it was not."""
    last = origin.hops[-1].at if origin.hops else None
    return last if last is not None and last.source is at.source and at.start <= last.start < at.end else at


def _may_export(script: str) -> bool:
    return any(word in script for word in ("GITHUB_ENV", "set-env", "github_env", "exportVariable"))


def _reads_files(call: Call) -> bool:
    return isinstance(call.target, RepositoryUse)
