"""Steps that look at who is behind a run, by GitHub's API or in a script: what they ask, and whether they fail for others.

Actions: the control checks of CodeQL for Actions 2.26.2 (MIT, GitHub) and the READMEs of the actions.
"""

from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.analysis.outsiders.checks import Kind
from scanner.analysis.outsiders.people import CALLS, ROUTES, Sign, signs_in
from scanner.analysis.scripts.shells import shell_of
from scanner.graph.nodes.workflows import StepNode
from scanner.parse.nodes import Mapping, Scalar
from scanner.parse.programs import OTHERS, POWERSHELL
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call, Job, Step

if TYPE_CHECKING:
    from scanner.analysis.outsiders.truths import Done
    from scanner.parse.shell_words import Command

_OPEN: Final = ("none", "read", "triage")
"""What somebody without rights may have in a public repository."""


class Reply(NamedTuple):
    """What an output is for somebody who may not: one of `values`, or with `refuses` an answer that says so in its own words. Neither:
    nothing is known of it."""

    values: frozenset[str] | None = None
    refuses: bool = False


class Asking:
    """What a step asks. `kinds` are what it looks at."""

    __slots__ = ("_fails", "_says", "kinds")

    def __init__(self, kinds: frozenset[Kind], fails: bool, says: str = "") -> None:
        """`says` is an output that is `true` or `false`."""
        self.kinds = kinds
        self._says = says
        self._fails = fails

    @property
    def ever(self) -> bool:
        """Whether it ends the job for those who are not let through, else it only says so in an output."""
        return self.fails(self.kinds)

    def fails(self, world: frozenset[Kind]) -> bool:
        """Whether it ends the job of outsiders of whom these kinds are known."""
        return self._fails and not self.kinds.isdisjoint(world)

    def reply(self, name: str, world: frozenset[Kind]) -> Reply:
        """What an output, by its name in lower case, is for them."""
        if self.kinds.isdisjoint(world):
            return Reply()
        return Reply(frozenset(("false",))) if name == self._says else Reply(refuses=True)


class _Script(Asking):
    """A script, which is run in mind."""

    __slots__ = ("_commands", "_done", "_env", "_goes_on", "_text")

    def __init__(
        self, text: str, commands: "list[Command] | None", env: dict[str, frozenset[Sign]], goes_on: bool
    ) -> None:
        """`commands` are None where the text is none of a shell."""
        self._text = text
        self._commands = commands
        self._env = env
        self._goes_on = goes_on
        self._done: dict[tuple[frozenset[Kind], bool], Done] = {}
        super().__init__(self._asked(), False)

    def fails(self, world: frozenset[Kind]) -> bool:
        world = world & self.kinds
        if self._goes_on or not world or self._run(frozenset(), False).fails:
            return False
        return self._run(world, False).fails or ("time" in world and self._run(world, True).fails)

    def reply(self, name: str, world: frozenset[Kind]) -> Reply:
        world = world & self.kinds
        if not world:
            return Reply()
        done = self._run(world, False)
        if name not in done.outputs:
            return Reply(refuses=True)
        values = done.outputs[name]
        return Reply(values, values is None and name in done.told)

    def _asked(self) -> frozenset[Kind]:
        if self._commands is None:
            return self._run(frozenset(), False).kinds
        from scanner.analysis.outsiders.shell_asking import asked

        return asked(self._commands, self._text, self._env)

    def _run(self, world: frozenset[Kind], late: bool) -> "Done":
        key = (world, late)
        if key not in self._done:
            if self._commands is None:
                from scanner.analysis.outsiders import code_asking

                self._done[key] = code_asking.run(self._text, self._env, world, late)
            else:
                from scanner.analysis.outsiders import shell_asking

                self._done[key] = shell_asking.run(self._text, self._commands, self._env, world, late)
        return self._done[key]


NOTHING: Final = Asking(frozenset(), False)


class _Checker(NamedTuple):
    """An action that asks. `level` is its input for the rights that are wanted. It fails for others: if its input `switch` is
    `on` (an empty name: always), which it is without the input when `default` says so.
    Its output `says` is `true` or `false`."""

    kind: Kind
    level: str = ""
    switch: str = ""
    on: str = "true"
    default: bool = True
    says: str = ""


_ENDS: Final = (*(f"exit {code}" for code in range(1, 10)), "exit -1")
_LONG: Final = 50_000
"""Characters of a script that is read; a longer one is no check."""

_SHORT: Final = 2000
"""Characters of a script that only fails."""

# Source: CodeQL, `security/ControlChecks.qll`; the action.yml of each (inputs and what they are by default).
_CHECKERS: Final = {
    "actions-cool/check-user-permission": _Checker(
        "permission", "require", "error-if-missing", "true", False, "require-result"
    ),
    "lannonbr/repo-permission-check-action": _Checker("permission", "permission"),
    "prince-chrismc/check-actor-permissions-action": _Checker("permission", "permission", says="permitted"),
    "sushichop/action-repository-permission": _Checker("permission", "required-permission", "relax", "false"),
    "themoddinginquisition/actions-team-membership": _Checker("association", "", "exit"),
    "xt0rted/slash-command-action": _Checker("permission", "permission-level"),
}


def asking(node: StepNode) -> Asking:
    """What a step asks by itself; of an action in the repository nothing is said."""
    step = node.step
    if step.run is not None:
        return _of_shell(node, step.run.script.value)
    use = step.call.target if step.call is not None else None
    if step.call is None or not isinstance(use, RepositoryUse):
        return NOTHING
    if use.slug == "actions/github-script":
        script = step.call.inputs.get("script")
        if script is None or not _may(script.value, node):
            return NOTHING
        return _Script(script.value, None, _variables(node), continues(step))
    if use.slug == "octokit/request-action":
        return _request(step.call)
    checker = _CHECKERS.get(use.slug)
    return _checker(step, step.call, checker) if checker is not None else NOTHING


def stops_everybody(step: Step) -> bool:
    """Whether a step does nothing but to fail."""
    script = step.run.script.value if step.run is not None else ""
    if "exit" not in script or len(script) > _SHORT:
        return False
    lines = [line.strip() for line in script.splitlines() if line.strip()]
    return lines[-1] in _ENDS and all(line.startswith(("echo ", "#", "printf ")) for line in lines[:-1])


def continues(one: Step | Job) -> bool:
    """Whether the job goes on when a step fails, or the workflow when a job does; an expression may say so."""
    value = one.at.get("continue-on-error")
    return value is not None and not (isinstance(value, Scalar) and value.value.lower() == "false")


def _checker(step: Step, call: Call, checker: _Checker) -> Asking:
    wanted = call.inputs.get(checker.level) if checker.level else None
    if wanted is not None and any(word in wanted.value.lower() for word in _OPEN):
        return NOTHING
    given = call.inputs.get(checker.switch) if checker.switch else None
    fails = checker.default if given is None else given.value.lower() == checker.on
    return Asking(frozenset((checker.kind,)), fails and not continues(step), checker.says)


def _request(call: Call) -> Asking:
    route = call.inputs.get("route")
    text = route.value if route is not None else ""
    if not text.startswith("GET") or not any(
        word in text for word in ("collaborators", "memberships", "/members/")
    ):
        return NOTHING
    return Asking(frozenset[Kind](("permission",)), not text.rstrip().endswith("permission"))


def _of_shell(node: StepNode, script: str) -> Asking:
    if not _may(script, node):
        return NOTHING
    name, goes_on = shell_of(node).name, continues(node.step)
    if name in POWERSHELL:
        from scanner.analysis.outsiders.code_asking import of_powershell

        return _Script(of_powershell(script), None, _variables(node), goes_on)
    if name in OTHERS:
        return NOTHING
    from scanner.parse.shell import commands

    return _Script(script, list(commands(script)), _variables(node), goes_on)


def _may(script: str, node: StepNode) -> bool:
    """A cheap look at whether a script has anything to ask about."""
    if len(script) > _LONG:
        return False
    if _names(script):
        return True
    return any(_names(entry.value.value) for entry in node.step.env.entries)


def _names(text: str) -> bool:
    return bool(signs_in(text)) or any(word in text for word in (*CALLS, *ROUTES))


def _variables(node: StepNode) -> dict[str, frozenset[Sign]]:
    """What the variables of a step are about."""
    found: dict[str, frozenset[Sign]] = {}
    for entry in node.step.env.entries:
        signs = set(signs_in(entry.value.value)) if "${{" in entry.value.value else set()
        if any(route in entry.value.value for route in ROUTES):
            signs |= {"route", "level"} if "/permission" in entry.value.value else {"route"}
        if signs:
            found[entry.key.value] = frozenset(signs)
    return found


def output_of(job: Mapping, name: str) -> Scalar | None:
    """The text of an output of a job, by its name."""
    outputs = job.get("outputs")
    if not isinstance(outputs, Mapping):
        return None
    for key, value in outputs.pairs:
        if key.value.lower() == name and isinstance(value, Scalar):
            return value
    return None
