"""What the graph is made of. Ids are `kind:path#locator`, stable across edits, and what users write.

Plain classes with slots: a scan makes thousands of nodes, and rules read their fields all the time. What few callers
ask for is imported by the method that answers.
"""

from typing import TYPE_CHECKING, ClassVar, Final

from scanner.graph.ids import action_id, flake_id, input_id, job_id, lock_id, remote_id, step_id, workflow_id
from scanner.model.source import Source, Span
from scanner.parse.action import Action
from scanner.parse.actions_lock import ActionsLock, Pin
from scanner.parse.image import Image
from scanner.parse.nix.conf import NixConf
from scanner.parse.nix.flake import Flake
from scanner.parse.nix.lock import NIV, Lock, LockedInput
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Defaults, Job, Step, Workflow

if TYPE_CHECKING:
    from scanner.parse.nix.script import Script

MAX_NAMES: Final = 50
"""Names of a path that tell an input from others."""

Attributes = dict[str, str | int | bool]


class Node:
    """Base of all nodes. `path` is the file that declares the node, None for one of the outside world."""

    __slots__ = ("id",)
    kind: ClassVar[str]

    def __init__(self, id: str) -> None:
        self.id: Final = id

    def __repr__(self) -> str:
        return f"<{self.id}>"

    @property
    def path(self) -> str | None:
        return None

    @property
    def label(self) -> str:
        """A short name for people."""
        return self.id.partition(":")[2]

    def place(self) -> Span | None:
        """Where the node is declared; looked up when asked."""
        return None

    def attributes(self) -> Attributes:
        """What exports show besides id, kind, path and label."""
        return {}


class RepositoryNode(Node):
    """The scanned repository itself."""

    __slots__ = ()
    kind = "repository"

    def __init__(self) -> None:
        super().__init__("repository:.")


class FileNode(Node):
    """A node that stands for a whole file."""

    __slots__ = ()

    @property
    def source(self) -> Source:
        raise NotImplementedError

    @property
    def path(self) -> str:
        return self.source.path

    def place(self) -> Span:
        return Span(self.source, 0, 1)


class LockfileNode(FileNode):
    """A flake.lock, or what npins, niv or lon wrote: the root of its inputs."""

    __slots__ = ("lock",)
    kind = "lock"

    def __init__(self, lock: Lock) -> None:
        super().__init__(lock_id(lock.source))
        self.lock: Final = lock

    @property
    def source(self) -> Source:
        return self.lock.source

    def attributes(self) -> Attributes:
        return {"version": self.lock.version}


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


class FlakeNode(FileNode):
    """A flake.nix."""

    __slots__ = ("flake",)
    kind = "flake"

    def __init__(self, flake: Flake) -> None:
        super().__init__(flake_id(flake.source))
        self.flake: Final = flake

    @property
    def source(self) -> Source:
        return self.flake.source

    def place(self) -> Span:
        return self.flake.at


class NixConfNode(FileNode):
    """A nix.conf."""

    __slots__ = ("conf",)
    kind = "nix-conf"

    def __init__(self, conf: NixConf) -> None:
        super().__init__(f"nix-conf:{conf.source.id}")
        self.conf: Final = conf

    @property
    def source(self) -> Source:
        return self.conf.source


class InputNode(Node):
    """A locked input, named by its label in the lock."""

    __slots__ = ("input", "lock")
    kind = "flake-input"

    def __init__(self, lock: Lock, input: LockedInput) -> None:
        super().__init__(input_id(lock, input.label))
        self.lock: Final = lock
        self.input: Final = input

    @property
    def path(self) -> str:
        return self.lock.source.path

    @property
    def label(self) -> str:
        return self.input.label

    @property
    def identity(self) -> str:
        """The id with the names from the root instead of the label; the label where nothing leads to it, or very many."""
        depth = self.lock.depths.get(self.input.label, 0)
        if not 0 < depth <= MAX_NAMES:
            return self.id
        return f"{self.kind}:{self.lock.source.id}#{'/'.join(self.lock.path(self.input.label))}"

    def place(self) -> Span:
        return self.lock.key(self.input.label)

    def store_path(self) -> str | None:
        """Where Nix puts what is fetched, None when the lock does not tell."""
        from scanner.parse.nix.store_path import file_store_path, store_path

        locked = self.input.locked
        if locked.nar_hash is None or locked.type == "container" or self.lock.tool is NIV:
            return None  # niv's sources.nix chooses the name, which differs between its versions
        if "flat" in locked.attributes:
            name = (locked.url or "").partition("?")[0].rpartition("/")[2]
            return file_store_path(locked.nar_hash, name)
        return store_path(locked.nar_hash, locked.text("name") or "source")

    def attributes(self) -> Attributes:
        from scanner.model.secrets import masked
        from scanner.parse.nix.canonical import canonical
        from scanner.parse.nix.urls import archive_url

        locked = self.input.locked
        found: Attributes = {"lock": self.path, "type": locked.type, "reference": masked(canonical(locked))}
        shown = {
            "rev": locked.rev,
            "narHash": locked.nar_hash,
            "url": archive_url(locked),
            "storePath": self.store_path(),
        }
        for name, value in shown.items():
            if value is not None:
                found[name] = value
        modified = locked.last_modified
        if modified is not None and modified == int(modified):
            found["lastModified"] = int(modified)
        if not self.input.flake:
            found["flake"] = False
        return found


class PinNode(InputNode):
    """An input that npins, niv or lon has pinned."""

    __slots__ = ()
    kind = "pin"

    def attributes(self) -> Attributes:
        found = super().attributes()
        del found["flake"]  # these tools know none
        return found | {"tool": self.lock.tool.name}


class WorkflowNode(FileNode):
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
    """A step of a job, or of a composite action: then `job` is None."""

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
            return step.name.value
        if step.call is not None:
            return step.call.text.value
        return step.id.value if step.id is not None else f"step {step.number + 1}"

    @property
    def signature(self) -> str:
        """What tells the step apart from others of its job, and outlives edits of them."""
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
        script = step.run.script.value.strip() if step.run is not None else ""
        return f"run {script.partition(chr(10))[0]}"

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
    """An action of another repository at a ref; `pin` is what actions.lock holds for it."""

    __slots__ = ("pin", "use")
    kind = "action"

    def __init__(self, use: RepositoryUse, pin: Pin | None) -> None:
        super().__init__(f"action:{remote_id(use)}")
        self.use: Final = use
        self.pin: Final = pin

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

    def attributes(self) -> Attributes:
        return {"name": self.use.name, "ref": self.use.ref, "pinned": self.use.pinned}


class ImageNode(Node):
    """A container image."""

    __slots__ = ("image",)
    kind = "image"

    def __init__(self, text: str, image: Image) -> None:
        super().__init__(f"image:{text}")
        self.image: Final = image

    def attributes(self) -> Attributes:
        return {"pinned": self.image.pinned}


class RunnerNode(Node):
    """A runner label, as written."""

    __slots__ = ()
    kind = "runner"

    def __init__(self, label: str) -> None:
        super().__init__(f"runner:{label}")


class SecretNode(Node):
    """A secret by its name (upper case: GitHub compares them without case); `*` where the run decides which."""

    __slots__ = ()
    kind = "secret"

    def __init__(self, name: str) -> None:
        super().__init__(f"secret:{name.upper()}")
