"""YAML to a `Policy` (format 1). Every mistake is refused with file, line, column and the nearest valid name.

snowfence: 1
extends: [recommended, ../team.yaml]
fail-on: medium
rules:
  stale-input: { severity: high, options: { days: 30 } }
  artipacked: off
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from scanner.engine import places
from scanner.model.errors import PolicyError
from scanner.model.finding import Problem, Severity
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.model.source import Source
from scanner.parse.nodes import Mapping, Node, Scalar
from scanner.parse.yaml import compose
from scanner.policy.checks.section import CHECKS, VALUES, Declared
from scanner.policy.exceptions import EXCEPTIONS, waiver
from scanner.policy.paths import PATHS, paths
from scanner.policy.policy import EVERY_RULE, OwnRule, Paths, Policy, Said, Setting
from scanner.policy.settings import RULES, SEVERITY, settings
from scanner.policy.shapes import Fields, Key, ListOf, Record, Schema, but, first, refuse
from scanner.policy.weights import DEFAULT_WEIGHTS, SCORE, weights

DEFAULT_PACK: Final = "recommended"
FILE_NAMES: Final = ("snowfence.yaml", ".github/snowfence.yaml")
"""Where a repository keeps its policy; one of them."""

_MAX_BYTES: Final = 1024 * 1024
_MAX_DEPTH: Final = 20
"""Policies that extend one another."""


class _Version:
    """The number of the format."""

    def read(self, node: Node, what: str) -> int:
        if not isinstance(node, Scalar) or node.value != "1":
            raise refuse(
                first(node), f"a policy begins with `snowfence: 1`, the version of its format{but(node)}"
            )
        return 1

    def schema(self) -> Schema:
        return {"const": 1}


class _Name:
    """What a policy extends."""

    def read(self, node: Node, what: str) -> str:
        if not isinstance(node, Scalar) or node.is_null or not node.value:
            raise refuse(first(node), f"{what} must be the name of a pack or the path of a file{but(node)}")
        return node.value

    def schema(self) -> Schema:
        return {"anyOf": [{"enum": pack_names()}, {"type": "string", "pattern": r"\.ya?ml$|/"}]}


_VERSION: Final = Key(
    "snowfence",
    _Version(),
    "the version of the format",
    required="it begins with `snowfence: 1`, the version of its format",
)
_EXTENDS: Final = Key(
    "extends", ListOf(_Name(), or_one=True),
    "packs by their names and files by their paths, the weakest first; left out, it is `recommended`",
)  # fmt: skip
_FAIL_ON: Final = Key("fail-on", SEVERITY, "a finding at least this severe fails the run")
POLICY: Final = Record(
    "a policy", (_VERSION, _EXTENDS, _FAIL_ON, RULES, EXCEPTIONS, VALUES, CHECKS, PATHS, SCORE)
)
"""The whole format."""


def packs_folder() -> Path:
    """The shipped packs: beside the package in a wheel, in the root of a checkout."""
    installed = Path(__file__).parent.parent / "_policies"
    return installed if installed.is_dir() else Path(__file__).parent.parent.parent / "policies"


def pack_names() -> list[str]:
    return sorted(file.stem for file in packs_folder().glob("*.yaml"))


def default_policy() -> Policy:
    return pack(DEFAULT_PACK)


def pack(name: str) -> Policy:
    """A shipped pack by its name."""
    state = _State()
    state.pack(name)
    return state.policy()


def load_policies(files: list[tuple[Path, str]], inside: Path | None = None) -> Policy:
    """The policy of several files, the weakest first, each with its name in messages; a pack may stand for a file by its name. With
    `inside` no file out of that folder may be extended.

    Raises PolicyError for anything that is not a policy of format 1.
    """
    state = _State(inside)
    for file, shown in files:
        if not file.exists() and shown in pack_names():
            state.pack(shown)
        else:
            state.file(file, shown, ())
    return state.policy()


def load_policy(file: Path, shown: str) -> Policy:
    """The policy of one file, see `load_policies`."""
    return load_policies([(file, shown)])


class _State:
    """What the policies read so far say, each on top of those before."""

    def __init__(self, inside: Path | None = None) -> None:
        self.inside = inside
        self.names: list[str] = []
        self.rules: dict[str, Setting] = {}
        self.said: list[Said] = []
        self.fail_on: Severity | None = None
        self.exceptions: list[Fields] = []
        self.checks: dict[str, Declared] = {}
        self.values: dict[str, Node] = {}
        self.paths = Paths()
        self.weights = DEFAULT_WEIGHTS

    def policy(self) -> Policy:
        known: list[str] = []
        if self.exceptions:
            from scanner.rules.changes import KINDS

            known = [*places(), *self.checks, *KINDS]
        own: dict[str, OwnRule] = {}
        if self.checks:
            from scanner.policy.checks.section import compiled

            own = compiled(self.checks, self.values)
        return Policy(
            tuple(dict.fromkeys(self.names)),
            self.rules,
            self.fail_on,
            tuple(self.said),
            tuple(waiver(one, known) for one in self.exceptions),
            own,
            self.paths,
            self.weights,
        )

    def pack(self, name: str) -> None:
        file = packs_folder() / f"{name}.yaml"
        # What we ship is tested; reading the options of its rules would load every one of them.
        self.read(Source(name, "policy", file.read_text("utf-8")), file, (), checked=False)

    def file(self, file: Path, shown: str, chain: tuple[str, ...]) -> None:
        """`chain` are the real paths of the files that lead here by extending one another."""
        self.read(Source(shown, "policy", _text(file, shown)), file, chain, checked=True)

    def read(self, source: Source, file: Path, chain: tuple[str, ...], *, checked: bool) -> None:
        problems: list[Problem] = []
        root = compose(source, problems)
        if problems:
            raise refuse(problems[0].at, problems[0].message)
        if not isinstance(root, Mapping):
            raise PolicyError(source.path, "a policy is a mapping that begins with `snowfence: 1`")
        fields = POLICY.read(root, "a policy")
        self.extend(root.get(_EXTENDS.name), fields.get(_EXTENDS), file, source.path, chain)
        self.names.append(source.path)
        for key, node in _pairs(root.get(CHECKS.name)):
            if key.value in places():
                raise refuse(
                    key.span, f"{quoted(key.value)} is a rule of snowfence; choose another id for the check"
                )
            self.checks[key.value] = Declared(key, node, source.path)
        values = fields.get(VALUES)
        self.values |= values if values is not None else {}
        rules = fields.get(RULES)
        if rules is not None:
            self.settings(settings(rules, source.path, self.checks, checked=checked))
        gate = fields.get(_FAIL_ON)
        self.fail_on = self.fail_on if gate is None else gate
        granted = fields.get(EXCEPTIONS)
        self.exceptions += granted if granted is not None else ()
        found = fields.get(PATHS)
        self.paths = paths(found, self.paths) if found is not None else self.paths
        score = fields.get(SCORE)
        self.weights = weights(score, self.weights) if score is not None else self.weights

    def extend(
        self, node: Node | None, names: tuple[str, ...] | None, file: Path, shown: str, chain: tuple[str, ...]
    ) -> None:
        """Reads what a policy extends."""
        if names is None:
            if not self.names:
                self.pack(DEFAULT_PACK)
            return
        taken: set[str] = set()
        items = [node] if isinstance(node, Scalar) else getattr(node, "items", [])
        chain = (*chain, os.path.realpath(file))
        for item, name in zip(items, names, strict=True):
            if name in taken:
                raise refuse(item.span, f"{quoted(name)} is extended twice; remove one of them")
            taken.add(name)
            if "/" not in name and not name.endswith((".yaml", ".yml")):
                known = pack_names()
                if name not in known:
                    raise refuse(
                        item.span,
                        f"there is no pack {quoted(name)}{nearest(name, known)}. A file is named by its path, as in `./{name}.yaml`",
                    )
                self.pack(name)
                continue
            target = file.parent / name
            real = os.path.realpath(target)
            if real in chain:
                circle = " -> ".join(Path(one).name for one in (*chain[chain.index(real) :], real))
                raise refuse(item.span, f"policies extend one another in a circle: {circle}")
            if len(chain) >= _MAX_DEPTH:
                raise refuse(item.span, f"more than {_MAX_DEPTH} policies extend one another")
            if self.inside is not None and not real.startswith(
                os.path.realpath(self.inside).rstrip("/") + "/"
            ):
                raise refuse(
                    item.span, f"{quoted(name)} lies outside of the repository, whose policy may not read it"
                )
            if not target.is_file():
                raise refuse(item.span, f"there is no file {quoted(name)} beside {quoted(shown)}")
            beside = str(Path(shown).parent / name).removeprefix("./")
            self.file(target, os.path.normpath(beside), chain)

    def settings(self, found: list[Said]) -> None:
        """Later policies win; what one says of every rule also overrides what earlier ones said of single rules."""
        for said in found:
            self.rules.setdefault(said.rule, Setting())
            for id in self.rules if said.rule == EVERY_RULE else (said.rule,):
                self.rules[id] = said.setting.over(self.rules[id])
        self.said += found


def _pairs(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    return iter(node.pairs) if isinstance(node, Mapping) else iter(())


def _text(file: Path, shown: str) -> str:
    try:
        if file.exists() and not file.is_file():
            raise PolicyError(shown, "the policy is not a regular file")
        with file.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise PolicyError(shown, f"the policy cannot be read: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise PolicyError(shown, "larger than 1 MB, so it is no policy")
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise PolicyError(shown, "the policy is not UTF-8") from error
