"""The language of workflows and actions as GitHub's own parsers define it, from `data/workflow-schema.json` and `data/events.json`."""

from typing import Any, Final, NamedTuple

from scanner.knowledge.folder import Folder


class Keys(NamedTuple):
    """A mapping: its `known` keys with the names of the shapes of their values, the `free` shape of all other keys' values
    (None: there are no others). `near`: other keys do nothing, so that a misspelt one is a mistake. `noun` is what users
    call it; `rule` says what is wrong with its keys, where that is another than for the rest."""

    name: str
    known: dict[str, str]
    required: tuple[str, ...]
    free: str | None
    near: bool
    noun: str
    rule: str | None


class Shape(NamedTuple):
    """What may stand in a place.

    Of scalars: `null`, `boolean`, `number`, `text` (any scalar), `filled` (any that is not empty), or one of `values`.
    `items` is the shape of a list's items. `maps` are the mappings that it may be: the keys that are there tell which, or the
    value of one key (`by`: that key, and mappings by its value). `expressions`: `${{ }}` may stand here and below.
    `rule` is the rule that says what is wrong here and below. `anything` is not looked at.
    """

    name: str
    anything: bool
    null: bool
    boolean: bool
    number: bool
    text: bool
    filled: bool
    values: tuple[str, ...]
    noun: str
    items: str | None
    maps: tuple[Keys, ...]
    by: tuple[str, dict[str, Keys]] | None
    expressions: bool
    rule: str | None


class Schema:
    """Shapes by name, made from the tables when they are first asked for.

    Roots: `workflow-root`, `action.action-root`.
    """

    def __init__(self, folder: Folder) -> None:
        table = folder.json("workflow-schema.json")
        self._shapes: Final[dict[str, Any]] = table["shapes"]
        self._mappings: Final[dict[str, Any]] = table["mappings"]
        self.events: Final[dict[str, Any]] = folder.json("events.json")["events"]
        self._made: dict[str, Shape] = {}
        self._keys: dict[str, Keys] = {}

    def shape(self, name: str) -> Shape:
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = self._make(name)
        return found

    def types(self, event: str) -> tuple[str, ...]:
        """The activity types of an event; empty where it has none, or any text is one."""
        return tuple(self.events.get(event, {}).get("types", ()))

    def _make(self, name: str) -> Shape:
        kind, _, event = name.partition(":")
        if kind == "event":
            return _shape(name, {"is": ["null"]}, (self._event(event),))
        if kind == "types":
            row = {"is": ["null"], "list": f"type:{event}", "values": self.types(event)}
            row = row if self.types(event) else _TEXTS
            return _shape(name, row, (), f"an activity type of `{event}`")
        if kind == "type":
            return _shape(name, {"values": self.types(event)}, (), f"an activity type of `{event}`")
        if kind == "an-event":
            return _shape(name, {"values": tuple(self.events)}, (), "an event")
        if kind == "patterns":
            return _shape(name, _TEXTS, ())
        row = self._shapes[name]
        if row.get("events"):
            known = {one: about.get("shape", f"event:{one}") for one, about in self.events.items()}
            keys = Keys("on", known, (), None, False, "`on`", None)
            more = {"list": "an-event", "values": tuple(known), "rule": row["rule"]}
            return _shape(name, more, (keys,), "an event")
        by = row.get("by")
        return _shape(
            name,
            row,
            tuple(self._mapping(one) for one in row.get("maps", ())),
            by=(by["key"], {value: self._mapping(one) for value, one in by["maps"].items()}) if by else None,
        )

    def _event(self, event: str) -> Keys:
        row = self.events[event]
        known = dict.fromkeys(row.get("filters", ()), "patterns")
        if "types" in row:
            known["types"] = f"types:{event}"
        return Keys(name=event, known=known, required=(), free=None, near=False, noun=f"`{event}`", rule=None)

    def _mapping(self, name: str) -> Keys:
        found = self._keys.get(name)
        if found is None:
            row = self._mappings[name]
            found = self._keys[name] = Keys(
                name,
                row.get("keys", {}),
                tuple(row.get("required", ())),
                row.get("free"),
                row.get("near", False),
                row.get("noun", "this mapping"),
                row.get("rule"),
            )
        return found


# With nothing behind the key GitHub's service reads no filter at all.
_TEXTS: Final = {"is": ["null", "filled"], "list": "non-empty-string"}


def _shape(
    name: str,
    row: dict[str, Any],
    maps: tuple[Keys, ...],
    noun: str = "",
    by: tuple[str, dict[str, Keys]] | None = None,
) -> Shape:
    kinds = row.get("is", ())
    return Shape(
        name=name,
        anything=row.get("any", False),
        null="null" in kinds,
        boolean="boolean" in kinds,
        number="number" in kinds,
        text="text" in kinds,
        filled="filled" in kinds,
        values=tuple(row.get("values", ())),
        noun=noun,
        items=row.get("list"),
        maps=maps,
        by=by,
        expressions=row.get("expressions", False),
        rule=row.get("rule"),
    )
