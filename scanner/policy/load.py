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
from typing import Final, NamedTuple

from scanner.analysis.waivers import Waiver
from scanner.engine import places
from scanner.model.errors import PolicyError
from scanner.model.finding import Problem, Severity
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.parse.nodes import Mapping, Node, Scalar, is_set
from scanner.parse.yaml import OURS, compose
from scanner.policy.checks.section import CHECKS, VALUES, Declared, compiled
from scanner.policy.examples import EXAMPLES, check_names
from scanner.policy.exceptions import EXCEPTIONS, waiver
from scanner.policy.files import MAX_BYTES, Disk, Files
from scanner.policy.format import EXTENDS, FAIL_ON, POLICY, is_file
from scanner.policy.packs import pack_names, packs_folder
from scanner.policy.paths import PATHS, paths
from scanner.policy.policy import CHANGE, EVERY_RULE, OwnRule, Paths, Policy, Said, Setting, stands_alone
from scanner.policy.settings import RULES, settings
from scanner.policy.shapes import Fields, Mistakes, first, refuse
from scanner.policy.weights import DEFAULT_WEIGHTS, SCORE, weights

DEFAULT_PACK: Final = "recommended"
FILE_NAMES: Final = ("snowfence.yaml", ".github/snowfence.yaml")
"""Where a repository keeps its policy; one of them."""

_MAX_DEPTH: Final = 20
"""Policies that extend one another."""
_MAX_FILES: Final = 100
_MAX_SIZE: Final = 4_000_000
"""Characters of all policies together."""


def default_policy() -> Policy:
    return pack(DEFAULT_PACK)


def pack(name: str) -> Policy:
    """A shipped pack by its name."""
    state = _State(Disk())
    state.pack(name)
    return state.policy()


def load_policies(
    files: list[tuple[Path, str]], inside: Path | None = None, where: Files | None = None
) -> Policy:
    """The policy of several files, the weakest first, each with its name in messages; what is the name of a pack is the pack, and
    a file of that name is `./name`. With `inside` no file out of that folder is read. `where` is read instead of the disk.

    Raises PolicyError for anything that is not a policy of format 1.
    """
    state = _State(where or Disk(inside))
    mistakes = Mistakes()
    for file, shown in files:
        with mistakes:
            # A pack before a file: the folder may be that of a pull request, which must not put a file of its own in a pack's place.
            known = pack_names() if where is None and not is_file(shown) else []
            if shown in known:
                state.pack(shown)
            elif known and not os.path.exists(file):  # noqa: PTH110 - for any text
                raise PolicyError(shown, f"there is no file and no pack of this name{nearest(shown, known)}")
            else:
                state.file(file, shown, ())
    policy = None
    if state.whole:
        with mistakes:
            policy = state.policy()
    if policy is None or mistakes:
        raise mistakes.gathered()
    return policy


def load_policy(file: Path, shown: str) -> Policy:
    """The policy of one file, see `load_policies`."""
    return load_policies([(file, shown)])


class _Link(NamedTuple):
    """A policy on the way from the first one by `extends`."""

    real: str
    shown: str


class _State:
    """What the policies read so far say, each on top of those before."""

    def __init__(self, where: Files) -> None:
        self.where = where
        self.names: list[str] = []
        self.taken: set[str] = set()
        self.heard = 0
        self.rules: dict[str, Setting] = {}
        self.said: list[Said] = []
        self.fail_on: Severity | None = None
        self.exceptions: list[Fields] = []
        self.examples: list[Fields] = []
        self.checks: dict[str, Declared] = {}
        self.replaced: dict[str, list[Span]] = {}
        self.values: dict[str, Node] = {}
        self.named: dict[str, Scalar] = {}
        self.size = 0
        self.paths = Paths()
        self.weights = DEFAULT_WEIGHTS

    @property
    def whole(self) -> bool:
        """Whether every policy could be read as far as names go: else what is missing is no mistake of who names it."""
        return self.heard == len(self.taken)

    def policy(self) -> Policy:
        mistakes = Mistakes()
        waivers: list[Waiver] = []
        if self.exceptions or self.examples:
            from scanner.rules.changes import KINDS

            known = [*places(), *self.checks, *KINDS]
            for section in self.examples:
                with mistakes:
                    check_names(section, known)
            for one in self.exceptions:
                with mistakes:
                    waivers.append(waiver(one, known))
        own: dict[str, OwnRule] = {}
        used: tuple[str, ...] = ()
        if self.checks:
            with mistakes:
                own, used = compiled(self.checks, self.values)
        mistakes.refuse()
        return Policy(
            tuple(self.names),
            self.rules,
            self.fail_on,
            tuple(self.said),
            tuple(waivers),
            own,
            self.paths,
            self.weights,
            tuple(self.examples),
            {id: tuple(places) for id, places in self.replaced.items()},
            tuple(key for key in self.named.values() if key.value not in used),
            used,
        )

    def take(self, key: str) -> bool:
        """Whether a policy is read for the first time: what several extend holds once, at its first, weakest place."""
        new = key not in self.taken
        self.taken.add(key)
        return new

    def pack(self, name: str) -> None:
        if self.take(f"pack {name}"):
            file = packs_folder() / f"{name}.yaml"
            # What we ship is tested; reading the options of its rules would load every one of them.
            self.read(Source(name, OURS, file.read_text("utf-8")), file, (), checked=False)

    def file(self, file: Path, shown: str, chain: tuple[_Link, ...]) -> None:
        """`chain` are the files that lead here by extending one another."""
        if not self.where.may_extend(file):
            raise PolicyError(
                shown,
                "the policy lies outside of the repository, which may not read it; name it with `--policy`",
            )
        if self.take(self.where.real(file)):
            if len(self.taken) > _MAX_FILES + 1:
                return  # which has been said
            if len(self.taken) > _MAX_FILES:
                raise PolicyError(shown, f"more than {_MAX_FILES} policies are read")
            text = _text(self.where, file, shown)
            self.size += len(text)
            if self.size > _MAX_SIZE:
                raise PolicyError(
                    shown, f"with this policy, more than {_MAX_SIZE:,} characters of policies are read"
                )
            source = Source(shown, OURS, text)
            self.read(source, file, (*chain, _Link(self.where.real(file), shown)), checked=True)

    def read(self, source: Source, file: Path, chain: tuple[_Link, ...], *, checked: bool) -> None:
        """`chain` are the files that lead here, with this one."""
        problems: list[Problem] = []
        root = compose(source, problems)
        if problems:
            raise refuse(problems[0].at, problems[0].message)
        if not isinstance(root, Mapping):
            begin = first(root) if root is not None else Span(source, 0, 0)
            raise refuse(begin, "a policy is a mapping that begins with `snowfence: 1`")
        mistakes = Mistakes()
        fields = POLICY.gather(root, "a policy", mistakes)
        # What cannot be read further down may be the reason for the next mistakes, which are none.
        with mistakes:
            self.extend(root.get(EXTENDS.name), fields.get(EXTENDS), file, source.path, chain)
            self.say(fields, root, source.path, mistakes, checked=checked)
        mistakes.refuse()

    def say(self, fields: Fields, root: Mapping, name: str, mistakes: Mistakes, *, checked: bool) -> None:
        """Puts what a policy says on top of what those before have said."""
        self.names.append(name)
        declared = list(_pairs(root.get(CHECKS.name)))
        shipped = places() if declared else {}
        for key, node in declared:
            with mistakes:
                if key.value.startswith(CHANGE):
                    raise refuse(
                        key.span,
                        f"{quoted(key.value)} begins with {quoted(CHANGE)}, as kinds of change do; choose another id for the check",
                    )
                if key.value in shipped:
                    raise refuse(
                        key.span,
                        f"{quoted(key.value)} is a rule of snowfence; choose another id for the check",
                    )
                if key.value in self.checks:
                    self.replaced.setdefault(key.value, []).append(self.checks[key.value].id.span)
                self.checks[key.value] = Declared(key, node, name)
        values = fields.get(VALUES)
        if values is not None:
            self.values |= values
            self.named |= {key.value: key for key, _ in _pairs(root.get(VALUES.name))}
        rules = fields.get(RULES)
        if rules is not None:
            with mistakes:
                self.settings(settings(rules, name, self.checks, checked=checked))
        gate = fields.get(FAIL_ON)
        self.fail_on = self.fail_on if gate is None else gate
        granted = fields.get(EXCEPTIONS)
        if granted is not None:
            self.exceptions += granted
        examples = fields.get(EXAMPLES)
        if examples is not None:
            self.examples.append(examples)
        found = fields.get(PATHS)
        self.paths = paths(found, self.paths) if found is not None else self.paths
        score = fields.get(SCORE)
        self.weights = weights(score, self.weights) if score is not None else self.weights
        if values is not None or not is_set(root.get(VALUES.name)):
            self.heard += 1

    def extend(
        self,
        node: Node | None,
        names: tuple[str, ...] | None,
        file: Path,
        shown: str,
        chain: tuple[_Link, ...],
    ) -> None:
        """Reads what a policy extends."""
        if names is None:
            if node is None and not self.names:
                self.pack(DEFAULT_PACK)
            return
        mistakes = Mistakes()
        seen: set[str] = set()
        items = [node] if isinstance(node, Scalar) else getattr(node, "items", [])
        for item, name in zip(items, names, strict=True):
            with mistakes:
                if name in seen:
                    raise refuse(item.span, f"{quoted(name)} is extended twice; remove one of them")
                seen.add(name)
                if is_file(name):
                    self.extend_file(item, name, file, shown, chain)
                else:
                    known = pack_names()
                    if name not in known:
                        raise refuse(item.span, _no_pack(name, known))
                    self.pack(name)
        mistakes.refuse()

    def extend_file(self, item: Node, name: str, file: Path, shown: str, chain: tuple[_Link, ...]) -> None:
        target = file.parent / name
        real = self.where.real(target)
        at = next((at for at, link in enumerate(chain) if link.real == real), None)
        if at is not None:
            beside = os.path.normpath(os.path.join(os.path.dirname(shown), name))  # noqa: PTH118, PTH120 - a name to show
            circle = " -> ".join(quoted(one) for one in (*(link.shown for link in chain[at:]), beside))
            raise refuse(item.span, f"policies extend one another in a circle: {circle}")
        if len(chain) >= _MAX_DEPTH:
            raise refuse(item.span, f"more than {_MAX_DEPTH} policies extend one another")
        if not self.where.may_extend(target):
            raise refuse(
                item.span, f"{quoted(name)} lies outside of the repository, whose policy may not read it"
            )
        if not self.where.holds(target):
            raise refuse(item.span, f"there is no file {quoted(name)} beside {quoted(shown)}")
        beside = os.path.normpath(os.path.join(os.path.dirname(shown), name))  # noqa: PTH118, PTH120 - a name to show
        self.file(target, beside, chain)

    def settings(self, found: list[Said]) -> None:
        """Each on top of what was said before; what is said of every rule is said of each that has been named, and is what the
        next one begins with."""
        for said in found:
            if said.rule == EVERY_RULE:
                named = [id for id in self.rules if not self.alone(id)]
                for id in {EVERY_RULE: None} | dict.fromkeys(named):
                    self.rules[id] = said.setting.over(self.rules.get(id, Setting()))
            else:
                base = Setting() if self.alone(said.rule) else self.rules.get(EVERY_RULE, Setting())
                self.rules[said.rule] = said.setting.over(self.rules.get(said.rule, base))
        self.said += found

    def alone(self, id: str) -> bool:
        """See `Policy.alone`."""
        return stands_alone(id, self.checks)


def _no_pack(name: str, known: list[str]) -> str:
    """That there is no such pack, with advice."""
    said = f"there is no pack {quoted(name)}{nearest(name, known)}"
    end = "" if said.endswith("?") else "."
    folder = not name.strip(".")
    return f"{said}{end} A file is named by its path, as in {quoted('./team.yaml' if folder else f'./{name}.yaml')}"


def _pairs(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    return iter(node.pairs) if isinstance(node, Mapping) else iter(())


def _text(where: Files, file: Path, shown: str) -> str:
    try:
        data = where.data(file)
    except OSError as error:
        raise PolicyError(shown, f"the policy cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise PolicyError(shown, str(error)) from error
    if len(data) > MAX_BYTES:
        raise PolicyError(shown, "larger than 1 MB, so it is no policy")
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        source = Source(shown, OURS, before)
        at = Span(source, len(before), len(before))
        raise refuse(at, "the policy is not UTF-8; save the file as plain UTF-8 text") from error
