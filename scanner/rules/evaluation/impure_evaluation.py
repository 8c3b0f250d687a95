"""See impure_evaluation.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.evaluation.runs import Around, around, executed
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.ids import file_id
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Note, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.nix.command import Invocation
from scanner.parse.nix.script import Executed
from scanner.parse.shell_words import Word

SHOWN: Final = 20
ALLOWS: Final = "NIXPKGS_ALLOW_"
# Programs that evaluate a flake whenever they are called, by their own `--flake` or the folder (their manual pages).
HAPPENS: Final = frozenset(
    "nixos-rebuild darwin-rebuild home-manager nix-fast-build nixos-install system-manager nix-eval-jobs".split()
)


@rule(
    "impure-evaluation",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    area="pinning",
    tags=("nix", "reproducibility", "CWE-829", "CICD-SEC-3", "SLSA:dependencies"),
)
def impure_evaluation(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    near = around(ctx.graph, ctx.knowledge)
    # One finding for what a file says in several places.
    files: dict[tuple[str, str], Hit] = {}
    for node in live_steps(ctx.graph):
        for one in executed(node, ("impure", "pure-eval")):
            for hit in _hits(near, node, one, one.call) if one.call is not None else ():
                first = files.setdefault((node.path, hit.message), hit)
                if first.at != hit.at and len(first.related) < SHOWN:
                    note = Note(hit.at, "here, too")
                    if note not in first.related:
                        files[node.path, hit.message] = first._replace(related=(*first.related, note))
    yield from once(files.values())


def _hits(near: Around, node: StepNode, one: Executed, call: Invocation) -> Iterator[Hit]:
    word = _impure(call)
    if word is None or not call.is_flake or not (call.here or call.references or call.program in HAPPENS):
        return
    names = [*_assigned(one), *(name for found in near.variables(node) for name in found)]
    allowed = next((name for name in names if name.startswith(ALLOWS)), None)
    advice = (
        f"set {quoted(_setting(allowed))} where flake.nix imports nixpkgs instead of {quoted(allowed)}"
        if allowed is not None
        else "pass in what the flake needs as an input or an argument"
    )
    shown = "nix " + call.verb if call.verb and call.program in ("nix", "nom") else call.program
    yield Hit(
        one.at(word),
        node.id,
        f"{quoted(word.text)} lets {quoted(shown)} read variables, any file of the machine, the time and unlocked URLs, so "
        f"flake.lock no longer says what is built; {advice}",
        evidence=(shown, *((call.references[0].text,) if call.references else ())),
        about=file_id(node.path),
    )


def _impure(call: Invocation) -> Word | None:
    found = call.has("--impure", "--no-pure-eval")
    if found is not None:
        return found
    for option in call.options:
        values = [value.text for value in option.values]
        if option.name.text == "--option" and values == ["pure-eval", "false"]:
            return option.values[0]
    return None


def _assigned(one: Executed) -> Iterator[str]:
    return (word.text.partition("=")[0] for word in one.command.assignments)


def _setting(variable: str) -> str:
    """The option of nixpkgs behind a variable: `NIXPKGS_ALLOW_UNFREE` is `config.allowUnfree`."""
    words = variable.removeprefix("NIXPKGS_").lower().split("_")
    return "config." + words[0] + "".join(word.capitalize() for word in words[1:])
