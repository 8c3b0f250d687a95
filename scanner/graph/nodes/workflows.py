"""Nodes of the world of GitHub Actions: workflows, jobs, steps, and what they use and read."""

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from scanner.graph.ids import action_id, job_id, lock_id, remote_id, step_id, workflow_id
from scanner.graph.nodes.base import Attributes, FileNode, Node
from scanner.model.secrets import masked
from scanner.model.source import Source, Span
from scanner.parse.action import Action
from scanner.parse.actions_lock import ActionsLock, Pin
from scanner.parse.fences import evened
from scanner.parse.image import Image, without_secrets
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Defaults, Job, Step, Workflow

if TYPE_CHECKING:
    from scanner.parse.nix.script import Script

_LONG_SIGNATURE: Final = 200
"""Characters of a step's signature from which on it is a digest."""


def _without_ref(id: str) -> str:
    return id.rpartition("@")[0] or id


class ActionsLockNode(FileNode):
    """GitHub's actions.lock."""

    __slots__ = ("lock",)
    kind = "lock"

    def __init__(self, lock: ActionsLock) -> None:
        super().__init__(lock_id(lock.source))
        self.lock: Final = lock

    @property
    def source(self) -> Source:
        return self.lock.source

    def attributes(self) -> Attributes:
        return {"version": self.lock.version or "unknown"}


class WorkflowNode(FileNode):
    """A workflow of the repository."""

    __slots__ = ("workflow",)
    kind = "workflow"

    def __init__(self, workflow: Workflow) -> None:
        super().__init__(workflow_id(workflow.source))
        self.workflow: Final = workflow

    @property
    def source(self) -> Source:
        return self.workflow.source

    def place(self) -> Span:
        return self.workflow.head

    def attributes(self) -> Attributes:
        name = self.workflow.name
        found: Attributes = {"events": ", ".join(sorted(self.workflow.events))}
        if name is not None:
            found["name"] = name.value
        return found


class JobNode(Node):
    """A job of a workflow: one of steps, or the call of another workflow."""

    __slots__ = ("job", "workflow")
    kind = "job"

    def __init__(self, workflow: Workflow, job: Job) -> None:
        super().__init__(job_id(workflow.source, job))
        self.workflow: Final = workflow
        self.job: Final = job

    @property
    def path(self) -> str:
        return self.workflow.source.path

    @property
    def label(self) -> str:
        return self.job.id.value

    def place(self) -> Span:
        return self.job.id.span


class StepNode(Node):
    """A step of a job, or of a composite action. Of the latter `job` is None."""

    __slots__ = ("_scripts", "job", "owner", "step")
    kind = "step"

    def __init__(self, owner: Workflow | Action, job: Job | None, step: Step) -> None:
        super().__init__(step_id(owner.source, job, step))
        self.owner: Final = owner
        self.job: Final = job
        self.step: Final = step
        self._scripts: tuple[Script, ...] | None = None

    @property
    def path(self) -> str:
        return self.owner.source.path

    @property
    def defaults(self) -> tuple[Defaults, ...]:
        """The `defaults:` of the job and the workflow around it, nearest first."""
        if self.job is None or not isinstance(self.owner, Workflow):
            return ()
        return self.job.defaults, self.owner.defaults

    @property
    def scripts(self) -> "tuple[Script, ...]":
        """What it runs as commands of a shell."""
        if self._scripts is None:
            from scanner.parse.nix.script import scripts_of

            run = self.step.run
            self._scripts = scripts_of(run, self.defaults) if run is not None else ()
        return self._scripts

    @property
    def label(self) -> str:
        step = self.step
        if step.name is not None:
            return masked(step.name.value)
        if step.call is not None:
            return masked(step.call.text.value)
        return step.id.value if step.id is not None else f"step {step.number + 1}"

    @property
    def signature(self) -> str:
        """What tells the step apart from others of its job, and outlives edits of them. It is short: a long text stands
        in it as its digest, since every finding at the step hashes it."""
        found = evened(self._signature())
        if len(found) <= _LONG_SIGNATURE:
            return found
        kind = found.partition(" ")[0]
        return f"{kind} {sha256(found.encode('utf-8', 'surrogatepass')).hexdigest()}"

    def _signature(self) -> str:
        step = self.step
        if step.id is not None:
            return f"id {step.id.value}"
        if step.name is not None:
            return f"name {step.name.value}"
        if step.call is not None:
            target = step.call.target
            return (
                f"uses {target.name.lower() if isinstance(target, RepositoryUse) else step.call.text.value}"
            )
        return "run"

    @property
    def is_nameless(self) -> bool:
        """Whether only its script tells it apart: what is found in one is told apart by what it is about, since scripts are edited."""
        return self.step.id is None and self.step.name is None and self.step.call is None

    def place(self) -> Span:
        """The step's name, or its first key."""
        if self.step.name is not None:
            return self.step.name.content
        pairs = self.step.at.pairs
        return pairs[0][0].span if pairs else self.step.at.span.first_line()


class LocalActionNode(FileNode):
    """An action of the repository, by its action.yml."""

    __slots__ = ("action",)
    kind = "action"

    def __init__(self, action: Action) -> None:
        super().__init__(action_id(action.source))
        self.action: Final = action

    @property
    def source(self) -> Source:
        return self.action.source

    def place(self) -> Span:
        key = self.action.root.key("name") or self.action.root.pairs[0][0]
        return key.span

    def attributes(self) -> Attributes:
        using = self.action.using
        return {"using": using.value} if using is not None else {}


class ActionNode(Node):
    """An action of another repository, at a ref. `pin` is what actions.lock holds for it."""

    __slots__ = ("pin", "use")
    kind = "action"

    def __init__(self, use: RepositoryUse, pin: Pin | None) -> None:
        super().__init__(f"action:{remote_id(use)}")
        self.use: Final = use
        self.pin: Final = pin

    @property
    def identity(self) -> str:
        return _without_ref(self.id)

    def attributes(self) -> Attributes:
        found: Attributes = {"name": self.use.name, "ref": self.use.ref, "pinned": self.use.pinned}
        if self.pin is not None and self.pin.defect is None and self.pin.commit is not None:
            found |= {"commit": self.pin.commit, "locked": True}
        return found


class ReusableWorkflowNode(Node):
    """A workflow of another repository that a job calls."""

    __slots__ = ("use",)
    kind = "reusable-workflow"

    def __init__(self, use: RepositoryUse) -> None:
        super().__init__(f"reusable-workflow:{remote_id(use)}")
        self.use: Final = use

    @property
    def identity(self) -> str:
        return _without_ref(self.id)

    def attributes(self) -> Attributes:
        return {"name": self.use.name, "ref": self.use.ref, "pinned": self.use.pinned}


class ImageNode(Node):
    """A container image."""

    __slots__ = ("image",)
    kind = "image"

    def __init__(self, text: str, image: Image) -> None:
        super().__init__(f"image:{without_secrets(text)}")
        self.image: Final = image

    @property
    def identity(self) -> str:
        """Its repository, whichever tag and digest are asked for."""
        return f"{self.kind}:{self.image.repository}"

    def attributes(self) -> Attributes:
        return {"pinned": self.image.pinned}


class RunnerNode(Node):
    """A label that jobs ask for machines by, as written."""

    __slots__ = ()
    kind = "runner"

    def __init__(self, label: str) -> None:
        super().__init__(f"runner:{masked(label)}")


class SecretNode(Node):
    """A secret, by its name. It is in upper case, since GitHub compares without case; `*` where the run decides which."""

    __slots__ = ()
    kind = "secret"

    def __init__(self, name: str) -> None:
        super().__init__(f"secret:{name.upper()}")
