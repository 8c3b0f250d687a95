"""GitHub's `.github/workflows/actions.lock` (schema of github/actions-lockfile, v0.0.1 to v0.0.3).

What can be read is read: an unknown version keeps its entries and is marked, a pin that the runner would not accept
is kept with the reason. v0.0.1 wrote `tag` or `branch` for `ref` and put the commit behind the key
(`owner/repo@v1:sha1-…`); v0.0.3 added `hostname`.
"""

from typing import Final, NamedTuple

from scanner.model.commit import is_commit
from scanner.model.finding import Problem
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.parse.reader import Reader
from scanner.parse.uses import RepositoryUse, use_of

KNOWN_VERSIONS = ("v0.0.1", "v0.0.2", "v0.0.3")

MAX_SIZE: Final = 1 << 20
"""Characters of a lock that GitHub's reader takes."""

HOME: Final = "github.com"

_LENGTHS: Final = {"sha1": 40, "sha256": 64}
_FIELDS: Final = {
    "v0.0.1": frozenset(("ref", "tag", "branch", "commit", "owner_id", "repo_id", "uses")),
    "v0.0.2": frozenset(("ref", "commit", "owner_id", "repo_id", "uses")),
    "v0.0.3": frozenset(("ref", "commit", "owner_id", "repo_id", "uses", "hostname")),
}


class Flaw(NamedTuple):
    """Something that GitHub's reader refuses, at its place; `reason` begins with what it is about."""

    at: Span
    reason: str


class Listed(NamedTuple):
    """A key in a list of keys, as it is compared and where it stands."""

    key: str
    at: Scalar


class Pin(NamedTuple):
    """An entry of `dependencies`. `commit` is hex without its algorithm; `defect` says why the pin does not
    hold, None when it does; `contradicts` is true when the defect is that the entry says other things than its key.
    `uses` are the keys of the action's own dependencies. `owner_id` and `repo_id` belong to names on `hostname`."""

    key: Scalar
    target: RepositoryUse
    ref: str | None
    commit: str | None
    uses: tuple[str, ...]
    defect: str | None
    contradicts: bool
    at: Span
    uses_at: tuple[Listed, ...]
    owner_id: int | None
    repo_id: int | None
    hostname: str


class Covered(NamedTuple):
    """A workflow that the lock lists, with the keys that it lists for it."""

    path: Scalar
    keys: dict[str, Scalar]


class ActionsLock(NamedTuple):
    """`workflows` are the listed ones by their paths; keys are compared by `pin_key`. `repeated` are entries whose key an
    earlier entry has already; `flaws` are those of the file that belong to no pin."""

    source: Source
    version: str | None
    known_version: bool
    version_at: Span
    workflows: dict[str, Covered]
    pins: dict[str, Pin]
    repeated: tuple[Pin, ...]
    flaws: tuple[Flaw, ...]

    def pin_for(self, workflow: str, use: RepositoryUse) -> Pin | None:
        """The pin that the runner enforces for a `uses:` of a workflow, None when there is none."""
        key = pin_key(use)
        covered = self.workflows.get(workflow)
        return self.pins.get(key) if covered is not None and key in covered.keys else None

    def holds(self, workflow: str, use: RepositoryUse) -> bool:
        """Whether the runner takes the commit of the lock; of a lock that it cannot read it takes nothing."""
        pin = self.pin_for(workflow, use)
        return pin is not None and pin.defect is None and not self.flaws


def pin_key(use: RepositoryUse) -> str:
    """`owner/repo@ref`: names without case, the ref as it is, no path inside the repository."""
    return f"{use.slug}@{use.ref}"


class _Reader(Reader):
    """Says what becomes of such a lock; nobody refuses it."""

    def wrong(self, node: Node, what: str, wanted: str) -> None:
        super().wrong(node, what, wanted)
        at, message = self.problems[-1]
        message = message.replace("; GitHub refuses the file", "; GitHub ignores a lock that it cannot read")
        self.problems[-1] = Problem(at, message)


def read_actions_lock(source: Source, node: Node | None, problems: list[Problem]) -> ActionsLock | None:
    reader = _Reader(source, problems)
    root = reader.root(node, "an actions lock", "a mapping with `version`, `workflows` and `dependencies`")
    if root is None:
        return None
    flaws = list(_root_flaws(source, root))
    version = reader.text(root.get("version"), "`version`")
    listed: dict[str, Covered] = {}
    workflows = reader.mapping(root.get("workflows"), "`workflows`")
    for path, node in workflows.pairs if workflows is not None else ():
        flaw = _path_flaw(path.value)
        if flaw is not None:
            flaws.append(Flaw(path.content.first_line(), f"the workflow {quoted(path.value, 100)} {flaw}"))
        names = _keys(reader, node, f"the entry of {quoted(path.value, 100)}", flaws)
        keys: dict[str, Scalar] = {}
        for one in names:
            keys.setdefault(one.key, one.at)
        listed.setdefault(path.value.removeprefix("./"), Covered(path, keys))
    pins: dict[str, Pin] = {}
    repeated: list[Pin] = []
    dependencies = reader.mapping(root.get("dependencies"), "`dependencies`")
    fields = _FIELDS.get(version.value) if version is not None else None
    for key, node in dependencies.pairs if dependencies is not None else ():
        pin = _pin(reader, key, node, version.value if version is not None else None, flaws)
        if pin is None:
            continue
        if fields is not None and isinstance(node, Mapping):
            for name, _ in node.pairs:
                if name.value not in fields:
                    reason = f"the entry of {quoted(key.value)} has a field {quoted(name.value)} that the format has not"
                    flaws.append(Flaw(name.content.first_line(), reason))
        if pins.setdefault(_normal(key.value), pin) is not pin:
            repeated.append(pin)
    first = root.pairs[0][0].content.first_line()
    return ActionsLock(
        source=source,
        version=version.value if version is not None else None,
        known_version=version is not None and version.value in KNOWN_VERSIONS,
        version_at=version.content.first_line() if version is not None else first,
        workflows=listed,
        pins=pins,
        repeated=tuple(repeated),
        flaws=tuple(flaws),
    )


def _root_flaws(source: Source, root: Mapping) -> list[Flaw]:
    first = root.pairs[0][0].content.first_line()
    flaws = []
    if len(source.text) > MAX_SIZE:
        flaws.append(Flaw(first, "it is larger than 1 MiB"))
    version = root.get("version")
    if version is None or (isinstance(version, Scalar) and not version.value):
        flaws.append(Flaw(first, "its `version` is missing"))
    for key, _ in root.pairs:
        if key.value not in ("version", "workflows", "dependencies"):
            flaws.append(
                Flaw(key.content.first_line(), f"it has a field {quoted(key.value)} that the format has not")
            )
    return flaws


def _path_flaw(path: str) -> str | None:
    """Why GitHub's reader takes no such path of a workflow."""
    if not path or path.startswith("/"):
        return "is no path below the repository"
    if any(char in "\\:\x7f" or char < " " for char in path) or ".." in path.split("/"):
        return "is no plain path: `\\`, `:` and `..` are refused"
    return None


def _keys(reader: Reader, node: Node | None, what: str, flaws: list[Flaw]) -> tuple[Listed, ...]:
    """The keys of a list; what is none is a flaw."""
    if isinstance(node, Scalar) and not node.is_null:
        reader.wrong(node, what, "a list of keys of the form `owner/repository@ref`")
        return ()
    found = []
    for text in reader.texts(node, what) if isinstance(node, Sequence) else ():
        if not _is_key(_split(text.value)[0]):
            reason = f"{what} holds {quoted(text.value)}, which is no key of the form `owner/repository@ref`"
            flaws.append(Flaw(text.content.first_line(), reason))
        found.append(Listed(_normal(text.value), text))
    return tuple(found)


def _is_key(text: str) -> bool:
    """What GitHub's reader takes: one slash before the first `@`, and a ref without a colon."""
    name, at, ref = text.partition("@")
    return bool(at and ref) and ":" not in ref and name.count("/") == 1 and all(name.split("/"))


def _split(key: str) -> tuple[str, str | None]:
    """The pin key without a commit suffix of v0.0.1, and that commit."""
    head, colon, tail = key.rpartition(":")
    if colon and tail.startswith(("sha1-", "sha256-")):
        return head, tail
    return key, None


def _normal(key: str) -> str:
    use = use_of(_split(key)[0])
    return pin_key(use) if isinstance(use, RepositoryUse) else key


def _pin(reader: Reader, key: Scalar, node: Node, version: str | None, flaws: list[Flaw]) -> Pin | None:
    name, suffix = _split(key.value)
    use = use_of(name)
    if not isinstance(use, RepositoryUse):
        reader.wrong(key, "a key of `dependencies`", "of the form `owner/repository@ref`")
        return None
    at = key.content.first_line()
    entry = reader.mapping(node, f"the entry of {quoted(key.value)}")
    if entry is None:
        return Pin(key, use, None, None, (), "its entry is empty", False, at, (), None, None, HOME)

    def field(name: str) -> Scalar | None:
        found = entry.get(name)
        return found if isinstance(found, Scalar) and not found.is_null else None

    def value(name: str) -> str | None:
        found = field(name)
        return found.value if found is not None else None

    ref = value("ref") or value("tag") or value("branch")
    commit = _commit(value("commit") or suffix)
    uses = _keys(reader, entry.get("uses"), f"`uses` of {quoted(key.value)}", flaws)
    defect, at_field, contradicts = None, None, False
    if not _is_key(name):
        defect = "its key is not of the form `owner/repository@ref`"
    elif commit is None:
        at_field = "commit"
        defect = "its `commit` is not `sha1-` or `sha256-` and a full id"
    elif {_commit(suffix) if suffix is not None else commit, use.ref.lower() if use.pinned else commit} != {
        commit
    }:
        defect, at_field, contradicts = "its `commit` is another than the one in its key", "commit", True
    elif version != "v0.0.1" and ref is None:
        defect = "its `ref` is missing"
    elif not use.pinned and ref != use.ref and version != "v0.0.1":
        defect, at_field, contradicts = "its `ref` is another than the one in its key", "ref", True
    else:
        for id in ("owner_id", "repo_id"):
            if _number(value(id)) is None:
                defect, at_field = f"its `{id}` is missing or not a positive number", id
                break
    place = field(at_field) if at_field is not None else None
    return Pin(
        key=key,
        target=use,
        ref=ref,
        commit=commit,
        uses=tuple(one.key for one in uses),
        defect=defect,
        contradicts=contradicts,
        at=place.content.first_line() if place is not None else at,
        uses_at=uses,
        owner_id=_number(value("owner_id")),
        repo_id=_number(value("repo_id")),
        hostname=(value("hostname") or HOME).lower(),
    )


def _commit(text: str | None) -> str | None:
    algorithm, _, digest = (text or "").partition("-")
    fits = is_commit(digest) and len(digest) == _LENGTHS.get(algorithm.lower())
    return digest.lower() if fits else None


def _number(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > 20:
        return None
    return int(text) or None
