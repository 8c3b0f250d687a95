"""Where the text of an expression comes from: back through `env`, inputs, matrices, outputs and callers.

Followed is what the files of the repository say. An answer is the list of places at which text enters from outside:
fields of the event, inputs that somebody fills in, and what cannot be followed. A fixed text has no origin.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from scanner.analysis.scripts.commands import Ran
from scanner.analysis.scripts.scripts import Script, computes, names_in, passes_on
from scanner.analysis.taint.foreign import Foreign, files_of, output_of, printed_by
from scanner.analysis.workflows.matrix import matrix_values
from scanner.analysis.workflows.names import Names
from scanner.graph.graph import Graph
from scanner.graph.ids import action_id, job_id, step_id, workflow_id
from scanner.graph.nodes.workflows import JobNode, LocalActionNode, StepNode, WorkflowNode
from scanner.model.finding import Note
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.action import Action
from scanner.parse.expressions.contexts import Context, flowing
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import Fence, fences
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call, Job, Step, Workflow

if TYPE_CHECKING:
    from scanner.parse.shell_words import Word

MAX_HOPS: Final = 20
MAX_ORIGINS: Final = 12
MAX_CALLERS: Final = 100

Kind = Literal["event", "fetched", "dispatch", "caller", "unknown"]


class Scope(NamedTuple):
    """Where an expression stands: it decides what `env`, `inputs`, `matrix`, `steps` and `needs` mean."""

    owner: Workflow | Action
    job: Job | None
    step: Step | None

    @property
    def key(self) -> tuple[str, str, int]:
        return (
            self.owner.source.path,
            self.job.id.value if self.job is not None else "",
            self.step.number if self.step is not None else -1,
        )

    def without_step(self) -> "Scope":
        return Scope(self.owner, self.job, None)


class Origin(NamedTuple):
    """`path` is the context at which the text enters: a field of the event (`event`), an input that the person who
    starts the run fills in (`dispatch`), one that an unknown caller does (`caller`), or what cannot be followed
    (`unknown`); of what a step has `fetched` it is a phrase that says what. `hops` are the places that it passes,
    from there to the expression. `doubt` is 1 where commands of a script pass it on, 2 where only others know
    whether they do: another repository's action, a program."""

    kind: Kind
    path: tuple[str, ...]
    hops: tuple[Note, ...] = ()
    doubt: int = 0

    def through(self, at: Span, message: str, doubt: int = 0) -> "Origin":
        """The origin behind one more hop; of a very long way only the beginning is kept."""
        hops = (*self.hops[:MAX_HOPS], Note(at.first_line(), message))
        return self._replace(hops=hops, doubt=max(self.doubt, doubt))


# GitHub sets these for every step; the others (`CI`, `RUNNER_OS`, …) hold fixed texts.
_DEFAULT_VARIABLES: Final = {
    "GITHUB_HEAD_REF": ("github", "head_ref"),
    "GITHUB_REF": ("github", "ref"),
    "GITHUB_REF_NAME": ("github", "ref_name"),
    "GITHUB_BASE_REF": ("github", "base_ref"),
}
_NO_TEXT: Final = frozenset(("secrets", "runner", "strategy", "job"))
_TYPED: Final = frozenset(("boolean", "number", "choice", "environment"))


class Origins:
    """Answers for one graph. Every place is followed once: the work is linear in the files."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[object, tuple[Origin, ...]] = {}
        self._names = Names()
        self._scripts: dict[int, Script] = {}
        self._written: dict[tuple[str, str], dict[str, list[Step]]] = {}
        self._foreign: dict[tuple[str, str], dict[int, str]] = {}

    def of(self, context: Context, scope: Scope) -> tuple[Origin, ...]:
        """Where a context's text enters, seen from a step or job."""
        return self._context(context.path, scope, 0)

    def of_text(self, scalar: Scalar, scope: Scope) -> tuple[Origin, ...]:
        """Where the expressions in a text of the file (an input, a variable) come from."""
        return self._scalar(scalar, scope, 0)

    def of_word(self, node: StepNode, ran: Ran, word: "Word") -> tuple[Origin, ...]:
        """Where a word of a command of a step comes from: by its expressions, variables and substitutions."""
        if node.step.run is None:
            return ()
        scope = Scope(node.owner, node.job, node.step)
        span = ran.places.span(word.start, word.end)
        script = self._script(node.step.run.script)
        found = list(self._fences(script.fences(span), scope, 0))
        for used in names_in(span) if word.computed else ():
            if script.assigned(used.lower()):
                found += self._assigned(used.lower(), scope, 1)
            else:
                found += self._environment(used, scope, 1)
        return tuple(found)

    def _keep(self, key: object, found: Iterator[Origin]) -> tuple[Origin, ...]:
        """The first answers of `found`, each origin once; asked again in a circle, nothing."""
        known = self._known.get(key)
        if known is None:
            self._known[key] = ()
            origins: dict[tuple[Kind, tuple[str, ...]], Origin] = {}
            for origin in found:
                origins.setdefault((origin.kind, origin.path), origin)
                if len(origins) == MAX_ORIGINS:
                    break
            known = self._known[key] = tuple(origins.values())
        return known

    # ------------------------------------------------------------ expressions

    def _scalar(self, scalar: Scalar, scope: Scope, depth: int) -> tuple[Origin, ...]:
        """The origins of every expression inside a text."""
        if "${{" not in scalar.value:
            return ()
        return self._keep((id(scalar), scope.key), self._fences(fences(scalar), scope, depth))

    def _fences(self, all: Iterator[Fence], scope: Scope, depth: int) -> Iterator[Origin]:
        for fence in all:
            tree = parse(fence.text)
            if not isinstance(tree, Malformed):
                for context in flowing(tree):
                    yield from self._context(context.path, scope, depth)

    def _passed(self, value: Scalar, scope: Scope, depth: int, message: str) -> Iterator[Origin]:
        """The origins of a text, with the text as a further hop."""
        for origin in self._scalar(value, scope, depth):
            yield origin.through(value.content, message)

    def _context(self, path: tuple[str, ...], scope: Scope, depth: int) -> tuple[Origin, ...]:
        root = path[0]
        if root == "github":
            if path[1:3] == ("event", "inputs"):
                return self._input(path[3:], scope, depth, "workflow_dispatch")
            return (Origin("event", path),)
        if root in _NO_TEXT:
            return ()
        if depth > MAX_HOPS or len(path) < 2:
            return (Origin("unknown", path),)
        place, depth = scope.key[:2], depth + 1
        match root:
            case "env":
                return self._environment(path[1], scope, depth)
            case "inputs":
                return self._input(path[1:], scope, depth)
            case "matrix" if scope.job is not None:
                return self._keep((place, path), self._matrix(path, scope.job, scope, depth))
            case "steps" | "needs" | "jobs" if path[2:3] != ("outputs",):
                return ()  # `result`, `outcome`, `conclusion`: one of a few words
            case "steps":
                return self._keep((place, path), self._step_output(path, scope, depth))
            case "needs" | "jobs":
                return self._keep((place[0], path), self._job_output(path, scope, depth))
        return (Origin("unknown", path),)

    def _matrix(self, path: tuple[str, ...], job: Job, scope: Scope, depth: int) -> Iterator[Origin]:
        values = matrix_values(job, path[1:])
        for value in (*values.written, *values.computed):
            yield from self._passed(value, scope.without_step(), depth, "put into the matrix")

    # ------------------------------------------------------------ variables

    def _environment(self, name: str, scope: Scope, depth: int) -> tuple[Origin, ...]:
        default = _DEFAULT_VARIABLES.get(name.upper())
        if default is not None:
            return (Origin("event", default),)
        return self._keep((scope.key, "env", name), self._variable(name.lower(), scope, depth))

    def _variable(self, name: str, scope: Scope, depth: int) -> Iterator[Origin]:
        """What `env` blocks and earlier steps give a variable; the innermost block wins."""
        kept = "kept in a variable"
        if scope.step is not None:
            value = self._names.entry(scope.step.env, name)
            if isinstance(value, Scalar):
                yield from self._passed(value, scope, depth, kept)
                return
        known = name.startswith(("github_", "runner_")) or name == "ci"
        for step in self._writers(scope).get(name, ()):
            if scope.step is None or step.number < scope.step.number:
                known = True
                yield from self._assigned(name, Scope(scope.owner, scope.job, step), depth)
        blocks = [scope.job.env] if scope.job is not None else []
        if isinstance(scope.owner, Workflow):
            blocks.append(scope.owner.env)
        for block in blocks:
            value = self._names.entry(block, name)
            if isinstance(value, Scalar):
                yield from self._passed(value, scope.without_step(), depth, kept)
                return
        if not known:
            yield Origin("unknown", ("env", name))

    def _writers(self, scope: Scope) -> dict[str, list[Step]]:
        """The steps of a job that write a variable for the steps behind them, by the variable."""
        place = scope.key[:2]
        found = self._written.get(place)
        if found is None:
            found = self._written[place] = {}
            for step in _steps(scope):
                if step.run is not None and (script := self._script(step.run.script)).writes_environment:
                    for name in script.names:
                        found.setdefault(name, []).append(step)
        return found

    def _assigned(self, name: str, scope: Scope, depth: int) -> tuple[Origin, ...]:
        """What the script of a step gives a name."""
        return self._keep((scope.key, "assigned", name), self._values(name, scope, depth))

    def _values(self, name: str, scope: Scope, depth: int) -> Iterator[Origin]:
        step = scope.step
        if step is None or step.run is None:
            return
        script = self._script(step.run.script)
        files = self._files(scope).get(step.number)
        for span in script.assigned(name):
            printed = printed_by(span, files)
            if printed is not None:
                kind: Kind = "event" if printed.path else "fetched"
                yield Origin(kind, printed.path or (printed.what,)).through(span, "fetched here", 1)
            if depth > MAX_HOPS or (computes(span) and printed is None):
                yield Origin("unknown", (name,))
            if depth > MAX_HOPS:
                return
            found = list(self._fences(script.fences(span), scope, depth))
            for used in names_in(span):
                if used.lower() != name and script.assigned(used.lower()):
                    found += self._assigned(used.lower(), scope, depth + 1)
                elif used.lower() != name:
                    found += self._environment(used, scope, depth + 1)
            doubt = 0 if not computes(span) else 1 if passes_on(span) else 2
            for origin in found:
                if origin.kind != "unknown":
                    yield origin.through(span, "assigned here", doubt)

    def _files(self, scope: Scope) -> dict[int, str]:
        """For each step what files of strangers there are when it starts."""
        place = scope.key[:2]
        known = self._foreign.get(place)
        if known is None:
            known = self._foreign[place] = {}
            files: str | None = None
            for step in _steps(scope):
                if files is not None:
                    known[step.number] = files
                files = files_of(step) or files
        return known

    def _script(self, scalar: Scalar) -> Script:
        found = self._scripts.get(id(scalar))
        if found is None:
            found = self._scripts[id(scalar)] = Script(scalar)
        return found

    # ------------------------------------------------------------ inputs

    def _input(
        self, path: tuple[str, ...], scope: Scope, depth: int, only: str | None = None
    ) -> tuple[Origin, ...]:
        if not path:
            return (Origin("unknown", ("inputs",)),)
        key = (scope.owner.source.path, "inputs", path[0], only)
        return self._keep(key, self._given(path[0], scope.owner, depth, only))

    def _given(self, name: str, owner: Workflow | Action, depth: int, only: str | None) -> Iterator[Origin]:
        """What those who start or call something give its input."""
        declared = False
        if isinstance(owner, Action):
            declared = self._names.entry(owner.root.get("inputs"), name) is not None
            if declared:
                # An action at the root of its repository is there for others to use.
                yield from self._callers(name, action_id(owner.source), depth, "/" not in owner.source.path)
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
                    yield from self._callers(name, workflow_id(owner.source), depth, False)
        if not declared:
            yield Origin("unknown", ("inputs", name))

    def _callers(self, name: str, called: str, depth: int, public: bool) -> Iterator[Origin]:
        """What the callers in the repository hand over; without any, the caller is not known."""
        count = 0
        for edge in self._graph.into(called, "uses" if called.startswith("action:") else "calls"):
            caller = self._graph.nodes[edge.source]
            if isinstance(caller, StepNode):
                call, scope = caller.step.call, Scope(caller.owner, caller.job, caller.step)
            elif isinstance(caller, JobNode):
                call, scope = caller.job.call, Scope(caller.workflow, caller.job, None)
            else:
                continue
            count += 1
            value = self._names.entry(call.inputs, name) if call is not None else None
            if isinstance(value, Scalar):
                yield from self._passed(value, scope, depth, "handed over as an input")
            if count == MAX_CALLERS:
                public = True
                break
        if public or not count:
            yield Origin("caller", ("inputs", name))

    # ------------------------------------------------------------ outputs

    def _step_output(self, path: tuple[str, ...], scope: Scope, depth: int) -> Iterator[Origin]:
        step = self._names.steps(_steps(scope)).get(path[1])
        name = path[3] if len(path) > 3 else "*"
        inner = Scope(scope.owner, scope.job, step)
        if step is not None and step.run is not None:
            script = self._script(step.run.script)
            if script.writes_outputs and script.assigned(name):
                yield from self._assigned(name, inner, depth)
                return
        elif step is not None and step.call is not None:
            for edge in self._graph.out(step_id(scope.owner.source, scope.job, step), "uses"):
                action = self._graph.nodes[edge.target]
                if isinstance(action, LocalActionNode):
                    value = self._names.entry(
                        self._names.entry(action.action.root.get("outputs"), name), "value"
                    )
                    if isinstance(value, Scalar):
                        yield from self._passed(
                            value,
                            Scope(action.action, None, None),
                            depth,
                            "given out as an output",
                        )
                        return
            foreign = output_of(step.call, name, self._files(scope).get(step.number))
            if foreign is False:
                return
            if isinstance(foreign, Foreign):
                yield Origin("fetched", (foreign.what,)).through(step.call.text.content, "fetched here")
                return
            yield from self._through_action(step.call, inner, depth)
        yield Origin("unknown", path)

    def _job_output(self, path: tuple[str, ...], scope: Scope, depth: int) -> Iterator[Origin]:
        owner = scope.owner
        job = self._names.jobs(owner).get(path[1]) if isinstance(owner, Workflow) else None
        if job is None or len(path) < 4:
            yield Origin("unknown", path)
            return
        name, message = path[3], "given out as an output"
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

    def _through_action(self, call: Call, scope: Scope, depth: int) -> Iterator[Origin]:
        """What another repository's action is given, as it may come out again."""
        name = call.target.name if isinstance(call.target, RepositoryUse) else call.text.value
        for entry in call.inputs.entries:
            for origin in self._scalar(entry.value, scope, depth):
                if origin.kind != "unknown":
                    yield origin.through(
                        entry.value.content, f"given to {quoted(name)}, which may pass it on", 2
                    )


def _steps(scope: Scope) -> tuple[Step, ...]:
    if scope.job is not None:
        return scope.job.steps
    return scope.owner.steps if isinstance(scope.owner, Action) else ()
