"""Actions and called workflows of other repositories that nothing fixes: neither a full commit id, nor GitHub's lock."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.patterns import covered
from scanner.analysis.uses.locked_actions import lock_of
from scanner.analysis.uses.pins import BRANCHES, is_version
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.graph.graph import Graph, per_graph
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.parse.actions_lock import ActionsLock
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call

_GITHUB: Final = ("actions/*", "github/*", "advanced-security/*")


class Unpinned(NamedTuple):
    """`subject` is the step or job that uses it; `advice` says what to do, in the words of a message. `doubt` is why it may be
    pinned all the same: by a lock that nobody can read for sure."""

    subject: str
    at: Span
    use: RepositoryUse
    text: str
    advice: str
    doubt: str | None = None

    @property
    def githubs(self) -> bool:
        """Whether it is GitHub's own, whom a workflow on GitHub trusts already."""
        return covered(self.use.slug, _GITHUB)

    @property
    def evidence(self) -> tuple[str, ...]:
        """What tells it apart: what it uses, whichever version. One that follows a branch is worse, and another one."""
        name = self.use.name.lower()
        return (name,) if is_version(self.use.ref) else (name, "no version")

    @property
    def follows(self) -> str:
        """What kind of name it follows."""
        ref = self.use.ref
        if ref.lower() in BRANCHES:
            return "a branch"
        if len(ref) >= 7 and all(char in "0123456789abcdef" for char in ref.lower()):
            return "what looks like a commit but is no full id (40 digits)"
        return "a tag or branch"


@per_graph
def unpinned(graph: Graph) -> tuple[Unpinned, ...]:
    """Every one that can run, those of steps first."""
    lock = lock_of(graph)
    return tuple(
        answer for subject, call, path in _calls(graph) for answer in _judge(subject, call, lock, path)
    )


def _calls(graph: Graph) -> Iterator[tuple[str, Call, str | None]]:
    """Every `uses:` with its node and the workflow whose entry in actions.lock covers it. The lock pins actions that
    the steps of workflows use: no called workflows, and no steps of composite actions, which others may use too."""
    for step in live_steps(graph):
        if step.step.call is not None:
            yield step.id, step.step.call, step.path if step.job is not None else None
    for job in live_jobs(graph):
        if job.job.call is not None:
            yield job.id, job.job.call, None


def _judge(subject: str, call: Call, lock: ActionsLock | None, path: str | None) -> Iterator[Unpinned]:
    at, use, text = call.text.content.first_line(), call.target, quoted(call.text.value.strip())
    if not isinstance(use, RepositoryUse) or use.pinned:
        return
    advice = f"pin the commit and keep the name behind it: {quoted(f'{use.name}@<commit> # {use.ref}', 100)}"
    if lock is not None and path in lock.workflows:
        if lock.pin_for(path, use) is not None:
            if not lock.known_version:
                doubt = f"{text} is pinned by an `actions.lock` of an unknown version"
                yield Unpinned(subject, at, use, text, advice, doubt)
            return
        written, refused = lock.written_pin(path, use), lock.workflows[path].refused
        if written is None:
            advice = "`actions.lock` covers this workflow but not this use: run `gh actions-lock`"
        elif lock.flaws:
            advice = (
                f"`actions.lock` pins nothing: {lock.flaws[0].reason}. Write it anew with `gh actions-lock`"
            )
        elif written.defect is not None:
            advice = f"the pin in `actions.lock` does not hold: {written.defect}. Run `gh actions-lock`"
        elif refused is not None:
            advice = (
                f"`actions.lock` pins nothing in this workflow, for the entry of {quoted(refused.key.value, 100)}: "
                f"{refused.defect}. Run `gh actions-lock`"
            )
    yield Unpinned(subject, at, use, text, advice)
