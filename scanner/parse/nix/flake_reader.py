"""`flake.nix` without evaluating it: Nix wants its `inputs` and `nixConfig` to be literal (flake.cc of Nix 2.34)."""

from collections.abc import Iterator
from typing import Final

from scanner.model.finding import Problem
from scanner.model.quoting import quoted
from scanner.model.source import Source, Span
from scanner.parse.nix.flake import DeclaredInput, Flake
from scanner.parse.nix.flakeref import parse_reference
from scanner.parse.nix.literals import Literals, Scope, Set, described, inner, is_boolean, resolved
from scanner.parse.nix.reference import Attribute, Reference
from scanner.parse.nix.schemes import Defect, defect, is_id
from scanner.parse.nix.setting import Setting, Word
from scanner.parse.nix.syntax import parse
from scanner.parse.nix.texts import spoken
from scanner.parse.nix.tree import Attribute as Entry
from scanner.parse.nix.tree import Attributes, Formal, Function, Items, Name, Node, Number, Path, Text

MAX_SIZE: Final = 1024 * 1024
"""Characters of a flake.nix that is read; the largest of 700 real ones has 0.03 million."""

MAX_OVERRIDES: Final = 50
"""Levels of `inputs.a.inputs.b.…` that are read."""

_OF_SELF: Final = frozenset(("submodules", "lfs"))

_NOT_OF_FETCHERS: Final = frozenset(("flake", "inputs", "follows"))
_TYPES: Final = frozenset("github gitlab sourcehut git hg tarball file path indirect".split())


def read(source: Source, problems: list[Problem]) -> Flake | None:
    """See `read_flake`."""
    if len(source.text) > MAX_SIZE:
        problems.append(
            Problem(Span(source, 0, 0), f"a flake.nix of more than {MAX_SIZE:,} characters is not read")
        )
        return None
    if source.text.startswith("\ufeff"):
        problems.append(
            Problem(
                Span(source, 0, 1),
                "a flake.nix with a byte order mark is refused by Nix. Save it as UTF-8 without one",
            )
        )
        return None
    before = len(problems)
    root = parse(source, problems)
    if root is None or (isinstance(root, Function) and "/" in source.path):
        return None  # a function in a folder is a module of NixOS or flake-parts that has this name
    flake = _Reading(source, problems).flake(root)
    return flake if len(problems) == before else None


class _Reading(Literals):
    """Reads one flake; every part is judged, so that all that is wrong is said at once."""

    __slots__ = ()

    def flake(self, root: Node) -> Flake:
        top: dict[str, Entry] = {}
        scope: Scope = ()
        inputs: dict[str, DeclaredInput] = {}
        formals: tuple[Formal, ...] = ()
        config: tuple[Setting, ...] = ()
        if not isinstance(root, Attributes):
            self.problem(
                self.span(root), f"a flake is an attribute set, not {described(root)}; Nix refuses it"
            )
        else:
            top = root.entries
            scope = inner(root, ())
            for start, end in root.computed:
                self.problem(
                    Span(self.source, start, end),
                    "this name is computed, and snowfence evaluates nothing. Write it out",
                )
        for name, entry in top.items():
            match name:
                case "description":
                    self.text_node(entry, scope, "`description`")
                case "inputs":
                    found = self.set(entry, scope, "`inputs`")
                    if found is not None:
                        inputs = self._inputs(found, 0)
                case "outputs":
                    formals = self._outputs(entry, scope)
                case "nixConfig":
                    found = self.set(entry, scope, "`nixConfig`")
                    if found is not None:
                        config = tuple(self._settings(found))
                case _:
                    self.problem(
                        self.span(entry),
                        f"{quoted(name)} is no attribute of a flake. Nix takes `description`, `inputs`, `outputs` and "
                        "`nixConfig`, and refuses the flake",
                    )
        if "outputs" not in top and isinstance(root, Attributes) and not root.computed:
            self.problem(
                Span(self.source, root.start, root.start + 1), "the flake has no `outputs`; Nix refuses it"
            )
        for formal in formals:
            self._formal(formal, inputs)
        best = top.get("inputs") or top.get("outputs")
        at = Span(self.source, best.start, best.end) if best else Span(self.source, 0, 1)
        names = tuple(formal.name for formal in formals)
        return Flake(self.source, at, tuple(inputs.values()), names, config)

    # ------------------------------------------------------------ inputs

    def _inputs(self, found: Set, level: int) -> dict[str, DeclaredInput]:
        inputs: dict[str, DeclaredInput] = {}
        for name, entry in found.attributes.entries.items():
            if name != "self":
                inputs[name] = self._input(entry, found.scope, level)
            elif level:
                self.problem(
                    self.span(entry), "`self` is no input that can be overridden; Nix refuses the flake"
                )
            else:
                self._self(entry, found.scope)
        return inputs

    def _self(self, entry: Entry, scope: Scope) -> None:
        """`inputs.self.submodules = true` and the like: how the flake itself is to be fetched."""
        found = self.set(entry, scope, "`inputs.self`")
        if found is None:
            return
        for name, attribute in found.attributes.entries.items():
            self.scalar(attribute, found.scope, f"`inputs.self`: {quoted(name)}")
            if name not in _OF_SELF:
                self.problem(
                    self.span(attribute),
                    f"{quoted(name)} cannot be set for `self`, only `submodules` and `lfs`; Nix refuses the flake",
                )

    def _input(self, entry: Entry, scope: Scope, level: int) -> DeclaredInput:
        at = self.span(entry)
        named = f"the input {quoted(entry.name)}"
        declared = DeclaredInput(entry.name, at)
        found = self.set(entry, scope, named)
        if found is None:
            return declared
        attributes: dict[str, Attribute] = {}
        url_at: Span | None = None
        for name, attribute in found.attributes.entries.items():
            match name:
                case "url":
                    value, url_at = self._url(attribute, found.scope, named)
                    if value is not None:
                        attributes["url"] = value
                case "flake":
                    flake = self.boolean(attribute, found.scope, f"`flake` of {named}")
                    declared = declared._replace(flake=flake is not False)
                case "inputs":
                    nested = self.set(attribute, found.scope, f"`inputs` of {named}")
                    if nested is not None and level < MAX_OVERRIDES:
                        declared = declared._replace(inputs=tuple(self._inputs(nested, level + 1).values()))
                    elif nested is not None:
                        self.problem(
                            self.span(attribute),
                            f"more than {MAX_OVERRIDES} levels of overrides are not read by snowfence",
                        )
                case "follows":
                    text = self.text_node(attribute, found.scope, f"`follows` of {named}")
                    if text is not None:
                        declared = declared._replace(
                            follows=self._follows(text), follows_at=self.inside(text)
                        )
                case _:
                    written = self.scalar(attribute, found.scope, f"{quoted(name)} of {named}")
                    if written is not None:
                        attributes[name] = written
        if not found.attributes.entries.keys() <= attributes.keys() | _NOT_OF_FETCHERS:
            return declared  # what is wrong with an attribute has been said
        reference = self._reference(entry, found.attributes, attributes, url_at, flake=declared.flake)
        if reference is not None:
            declared = declared._replace(reference=reference, reference_at=url_at or at)
            if declared.follows is not None:
                self.problem(
                    declared.follows_at or at,
                    f"{named} has both a reference of its own and `follows`; Nix takes only one and refuses the flake",
                )
        elif declared.follows is None and not level and not attributes:
            declared = declared._replace(reference=self._indirect(entry.name, at), reference_at=at)
        return declared

    def _url(self, entry: Entry, scope: Scope, named: str) -> tuple[str | None, Span | None]:
        node, _ = resolved(entry, scope)
        match node:
            case Text():
                return self.value(node), self.inside(node)
            case Path():
                at = self.span(node)
                if not node.home and not node.text.startswith("/"):
                    return f"path:{_relative(node.text)}", at
                self.problem(
                    at,
                    f"{named} is a path outside of the flake; Nix refuses it. Write it as a text: "
                    '`"path:/…"`, or keep it below the flake',
                )
            case _:
                self.wrong(entry, node, f"`url` of {named}", "a text or a path")
        return None, None

    def _follows(self, text: Text) -> tuple[str, ...]:
        """A path of input names; empty parts do not count, and an empty path is the flake itself."""
        path = tuple(part for part in self.value(text).split("/") if part)
        wrong = next((part for part in path if not is_id(part)), None)
        if wrong is not None:
            at = self.inside(text)
            self.problem(
                at,
                f"{quoted(wrong)} is no name of an input. `follows` is names with `/` between them, "
                "such as `dep/nixpkgs`; Nix refuses the flake",
            )
        return path

    def _reference(
        self,
        entry: Entry,
        of: Attributes,
        attributes: dict[str, Attribute],
        url_at: Span | None,
        *,
        flake: bool,
    ) -> Reference | None:
        """What an input asks for: its attributes when they have a `type`, else its URL."""
        at = self.span(entry)
        named = f"the input {quoted(entry.name)}"
        if "type" in attributes:
            wrong = _defect(attributes)
            if wrong is not None:
                culprit = of.entries.get(wrong.attribute or "", entry)
                self.problem(self.span(culprit), f"{named} {wrong.reason}; Nix refuses the flake")
            return self._within(Reference(attributes), url_at or at, flake=flake)
        for name in attributes:
            if name != "url":
                attribute = of.entries[name]
                advice = (
                    "Write it into the URL, or give all of it as attributes with a `type`"
                    if "url" in of.entries
                    else "Give a `type` with it, or a `url` instead"
                )
                self.problem(
                    self.span(attribute),
                    f"{named} cannot have {quoted(name)} without a `type`; Nix refuses the flake. {advice}",
                )
        url = attributes.get("url")
        if not isinstance(url, str):
            return None
        reference = parse_reference(url, flake=flake)
        if isinstance(reference, str):
            self.problem(url_at or at, f"{quoted(url)} is no flake reference that Nix takes: {reference}")
            return None
        return self._within(reference, url_at or at, flake=flake)

    def _within(self, reference: Reference, at: Span, *, flake: bool) -> Reference:
        """Says it when Nix would have to read a flake out of the repository, or this one again."""
        path = reference.text("path")
        if not flake or reference.type != "path" or path is None or path.startswith("/"):
            return reference
        message = ""
        folders = self.source.committed.removeprefix(self.source.prefix).split("/")[:-1]
        own = list(folders)
        for part in (*path.split("/"), *(reference.text("dir") or "").split("/")):
            if part == ".." and not folders:
                message = "leads out of the repository, where Nix does not look"
                break
            if part == "..":
                folders.pop()
            elif part not in ("", "."):
                folders.append(part)
        else:
            if folders == own:
                message = "is this flake itself, which cannot be its own input"
        if message:
            self.problem(at, f"the path {quoted(path)} {message}; Nix refuses the flake")
        return reference

    def _indirect(self, name: str, at: Span) -> Reference:
        """What is asked for by a name alone: whatever the registry holds under it."""
        if not is_id(name):
            self.problem(
                at,
                f"{quoted(name)} is looked up in the flake registry, but is no name that can stand there; "
                "Nix refuses the flake. Give the input a `url`",
            )
        return Reference({"type": "indirect", "id": name})

    # ------------------------------------------------------------ outputs and configuration

    def _outputs(self, entry: Entry, scope: Scope) -> tuple[Formal, ...]:
        node, _ = resolved(entry, scope)
        if isinstance(node, Function):
            return node.formals
        self.wrong(entry, node, "`outputs`", "a function")
        return ()

    def _formal(self, formal: Formal, inputs: dict[str, DeclaredInput]) -> None:
        """What `outputs` takes is an input, even one that is not declared or has a default."""
        name = formal.name
        if name == "self" or (name in inputs and is_id(name)):
            return
        at = self.span(formal)
        reference = self._indirect(name, at)
        if name not in inputs:
            inputs[name] = DeclaredInput(name, at, reference, at, implicit=True)

    def _settings(self, found: Set) -> Iterator[Setting]:
        for name, entry in found.attributes.entries.items():
            node, scope = resolved(entry, found.scope)
            what = f"the setting {quoted(name)}"
            words: list[Word] = []
            match node:
                case Text():
                    words = self._words(node)
                case Items():
                    for item in node.items:
                        element = Entry(name, item.start, item.end, item)
                        text = self.text_node(element, scope, f"an item of {what}")
                        if text is not None:
                            words.append(Word(self.value(text), self.inside(text)))
                case Number(int(number)):
                    words = [Word(str(number), self.span(node))]
                case Path():
                    words = [Word(node.text, self.span(node))]
                case Name() if is_boolean(node):
                    words = [Word(node.name, self.span(node))]
                case _:
                    self.wrong(
                        entry, node, what, "a text, a whole number, `true`, `false` or a list of texts"
                    )
            yield Setting(name, self.span(entry), tuple(words))

    def _words(self, text: Text) -> list[Word]:
        value, offsets = spoken(self.text, text.start, text.end)
        words = []
        at = 0
        for word in value.split():
            at = value.index(word, at)
            end = at + len(word)
            words.append(Word(word, Span(self.source, offsets[at], offsets[end - 1] + 1)))
            at = end
        return words


def _defect(attributes: dict[str, Attribute]) -> Defect | None:
    scheme = attributes["type"]
    if isinstance(scheme, str) and scheme not in _TYPES:
        return Defect("type", f"has the type {quoted(scheme)}, which Nix does not know")
    return defect(attributes)


def _relative(path: str) -> str:
    """A path literal as Nix writes it into a reference: without `.` and `x/..`."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or "."
