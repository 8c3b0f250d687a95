"""Where a text enters a run from outside, with the way from there; and where an expression stands."""

from typing import Literal, NamedTuple

from scanner.model.finding import Note
from scanner.model.source import Span
from scanner.parse.action import Action
from scanner.parse.workflow import Job, Step, Workflow

MAX_HOPS = 20
KEPT_HOPS = 12
"""Places of a way that are kept: its beginning."""

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

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps around it: of the job or the composite action."""
        if self.job is not None:
            return self.job.steps
        return self.owner.steps if isinstance(self.owner, Action) else ()


class Origin(NamedTuple):
    """`path` is the context at which the text enters: a field of the event (`event`), an input that the person who
    starts the run fills in (`dispatch`), one that an unknown caller does (`caller`), or what cannot be followed
    (`unknown`). What a step has `fetched` has the path of the field of an event that is the same text (the branch that
    `gh pr view` prints is `github.event.pull_request.head.ref`), or one phrase that says what it is. `hops` are the places
    that it passes, from there to the expression. `doubt` is 1 where commands of a script pass it on, 2 where only others know
    whether they do: another repository's action, a program. `guarded` are events in whose runs it cannot be there. `ref`: git has checked that it is the name of a branch, so that
    no `-` begins it and no space is in it.
    """

    kind: Kind
    path: tuple[str, ...]
    hops: tuple[Note, ...] = ()
    doubt: int = 0
    guarded: frozenset[str] = frozenset()
    ref: bool = False

    def through(self, at: Span, message: str, doubt: int = 0, *, kind: str = "", name: str = "") -> "Origin":
        """The origin behind one more hop; of a very long way only the beginning is kept. For code, `kind` says what happens there:
        `kept` under a name, `exported` to later steps, `handed over` as an input."""
        hops = (*self.hops[:KEPT_HOPS], Note(at.first_line(), message, kind, name))
        return self._replace(hops=hops, doubt=max(self.doubt, doubt))

    @property
    def name(self) -> str:
        """The path in one text."""
        return ".".join(self.path)

    @property
    def is_field(self) -> bool:
        """Whether the path is that of a context."""
        return len(self.path) > 1
