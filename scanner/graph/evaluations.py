"""Which lock a step evaluates: the join between workflows and flakes."""

from collections.abc import Iterable, Iterator, Mapping
from posixpath import normpath

from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.nix.command import evaluated_flakes, local_folder, mentions_nix
from scanner.parse.nix.script import Executed
from scanner.parse.nodes import Scalar
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call, Run

_WORKSPACE = ("$GITHUB_WORKSPACE", "${GITHUB_WORKSPACE}", "${{ github.workspace }}", "${{github.workspace}}")


_Folders = Iterator[tuple[str, Span]]
"""Folders with the texts that have them evaluated: a command, or the name of an action."""


def evaluated_locks(
    node: StepNode, locks: Mapping[str, str], knowledge: Knowledge
) -> Iterator[tuple[str, Span]]:
    """The ids of the locks that a step evaluates, each once, with the first command or the action that does so; `locks` maps a
    folder to the id of its lock.

    Nix looks for the flake in the folder and then upwards, so the nearest lock above counts.
    """
    seen: set[str] = set()
    for folder, at in _folders(node, knowledge):
        lock = _nearest(folder, locks)
        if lock is not None and lock not in seen:
            seen.add(lock)
            yield lock, at


def _folders(node: StepNode, knowledge: Knowledge) -> _Folders:
    """Folders relative to the repository root; those that only a run can tell are left out."""
    step = node.step
    if step.run is not None:
        yield from _script_folders(node, step.run)
    elif step.call is not None and isinstance(step.call.target, RepositoryUse):
        at = step.call.text.content.first_line()
        yield from ((folder, at) for folder in _action_folders(step.call, step.call.target, knowledge))


def _action_folders(call: Call, target: RepositoryUse, knowledge: Knowledge) -> Iterator[str]:
    action = knowledge.nix_action(target.name)
    if action is None or not action.evaluates:
        return
    if action.installables is not None and (built := call.inputs.get(action.installables)) is not None:
        for reference in built.value.replace(",", " ").split():
            for named in local_folder(reference):
                if (place := _join("", named)) is not None:
                    yield place
        return
    folder = call.inputs.get(action.directory) if action.directory is not None else None
    if (place := _place(folder, "")) is not None:
        yield place


def _script_folders(node: StepNode, run: Run) -> _Folders:
    folder = run.working_directory or next(
        (one.working_directory for one in node.defaults if one.working_directory is not None), None
    )
    here = _place(folder, "")
    if here is None:
        return
    # `shell: nix develop -c bash -e {0}` evaluates the flake before the script runs.
    for script in node.scripts:
        if mentions_nix(script.text):
            yield from _command_folders(script.commands, here)


def _command_folders(commands: Iterable[Executed], here: str) -> _Folders:
    """Follows `cd` through the commands and those that they run; each subshell has a folder of its own."""
    folders: dict[tuple[int, ...], str | None] = {(): here}
    for one in commands:
        command, shell = one.command, one.command.shell
        while shell not in folders:
            shell = shell[:-1]
        current = folders[shell]
        if command.program in ("cd", "pushd") and len(command.words) > 1:
            target = command.words[1].text
            folders[command.shell] = None if current is None else _join(current, target)
        elif current is not None:
            for folder in evaluated_flakes(command, one.call) if one.call is not None else ():
                place = _join(current, folder)
                if place is not None:
                    yield place, one.between(command.words[0], command.words[-1])
            yield from _command_folders(one.inner, current)


def _place(folder: Scalar | None, here: str) -> str | None:
    return here if folder is None else _join(here, folder.value)


def _join(here: str, folder: str) -> str | None:
    """A folder relative to the repository root; None when only a run can tell, or when it leaves the root."""
    for workspace in _WORKSPACE:
        if folder.startswith(workspace):
            here, folder = "", folder[len(workspace) :].lstrip("/")
            break
    if "$" in folder or folder.startswith(("/", "~", "-")):
        return None
    joined = normpath(f"{here}/{folder}" if here else folder or ".")
    if joined.startswith(".."):
        return None
    return "" if joined == "." else joined


def _nearest(folder: str, locks: Mapping[str, str]) -> str | None:
    while True:
        if folder in locks:
            return locks[folder]
        if not folder:
            return None
        folder = folder.rpartition("/")[0]
