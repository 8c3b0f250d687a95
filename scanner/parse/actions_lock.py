"""GitHub's `.github/workflows/actions.lock` (schema of github/actions-lockfile, v0.0.1 to v0.0.3).

What can be read is read: an unknown version keeps its entries and is marked, a pin that the runner would not accept
is kept with the reason. v0.0.1 wrote `tag` or `branch` for `ref` and put the commit behind the key
(`owner/repo@v1:sha1-…`).
"""

from typing import NamedTuple

from scanner.model.commit import is_commit
from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nodes import Node, Scalar
from scanner.parse.reader import Reader
from scanner.parse.uses import RepositoryUse, use_of

KNOWN_VERSIONS = ("v0.0.1", "v0.0.2", "v0.0.3")


class Pin(NamedTuple):
    """An entry of `dependencies`. `commit` is hex without its algorithm; `defect` says why the pin does not
    hold, None when it does. `uses` are the keys of the action's own dependencies."""

    key: Scalar
    target: RepositoryUse
    ref: str | None
    commit: str | None
    uses: tuple[str, ...]
    defect: str | None


class ActionsLock(NamedTuple):
    """`workflows` maps a path to the keys that it lists; keys are compared by `pin_key`."""

    source: Source
    version: str | None
    known_version: bool
    workflows: dict[str, frozenset[str]]
    pins: dict[str, Pin]

    def pin_for(self, workflow: str, use: RepositoryUse) -> Pin | None:
        """The pin that the runner enforces for a `uses:` of a workflow, None when there is none."""
        key = pin_key(use)
        return self.pins.get(key) if key in self.workflows.get(workflow, ()) else None

    def holds(self, workflow: str, use: RepositoryUse) -> bool:
        pin = self.pin_for(workflow, use)
        return pin is not None and pin.defect is None


def pin_key(use: RepositoryUse) -> str:
    """`owner/repo@ref`: names without case, the ref as it is, no path inside the repository."""
    return f"{use.slug}@{use.ref}"


def read_actions_lock(source: Source, node: Node | None, problems: list[Problem]) -> ActionsLock | None:
    reader = Reader(source, problems)
    root = reader.root(node, "an actions lock", "a mapping with `version`, `workflows` and `dependencies`")
    if root is None:
        return None
    version = reader.text(root.get("version"), "`version`")
    listed: dict[str, frozenset[str]] = {}
    workflows = reader.mapping(root.get("workflows"), "`workflows`")
    for path, node in workflows.pairs if workflows is not None else ():
        names = reader.texts(node, f"the entry of `{path.value}`")
        listed[path.value.removeprefix("./")] = frozenset(_normal(name.value) for name in names)
    pins: dict[str, Pin] = {}
    dependencies = reader.mapping(root.get("dependencies"), "`dependencies`")
    for key, node in dependencies.pairs if dependencies is not None else ():
        pin = _pin(reader, key, node)
        if pin is not None:
            pins.setdefault(_normal(key.value), pin)
    return ActionsLock(
        source=source,
        version=version.value if version is not None else None,
        known_version=version is not None and version.value in KNOWN_VERSIONS,
        workflows=listed,
        pins=pins,
    )


def _split(key: str) -> tuple[str, str | None]:
    """The pin key without a commit suffix of v0.0.1, and that commit."""
    head, colon, tail = key.rpartition(":")
    if colon and tail.startswith(("sha1-", "sha256-")):
        return head, tail
    return key, None


def _normal(key: str) -> str:
    use = use_of(_split(key)[0])
    return pin_key(use) if isinstance(use, RepositoryUse) else key


def _pin(reader: Reader, key: Scalar, node: Node) -> Pin | None:
    name, suffix = _split(key.value)
    use = use_of(name)
    if not isinstance(use, RepositoryUse):
        reader.wrong(key, "a key of `dependencies`", "of the form `owner/repository@ref`")
        return None
    entry = reader.mapping(node, f"the entry of `{key.value}`")
    if entry is None:
        return Pin(key, use, None, None, (), "its entry is empty")

    def value(name: str) -> str | None:
        found = entry.get(name)
        return found.value if isinstance(found, Scalar) and not found.is_null else None

    ref = value("ref") or value("tag") or value("branch")
    commit = _commit(value("commit") or suffix)
    return Pin(
        key=key,
        target=use,
        ref=ref,
        commit=commit,
        uses=tuple(_normal(text.value) for text in reader.texts(entry.get("uses"), "`uses`")),
        defect=_defect(use, ref, commit, value("owner_id"), value("repo_id")),
    )


def _commit(text: str | None) -> str | None:
    algorithm, _, digest = (text or "").partition("-")
    return digest.lower() if algorithm in ("sha1", "sha256") and is_commit(digest) else None


def _defect(
    use: RepositoryUse, ref: str | None, commit: str | None, owner_id: str | None, repo_id: str | None
) -> str | None:
    if commit is None:
        return "its `commit` is not `sha1-` or `sha256-` and a full id"
    if use.pinned and use.ref.lower() != commit:
        return "its `commit` is another than the one in its key"
    if not use.pinned and ref != use.ref:
        return "its `ref` is another than the one in its key"
    for name, number in (("owner_id", owner_id), ("repo_id", repo_id)):
        if number is None or not number.isdecimal() or int(number[:20]) < 1:
            return f"its `{name}` is missing or not a positive number"
    return None
