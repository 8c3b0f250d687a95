"""Jobs that update a lock and then put it on the branch they run on, without a pull request."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from scanner.graph.nodes.workflows import StepNode
from scanner.model.source import Span
from scanner.parse.nix.script import Executed
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

_PINNERS: Final = {
    "npins": ("update", "upgrade"),
    "niv": ("update",),
    "lon": ("update",),
    "devenv": ("update",),
}
# Actions that commit and push, with the input that names the branch (their action.yml).
_PUSHERS: Final = {
    "actions-js/push": "branch",
    "ad-m/github-push-action": "branch",
    "devops-infra/action-commit-push": "target_branch",
    "endbug/add-and-commit": "new_branch",
    "iarekylew00t/verified-bot-commit": "ref",
    "planetscale/ghcommit-action": "branch",
    "stefanzweifel/git-auto-commit-action": "branch",
}
# Actions that open a pull request with what the job has changed (their README).
_OPENS_REQUEST: Final = frozenset(
    "determinatesystems/update-flake-lock peter-evans/create-pull-request repo-sync/pull-request "
    "vsoch/pull-request-action gr2m/create-or-update-pull-request-action devops-infra/action-pull-request "
    "thomaseizinger/create-pull-request dwrk/create-pull-request".split()
)
_MAIN: Final = frozenset(("main", "master", "HEAD", ""))
_USUAL: Final = frozenset(
    "trunk develop devel dev default unstable nightly stable release production head".split()
)
_RELEASE: Final = re.compile(r"\d")
_PUSH_VALUES: Final = frozenset(("-o", "--push-option", "--repo", "--receive-pack", "--exec"))
_UPDATES: Final = ("update", "upgrade", "--recreate-lock-file")
_GIT: Final = ("push", "checkout", "switch", "pr create", "pr new", "pull-request")


def _may_update(text: str) -> bool:
    """Whether a script may update a lock at all: only then are those of its job worth reading."""
    if not any(word in text for word in _UPDATES):
        return False
    return "nix" in text or any(f"{tool} " in text for tool in _PINNERS)


def _may_push(step: StepNode) -> bool:
    call = step.step.call
    if call is not None:
        return isinstance(call.target, RepositoryUse) and call.target.slug in _PUSHERS
    return any("push" in script.text for script in step.scripts)


class Update(NamedTuple):
    """A command that writes a new lock, and what then pushes it; `named` when the job has checked out a branch by name."""

    node: StepNode
    at: Span
    text: str
    push: Span
    named: bool


def updates_in_place(steps: Iterable[StepNode]) -> list[Update]:
    """The updates among the steps of a job that are pushed to the branch it runs on; none when a pull request is opened."""
    nodes = list(steps)
    updating = any(_may_update(script.text) for node in nodes for script in node.scripts)
    if not updating or not any(map(_may_push, nodes)):
        return []
    waiting: list[tuple[StepNode, Span, str]] = []
    found: list[Update] = []
    elsewhere = named = False
    for node in nodes:
        call = node.step.call
        if call is not None and isinstance(call.target, RepositoryUse):
            if call.target.slug in _OPENS_REQUEST:
                return []
            ref = call.inputs.get("ref") if call.target.slug == "actions/checkout" else None
            if ref is not None:
                # What is pushed to the branch of a pull request is reviewed with it.
                elsewhere = elsewhere or "head_ref" in ref.value or ".head." in ref.value
                # A branch that is written out and is not the main one may be reviewed before it is merged.
                elsewhere = elsewhere or ("${{" not in ref.value and not _is_main(ref.value))
                named = named or not _is_here(ref.value)
            if not elsewhere and _pushes_here(call, call.target.slug):
                found += [Update(*one, call.text.content.first_line(), named) for one in waiting]
                waiting = []
        for one in _commands(node):
            words = one.command.texts
            if words[:3] in (("gh", "pr", "create"), ("gh", "pr", "new")) or words[:2] == (
                "hub",
                "pull-request",
            ):
                return []
            if one.command.program == "git" and _leaves_branch(words):
                elsewhere = True
            elif not elsewhere and one.command.program == "git" and _pushes(words):
                at = one.between(one.command.words[0], one.command.words[words.index("push")])
                found += [Update(*update, at, named) for update in waiting]
                waiting = []
            update = _updates(one)
            if update is not None:
                waiting.append((node, *update))
    return found


def _commands(node: StepNode) -> Iterator[Executed]:
    """The commands of a step, if any of them may matter."""
    for script in node.scripts:
        if _may_update(script.text) or any(word in script.text for word in _GIT):
            yield from script.all


def _updates(one: Executed) -> tuple[Span, str] | None:
    """The place and the text of a command that writes newer references into a lock."""
    command, call = one.command, one.call
    if call is not None:
        option = call.has("--recreate-lock-file", "--update-input")
        if call.has("--no-write-lock-file", "--no-update-lock-file", "--output-lock-file") is not None:
            return None
        if call.verb == "flake update" or (option is not None and call.verb == "flake lock"):
            return one.between(command.words[0], call.named), f"nix {call.verb}"
        return (one.at(option), option.text) if option is not None else None
    verbs = _PINNERS.get(command.program, ())
    for word in command.words[1:]:
        if not word.text.startswith("-"):
            return (
                (one.between(command.words[0], word), f"{command.program} {word.text}")
                if word.text in verbs
                else None
            )
    return None


def _pushes_here(call: Call, slug: str) -> bool:
    if slug not in _PUSHERS:
        return False
    branch, push = call.inputs.get(_PUSHERS[slug]), call.inputs.get("push")
    create = call.inputs.get("create_branch")
    if (push is not None and push.value.lower() == "false") or (
        create is not None and create.value == "true"
    ):
        return False
    return branch is None or _is_here(branch.value)


def _leaves_branch(words: tuple[str, ...]) -> bool:
    """`git checkout -b x`, `git switch -c x`: what follows happens on another branch."""
    return any(word in ("checkout", "switch") for word in words) and not {
        "-b", "-B", "-c", "-C", "--create", "--force-create", "--orphan"
    }.isdisjoint(words)  # fmt: skip


def _pushes(words: tuple[str, ...]) -> bool:
    """Whether `git push …` goes to the branch that the job runs on."""
    if "push" not in words:
        return False
    positional: list[str] = []
    rest = iter(words[words.index("push") + 1 :])
    for word in rest:
        if word in ("-n", "--dry-run", "-d", "--delete", "--tags"):
            return False
        if word in _PUSH_VALUES:
            next(rest, None)
        elif not word.startswith("-"):
            positional.append(word)
    targets = positional[1:]
    return not targets or any(_is_here(target.removeprefix("+").rpartition(":")[2]) for target in targets)


def _is_main(branch: str) -> bool:
    """Whether a branch may be the one that everybody takes, by its name."""
    name = branch.strip().removeprefix("refs/heads/").lower()
    return name in _MAIN or name in _USUAL or _RELEASE.search(name) is not None


def _is_here(branch: str) -> bool:
    name = branch.strip().removeprefix("refs/heads/")
    if name in _MAIN:
        return True
    lower = name.lower()
    return any(word in lower for word in ("github.ref", "github_ref", "default_branch"))
