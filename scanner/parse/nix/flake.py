"""What a `flake.nix` says. It is read by `flake_reader.py`, which a scan imports only for a flake.nix."""

from typing import Final, NamedTuple

from scanner.model.finding import Problem
from scanner.model.source import Source, Span
from scanner.parse.nix.reference import Reference
from scanner.parse.nix.setting import Setting


class DeclaredInput(NamedTuple):
    """An input, or an override below one (`inputs.a.inputs.b`).

    `at` is the name where it is first declared. `reference` is what `url` or the attributes say, with `reference_at` the
    place of the URL (else of the name); None where the input follows, and for an override that names none. An input
    of the flake itself without any is indirect, `implicit` when only a formal of `outputs` names it. `follows` is a path
    of input names from the root, with `follows_at` the text that says so.
    """

    name: str
    at: Span
    reference: Reference | None = None
    reference_at: Span | None = None
    follows: tuple[str, ...] | None = None
    follows_at: Span | None = None
    flake: bool = True
    implicit: bool = False
    inputs: tuple["DeclaredInput", ...] = ()


class Flake:
    """A flake.nix that Nix can read. `inputs` does not hold `self`; `formals` are the names that `outputs` takes."""

    __slots__ = ("at", "config", "formals", "inputs", "source")

    def __init__(
        self,
        source: Source,
        at: Span,
        inputs: tuple[DeclaredInput, ...],
        formals: tuple[str, ...],
        config: tuple[Setting, ...],
    ) -> None:
        self.source: Final = source
        self.at: Final = at
        self.inputs: Final = inputs
        self.formals: Final = formals
        self.config: Final = config


def read_flake(source: Source, problems: list[Problem]) -> Flake | None:
    """What a flake.nix says; None, with every reason as a problem, when Nix refuses to read it.

    None without a problem is a file of this name that is no flake.
    """
    from scanner.parse.nix.flake_reader import (
        read,  # its patterns cost a scan without a flake.nix milliseconds
    )

    return read(source, problems)
