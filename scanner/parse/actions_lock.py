"""GitHub's `.github/workflows/actions.lock` (schema of github/actions-lockfile, v0.0.1 to v0.0.3).

What can be read is read: an unknown version keeps its entries and is marked, a pin that the runner would not accept
is kept with the reason. GitHub's reader takes a file or refuses it. Asked for one workflow, it looks only at the fields of
the entries that this one lists, so that a bad entry takes the pins from those that list it, and from no other. v0.0.1 wrote `tag` or `branch` for `ref` and put the commit behind the key
(`owner/repo@v1:sha1-…`); v0.0.3 added `hostname`.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Table
from typing import Final, NamedTuple

from scanner.model.commit import is_commit
from scanner.model.finding import Problem
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.parse.reader import Reader, described, is_expression
from scanner.parse.uses import RepositoryUse, use_of

KNOWN_VERSIONS = ("v0.0.1", "v0.0.2", "v0.0.3")

MAX_SIZE: Final = 1 << 20
"""Characters of a lock that GitHub's reader takes."""

_LENGTHS: Final = {"sha1": 40, "sha256": 64}
_FIELDS: Final = {
    "v0.0.1": frozenset(("ref", "tag", "branch", "commit", "owner_id", "repo_id", "uses")),
    "v0.0.2": frozenset(("ref", "commit", "owner_id", "repo_id", "uses")),
    "v0.0.3": frozenset(("ref", "commit", "owner_id", "repo_id", "uses", "hostname")),
}


class Flaw(NamedTuple):
    """Something for which GitHub's reader refuses the file, at its place; `reason` begins with what it is about. `said`: a
    problem of the file, the defect of a pin or a conflict says it already."""

    at: Span
    reason: str
    said: bool = False


class Listed(NamedTuple):
    """A key in a list of keys, as it is compared and where it stands."""

    key: str
    at: Scalar


class Pin(NamedTuple):
    """An entry of `dependencies`. `commit` is hex without its algorithm; `defect` says why the pin does not
    hold, None when it does; `contradicts` is true when the defect is that the entry says other things than its key.
    `uses` are the keys of the action's own dependencies. `owner_id` and `repo_id` belong to names on `hostname` (lower
    case; None: where `uses:` finds actions, be it github.com or an Enterprise Server)."""

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
    hostname: str | None

    @property
    def content(self) -> tuple[object, ...]:
        """What it says, to be compared with another entry of the same key."""
        return self.commit, self.ref, self.owner_id, self.repo_id, frozenset(self.uses)


class Covered(NamedTuple):
    """A workflow that the lock lists, with the keys that it lists for it. `refused` is a listed pin with a defect, for which
    GitHub refuses the lock to this workflow."""

    path: Scalar
    keys: dict[str, Scalar]
    refused: Pin | None = None


class ActionsLock(NamedTuple):
    """`workflows` are the listed ones by their paths; keys are compared by `pin_key`. `repeated` are entries whose key an
    earlier entry has already; with `flaws` GitHub reads nothing of the file."""

    source: Source
    version: str | None
    known_version: bool
    version_at: Span
    workflows: dict[str, Covered]
    pins: dict[str, Pin]
    repeated: tuple[Pin, ...]
    flaws: tuple[Flaw, ...]

    def pin_for(self, workflow: str, use: RepositoryUse) -> Pin | None:
        """The pin that is in force for a `uses:` of a workflow: its commit runs. None when there is none."""
        covered = self.workflows.get(workflow)
        if self.flaws or covered is None or covered.refused is not None:
            return None
        return self.written_pin(workflow, use)

    def written_pin(self, workflow: str, use: RepositoryUse) -> Pin | None:
        """What the lock says of a `uses:` of a workflow, whether GitHub takes it or not."""
        key = pin_key(use)
        covered = self.workflows.get(workflow)
        return self.pins.get(key) if covered is not None and key in covered.keys else None

    def holds(self, workflow: str, use: RepositoryUse) -> bool:
        return self.pin_for(workflow, use) is not None


def pin_key(use: RepositoryUse) -> str:
    """`owner/repo@ref`: names without case, the ref as it is, no path inside the repository."""
    return f"{use.slug}@{use.ref}"


class _Reader(Reader):
    """A root of the wrong type is a problem; other wrong types are flaws."""

    __slots__ = ("flaws",)

    def __init__(self, source: Source, problems: list[Problem], flaws: list[Flaw]) -> None:
        super().__init__(source, problems)
        self.flaws = flaws

    def root(self, node: Node | None, what: str, wanted: str) -> Mapping | None:
        found = super().root(node, what, wanted)
        if found is None and self.flaws:
            flaw = self.flaws.pop()
            self.problems.append(
                Problem(flaw.at, f"{flaw.reason}; GitHub ignores a lock that it cannot read")
            )
        return found

    def mapping(self, node: Node | None, what: str) -> Mapping | None:
        if node is not None and is_expression(node):
            self.wrong(node, what, "a mapping")
            return None
        return super().mapping(node, what)

    def wrong(self, node: Node, what: str, wanted: str) -> None:
        end = node.end if isinstance(node, Scalar) else node.start + 1
        at = Span(self.source, node.start, end).first_line()
        self.flaws.append(Flaw(at, f"{what} must be {wanted}, not {described(node)}"))


def read_actions_lock(source: Source, node: Node | None, problems: list[Problem]) -> ActionsLock | None:
    broken = problems[0] if problems else None
    flaws: list[Flaw] = []
    reader = _Reader(source, problems, flaws)
    root = reader.root(node, "an actions lock", "a mapping with `version`, `workflows` and `dependencies`")
    if root is None:
        return None
    if broken is not None:
        flaws.append(Flaw(broken.at, "it is no YAML that GitHub reads", said=True))
    flaws += _root_flaws(source, root)
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
        if pin.defect is None and fields is not None and isinstance(node, Mapping):
            unknown = next((name for name, _ in node.pairs if name.value not in fields), None)
            if unknown is not None:
                defect = f"it has a field {quoted(unknown.value)} that the format has not"
                pin = pin._replace(defect=defect, at=unknown.content.first_line())
        first_pin = pins.setdefault(_normal(key.value), pin)
        if first_pin is not pin:
            repeated.append(pin)
            if first_pin.content != pin.content:
                reason = f"{quoted(key.value, 100)} is pinned twice, and differently"
                flaws.append(Flaw(key.content.first_line(), reason, said=True))
    flaws += _circles(pins)
    refused = {_normal(pin.key.value): pin for pin in (*pins.values(), *repeated) if pin.defect is not None}
    if refused:
        for path_text, covered in listed.items():
            bad = next((refused[one] for one in covered.keys if one in refused), None)
            listed[path_text] = covered._replace(refused=bad)
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


def _circles(pins: Table[str, Pin]) -> Iterator[Flaw]:
    """The entries of `uses` that lead to an action above."""
    done: dict[str, bool] = {}
    for start in pins:
        if start in done:
            continue
        done[start] = False
        waiting = [(start, iter(pins[start].uses_at))]
        while waiting:
            key, rest = waiting[-1]
            for listed in rest:
                if listed.key not in pins:
                    continue
                known = done.get(listed.key)
                if known is None:
                    done[listed.key] = False
                    waiting.append((listed.key, iter(pins[listed.key].uses_at)))
                    break
                if not known:
                    reason = f"{quoted(key, 100)} uses {quoted(listed.key, 100)}, which leads back to it"
                    yield Flaw(listed.at.content.first_line(), reason)
            else:
                waiting.pop()
                done[key] = True


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
        return Pin(key, use, None, None, (), "its entry is empty", False, at, (), None, None, None)

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
    elif {
        _commit(suffix) if suffix is not None else commit,
        use.ref.lower() if is_commit(use.ref) else commit,
    } != {commit}:
        defect, at_field, contradicts = "its `commit` is another than the one in its key", "commit", True
    elif version != "v0.0.1" and ref is None:
        defect = "its `ref` is missing"
    elif not is_commit(use.ref) and ref != use.ref and version != "v0.0.1":
        defect, at_field, contradicts = "its `ref` is another than the one in its key", "ref", True
    else:
        for id in ("owner_id", "repo_id"):
            if _number(value(id)) is None:
                defect, at_field = f"its `{id}` is missing or not a positive number", id
                break
    place = field(at_field) if at_field is not None else None
    if not _is_key(name) or not _decodes(entry):
        # The reader fails on these whichever workflow it is asked for.
        reason = f"the entry of {quoted(key.value, 100)} cannot be read"
        flaws.append(
            Flaw(at, f"{reason}: {defect}" if defect is not None else reason, said=defect is not None)
        )
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
        hostname=(value("hostname") or "").strip().lower() or None,
    )


def _decodes(entry: Mapping) -> bool:
    """Whether the fields of an entry have the types of the format: texts, and whole numbers for the ids."""
    for name in ("ref", "commit", "owner_id", "repo_id"):
        node = entry.get(name)
        if node is not None and not isinstance(node, Scalar):
            return False
        if isinstance(node, Scalar) and name.endswith("_id") and not node.is_null:
            digits = node.value.removeprefix("-")
            if not (digits.isascii() and digits.isdecimal()):
                return False
    return True


def _commit(text: str | None) -> str | None:
    algorithm, _, digest = (text or "").partition("-")
    fits = is_commit(digest) and len(digest) == _LENGTHS.get(algorithm.lower())
    return digest.lower() if fits else None


def _number(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > 20:
        return None
    return int(text) or None
