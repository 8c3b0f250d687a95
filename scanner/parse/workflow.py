"""Workflow files as a typed model (GitHub's workflow syntax; `parallel:` steps as of June 2026).

The reader is as lenient as it can be: a part with the wrong type is a problem and missing from the model, the rest
is there. Whether GitHub would accept the file is not decided here.
"""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.model.finding import Problem
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.parse.reader import EMPTY, Block, Entry, Reader, is_expression
from scanner.parse.uses import Use, use_of


class Trigger(NamedTuple):
    """An event of `on:` with its filters; `options` is None when there are none."""

    event: Scalar
    options: Mapping | None

    def filter(self, name: str) -> tuple[str, ...] | None:
        """The patterns of `branches`, `tags`, `types`, …; None when the filter is not there."""
        node = self.options.get(name) if self.options is not None else None
        match node:
            case Sequence():
                return tuple(item.value for item in node.items if isinstance(item, Scalar))
            case Scalar():
                return (node.value,)
        return None


class Permissions(NamedTuple):
    """A `permissions:` block. `everything` is `read-all`, `write-all` or None; with a map (`{}` included) the
    scopes that it does not name have no access."""

    key: Scalar
    everything: Scalar | None
    entries: tuple[Entry, ...]


class Defaults(NamedTuple):
    shell: Scalar | None = None
    working_directory: Scalar | None = None


class Call(NamedTuple):
    """`uses:` of a step or job with what is handed over."""

    text: Scalar
    target: Use
    inputs: Block


class Run(NamedTuple):
    script: Scalar
    shell: Scalar | None
    working_directory: Scalar | None


class Step(NamedTuple):
    """A step; `number` counts the steps of the job (or composite action) from 0, those inside `parallel:` too."""

    number: int
    at: Mapping
    id: Scalar | None
    name: Scalar | None
    condition: Scalar | None
    call: Call | None
    run: Run | None
    env: Block


class Container(NamedTuple):
    """A job's container or service; `image` is None when an expression stands for the whole."""

    key: Scalar
    image: Scalar | None
    credentials: Mapping | None
    env: Block


class Environment(NamedTuple):
    name: Scalar


class RunsOn(NamedTuple):
    """`labels` as written; an expression is one label whose value is not known."""

    labels: tuple[Scalar, ...]
    group: Scalar | None


class Job(NamedTuple):
    """A job of steps, or with `call` the call of a reusable workflow. `inherits` is the text `inherit`."""

    id: Scalar
    at: Mapping
    name: Scalar | None
    needs: tuple[Scalar, ...]
    condition: Scalar | None
    runs_on: RunsOn
    permissions: Permissions | None
    env: Block
    defaults: Defaults
    environment: Environment | None
    concurrency: Node | None
    strategy: Mapping | None
    container: Container | None
    services: tuple[Container, ...]
    steps: tuple[Step, ...]
    call: Call | None
    secrets: Block
    inherits: Scalar | None


class Workflow(NamedTuple):
    source: Source
    root: Mapping
    name: Scalar | None
    triggers: tuple[Trigger, ...]
    permissions: Permissions | None
    env: Block
    defaults: Defaults
    concurrency: Node | None
    jobs: tuple[Job, ...]

    @property
    def events(self) -> frozenset[str]:
        return frozenset(trigger.event.value for trigger in self.triggers)

    @property
    def head(self) -> Span:
        """Where to point for what concerns the whole file: the key `on`, or its first key."""
        key = self.root.key("on") or self.root.pairs[0][0]
        return key.span


def read_workflow(source: Source, node: Node | None, problems: list[Problem]) -> Workflow | None:
    reader = Reader(source, problems)
    root = reader.root(node, "a workflow", "a mapping with `on` and `jobs`")
    if root is None:
        return None
    jobs = reader.mapping(root.get("jobs"), "`jobs`")
    return Workflow(
        source=source,
        root=root,
        name=reader.text(root.get("name"), "`name`"),
        triggers=tuple(_triggers(reader, root.get("on"))),
        permissions=_permissions(reader, root),
        env=reader.block(root.get("env"), "`env`"),
        defaults=_defaults(reader, root),
        concurrency=root.get("concurrency"),
        jobs=tuple(_jobs(reader, jobs)) if jobs is not None else (),
    )


def _triggers(reader: Reader, node: Node | None) -> Iterator[Trigger]:
    match node:
        case None:
            return
        case Scalar():
            if not node.is_null:
                yield Trigger(node, None)
        case Sequence():
            # An event given twice is still one.
            events: dict[str, Scalar] = {}
            for event in reader.texts(node, "`on`"):
                events.setdefault(event.value, event)
            for event in events.values():
                yield Trigger(event, None)
        case Mapping():
            for event, options in node.pairs:
                # `schedule` holds a list, everything else a mapping or nothing.
                yield Trigger(event, options if isinstance(options, Mapping) else None)


def _permissions(reader: Reader, owner: Mapping) -> Permissions | None:
    key, node = owner.key("permissions"), owner.get("permissions")
    if key is None or node is None:
        return None
    match node:
        case Scalar():
            return Permissions(key, None if node.is_null else node, ())
        case Mapping():
            return Permissions(key, None, reader.block(node, "`permissions`").entries)
    reader.wrong(node, "`permissions`", "a mapping, `read-all` or `write-all`")
    return None


def _defaults(reader: Reader, owner: Mapping) -> Defaults:
    defaults = reader.mapping(owner.get("defaults"), "`defaults`")
    run = reader.mapping(defaults.get("run"), "`defaults.run`") if defaults is not None else None
    if run is None:
        return Defaults()
    return Defaults(
        reader.text(run.get("shell"), "`shell`"),
        reader.text(run.get("working-directory"), "`working-directory`"),
    )


def _jobs(reader: Reader, jobs: Mapping) -> Iterator[Job]:
    seen: set[str] = set()
    for key, node in jobs.pairs:
        if key.value in seen:  # already said by the YAML reader
            continue
        seen.add(key.value)
        if not isinstance(node, Mapping):
            reader.wrong(node, f"the job {quoted(key.value)}", "a mapping")
            continue
        secrets, inherits = node.get("secrets"), None
        if isinstance(secrets, Scalar) and secrets.value == "inherit":
            secrets, inherits = None, secrets
        yield Job(
            id=key,
            at=node,
            name=reader.text(node.get("name"), "`name`"),
            needs=reader.texts(node.get("needs"), "`needs`"),
            condition=reader.text(node.get("if"), "`if`"),
            runs_on=_runs_on(reader, node.get("runs-on")),
            permissions=_permissions(reader, node),
            env=reader.block(node.get("env"), "`env`"),
            defaults=_defaults(reader, node),
            environment=_environment(reader, node.get("environment")),
            concurrency=node.get("concurrency"),
            strategy=reader.mapping(node.get("strategy"), "`strategy`"),
            container=_container(reader, node.key("container"), node.get("container")),
            services=tuple(_services(reader, node.get("services"))),
            steps=read_steps(reader, node.get("steps")),
            call=_call(reader, node),
            secrets=reader.block(secrets, "`secrets`"),
            inherits=inherits,
        )


def _runs_on(reader: Reader, node: Node | None) -> RunsOn:
    if isinstance(node, Mapping):
        return RunsOn(
            reader.texts(node.get("labels"), "`runs-on.labels`"),
            reader.text(node.get("group"), "`runs-on.group`"),
        )
    return RunsOn(reader.texts(node, "`runs-on`"), None)


def _environment(reader: Reader, node: Node | None) -> Environment | None:
    name = node.get("name") if isinstance(node, Mapping) else node
    text = reader.text(name, "`environment`")
    return Environment(text) if text is not None else None


def _services(reader: Reader, node: Node | None) -> Iterator[Container]:
    services = reader.mapping(node, "`services`")
    for key, value in services.pairs if services is not None else ():
        container = _container(reader, key, value)
        if container is not None:
            yield container


def _container(reader: Reader, key: Scalar | None, node: Node | None) -> Container | None:
    if key is None or node is None:
        return None
    match node:
        case Mapping():
            return Container(
                key,
                reader.text(node.get("image"), "`image`"),
                reader.mapping(node.get("credentials"), "`credentials`"),
                reader.block(node.get("env"), "`env`"),
            )
        case Scalar():
            return None if node.is_null else Container(key, node, None, EMPTY)
    reader.wrong(node, quoted(key.value), "an image or a mapping")
    return None


def read_steps(reader: Reader, node: Node | None) -> tuple[Step, ...]:
    """The steps of a job or of a composite action, those of `parallel:` blocks in their place."""
    steps: list[Step] = []
    waiting = reader.items(node, "`steps`")[::-1]
    while waiting:
        item = waiting.pop()
        if not isinstance(item, Mapping):
            if not is_expression(item):
                reader.wrong(item, "a step", "a mapping")
            continue
        group = item.get("parallel")
        if group is not None:
            waiting += reader.items(group, "`parallel`")[::-1]
        if group is None or item.key("run") is not None or item.key("uses") is not None:
            steps.append(_step(reader, len(steps), item))
    return tuple(steps)


def _step(reader: Reader, number: int, node: Mapping) -> Step:
    script = reader.text(node.get("run"), "`run`")
    return Step(
        number=number,
        at=node,
        id=reader.text(node.get("id"), "`id`"),
        name=reader.text(node.get("name"), "`name`"),
        condition=reader.text(node.get("if"), "`if`"),
        call=_call(reader, node),
        run=Run(
            script,
            reader.text(node.get("shell"), "`shell`"),
            reader.text(node.get("working-directory"), "`working-directory`"),
        )
        if script is not None
        else None,
        env=reader.block(node.get("env"), "`env`"),
    )


def _call(reader: Reader, node: Mapping) -> Call | None:
    text = reader.text(node.get("uses"), "`uses`")
    if text is None:
        return None
    target = use_of(text.value)
    return Call(text, target, reader.block(node.get("with"), "`with`"))
