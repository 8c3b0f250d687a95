"""sarif-om objects become JSON.

The package's own companion (`jschema_to_python.to_json`) loses every attribute that equals its default, so that a warning of a rule
whose level is error turns into an error, and takes 0.4 ms for each result. Here `level` always stays, and what
sarif-om calls by a pre-final name gets the name of the SARIF 2.1.0 schema.
"""

from collections.abc import Callable, Iterable, Iterator
from json import dumps
from typing import Any, Final

import attr

from scanner.report.escape import inert_json

_RENAMED: Final = {("Suppression", "state"): "status"}
_KEPT: Final = frozenset(("level",))
_NEVER: Final = object()
_END: Final = "]}]}"
"""How the text of a log ends whose last run has its results last."""


def to_json(log: object, results: Iterable[str] = ()) -> str:
    """A SarifLog as ASCII. `results` are the results of its one run where it has none itself, each as JSON; they
    stand last in the file, each on a line of its own."""
    document = _Walk().value(log)
    if not (lines := ",\n".join(results)):
        return inert_json(dumps(document, separators=(",", ":"))) + "\n"
    [run] = document["runs"]
    run["results"] = run.pop("results")  # the last of the last
    document["runs"] = document.pop("runs")
    text = dumps(document, separators=(",", ":"))
    return inert_json(f"{text.removesuffix(_END)}\n{lines}\n{_END}") + "\n"


class _Walk:
    def __init__(self) -> None:
        # By class and attribute: the property's name and the value that is left out.
        self.fields: dict[type, dict[str, tuple[str, object]]] = {}

    def value(self, value: Any) -> Any:
        if isinstance(value, str | int | float):
            return value
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        cls = type(value)
        fields = self.fields.get(cls)
        if fields is None:
            fields = self.fields[cls] = dict(_fields(cls))
        found = {}
        for attribute, item in vars(value).items():
            if item is not None:
                name, default = fields[attribute]
                if default is _NEVER or item != default:
                    found[name] = self.value(item)
        return found


def _fields(cls: type) -> Iterator[tuple[str, tuple[str, object]]]:
    for field in attr.fields(cls):
        name = _RENAMED.get((cls.__name__, field.name), field.metadata["schema_property_name"])
        yield field.name, (name, _NEVER if field.name in _KEPT else _default(field.default))


def _default(default: Any) -> object:
    factory: Callable[[], object] | None = getattr(default, "factory", None)
    return default if factory is None else factory()
