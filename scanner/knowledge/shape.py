"""Whether a table has the shape of another one: the same lists and records, with the same kinds of values in them.

The shape is taken from the table that is shipped, so that no list of shapes has to follow the tables. What an example cannot
show is not asked for: the items of an empty list, and values that are null everywhere.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from scanner.model.quoting import quoted

_WORDS: Final = frozenset(
    ("about", "source", "licence", "date", "goes_stale", "old_after", "note", "notes", "words", "semantics")
)
"""What tables say of themselves; it is not asked for."""

_FEW: Final = 3
"""Keys that a record of lists or of records may have; more are names of things."""

_TEXTS: Final = frozenset(("date", "version"))
"""Kinds that are texts as well."""

_ARTICLES: Final = {
    "version": "a version",
    "list": "a list",
    "mapping": "a mapping",
    "text": "a text",
    "number": "a number",
    "date": "a date",
}


class Shape(NamedTuple):
    """The `kinds` that a value has; the shape of the `items` of lists and of the values of mappings from `names` (None: any); the
    `fields` of records with their shapes, and those that each record has."""

    kinds: frozenset[str]
    items: "Shape | None"
    names: "Shape | None"
    fields: dict[str, "Shape"]
    required: frozenset[str]

    @classmethod
    def of(cls, examples: list[Any]) -> "Shape":
        """What examples of one value have in common."""
        items = [item for one in examples if isinstance(one, list) for item in one]
        records: list[dict[str, Any]] = [one for one in examples if isinstance(one, dict)]
        names: list[Any] = []
        fields: dict[str, list[Any]] = {}
        if _named(records):
            names = [inner for one in records for inner in one.values()]
        else:
            for one in records:
                for key, inner in one.items():
                    fields.setdefault(key, []).append(inner)
        return cls(
            frozenset(map(_kind, examples)),
            cls.of(items) if items else None,
            cls.of(names) if names else None,
            {key: cls.of(values) for key, values in fields.items()},
            frozenset(key for key, values in fields.items() if len(values) == len(records)),
        )

    def misfits(self, value: Any, place: str = "") -> Iterator[str]:
        """Where a value has another shape, and how."""
        kind = _kind(value)
        if self.kinds <= {"null"}:
            return
        if kind not in self.kinds and not (kind in _TEXTS and "text" in self.kinds):
            wanted = " or ".join(_ARTICLES.get(one, one) for one in sorted(self.kinds))
            yield f"{quoted(place or 'it', 100)} is {_ARTICLES.get(kind, kind)}, not {wanted}"
            return
        if isinstance(value, list) and self.items is not None:
            for at, item in enumerate(value):
                yield from self.items.misfits(item, f"{place}[{at}]")
        elif isinstance(value, dict) and self.names is not None:
            for key, inner in value.items():
                yield from self.names.misfits(inner, _below(place, key))
        elif isinstance(value, dict):
            for key in self.required - value.keys():
                yield f"{quoted(_below(place, key), 100)} is missing"
            for key, shape in self.fields.items():
                if key in value:
                    yield from shape.misfits(value[key], _below(place, key))


def misfit(table: dict[str, Any], example: dict[str, Any], *, whole: bool = True) -> str | None:
    """Where and how a table has not the shape of the example, None where it has. Unless the `whole` is asked for, only what stands
    in it directly."""
    rows = {key: value for key, value in example.items() if key not in _WORDS}
    shape = Shape.of([rows if whole else {key: type(value)() for key, value in rows.items()}])
    return min(shape.misfits({key: value for key, value in table.items() if key not in _WORDS}), default=None)


def _below(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _named(records: list[dict[str, Any]]) -> bool:
    """Whether the keys are names of things, and not of fields."""
    keys = {key for one in records for key in one}
    if not all(key.isascii() and key.replace("_", "").isalpha() for key in keys):
        return True
    kinds = {_kind(inner) for one in records for inner in one.values()}
    return len(keys) > _FEW and len(kinds) == 1 and kinds <= {"list", "mapping"}


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "number"
        case str():
            return "date" if _is_date(value) else "version" if _is_version(value) else "text"
        case list():
            return "list"
        case _:
            return "mapping"


def _is_version(text: str) -> bool:
    return len(text) < 100 and text.isascii() and all(part.isdecimal() for part in text.split("."))


def _is_date(text: str) -> bool:
    if len(text) != 10:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
