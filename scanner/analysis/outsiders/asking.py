"""Steps that look at who is behind a run, by GitHub's API or in a script: what they ask, and whether they fail for others.

Actions and calls: the control checks of CodeQL for Actions 2.26.2 (MIT, GitHub) and the READMEs of the actions.
"""

from typing import Final, NamedTuple

from scanner.analysis.outsiders.checks import Kind
from scanner.parse.nodes import Mapping, Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call, Step

_OPEN: Final = ("none", "read", "triage")
"""What somebody without rights may have in a public repository."""


class Asking(NamedTuple):
    """`kinds` are what a step looks at; `fails` says that it ends the job for those who are not let through, else it only says so in
    an output."""

    kinds: frozenset[Kind]
    fails: bool


NOTHING: Final = Asking(frozenset(), False)


class _Checker(NamedTuple):
    """An action that asks. `level` is its input for the rights that are wanted. It fails for others: if its input `switch` is
    `on` (an empty name: always), which it is without the input when `default` says so."""

    kind: Kind
    level: str = ""
    switch: str = ""
    on: str = "true"
    default: bool = True


_CHECKERS: Final = {
    "actions-cool/check-user-permission": _Checker(
        "permission", "require", "error-if-missing", "true", False
    ),
    "lannonbr/repo-permission-check-action": _Checker("permission", "permission"),
    "prince-chrismc/check-actor-permissions-action": _Checker("permission", "permission"),
    "sushichop/action-repository-permission": _Checker("permission", "required-permission", "relax", "false"),
    "themoddinginquisition/actions-team-membership": _Checker("association", "", "exit"),
    "xt0rted/slash-command-action": _Checker("permission", "permission-level"),
}
_LOOKUPS: Final = (
    "getCollaboratorPermissionLevel",
    "checkCollaborator",
    "checkMembershipForUser",
    "getMembershipForUser",
    "/collaborators/",
    "/memberships/",
    "/members/",
)
_THROWING: Final = ("checkCollaborator", "checkMembershipForUser", "getMembershipForUser")
"""Calls that fail for somebody who is none, by a 404."""

_WORDS: Final[tuple[tuple[Kind, tuple[str, ...]], ...]] = (
    ("permission", _LOOKUPS),
    ("association", ("author_association", "authorAssociation")),
    (
        "actor",
        (
            "github.actor",
            "GITHUB_ACTOR",
            "triggering_actor",
            "TRIGGERING_ACTOR",
            "context.actor",
            "user.login",
            "sender.login",
        ),
    ),
    (
        "repository",
        ("head.repo.full_name", "head.repo.fork", "head.repo.owner", "head_repository", "isCrossRepository"),
    ),
    ("label", ("labels.*", ".labels", "label.name")),
)
_COMPARES: Final = ("==", "!=", " = ", "case ", "grep", "includes(", "contains(", "=~", "has(", "indexOf(")
_ENDS: Final = ("setFailed", "throw ", "process.exit", *(f"exit {code}" for code in range(1, 10)), "exit -1")
NEAR: Final = 7
"""Lines of a script, from one that compares, in which it says what follows from that."""

_DATES: Final = ("commit", "pushed", "comment", "created", "updated", "committed")


def asking(step: Step) -> Asking:
    """What a step asks by itself; of an action in the repository nothing is said."""
    if step.run is not None:
        return _script(step.run.script.value, step)
    use = step.call.target if step.call is not None else None
    if step.call is None or not isinstance(use, RepositoryUse):
        return NOTHING
    if use.slug == "actions/github-script":
        script = step.call.inputs.get("script")
        return _script(script.value, step) if script is not None else NOTHING
    if use.slug == "octokit/request-action":
        return _request(step.call)
    checker = _CHECKERS.get(use.slug)
    return _checker(step, step.call, checker) if checker is not None else NOTHING


def stops_everybody(step: Step) -> bool:
    """Whether a step does nothing but to fail."""
    script = step.run.script.value if step.run is not None else ""
    lines = [line.strip() for line in script.splitlines() if line.strip()]
    return (
        bool(lines)
        and lines[-1] in _ENDS
        and all(line.startswith(("echo ", "#", "printf ")) for line in lines[:-1])
    )


def continues(step: Step) -> bool:
    """Whether the job goes on when the step fails; an expression may say so."""
    value = step.at.get("continue-on-error")
    return value is not None and not (isinstance(value, Scalar) and value.value.lower() == "false")


def _checker(step: Step, call: Call, checker: _Checker) -> Asking:
    wanted = call.inputs.get(checker.level) if checker.level else None
    if wanted is not None and any(word in wanted.value.lower() for word in _OPEN):
        return NOTHING
    given = call.inputs.get(checker.switch) if checker.switch else None
    fails = checker.default if given is None else given.value.lower() == checker.on
    return Asking(frozenset((checker.kind,)), fails and not continues(step))


def _request(call: Call) -> Asking:
    route = call.inputs.get("route")
    text = route.value if route is not None else ""
    if not text.startswith("GET") or not any(
        word in text for word in ("collaborators", "memberships", "/members/")
    ):
        return NOTHING
    return Asking(frozenset[Kind](("permission",)), not text.rstrip().endswith("permission"))


def _script(script: str, step: Step) -> Asking:
    texts = [script, *(entry.value.value for entry in step.env.entries)]
    ends = any(word in script for word in _ENDS)
    kinds: set[Kind] = set()
    fails = False
    for kind, words in _WORDS:
        if not any(word in text for text in texts for word in words):
            continue
        if kind == "permission":
            # What the answer is compared with may stand in another variable.
            kinds.add(kind)
            fails = fails or ends or _fails_by_itself(script)
            continue
        names = [
            *words,
            *(one.key.value for one in step.env.entries if any(word in one.value.value for word in words)),
        ]
        compared, ended = _compares(script, names)
        if compared:
            kinds.add(kind)
            fails = fails or ended
    if script.count("date -d") > 1 and any(f"{word}_at" in script.lower() for word in _DATES):
        kinds.add("time")
        fails = fails or ends
    return Asking(frozenset(kinds), fails and not continues(step)) if kinds else NOTHING


def _compares(script: str, names: list[str]) -> tuple[bool, bool]:
    """Whether a line of a script compares one of some values, and whether it, or one of those right behind it, ends the script."""
    lines = script.splitlines()
    compared = False
    for number, line in enumerate(lines):
        if any(name in line for name in names) and any(sign in line for sign in _COMPARES):
            compared = True
            if any(word in one for one in lines[number : number + NEAR] for word in _ENDS):
                return True, True
    return compared, False


def _fails_by_itself(script: str) -> bool:
    """Whether a lookup of somebody who is no member or collaborator ends the step, because nothing catches it."""
    if any(call in script for call in _THROWING):
        return "catch" not in script
    for line in script.splitlines():
        if any(word in line for word in ("/collaborators/", "/members/", "/memberships/")):
            asks_level = line.rstrip().rstrip("\"')").endswith("/permission") or "/permission" in line
            return not asks_level and not any(word in line for word in ("if ", "||", "&&", "curl"))
    return False


def output_of(job: Mapping, name: str) -> Scalar | None:
    """The text of an output of a job, by its name."""
    outputs = job.get("outputs")
    if not isinstance(outputs, Mapping):
        return None
    for key, value in outputs.pairs:
        if key.value.lower() == name and isinstance(value, Scalar):
            return value
    return None
