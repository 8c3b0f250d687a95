"""The section `rules`: which rules run, how severe their findings are, with which options, and where that differs."""

from collections.abc import Mapping as Map
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from scanner.engine import AnyRule, load, places
from scanner.model.finding import Confidence, Severity
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.parse.nodes import Mapping, Node, Scalar, Sequence
from scanner.policy.options import read_options
from scanner.policy.paths import GlobText
from scanner.policy.policy import CHANGE, EVERY_RULE, PathSetting, Said, Setting
from scanner.policy.shapes import Choice, Fields, Key, Mistakes, Raw, Record, Schema, but, first, refuse

if TYPE_CHECKING:
    from scanner.policy.checks.section import Declared

TAG: Final = "tag:"
"""Before a tag that stands for every rule that carries it."""

SEVERITY: Final = Choice({str(one): one for one in Severity})
_SWITCHES: Final = {"on": True, "off": False}

_SEVERITY: Final = Key("severity", SEVERITY, "the severity of its findings, in place of the rule's own")
_CONFIDENCE: Final = Key(
    "confidence", Choice({str(one): one for one in Confidence}), "findings below this confidence are left out"
)
_UNKNOWN: Final = Key(
    "unknown", SEVERITY, "questions that the rule cannot decide are findings of this severity"
)
OPTIONS: Final = Key("options", Raw(lambda: {"type": "object"}), "the rule's options; its page lists them")
PATH_SETTINGS: Final = Key("paths", Raw(), "settings for some files, by patterns; later ones are stronger")
HERE: Final = Record("the setting for files", (_SEVERITY, _CONFIDENCE, _UNKNOWN, OPTIONS))
"""What can be said for some files."""
WHOLE: Final = Record("the setting of a rule", (_SEVERITY, _CONFIDENCE, _UNKNOWN, OPTIONS, PATH_SETTINGS))
"""What can be said of a rule."""


class _Rules:
    """The whole section, as it stands; `settings` reads it, since it has to know which checks there are."""

    def read(self, node: Node, what: str) -> Mapping:
        if not isinstance(node, Mapping):
            raise refuse(first(node), f"{what} must be a mapping of rule ids to settings{but(node)}")
        return node

    def schema(self) -> Schema:
        from scanner.policy.schema import rules_schema

        return rules_schema()


RULES: Final[Key[Mapping]] = Key(
    "rules",
    _Rules(),
    "which rules run, and how: ids, `tag:…` for all rules with a tag, or `*` for all",
    idle=True,
)


def settings(node: Mapping, policy: str, own: "Map[str, Declared]", *, checked: bool) -> list[Said]:
    """What the section says, the stronger later: of all rules, of those with a tag, of one. `own` are the checks, `checked` is
    whether options are read, for which the rules have to be loaded."""
    known, by_tag = places(), _ByTag(own)
    every: list[Said] = []
    tagged: list[Said] = []
    single: list[Said] = []
    mistakes = Mistakes()
    for key, value in node.pairs:
        name = key.value
        with mistakes:
            if name == EVERY_RULE:
                every.append(Said(name, policy, key.span, name, _setting(value, _For(name, None, checked))))
            elif name.startswith(TAG):
                ids = by_tag.ids.get(name)
                if ids is None:
                    raise refuse(
                        key.span, f"no rule has the tag {quoted(name)}{nearest(name, sorted(by_tag.ids))}"
                    )
                setting = _setting(value, _For(name, None, checked))
                tagged += (Said(id, policy, key.span, name, setting) for id in ids)
            elif name in own:
                single.append(Said(name, policy, key.span, name, _setting(value, _For(name, None, checked))))
            elif name in known or _change(name) is not None:
                single.append(Said(name, policy, key.span, name, _setting(value, _For(name, name, checked))))
            else:
                names = [*known, *own, *_changes()]
                raise refuse(key.span, f"there is no rule {quoted(name)}{nearest(name, names)}")
    mistakes.refuse()
    return [*every, *tagged, *single]


class _For(NamedTuple):
    """Whom a setting is for: the key, the rule (None: several, or a check), and whether the options are read."""

    key: str
    rule: str | None
    checked: bool


def _setting(node: Node, whom: _For) -> Setting:
    if (switch := _switch(node)) is not None:
        return Setting(enabled=switch)
    found, paths = _of(WHOLE, whom.key, node, whom)
    # A rule that is mentioned is wanted; what is said of all of them, or of a tag, by a mapping does not switch any on.
    return found._replace(enabled=None if _several(whom.key) else True, paths=paths)


def _of(record: Record, key: str, node: Node, whom: _For) -> tuple[Setting, tuple[PathSetting, ...]]:
    """What a mapping behind a key says, and what it says for some files."""
    if not isinstance(node, Mapping):
        names = ", ".join(map(quoted, record.keys))
        raise refuse(first(node), f"{quoted(key)} must be `on`, `off` or a mapping with {names}{but(node)}")
    mistakes = Mistakes()
    fields = record.gather(node, key, mistakes)
    options = fields.get(OPTIONS)
    if options is not None:
        with mistakes:
            _check_options(fields, options, whom)
    paths = fields.get(PATH_SETTINGS)
    found: tuple[PathSetting, ...] = ()
    if paths is not None:
        with mistakes:
            found = _for_paths(paths, whom)
    mistakes.refuse()
    setting = Setting(
        severity=fields.get(_SEVERITY),
        confidence=fields.get(_CONFIDENCE),
        options=(options,) if options is not None else (),
        unknown=fields.get(_UNKNOWN),
    )
    return setting, found


def _check_options(fields: Fields, options: Node, whom: _For) -> None:
    if whom.rule is None:
        said = (
            "options belong to one rule, not to"
            if _several(whom.key)
            else "a check has no options; remove those of"
        )
        raise refuse(fields.at(OPTIONS), f"{said} {quoted(whom.key)}")
    if whom.checked:
        read_options(_change(whom.rule) or load(places()[whom.rule]), options)


def _for_paths(node: Node, whom: _For) -> tuple[PathSetting, ...]:
    if not isinstance(node, Mapping):
        raise refuse(
            first(node), f"{quoted(PATH_SETTINGS.name)} must be a mapping of patterns to settings{but(node)}"
        )
    found: list[PathSetting] = []
    mistakes = Mistakes()
    for pattern, value in node.pairs:
        with mistakes:
            glob = GlobText().read(pattern, f"a pattern of {quoted(PATH_SETTINGS.name)}")
            switch = _switch(value)
            setting = _of(HERE, pattern.value, value, whom)[0] if switch is None else Setting(enabled=switch)
            found.append(PathSetting(glob, setting, named=switch is None and not _several(whom.key)))
    mistakes.refuse()
    return tuple(found)


def _switch(node: Node) -> bool | None:
    """`on` or `off`, and what YAML 1.1 makes of them."""
    if not isinstance(node, Scalar):
        return None
    return _SWITCHES.get(node.value, node.boolean)


class _ByTag:
    """The ids of the rules and checks with each `tag:…`, worked out when the first one is asked for: all rules are loaded for it."""

    def __init__(self, own: "Map[str, Declared]") -> None:
        self._own: Final = own

    @cached_property
    def ids(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        every = chain(
            ((id, load(place).tags) for id, place in places().items()),
            ((id, _tags_of(declared)) for id, declared in self._own.items()),
        )
        for id, tags in every:
            for tag in dict.fromkeys(tags):
                found.setdefault(f"{TAG}{tag}", []).append(id)
        return found


def _several(key: str) -> bool:
    """Whether a key stands for more than one rule."""
    return key == EVERY_RULE or key.startswith(TAG)


def _tags_of(declared: "Declared") -> tuple[str, ...]:
    """The tags of a check that is not compiled yet."""
    node = declared.body.get("tags") if isinstance(declared.body, Mapping) else None
    items = node.items if isinstance(node, Sequence) else [node]
    return tuple(item.value for item in items if isinstance(item, Scalar))


def _change(id: str) -> AnyRule | None:
    """The kind of change of this id that `snowfence diff` judges; None for a rule of the scan and for no rule."""
    return _changes().get(id) if id.startswith(CHANGE) else None


def _changes() -> dict[str, AnyRule]:
    from scanner.rules.changes import KINDS  # few policies name one

    return {id: kind.rule for id, kind in KINDS.items()}
