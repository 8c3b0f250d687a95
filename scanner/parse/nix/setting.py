"""A setting of Nix, wherever it stands: `nix.conf`, `nixConfig` of a flake, a workflow."""

from typing import NamedTuple

from scanner.model.source import Span


class Word(NamedTuple):
    """One word of a value, with the place where it stands."""

    text: str
    at: Span


class Setting(NamedTuple):
    """`name = words…` as written: `name` may be an alias and begin with `extra-`. `at` is the name."""

    name: str
    at: Span
    words: tuple[Word, ...]
