"""Documents become one graph."""

from collections.abc import Iterable, Iterator

from scanner.graph.graph import Edge, EdgeKind, Graph
from scanner.graph.ids import action_id, flake_id, job_id, lock_id, workflow_id
from scanner.graph.nodes.base import Node, RepositoryNode
from scanner.graph.nodes.nix import FlakeNode, InputNode, LockfileNode, NixConfNode, PinNode
from scanner.graph.nodes.updates import CodeOwnersNode, DependabotNode, PreCommitNode, RenovateNode
from scanner.graph.nodes.workflows import (
    ActionNode,
    ActionsLockNode,
    ImageNode,
    JobNode,
    LocalActionNode,
    ReusableWorkflowNode,
    RunnerNode,
    SecretNode,
    StepNode,
    WorkflowNode,
)
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Source, Span
from scanner.parse.action import Action
from scanner.parse.actions_lock import ActionsLock, pin_key
from scanner.parse.code_owners import CodeOwners
from scanner.parse.dependabot import Dependabot
from scanner.parse.document import Document
from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import Fence, condition, fences
from scanner.parse.image import image_of
from scanner.parse.nix.conf import NixConf
from scanner.parse.nix.flake import Flake
from scanner.parse.nix.lock import NIX, Lock
from scanner.parse.nodes import Mapping, Scalar, Sequence
from scanner.parse.nodes import Node as YamlNode
from scanner.parse.pre_commit import PreCommit
from scanner.parse.renovate import Renovate
from scanner.parse.uses import DockerUse, LocalUse, RepositoryUse, SelfUse
from scanner.parse.workflow import Call, Container, Job, Step, Workflow


def folder_of(source: Source) -> str:
    return source.path.rpartition("/")[0]


def build(documents: Iterable[Document], knowledge: Knowledge) -> Graph:
    return _Builder(list(documents), knowledge).build()


class _Builder:
    def __init__(self, documents: list[Document], knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        self.root = self.add(RepositoryNode())
        self.workflows = [one for one in documents if isinstance(one, Workflow)]
        self.actions = [one for one in documents if isinstance(one, Action)]
        self.locks = [one for one in documents if isinstance(one, Lock)]
        self.flakes = [one for one in documents if isinstance(one, Flake)]
        self.confs = [one for one in documents if isinstance(one, NixConf)]
        self.neighbours = [node for one in documents if (node := _neighbour(one)) is not None]
        self.actions_lock = next((one for one in documents if isinstance(one, ActionsLock)), None)
        # Folders of local actions and of locks, to which steps refer.
        self.action_ids = {folder_of(one.source): action_id(one.source) for one in self.actions}
        self.workflow_ids = {one.source.path: workflow_id(one.source) for one in self.workflows}
        # What a `nix` command in a folder evaluates: the lock, or a flake that has none. devenv.lock is read by devenv alone.
        self.evaluated = {folder_of(one.source): flake_id(one.source) for one in self.flakes}
        self.evaluated |= {
            folder_of(one.source): lock_id(one.source) for one in self.locks if one.tool is NIX
        }

    def build(self) -> Graph:
        for flake in self.flakes:
            id = self.add(FlakeNode(flake))
            self.link(self.root, id, "contains", flake.at)
            locked = self.evaluated[folder_of(flake.source)]
            if locked != id:
                self.link(id, locked, "locks")
        for lock in self.locks:
            self.lock(lock)
        for conf in self.confs:
            self.link(self.root, self.add(NixConfNode(conf)), "contains")
        if self.actions_lock is not None:
            self.link(self.root, self.add(ActionsLockNode(self.actions_lock)), "contains")
        for node in self.neighbours:
            self.link(self.root, self.add(node), "contains")
        for workflow in self.workflows:
            self.link(self.root, self.add(WorkflowNode(workflow)), "contains")
        for action in self.actions:
            self.link(self.root, self.add(LocalActionNode(action)), "contains")
        for workflow in self.workflows:
            self.workflow(workflow)
        for action in self.actions:
            self.action(action)
        if self.actions_lock is not None:
            self.pinned_closure(self.actions_lock)
        return Graph(self.nodes, tuple(self.edges))

    def add(self, node: Node) -> str:
        self.nodes.setdefault(node.id, node)
        return node.id

    def link(self, source: str, target: str, kind: EdgeKind, at: Span | None = None) -> None:
        self.edges.append(Edge(source, target, kind, at))

    # ------------------------------------------------------------ locks

    def lock(self, lock: Lock) -> None:
        root = self.add(LockfileNode(lock))
        self.link(self.root, root, "contains")
        new = PinNode if lock.is_pins else InputNode
        ids = {lock.root: root}
        for label, node in lock.nodes.items():
            ids[label] = self.add(new(lock, node))
        for label, name, target, follows in lock.edges():
            if target is not None:
                self.edges.append(Edge(ids[label], ids[target], "input", None, name, follows))

    def pinned_closure(self, lock: ActionsLock) -> None:
        """The actions that pinned ones use in their turn, as far as the lock knows them."""
        if lock.flaws:
            return
        known = [node for node in self.nodes.values() if isinstance(node, ActionNode)]
        # Those without a pin come last in the list, which is read from its end: what one of them reaches is not held either.
        waiting = sorted(known, key=lambda node: node.pin is None)
        while waiting:
            node = waiting.pop()
            # What an action uses in its turn is told by any entry for it, even where no workflow is held to that entry.
            pin = node.pin or lock.pins.get(pin_key(node.use))
            for key in pin.uses if pin is not None else ():
                used = lock.pins.get(key)
                if used is None:
                    continue
                held = node.pin is not None and used.defect is None
                target = ActionNode(used.target, used if held else None)
                if target.id not in self.nodes:
                    waiting.append(target)
                if target.id != node.id:
                    self.link(node.id, self.add(target), "uses", used.key.span)

    def remote_action(self, path: str, use: RepositoryUse) -> str:
        """The node of an action. One pin stands for all of its uses, so it needs every one of them to be covered."""
        pin = self.actions_lock.pin_for(path, use) if self.actions_lock is not None else None
        node = ActionNode(use, pin)
        known = self.nodes.get(node.id)
        if known is None or (pin is None and isinstance(known, ActionNode) and known.pin is not None):
            self.nodes[node.id] = node
        return node.id

    # ------------------------------------------------------------ workflows and actions

    def workflow(self, workflow: Workflow) -> None:
        id = workflow_id(workflow.source)
        has_secrets = "secrets" in workflow.source.text.lower()
        if has_secrets:
            self.secrets(id, (workflow.root.get("env"),))
        known = {job.id.value.lower(): job_id(workflow.source, job) for job in workflow.jobs}
        for job in workflow.jobs:
            self.job(id, workflow, job, known, has_secrets)

    def job(
        self, workflow_id: str, workflow: Workflow, job: Job, known: dict[str, str], has_secrets: bool
    ) -> None:
        """`known` are the ids of the workflow's jobs by their lower case, in which GitHub compares them."""
        id = self.add(JobNode(workflow, job))
        path = workflow.source.path
        self.link(workflow_id, id, "contains", job.id.span)
        for needed in job.needs:
            target = known.get(needed.value.lower())
            if target is not None:
                self.link(id, target, "needs", needed.span)
        for label in job.runs_on.labels:
            self.link(id, self.add(RunnerNode(label.value)), "runs-on", label.span)
        for container in (job.container, *job.services):
            self.image(id, container)
        if job.call is not None:
            self.call(id, path, job.call)
        if has_secrets:
            own = (value for key, value in job.at.pairs if key.value not in ("steps", "if"))
            self.secrets(id, own, job.condition)
        for step in job.steps:
            self.step(id, StepNode(workflow, job, step), step, has_secrets)

    def action(self, action: Action) -> None:
        id = action_id(action.source)
        image = action.image
        if image is not None and image.value.startswith("docker://"):
            text = image.value.removeprefix("docker://")
            self.link(id, self.add(ImageNode(text, image_of(text))), "uses", image.span)
        has_secrets = "secrets" in action.source.text.lower()
        for step in action.steps:
            self.step(id, StepNode(action, None, step), step, has_secrets)

    def step(self, parent: str, node: StepNode, step: Step, has_secrets: bool) -> None:
        id = self.add(node)
        self.link(parent, id, "contains", node.place())
        if step.call is not None:
            self.use(id, node.path, step.call)
        if has_secrets:
            self.secrets(id, (value for key, value in step.at.pairs if key.value != "if"), step.condition)
        if self.evaluated:
            from scanner.graph.evaluations import (
                evaluated_locks,  # with the reader of shell: there may be no lock
            )

            for lock, at in evaluated_locks(node, self.evaluated, self.knowledge):
                self.link(id, lock, "evaluates", at)

    def use(self, id: str, path: str, call: Call) -> None:
        """`uses:` of a step."""
        match call.target:
            case RepositoryUse() as use:
                self.link(id, self.remote_action(path, use), "uses", call.text.span)
            case LocalUse(folder) | SelfUse(folder):
                target = self.action_ids.get(folder.removeprefix("./"))
                if target is not None:
                    self.link(id, target, "uses", call.text.span)
            case DockerUse(image):
                text = call.text.value.strip().removeprefix("docker://")
                self.link(id, self.add(ImageNode(text, image)), "uses", call.text.span)

    def call(self, id: str, path: str, call: Call) -> None:
        """`uses:` of a job."""
        match call.target:
            case RepositoryUse() as use:
                self.link(id, self.add(ReusableWorkflowNode(use)), "calls", call.text.span)
            case LocalUse(file) | SelfUse(file):
                target = self.workflow_ids.get(file)
                if target is not None:
                    self.link(id, target, "calls", call.text.span)

    def image(self, id: str, container: Container | None) -> None:
        if container is not None and container.image is not None and container.image.value:
            text = container.image.value.strip().removeprefix("docker://")
            self.link(id, self.add(ImageNode(text, image_of(text))), "uses", container.image.span)

    # ------------------------------------------------------------ secrets

    def secrets(self, id: str, values: Iterable[YamlNode | None], guard: Scalar | None = None) -> None:
        """Edges to the secrets that expressions below `values`, or the condition `guard`, name."""
        seen: set[str] = set()
        for fence in _fences(values, guard):
            if "secrets" not in fence.text.lower():
                continue
            tree = parse(fence.text)
            if isinstance(tree, Malformed):
                continue
            for context in occurring(tree):
                if context.path[0] == "secrets":
                    # `toJSON(secrets)` and `secrets[name]` can be any of them: `*`.
                    secret = SecretNode(context.path[1] if len(context.path) > 1 else "*")
                    if secret.id not in seen:
                        seen.add(secret.id)
                        self.link(id, self.add(secret), "reads", fence.span(context.start, context.end))


def _neighbour(document: Document) -> Node | None:
    """The node of a file that only the repository contains."""
    match document:
        case Dependabot():
            return DependabotNode(document)
        case Renovate():
            return RenovateNode(document)
        case PreCommit():
            return PreCommitNode(document)
        case CodeOwners():
            return CodeOwnersNode(document)
        case _:
            return None


def _fences(values: Iterable[YamlNode | None], guard: Scalar | None) -> Iterator[Fence]:
    if guard is not None:
        yield from condition(guard)
    waiting = [value for value in values if value is not None]
    waiting.reverse()
    while waiting:
        node = waiting.pop()
        match node:
            case Scalar():
                yield from fences(node)
            case Sequence():
                waiting.extend(reversed(node.items))
            case Mapping():
                waiting.extend(value for _, value in reversed(node.pairs))
