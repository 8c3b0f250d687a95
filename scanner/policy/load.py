"""YAML to a `Policy` (format 1). Every mistake is refused with file, line, column and the nearest valid name.

snowfence: 1
extends: [recommended]
fail-on: medium
rules:
  stale-input: { severity: high, options: { days: 30 } }
  artipacked: off
"""

from pathlib import Path
from typing import Final

from scanner.engine import AnyRule, places
from scanner.engine import load as load_rule
from scanner.model.errors import PolicyError
from scanner.model.finding import Confidence, Problem, Severity
from scanner.model.nearest import nearest
from scanner.model.source import Source
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.parse.yaml import compose
from scanner.policy.options import read_options, refuse
from scanner.policy.policy import EVERY_RULE, Policy, Setting

DEFAULT_PACK: Final = "recommended"
FILE_NAME: Final = "snowfence.yaml"
_MAX_BYTES: Final = 1024 * 1024
_KEYS: Final = ["snowfence", "extends", "fail-on", "rules"]
_RULE_KEYS: Final = ["severity", "confidence", "options"]
_SWITCHES: Final = {"on": True, "true": True, "off": False, "false": False}


def packs_folder() -> Path:
    """The shipped packs: beside the package in a wheel, in the root of a checkout."""
    installed = Path(__file__).parent.parent / "_policies"
    return installed if installed.is_dir() else Path(__file__).parent.parent.parent / "policies"


def pack_names() -> list[str]:
    return sorted(file.stem for file in packs_folder().glob("*.yaml"))


def default_policy() -> Policy:
    return _Loader().pack(DEFAULT_PACK)


def pack(name: str) -> Policy:
    """A shipped pack by its name."""
    return _Loader().pack(name)


def load_policy(file: Path, shown: str) -> Policy:
    """The policy of a file; `shown` is its name in messages.

    Raises PolicyError for anything that is not a policy of format 1.
    """
    try:
        if file.exists() and not file.is_file():
            raise PolicyError(shown, "the policy is not a regular file")
        with file.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise PolicyError(shown, "larger than 1 MB, so it is no policy")
        text = data.decode("utf-8").removeprefix("\ufeff")
    except OSError as error:
        raise PolicyError(shown, f"the policy cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PolicyError(shown, "the policy is not UTF-8") from error
    return _Loader().read(Source(shown, "policy", text), checked=True)


class _Loader:
    def __init__(self) -> None:
        self.ids = list(places())

    def pack(self, name: str) -> Policy:
        file = packs_folder() / f"{name}.yaml"
        # What we ship is tested; reading the options of its rules would load every one of them.
        return self.read(Source(name, "policy", file.read_text("utf-8")), checked=False)

    def read(self, source: Source, *, checked: bool) -> Policy:
        problems: list[Problem] = []
        root = compose(source, problems)
        if problems:
            raise refuse(problems[0].at, problems[0].message)
        if not isinstance(root, Mapping):
            raise PolicyError(source.path, "a policy is a mapping that begins with `snowfence: 1`")
        for key, _ in root.pairs:
            if key.value not in _KEYS:
                raise refuse(key.span, f"a policy has no key `{key.value}`{nearest(key.value, _KEYS)}")
        version = root.get("snowfence")
        if not isinstance(version, Scalar) or version.value != "1":
            at = version.span if version is not None else root.pairs[0][0].span if root.pairs else root.span
            raise refuse(at, "a policy begins with `snowfence: 1`, the version of its format")
        names: tuple[str, ...] = ()
        rules: dict[str, Setting] = {}
        fail_on: Severity | None = None
        for base in self._extended(root.get("extends")):
            names += base.names
            fail_on = fail_on if base.fail_on is None else base.fail_on
            _merge(rules, base.rules)
        if not names and checked and root.get("extends") is None:
            base = self.pack(DEFAULT_PACK)
            names, rules = base.names, dict(base.rules)
        own = self._rules(root.get("rules"), checked)
        _merge(rules, own)
        gate = root.get("fail-on")
        if gate is not None:
            fail_on = _severity(gate, "`fail-on`")
        return Policy((*names, source.path), rules, fail_on)

    def _extended(self, node: Node | None) -> list[Policy]:
        match node:
            case None:
                return []
            case Scalar():
                items: list[Node] = [node]
            case Sequence():
                items = node.items
            case _:
                raise refuse(node.span, "`extends` must be the name of a pack or a list of them")
        found = []
        taken: set[str] = set()
        names = pack_names()
        for item in items:
            if not isinstance(item, Scalar):
                raise refuse(item.span, "an item of `extends` must be the name of a pack")
            if item.value not in names:
                raise refuse(item.span, f"there is no pack `{item.value}`{nearest(item.value, names)}")
            if item.value in taken:
                raise refuse(item.span, f"the pack `{item.value}` is extended twice; remove one of them")
            taken.add(item.value)
            found.append(self.pack(item.value))
        return found

    def _rules(self, node: Node | None, checked: bool) -> dict[str, Setting]:
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return {}
        if not isinstance(node, Mapping):
            raise refuse(node.span, "`rules` must be a mapping of rule ids to settings")
        found = {}
        for key, value in node.pairs:
            if key.value != EVERY_RULE and key.value not in self.ids and _change(key.value) is None:
                known = [*self.ids, *_changes()]
                raise refuse(key.span, f"there is no rule `{key.value}`{nearest(key.value, known)}")
            found[key.value] = self._setting(key, value, checked)
        return found

    def _setting(self, key: Scalar, node: Node, checked: bool) -> Setting:
        if isinstance(node, Scalar) and node.value.lower() in _SWITCHES:
            return Setting(enabled=_SWITCHES[node.value.lower()])
        if not isinstance(node, Mapping):
            raise refuse(
                node.span,
                f"`{key.value}` must be `on`, `off` or a mapping with `severity`, `confidence`, `options`",
            )
        severity: Severity | None = None
        confidence: Confidence | None = None
        options: tuple[Node, ...] = ()
        for name, value in node.pairs:
            match name.value:
                case "severity":
                    severity = _severity(value, "`severity`")
                case "confidence":
                    confidence = _confidence(value)
                case "options":
                    if key.value == EVERY_RULE:
                        raise refuse(name.span, "options belong to one rule, not to `*`")
                    if checked:
                        read_options(_change(key.value) or load_rule(places()[key.value]), value)
                    options = (value,)
                case other:
                    raise refuse(
                        name.span, f"the setting of a rule has no key `{other}`{nearest(other, _RULE_KEYS)}"
                    )
        # A rule that is mentioned is wanted; what is said of all of them does not switch any on.
        return Setting(None if key.value == EVERY_RULE else True, severity, confidence, options)


def _change(id: str) -> AnyRule | None:
    """The kind of change of this id that `snowfence diff` judges; None for a rule of the scan and for no rule."""
    return _changes().get(id) if id.startswith("diff-") else None


def _changes() -> dict[str, AnyRule]:
    from scanner.rules.changes import KINDS  # few policies name one

    return {id: kind.rule for id, kind in KINDS.items()}


def _merge(rules: dict[str, Setting], over: dict[str, Setting]) -> None:
    """Later policies win; what one says of every rule also overrides what earlier ones said of single rules."""
    every = over.get(EVERY_RULE)
    if every is not None:
        for id in rules:
            rules[id] = every.over(rules[id])
    for id, setting in over.items():
        if id != EVERY_RULE or EVERY_RULE not in rules:
            rules[id] = setting.over(rules.get(id, Setting()))


def _severity(node: Node, what: str) -> Severity:
    if isinstance(node, Scalar) and node.value in Severity.names():
        return Severity[node.value.upper()]
    raise refuse(node.span, f"{what} must be one of {', '.join(Severity.names())}")


def _confidence(node: Node) -> Confidence:
    if isinstance(node, Scalar) and node.value in Confidence.names():
        return Confidence[node.value.upper()]
    raise refuse(node.span, f"`confidence` must be one of {', '.join(Confidence.names())}")
