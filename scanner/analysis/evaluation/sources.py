"""Code of others that steps take without saying which state of it: commands, `NIX_PATH`, inputs of actions."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.evaluation.loose_references import Loose, loose_flake, loose_path, search_path
from scanner.analysis.evaluation.runs import Around, executed
from scanner.analysis.workflows.given import given, resolved
from scanner.analysis.workflows.steps import parent_of, steps_of
from scanner.graph.nodes.nix import LockfileNode
from scanner.graph.nodes.workflows import StepNode
from scanner.knowledge.tables import Knowledge
from scanner.model.source import Span
from scanner.parse.nix.command import CLASSIC, MENTIONS, Invocation, mentions_nix
from scanner.parse.nix.script import Executed, Script
from scanner.parse.nodes import Scalar
from scanner.parse.scalars import Places
from scanner.parse.shell_words import Word
from scanner.parse.uses import RepositoryUse

# What these verbs are given is run, built or evaluated, or becomes files that are.
_RUNS: Final = frozenset(
    (
        *"run shell develop print-dev-env build eval bundle repl".split(),
        *("profile install", "profile add", "env shell", "flake check", "flake init", "flake new"),
    )
)
_WRITES_LOCK: Final = frozenset(("flake update", "flake lock"))
_SEARCHERS: Final = frozenset(
    ("nixops", "morph", "nixos-rebuild", "nix-update", "nixpkgs-review", "nixos-generate")
)
_PATH_INPUTS: Final = ("nix_path", "nix-path")
_PATHS: Final = ("-I", "--include")


class Found(NamedTuple):
    """`text` is the reference as written, `at` its place; `searched` says that it stands in a `NIX_PATH`."""

    at: Span
    text: str
    loose: Loose
    searched: bool = False


class Sources:
    """Answers for one graph."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._fixed: dict[str, set[str]] = {}
        self._path_set: dict[str, bool] = {}
        self._searching: dict[str, bool] = {}

    def of(self, node: StepNode) -> Iterator[Found]:
        """Every reference of a step to code of others that does not say which state of it is meant."""
        knowledge = self._around.knowledge
        for value in self._around.variable(node, "NIX_PATH"):
            yield from _search_path(value, knowledge)
        call = node.step.call
        if call is not None and isinstance(call.target, RepositoryUse):
            for name in _PATH_INPUTS:
                paths = call.inputs.get(name)
                if paths is not None and "nix" in call.target.slug:
                    for _, text in resolved(self._around.graph, node, paths).values:
                        yield from _search_path(text, knowledge)
            action = knowledge.nix_action(call.target.name)
            built = (
                call.inputs.get(action.installables) if action is not None and action.installables else None
            )
            for _, text in resolved(self._around.graph, node, built).values if built is not None else ():
                yield from _words(text, knowledge)
        command = call.inputs.get("installCommand") if call is not None else None  # cachix-action's
        if command is not None and mentions_nix(command.value):
            for one in Script(command).all:
                if one.call is not None:
                    yield from self._call(node, one, one.call)
        for one in executed(node, (*MENTIONS, "NIX_PATH")):
            for word in _set_by(node, one):
                if word.text.startswith("NIX_PATH="):
                    yield from _path_entries(one, word.part(len("NIX_PATH=")), knowledge)
            if one.call is not None:
                yield from self._call(node, one, one.call)

    def searches(self, node: StepNode) -> bool:
        """Whether a command around a step may look something up in `NIX_PATH`: flakes do not, unless they are impure.

        The jobs that use a composite action may stand anywhere, so that its steps may always."""
        parent = parent_of(node)
        if parent not in self._searching:
            self._searching[parent] = node.job is None or any(
                map(_searches, steps_of(self._around.graph, parent))
            )
        return self._searching[parent]

    def _call(self, node: StepNode, one: Executed, call: Invocation) -> Iterator[Found]:
        knowledge = self._around.knowledge
        for word in call.values(*_PATHS):
            yield from _path(one, word.part(word.text.find("=") + 1), knowledge)
        if call.program == "nix-channel":
            for option in call.options:
                if option.name.text == "--add" and option.values:
                    yield from _path(one, option.values[0], knowledge)
            return
        for word in call.values("--file", "-f"):
            yield from _path(one, word, knowledge)
        if not call.is_flake:
            yield from self._classic(node, one, call)
            return
        overridden = {
            option.values[0].text for option in call.options if option.name.text == "--override-flake"
        }
        wanted = list(call.references) if call.program not in ("nix", "nom") or call.verb in _RUNS else []
        wanted += call.values("--bundler", "--inputs-from")
        if call.verb not in _WRITES_LOCK:
            wanted += [
                option.values[1]
                for option in call.options
                if option.name.text in ("--override-input", "--override-flake") and len(option.values) == 2
            ]
        if call.verb == "registry add" and len(call.arguments) > 1:
            wanted.append(call.arguments[1])
        for word in wanted:
            yield from self._matrix(node, word)
            loose = loose_flake(word.text, knowledge)
            if loose is None:
                continue
            name = loose.registry
            if name is None or not (
                name in overridden or self._is_locked(node, call, name) or name in self._fixed_names(node)
            ):
                yield Found(one.at(word), word.text, loose)

    def _matrix(self, node: StepNode, word: Word) -> Iterator[Found]:
        """A reference that is put together with one value of the matrix: `github:NixOS/nixpkgs/${{ matrix.branch }}`."""
        start, end = word.text.find("${{"), word.text.find("}}")
        if start < 0 or end < 0 or "${{" in word.text[end:] or "matrix." not in word.text[start:end]:
            return
        found = given(self._around.graph, node, word.text[start + 3 : end])
        for _, value in found.values:
            text = word.text[:start] + value.value.strip() + word.text[end + 2 :]
            loose = loose_flake(text, self._around.knowledge)
            if loose is not None and loose.registry is None:
                yield Found(value.content.first_line(), text, loose)

    def _is_locked(self, node: StepNode, call: Invocation, name: str) -> bool:
        """Whether `--inputs-from` takes a name from a lock; a lock that cannot be seen from here is believed to have it."""
        if call.has("--inputs-from") is None:
            return False
        locks = [
            self._around.graph.nodes[edge.target] for edge in self._around.graph.out(node.id, "evaluates")
        ]
        known = [one.lock.root_inputs for one in locks if isinstance(one, LockfileNode)]
        return not known or any(name in inputs for inputs in known)

    def _fixed_names(self, node: StepNode) -> set[str]:
        """The names that `nix registry add` and `pin` fix in the job."""
        parent = parent_of(node)
        names = self._fixed.get(parent)
        if names is not None:
            return names
        names = self._fixed[parent] = set()
        for step in steps_of(self._around.graph, parent):
            for one in executed(step, ("nix registry",)):
                if one.call is not None and one.call.verb in ("registry add", "registry pin"):
                    names |= {word.text.removeprefix("flake:") for word in one.call.arguments[:1]}
        return names

    def _classic(self, node: StepNode, one: Executed, call: Invocation) -> Iterator[Found]:
        """What `nix-shell`, `nix-build` and `nix-env` take: files, URLs, `<nixpkgs>`, packages."""
        if call.program not in CLASSIC:
            return
        flags = {option.name.text for option in call.options}
        packages = call.program == "nix-shell" and not flags.isdisjoint(("-p", "--packages"))
        installs = call.program == "nix-env" and any(
            flag in ("--install", "--upgrade")
            or (not flag.startswith("--") and not {"i", "u"}.isdisjoint(flag))
            for flag in flags
        )
        for word in call.references:
            yield from _path(one, word, self._around.knowledge)
        searched = [
            word
            for word in call.references
            if word.text.startswith("<nixpkgs") or ((packages or installs) and "://" not in word.text)
        ]
        if installs and (len(searched) < len(call.references) or not flags.isdisjoint(("-f", "--file"))):
            return
        if not searched or not flags.isdisjoint(_PATHS) or self._sets_path(node, one):
            return
        word = searched[0]
        if "$" not in word.text and "import" not in word.text:
            channel = Loose(
                "taken from the channel that the machine has at that moment",
                "run it from your lock (`nix shell --inputs-from . nixpkgs#…`), or give `-I nixpkgs=` the archive of a commit",
                None,
                "nixpkgs",
            )
            yield Found(one.at(word), word.text, channel)

    def _sets_path(self, node: StepNode, one: Executed) -> bool:
        """Whether the job says where nixpkgs is: that is judged there."""
        if any(word.text.startswith("NIX_PATH=") for word in one.command.assignments):
            return True
        parent = parent_of(node)
        if parent not in self._path_set:
            self._path_set[parent] = any(
                self._says_path(step) for step in steps_of(self._around.graph, parent)
            )
        return self._path_set[parent]

    def _says_path(self, step: StepNode) -> bool:
        call, run = step.step.call, step.step.run
        if any(True for _ in self._around.variable(step, "NIX_PATH")):
            return True
        if call is not None and any(call.inputs.get(name) is not None for name in _PATH_INPUTS):
            return True
        script = run.script.value if run is not None else ""
        return "NIX_PATH=" in script or "nix-channel --add" in script


def _set_by(node: StepNode, one: Executed) -> tuple[Word, ...]:
    """The words of a command that may set variables: for itself, for the script, for later steps."""
    command, run = one.command, node.step.run
    if command.program == "export" or (
        command.program in ("echo", "printf") and run is not None and "GITHUB_ENV" in run.script.value
    ):
        return command.words[1:]
    return command.assignments


def _path(one: Executed, word: Word, knowledge: Knowledge) -> Iterator[Found]:
    loose = loose_path(word.text, knowledge)
    if loose is not None:
        yield Found(one.at(word), word.text, loose)


def _path_entries(one: Executed, word: Word, knowledge: Knowledge) -> Iterator[Found]:
    for text, start in search_path(word.text):
        loose = loose_path(text, knowledge)
        if loose is not None:
            yield Found(one.at(word.part(start, start + len(text))), text, loose, True)


def _search_path(value: Scalar, knowledge: Knowledge) -> Iterator[Found]:
    places = Places(value)
    for text, start in search_path(value.value):
        text = text.rstrip()
        loose = loose_path(text, knowledge)
        if loose is not None:
            yield Found(places.span(start, start + len(text)), text, loose, True)


def _words(value: Scalar, knowledge: Knowledge) -> Iterator[Found]:
    """References in the input of an action, between blanks and commas; an option for them there is none."""
    places, text, at = Places(value), value.value, 0
    for word in text.replace(",", " ").split():
        at = text.index(word, at)
        loose = loose_flake(word, knowledge)
        if loose is not None:
            if loose.registry is not None:
                loose = loose._replace(fix="name the repository and a commit")
            yield Found(places.span(at, at + len(word)), word, loose)
        at += len(word)


def _searches(step: StepNode) -> bool:
    for one in executed(step, ("nix", "morph", "<nixpkgs")):
        call, program = one.call, one.command.program
        if call is None:
            if program in _SEARCHERS or (program.endswith(".sh") and "nix" in one.command.words[0].text):
                return True
        elif call.program in CLASSIC - {"nix-channel"} or call.has("--impure", "--file", "-f", "--expr"):
            return True
    return False
