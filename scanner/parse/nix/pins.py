"""What npins, niv and lon have in common: a file of pins becomes a lock whose inputs are all the repository's own.

`original` of a pin is what its tool asks for at the next update, `locked` is what Nix is made to fetch: the two are read
from different parts of the file, so that a pin that fetches something else than it names shows it. Where the tools
have a kind that no fetcher of Nix has, `type` is `pypi` or `container`. Attributes beyond those of Nix:

* `url` of a forge's reference: the archive that is fetched
* `flat`: `narHash` is the hash of the one file that is fetched, and not of what Nix serialises
* `frozen`: the tool's own updates leave the pin as it is
* `mutable`: the URL leads to another one, which is the one that is locked
"""

from collections.abc import Iterable, Mapping
from typing import Final

from scanner.model.commit import commits_in
from scanner.model.finding import Problem
from scanner.model.json import Json
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.parse.json import Positions
from scanner.parse.nix.hashes import parse_rev, sri
from scanner.parse.nix.lock import Lock, LockedInput, Tool
from scanner.parse.nix.reference import Attribute, Reference, plain_ref
from scanner.parse.nix.urls import of_archive

Keys = tuple[str, ...]

_NOWHERE: Final = "\0"  # no pin has such a key: the place of a value that is not there is the pin's name


class Part:
    """`original` or `locked` of a pin: its attributes, and the keys below the pin that hold each."""

    __slots__ = ("attributes", "keys")

    def __init__(self, type: str = "unknown", *keys: str) -> None:
        self.attributes: dict[str, Attribute] = {}
        self.keys: dict[str, Keys] = {}
        self.put("type", type, *(keys or ("type",)))

    def put(self, name: str, value: Attribute | None, *keys: str) -> None:
        """Sets an attribute whose value stands at `keys`, unless there is none."""
        if value is not None and value != "":
            self.attributes[name] = value
            self.keys[name] = keys

    def take(self, attributes: Mapping[str, Attribute], *keys: str) -> None:
        for name, value in attributes.items():
            self.put(name, value, *keys)

    def copy(self) -> "Part":
        made = Part()
        made.attributes.update(self.attributes)
        made.keys.update(self.keys)
        return made


class Pin:
    """The object of one pin. What is asked for and of the wrong type, or missing, is a problem at its place."""

    __slots__ = ("_pins", "_refused", "fields", "name")

    def __init__(self, pins: "Pins", name: str, fields: dict[str, Json]) -> None:
        self._pins = pins
        self.name: Final = name
        self.fields: Final = fields
        self._refused: set[Keys] = set()

    @property
    def valid(self) -> bool:
        return not self._refused

    def text(self, *keys: str, required: bool = False) -> str | None:
        """The text at a path of keys; None, mostly with a problem, when there is none."""
        value = self._value(keys)
        if isinstance(value, str) and (value or not required):
            return value or None
        if value is not None or required:
            what = "no" if value is None else "an empty" if value == "" else "no text as"
            self.refuse(f"{what} `{'.'.join(keys)}`", *keys)
        return None

    def flag(self, *keys: str) -> bool:
        value = self._value(keys)
        if value is not None and not isinstance(value, bool):
            self.refuse(f"neither true nor false as `{'.'.join(keys)}`", *keys)
        return value is True

    def _value(self, keys: Keys) -> Json:
        value: Json = self.fields
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def refuse(self, what: str, *keys: str) -> None:
        """Says that the pin has `what`, which its tool does not read; once for a place."""
        pins = self._pins
        if keys in self._refused:
            return
        self._refused.add(keys)
        pins.problem(
            f"the pin {quoted(self.name)} has {what}: {pins.tool.name} does not read it. {pins.advice(self.name)}",
            self.name,
            *keys,
        )


class Pins:
    """A file of pins that is being read. `above` are the keys that lead to the object of all pins."""

    def __init__(self, source: Source, tool: Tool, problems: list[Problem], *above: str) -> None:
        self.source: Final = source
        self.tool: Final = tool
        self.problems: Final = problems
        self.above: Final = above
        self.positions: Final = Positions(source)
        self._nodes: dict[str, LockedInput] = {}
        self._keys: dict[str, dict[tuple[str, str], Keys]] = {}

    def advice(self, name: str) -> str:
        return f"Correct it, or remove the pin and add it again with `{self.tool.name} add`"

    def problem(self, message: str, *keys: str) -> None:
        """A problem at a value below the pins; at the deepest of the keys that is there."""
        self.problems.append(Problem(self.positions.value(*self.above, *keys).first_line(), message))

    def refuse(self, what: str, key: str = _NOWHERE) -> None:
        """Says of the whole file what the tool refuses; at a key of it, or at its start."""
        at = self.positions.value(key).first_line()
        at = at if at.end > at.start else Span(self.source, 0, 1)
        self.problems.append(Problem(at, f"{self.tool.name} refuses this file: {what}"))

    def each(self, pins: Json) -> Iterable[Pin]:
        """Every pin that is an object with a name; the others are problems."""
        for name, fields in pins.items() if isinstance(pins, dict) else ():
            if not name:
                self.problem("a pin without a name cannot be used. Give it one", name)
            elif not isinstance(fields, dict):
                self.problem(
                    f"the pin {quoted(name)} must be an object; {self.tool.name} refuses the file. {self.advice(name)}",
                    name,
                )
            else:
                yield Pin(self, name, fields)

    def add(self, pin: Pin, original: Part, locked: Part) -> None:
        if pin.fields.get("frozen") is True:
            original.put("frozen", True, "frozen")
        self._nodes[pin.name] = LockedInput(
            pin.name, {}, Reference(original.attributes), Reference(locked.attributes), flake=False
        )
        self._keys[pin.name] = {
            (part, name): keys
            for part, made in (("original", original), ("locked", locked))
            for name, keys in made.keys.items()
        }

    def lock(self, version: int) -> Lock:
        names = {name: name for name in self._nodes}
        return Lock(self.source, self.tool, version, "", names, self._nodes, self._locate)

    def _locate(self, path: Keys) -> Keys:
        label, *rest = path
        keys = self._keys.get(label, {}).get((rest[0], rest[1])) if len(rest) > 1 else ()
        return (*self.above, label, *(keys if keys is not None else (_NOWHERE,)))


def put_hash(part: Part, text: str | None, key: str) -> None:
    """The hash of what is fetched, as SRI where it is one in any spelling: without an algorithm it is a SHA-256."""
    if text is not None:
        found = parse_rev(text if "-" in text or ":" in text else f"sha256:{text}")
        part.put("narHash", sri(found) if found is not None else text, key)


def put_archive(original: Part, locked: Part, url: str, revision: str | None, key: str = "revision") -> Part:
    """What Nix fetches from an archive's URL, given what was asked for and the commit that the pin claims to be.

    `locked` is the reference to what is asked for: it holds when the URL leads there. Otherwise what the URL says is
    fetched counts, and the claimed commit goes to `original`, so that the two can be told apart.
    """
    found = of_archive(url)
    if found is None:
        locked = Part("tarball", "url")
    elif not _same_place(found, locked.attributes):
        locked = Part("unknown", "url")
        locked.take(found, "url")
    elif "ref" in found and name_of(found["ref"]) != name_of(locked.attributes.get("ref")):
        locked.put("ref", found["ref"], "url")
    locked.put("url", url, "url")
    fetched = str(found["rev"]) if found is not None and "rev" in found else next(commits_in(url), None)
    if fetched is not None and revision is not None and fetched.lower() != revision.lower():
        original.put("rev", revision, key)
        locked.put("rev", fetched, "url")
    elif revision is not None:
        locked.put("rev", revision, key)
    elif fetched is not None:
        locked.put("rev", fetched, "url")
    return locked


def name_of(ref: Attribute | None) -> str:
    """The name of a branch or tag without what says which of the two it is."""
    return plain_ref(str(ref or ""))


def _same_place(one: Mapping[str, Attribute], other: Mapping[str, Attribute]) -> bool:
    """Whether two references of forges name one repository; they take names in any case."""
    return all(
        str(one.get(name, "")).lower() == str(other.get(name, "")).lower()
        for name in ("type", "host", "owner", "repo")
    )
